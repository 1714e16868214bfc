/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds the node of an lcore or a device by the fallback chain; reads no files. */

#include <rte_lcore.h>

#include "topology_friend.h"
#include "topology_internal.h"

static int
set_node(const struct tide_topology *topo, const cpu_set_t *set)
{
	struct tidei_idset cpus = {0};

	for (unsigned int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, set))
			tidei_idset_add(&cpus, cpu);
	return tidei_topology_cpus_node(topo, &cpus);
}

int
tide_topology_lcore_node(const struct tide_topology *topo, unsigned int lcore_id)
{
	rte_cpuset_t set;

	if (rte_eal_lcore_role(lcore_id) == ROLE_OFF)
		return TIDE_NODE_UNKNOWN;
	set = rte_lcore_cpuset(lcore_id);
	return set_node(topo, &set);
}

int
tidei_topology_thread_node(const struct tide_topology *topo, pid_t tid)
{
	cpu_set_t set;

	if (sched_getaffinity(tid, sizeof(set), &set) != 0)
		return TIDE_NODE_UNKNOWN;
	return set_node(topo, &set);
}

/*
 * Returns the only node that can give memory to this process, or TIDE_NODE_UNKNOWN. A node without CPUs
 * does not count: no device is polled there.
 */
static int
only_node(const struct tide_topology *topo)
{
	const struct tide_node *found = NULL;

	for (unsigned int i = 0; i < topo->nb_nodes; i++) {
		const struct tide_node *node = &topo->nodes[i];

		if (node->memory == 0 || !node->mem_allowed)
			continue;
		if (found != NULL)
			return TIDE_NODE_UNKNOWN;
		found = node;
	}
	return found != NULL && found->nb_cpus != 0 ? found->id : TIDE_NODE_UNKNOWN;
}

int
tide_topology_device_node(const struct tide_topology *topo, const struct tide_device_facts *facts,
	unsigned int lcore_id, enum tide_node_source *source)
{
	int known[TIDE_NODE_SOURCE_UNKNOWN] = {
		[TIDE_NODE_SOURCE_DEVICE] = facts == NULL ? TIDE_NODE_UNKNOWN : facts->device_node,
		[TIDE_NODE_SOURCE_CPULIST] =
			facts == NULL ? TIDE_NODE_UNKNOWN : facts->cpulist_node,
		[TIDE_NODE_SOURCE_PARENT] = facts == NULL ? TIDE_NODE_UNKNOWN : facts->parent_node,
		[TIDE_NODE_SOURCE_ONLY_NODE] = only_node(topo),
		[TIDE_NODE_SOURCE_LCORE] = tide_topology_lcore_node(topo, lcore_id),
	};
	unsigned int r = TIDE_NODE_SOURCE_DEVICE;

	while (r < TIDE_NODE_SOURCE_UNKNOWN && tide_topology_node(topo, known[r]) == NULL)
		r++;
	if (source != NULL)
		*source = r;
	return r == TIDE_NODE_SOURCE_UNKNOWN ? TIDE_NODE_UNKNOWN : known[r];
}

const char *
tide_node_source_name(enum tide_node_source source)
{
	static const char *const names[] = {
		[TIDE_NODE_SOURCE_DEVICE] = "device",
		[TIDE_NODE_SOURCE_CPULIST] = "local_cpulist",
		[TIDE_NODE_SOURCE_PARENT] = "parent bridge",
		[TIDE_NODE_SOURCE_ONLY_NODE] = "only node",
		[TIDE_NODE_SOURCE_LCORE] = "polling lcore",
		[TIDE_NODE_SOURCE_UNKNOWN] = "unknown",
	};

	return (unsigned int)source < RTE_DIM(names) ? names[source] : "invalid source";
}
