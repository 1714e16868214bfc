/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Placement without a query: if only one node can give memory to this process, every page is there. A
 * reading that may have missed a node proves nothing. Used when mbind(2) or move_pages(2) is refused,
 * as by container runtimes' seccomp profiles and by kernels without NUMA.
 */

#include "topology_friend.h"
#include "topology_internal.h"

int
tidei_topology_only_node(const struct tide_topology *topo)
{
	int found = TIDE_NODE_UNKNOWN;
	unsigned int nodes = 0;

	/* A node that was left out because its files failed can still have memory. */
	if (topo->partial)
		return TIDE_NODE_UNKNOWN;
	for (unsigned int i = 0; i < tide_topology_nb_nodes(topo); i++) {
		const struct tide_node *node = tide_topology_node_at(topo, i);

		/* The cpuset binds all of the process; a memory policy only some threads. */
		if (node->memory == 0 || !node->mem_cpuset)
			continue;
		found = node->id;
		nodes++;
	}
	return nodes == 1 ? found : TIDE_NODE_UNKNOWN;
}

int
tidei_only_node(void)
{
	struct tidei_policy policy;
	struct tide_topology *topo;
	int found;

	tidei_policy_read(&policy);
	/* A topology of a caller may describe another machine, and its faults are already logged. */
	topo = tidei_topology_read_quietly("", &policy);
	if (topo == NULL)
		return TIDE_NODE_UNKNOWN;
	found = tidei_topology_only_node(topo);
	tide_topology_free(topo);
	return found;
}
