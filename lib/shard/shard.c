/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Life of a shard: list the cells, give them memory of their node, make the tables. */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <rte_common.h>
#include <rte_errno.h>

#include "region_friend.h"
#include "shard_internal.h"
#include "tide_log.h"
#include "topology_friend.h"

TIDE_LOG_REGISTER(shard);

static const char *
name_of(const struct tide_shard_conf *conf)
{
	return conf->name != NULL ? conf->name : "unnamed";
}

/* Name and enforcement are checked where they are used: by the first region. */
static int
check_conf(const struct tide_shard_conf *conf)
{
	if (conf->size == 0 || conf->size > TIDE_SHARD_SIZE_MAX) {
		TIDE_LOG(shard, ERR,
			"%s: cells of %" PRIu32 " bytes wanted, 1 to %" PRIu32 " can be",
			name_of(conf), conf->size, TIDE_SHARD_SIZE_MAX);
		return -EINVAL;
	}
	if ((unsigned int)conf->by > TIDE_SHARD_BY_LCORE) {
		TIDE_LOG(shard, ERR, "%s: neither by node nor by lcore, but %d", name_of(conf),
			(int)conf->by);
		return -EINVAL;
	}
	if (conf->by == TIDE_SHARD_BY_LCORE && !tidei_eal_is_up()) {
		TIDE_LOG(shard, ERR,
			"%s: no lcores, EAL is not initialised: call rte_eal_init() first or make "
			"the shard by node",
			name_of(conf));
		return -ENOTSUP;
	}
	return 0;
}

static void
add_cell(struct tidei_shard *shard, int node, unsigned int lcore_id)
{
	shard->cells[shard->nb_cells++] = (struct tide_shard_cell){
		.node = node,
		.lcore_id = lcore_id,
	};
}

static void
list_nodes(struct tidei_shard *shard)
{
	const struct tide_node *node;
	unsigned int i;

	for (i = 0; (node = tide_topology_node_at(shard->topo, i)) != NULL; i++) {
		if (tide_node_refusal(node) == NULL)
			add_cell(shard, node->id, LCORE_ID_ANY);
	}
}

static void
list_lcores(struct tidei_shard *shard)
{
	int home = tide_topology_lcore_node(shard->topo, rte_get_main_lcore());
	unsigned int id;

	for (id = 0; id < RTE_MAX_LCORE; id++) {
		int node = tide_topology_lcore_node(shard->topo, id);

		if (rte_eal_lcore_role(id) != ROLE_OFF)
			add_cell(shard, node != TIDE_NODE_UNKNOWN ? node : home, id);
	}
	add_cell(shard, home, LCORE_ID_ANY);
}

/* One region for all cells that are for a node. Fresh memory of the kernel's is zeroed. */
static int
place_node(struct tidei_shard *shard, const struct tide_shard_conf *conf, int node)
{
	struct tide_region_conf region_conf = {
		.name = conf->name,
		.node = node,
		.page = TIDE_PAGE_4K,
		.backing = TIDE_BACKING_OWN,
		.enforce = conf->enforce,
		.topo = shard->topo,
	};
	struct tide_region *region;
	unsigned int i;
	char *addr;

	for (i = 0; i < shard->nb_cells; i++)
		region_conf.len += shard->cells[i].node == node ? shard->size : 0;
	region = tide_region_create(&region_conf, NULL);
	if (region == NULL)
		return -rte_errno;
	shard->regions[shard->nb_regions++] = region;
	addr = tide_region_addr(region);
	for (i = 0; i < shard->nb_cells; i++) {
		if (shard->cells[i].node != node)
			continue;
		shard->cells[i].cell = addr;
		shard->cells[i].placement = tide_region_placement(region);
		addr += shard->size;
	}
	return 0;
}

static int
place_cells(struct tidei_shard *shard, const struct tide_shard_conf *conf)
{
	unsigned int i;
	int ret = 0;

	if (shard->nb_cells == 0) {
		TIDE_LOG(shard, ERR,
			"%s: of %u node(s) none has memory this process may use: widen the cpuset "
			"or the memory policy",
			name_of(conf), tide_topology_nb_nodes(shard->topo));
		return -ENOMEM;
	}
	for (i = 0; i < shard->nb_cells && ret == 0; i++) {
		if (shard->cells[i].cell == NULL)
			ret = place_node(shard, conf, shard->cells[i].node);
	}
	return ret;
}

