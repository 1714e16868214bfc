/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef POOL_FRIEND_H
#define POOL_FRIEND_H

/*
 * What lib/pool offers to the other parts of the library: the choice of the node that serves a caller, and
 * the counters of a mempool without its set.
 */

#include <stdbool.h>

#include "tide_mempool.h"
#include "tide_pool.h"
#include "tide_pool_query.h"

/* A sorted set of node ids. */
struct tidei_nodes {
	unsigned int count;
	int ids[TIDE_NODE_MAX];
};

/* Add a node once, ids ascending; unknown is left out. */
void tidei_nodes_add(struct tidei_nodes *nodes, int node);

/*
 * Which of the nodes serves what lives on `wanted`: that node, else the nearest; when `wanted` is
 * not known the one nearest to `home`. Returns a place in nodes->ids; nodes is not empty.
 */
unsigned int tidei_nodes_choose(const struct tidei_nodes *nodes, const struct tide_topology *topo,
	int requested, int home, enum tide_pool_reason *reason);

/*
 * Fill the counters that a mempool of any ops has, without node and spills. Returns whether the ops are tide;
 * then failures and misuse are filled too, and *tide. Any thread.
 */
bool tidei_pool_count(const struct rte_mempool *mp, struct tide_pool_stats *stats,
	struct tide_mempool_stats *tide);

#endif /* POOL_FRIEND_H */
