/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Chooses the node that serves another in lib/pool: pure functions of node ids and distances. */

#include <string.h>

#include <rte_common.h>

#include "pool_internal.h"

void
tidei_nodes_add(struct tidei_nodes *nodes, int node)
{
	unsigned int i = nodes->count, at = 0;

	if (node == TIDE_NODE_UNKNOWN)
		return;
	while (at < nodes->count && nodes->ids[at] < node)
		at++;
	if (at < nodes->count && nodes->ids[at] == node)
		return;
	for (; i > at; i--)
		nodes->ids[i] = nodes->ids[i - 1];
	nodes->ids[at] = node;
	nodes->count++;
}

static bool
find(const struct tidei_nodes *nodes, int node, unsigned int *at)
{
	unsigned int i;

	for (i = 0; i < nodes->count; i++) {
		if (nodes->ids[i] == node) {
			*at = i;
			return true;
		}
	}
	return false;
}

/* The lowest id of those with CPUs, else the lowest. */
static unsigned int
first(const struct tidei_nodes *nodes, const struct tide_topology *topo)
{
	const struct tide_node *node;
	unsigned int i;

	for (i = 0; i < nodes->count; i++) {
		node = tide_topology_node(topo, nodes->ids[i]);
		if (node != NULL && node->nb_cpus != 0)
			return i;
	}
	return 0;
}

/* The first node by distance that is in the set; first() when `from` is not known. */
static unsigned int
nearest(const struct tidei_nodes *nodes, const struct tide_topology *topo, int from)
{
	int ids[TIDE_NODE_MAX];
	unsigned int i, n, at;

	n = tide_topology_nearest(topo, from, false, ids, RTE_DIM(ids));
	for (i = 0; i < n; i++) {
		if (find(nodes, ids[i], &at))
			return at;
	}
	return first(nodes, topo);
}

unsigned int
tidei_nodes_choose(const struct tidei_nodes *nodes, const struct tide_topology *topo, int requested,
	int home, enum tide_pool_reason *reason)
{
	unsigned int at;

	if (requested == TIDE_NODE_UNKNOWN) {
		*reason = TIDE_POOL_REASON_UNKNOWN;
		return nearest(nodes, topo, home);
	}
	if (find(nodes, requested, &at)) {
		*reason = TIDE_POOL_REASON_LOCAL;
		return at;
	}
	*reason = TIDE_POOL_REASON_NEAREST;
	return nearest(nodes, topo, requested);
}
