/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Collects the CPUs of a node, for the threads of the library's own that touch or time memory there. */

#include "topology_friend.h"

unsigned int
tidei_topology_cpus(const struct tide_topology *topo, int node, cpu_set_t *set, size_t size)
{
	unsigned int count = 0;

	for (unsigned int cpu = 0; cpu < TIDE_CPU_MAX; cpu++) {
		if (!tide_topology_cpu_allowed(topo, cpu))
			continue;
		if (node != TIDE_NODE_UNKNOWN && tide_topology_cpu_node(topo, cpu) != node)
			continue;
		CPU_SET_S(cpu, size, set);
		count++;
	}
	return count;
}