/* The place in cells[] of a node that has one. */
static const struct tide_shard_cell *
cell_for(const struct tidei_shard *shard, int node)
{
	const struct tide_shard_cell *cell = shard->cells;

	while (cell->node != node)
		cell++;
	return cell;
}

static void
index_nodes(struct tidei_shard *shard)
{
	const struct tide_node *node;
	unsigned int i;
	int nearest;

	for (i = 0; (node = tide_topology_node_at(shard->topo, i)) != NULL; i++) {
		tide_topology_nearest(shard->topo, node->id, true, &nearest, 1);
		shard->near[node->id] = cell_for(shard, nearest);
	}
	/* Without EAL no lcore has a node. */
	for (i = 0; i < RTE_MAX_LCORE; i++) {
		int at = tide_topology_lcore_node(shard->topo, i);

		/* The next thread that registers may have the same id and run elsewhere. */
		if (at != TIDE_NODE_UNKNOWN && rte_eal_lcore_role(i) != ROLE_NON_EAL)
			shard->seen.local[i] = shard->near[at]->cell;
	}
}

static void
index_lcores(struct tidei_shard *shard)
{
	unsigned int i;

	for (i = 0; i + 1 < shard->nb_cells; i++)
		shard->seen.local[shard->cells[i].lcore_id] = shard->cells[i].cell;
}

static void
destroy(struct tidei_shard *shard)
{
	while (shard->nb_regions > 0)
		tide_region_free(shard->regions[--shard->nb_regions]);
	tide_topology_free(shard->own_topo);
	free(shard->regions);
	free(shard);
}

static int
fill(struct tidei_shard *shard, const struct tide_shard_conf *conf)
{
	bool by_node = conf->by == TIDE_SHARD_BY_NODE;
	int ret;

	if (by_node)
		list_nodes(shard);
	else
		list_lcores(shard);
	ret = place_cells(shard, conf);
	if (ret < 0)
		return ret;
	if (by_node)
		index_nodes(shard);
	else
		index_lcores(shard);
	return 0;
}

/* Takes own_topo, on failure too. */
static int
create(const struct tide_shard_conf *conf, struct tide_topology *own_topo, struct tidei_shard **out)
{
	const struct tide_topology *topo = own_topo != NULL ? own_topo : conf->topo;
	unsigned int most =
		conf->by == TIDE_SHARD_BY_NODE ? tide_topology_nb_nodes(topo) : RTE_MAX_LCORE + 1;
	struct tidei_shard *shard;
	int ret = -ENOMEM;

	shard = calloc(1, sizeof(*shard) + most * sizeof(shard->cells[0]));
	if (shard == NULL) {
		tide_topology_free(own_topo);
		return -ENOMEM;
	}
	shard->by = conf->by;
	shard->size = RTE_ALIGN_CEIL(conf->size, (uint32_t)TIDE_SHARD_ALIGN);
	shard->topo = topo;
	shard->own_topo = own_topo;
	shard->regions = calloc(most, sizeof(shard->regions[0]));
	if (shard->regions != NULL)
		ret = fill(shard, conf);
	if (ret < 0) {
		destroy(shard);
		return ret;
	}
	*out = shard;
	return 0;
}

struct tide_shard *
tide_shard_create(const struct tide_shard_conf *conf)
{
	struct tide_topology *own_topo = NULL;
	struct tidei_shard *shard = NULL;
	int ret = check_conf(conf);

	if (ret == 0)
		ret = tidei_topology_own(conf->topo, &own_topo);
	if (ret == 0)
		ret = create(conf, own_topo, &shard);
	if (ret < 0) {
		rte_errno = -ret;
		return NULL;
	}
	assert(tidei_shard_check(&shard->seen) == 0);
	return &shard->seen;
}

void
tide_shard_free(struct tide_shard *shard)
{
	if (shard == NULL)
		return;
	assert(tidei_shard_check(shard) == 0);
	destroy((struct tidei_shard *)shard);
}
