/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds the cells of a shard: the caller's, that of a node or an lcore, all of them in turn. */

#include <sched.h>

#include "shard_internal.h"

size_t
tide_shard_size(const struct tide_shard *shard)
{
	return tidei_shard_of(shard)->size;
}

/* A CPU that came after the topology was read has no node there: any cell will do. */
static void *
of_this_cpu(const struct tidei_shard *shard)
{
	int cpu = sched_getcpu();
	int node = cpu < 0 ? TIDE_NODE_UNKNOWN
	                   : tide_topology_cpu_node(shard->topo, (unsigned int)cpu);

	return node != TIDE_NODE_UNKNOWN ? shard->near[node]->cell : shard->cells[0].cell;
}

void *
tide_shard_local_slow(const struct tide_shard *shard)
{
	const struct tidei_shard *s = tidei_shard_of(shard);

	return s->by == TIDE_SHARD_BY_NODE ? of_this_cpu(s) : s->cells[s->nb_cells - 1].cell;
}

void *
tide_shard_on(const struct tide_shard *shard, int node)
{
	const struct tide_shard_cell *near;

	if (node < 0 || node >= TIDE_NODE_MAX)
		return NULL;
	near = tidei_shard_of(shard)->near[node];
	return near != NULL && near->node == node ? near->cell : NULL;
}

void *
tide_shard_for_lcore(const struct tide_shard *shard, unsigned int lcore_id)
{
	const struct tidei_shard *s = tidei_shard_of(shard);

	if (s->by != TIDE_SHARD_BY_LCORE)
		return NULL;
	if (lcore_id == LCORE_ID_ANY)
		return s->cells[s->nb_cells - 1].cell;
	return lcore_id < RTE_MAX_LCORE ? shard->local[lcore_id] : NULL;
}

bool
tide_shard_next(const struct tide_shard *shard, unsigned int *at, struct tide_shard_cell *cell)
{
	const struct tidei_shard *s = tidei_shard_of(shard);

	if (*at >= s->nb_cells)
		return false;
	*cell = s->cells[(*at)++];
	return true;
}

uint64_t
tide_shard_sum(const struct tide_shard *shard, size_t offset)
{
	const struct tidei_shard *s = tidei_shard_of(shard);
	uint64_t sum = 0;
	unsigned int i;

	if (offset % sizeof(sum) != 0 || offset >= s->size)
		return 0;
	for (i = 0; i < s->nb_cells; i++) {
		const char *cell = s->cells[i].cell;

		sum += tide_shard_read((const uint64_t *)(const void *)(cell + offset));
	}
	return sum;
}
