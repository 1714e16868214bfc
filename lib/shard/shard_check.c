/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The invariants of a shard. */

#include <errno.h>

#include "shard_internal.h"

/* Tells whether a whole cell is in a region that was made for its node. */
static bool
in_a_region(const struct tidei_shard *shard, const struct tide_shard_cell *cell)
{
	unsigned int i;

	for (i = 0; i < shard->nb_regions; i++) {
		const struct tide_region *region = shard->regions[i];
		uintptr_t off = (uintptr_t)cell->cell - (uintptr_t)tide_region_addr(region);

		if (tide_region_placement(region) == cell->placement &&
			cell->placement->requested == cell->node && off < tide_region_len(region))
			return tide_region_len(region) - off >= shard->size;
	}
	return false;
}

static bool
apart(const struct tidei_shard *shard, const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;

	return (x > y ? x - y : y - x) >= shard->size;
}

/* Aligned, in its region, clear of all others, and in order. */
static bool
cell_holds(const struct tidei_shard *shard, unsigned int i)
{
	const struct tide_shard_cell *cell = &shard->cells[i], *before = cell - 1;
	unsigned int k;

	if ((uintptr_t)cell->cell % TIDE_SHARD_ALIGN != 0 || !in_a_region(shard, cell))
		return false;
	for (k = 0; k < i; k++) {
		if (!apart(shard, shard->cells[k].cell, cell->cell))
			return false;
	}
	if (shard->by == TIDE_SHARD_BY_NODE)
		return cell->lcore_id == LCORE_ID_ANY && (i == 0 || before->node < cell->node);
	return (cell->lcore_id == LCORE_ID_ANY) == (i == shard->nb_cells - 1) &&
	       (i == 0 || before->lcore_id < cell->lcore_id);
}

static bool
is_cell(const struct tidei_shard *shard, const void *addr)
{
	unsigned int i = 0;

	while (i < shard->nb_cells && shard->cells[i].cell != addr)
		i++;
	return i < shard->nb_cells;
}

/* Checks that the table points to cells; by lcore, each lcore has its own. */
static bool
lcores_hold(const struct tidei_shard *shard)
{
	unsigned int i, own = 0, listed = 0;

	for (i = 0; i < RTE_MAX_LCORE; i++) {
		const void *local = shard->seen.local[i];

		if (local != NULL && !is_cell(shard, local))
			return false;
		listed += local != NULL;
	}
	if (shard->by == TIDE_SHARD_BY_NODE)
		return true;
	while (own + 1 < shard->nb_cells &&
		shard->seen.local[shard->cells[own].lcore_id] == shard->cells[own].cell)
		own++;
	return own + 1 == shard->nb_cells && listed == own;
}

/* By node: each node comes to a cell, its own if it has one. By lcore: none. */
static bool
nodes_hold(const struct tidei_shard *shard)
{
	unsigned int i;

	for (i = 0; i < TIDE_NODE_MAX; i++) {
		bool there = shard->by == TIDE_SHARD_BY_NODE &&
		             tide_topology_node(shard->topo, (int)i) != NULL;

		if (there != (shard->near[i] != NULL) ||
			(there && !is_cell(shard, shard->near[i]->cell)))
			return false;
	}
	for (i = 0; shard->by == TIDE_SHARD_BY_NODE && i < shard->nb_cells; i++) {
		if (shard->near[shard->cells[i].node] != &shard->cells[i])
			return false;
	}
	return true;
}

int
tidei_shard_check(const struct tide_shard *shard)
{
	const struct tidei_shard *s = tidei_shard_of(shard);
	unsigned int i;

	if (s->nb_cells == 0 || s->nb_regions == 0 || s->size == 0 ||
		s->size % TIDE_SHARD_ALIGN != 0)
		return -EINVAL;
	for (i = 0; i < s->nb_cells; i++) {
		if (!cell_holds(s, i))
			return -EINVAL;
	}
	return lcores_hold(s) && nodes_hold(s) ? 0 : -EINVAL;
}
