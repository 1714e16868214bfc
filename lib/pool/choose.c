/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds the member that serves a port, an lcore or a node; maps buffers for devices. */

#include <errno.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "pool_internal.h"
#include "tide_log.h"

static struct rte_mempool *
choose(const struct tide_pool *pool, int requested, enum tide_node_source source,
	struct tide_pool_choice *choice)
{
	const struct tidei_member *member;
	struct tidei_nodes nodes;
	enum tide_pool_reason reason;
	unsigned int i;

	nodes.count = pool->nb_members;
	for (i = 0; i < pool->nb_members; i++)
		nodes.ids[i] = pool->members[i].node;
	member = &pool->members[tidei_nodes_choose(
		&nodes, pool->topo, requested, pool->home, &reason)];
	if (choice != NULL) {
		choice->mp = member->mp;
		choice->requested = requested;
		choice->node = member->node;
		choice->source = source;
		choice->reason = reason;
	}
	return member->mp;
}

struct rte_mempool *
tide_pool_for_port(const struct tide_pool *pool, uint16_t port_id, unsigned int lcore_id,
	struct tide_pool_choice *choice)
{
	enum tide_node_source source;
	int requested = tide_topology_port_node(pool->topo, port_id, lcore_id, &source);

	return choose(pool, requested, source, choice);
}

struct rte_mempool *
tide_pool_for_lcore(
	const struct tide_pool *pool, unsigned int lcore_id, struct tide_pool_choice *choice)
{
	int requested = tide_topology_lcore_node(pool->topo, lcore_id);

	return choose(pool, requested,
		requested == TIDE_NODE_UNKNOWN ? TIDE_NODE_SOURCE_UNKNOWN : TIDE_NODE_SOURCE_LCORE,
		choice);
}

struct rte_mempool *
tide_pool_on(const struct tide_pool *pool, int node)
{
	const struct tidei_member *member = tidei_member_on(pool, node);

	return member != NULL ? member->mp : NULL;
}

int
tide_pool_get(const struct tide_pool *pool, int node, struct rte_mbuf **bufs, unsigned int n)
{
	const struct tidei_member *member = tidei_member_on(pool, node);

	if (unlikely(member == NULL))
		return -ENOENT;
	if (likely(rte_pktmbuf_alloc_bulk(member->mp, bufs, n) == 0))
		return 0;
	return tidei_spill_get(pool, (unsigned int)(member - pool->members), bufs, n);
}

int
tide_pool_dma_map(struct tide_pool *pool, struct rte_mempool *mp, uint16_t port_id)
{
	struct rte_eth_dev_info info;
	unsigned int i;

	for (i = 0; i < pool->nb_members; i++) {
		if (pool->members[i].mp != mp)
			continue;
		if (rte_eth_dev_info_get(port_id, &info) < 0) {
			TIDE_LOG(pool, ERR, "%s: port %u does not exist", pool->name, port_id);
			return -EINVAL;
		}
		return tide_region_dma_map(pool->members[i].region, info.device);
	}
	TIDE_LOG(pool, ERR, "%s: a mempool that is not of this set", pool->name);
	return -EINVAL;
}

unsigned int
tide_pool_nb_nodes(const struct tide_pool *pool)
{
	return pool->nb_members;
}

int
tide_pool_node_id(const struct tide_pool *pool, unsigned int i)
{
	return i < pool->nb_members ? pool->members[i].node : TIDE_NODE_UNKNOWN;
}
