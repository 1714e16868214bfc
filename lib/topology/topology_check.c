/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Checks the invariants of every topology, from the machine or from a text. */

#include <errno.h>

#include "topology_internal.h"
#include "tide_log.h"

#define BROKEN(...) (TIDE_LOG(topology, ERR, "broken topology: " __VA_ARGS__), -EINVAL)

static int
check_huge(const struct tide_node *node)
{
	if (node->nb_huge > TIDE_HUGE_SIZES_MAX)
		return BROKEN("node %d lists %u huge page sizes", node->id, node->nb_huge);
	for (unsigned int i = 0; i < node->nb_huge; i++) {
		if (i > 0 && node->huge[i - 1].page_size <= node->huge[i].page_size)
			return BROKEN("node %d lists huge page sizes out of order", node->id);
		if (node->huge[i].free > node->huge[i].total)
			return BROKEN("node %d has more huge pages free than there are", node->id);
	}
	return 0;
}

static int
check_nodes(const struct tide_topology *topo)
{
	for (unsigned int i = 0; i < topo->nb_nodes; i++) {
		const struct tide_node *node = &topo->nodes[i];

		if (node->id < 0 || node->id >= TIDE_NODE_MAX)
			return BROKEN("node id %d", node->id);
		if (i > 0 && topo->nodes[i - 1].id >= node->id)
			return BROKEN("node %d is not in ascending order", node->id);
		if (topo->index[node->id] != (int)i)
			return BROKEN("node %d is not found by its id", node->id);
		if (node->memory_free > node->memory)
			return BROKEN("node %d has more memory free than it has", node->id);
		if (node->mem_allowed && !node->mem_cpuset)
			return BROKEN("node %d is allowed outside the cpuset", node->id);
		if (check_huge(node) != 0)
			return -EINVAL;
	}
	return 0;
}

static int
check_index(const struct tide_topology *topo)
{
	unsigned int n = 0;

	for (int id = 0; id < TIDE_NODE_MAX; id++)
		n += topo->index[id] >= 0;
	if (n != topo->nb_nodes)
		return BROKEN("%u ids are indexed, but there are %u nodes", n, topo->nb_nodes);
	return 0;
}

static int
check_distances(const struct tide_topology *topo)
{
	for (unsigned int from = 0; from < topo->nb_nodes; from++)
		for (unsigned int to = 0; to < topo->nb_nodes; to++) {
			unsigned int d = *tidei_distance_at(topo, from, to);

			if (d < DISTANCE_LOCAL || (from == to && d != DISTANCE_LOCAL))
				return BROKEN("distance %u from node %d to node %d", d,
					topo->nodes[from].id, topo->nodes[to].id);
		}
	return 0;
}

static int
check_latencies(const struct tide_topology *topo)
{
	for (unsigned int from = 0; from < topo->nb_nodes; from++)
		for (unsigned int to = 0; to < topo->nb_nodes; to++) {
			unsigned int ns = tidei_latency_at(topo, from, to);

			if (ns > LATENCY_MAX)
				return BROKEN("latency %u ns from node %d to node %d", ns,
					topo->nodes[from].id, topo->nodes[to].id);
		}
	return 0;
}

static int
check_cpus(const struct tide_topology *topo)
{
	unsigned int cpus[TIDE_NODE_MAX] = {0}, allowed[TIDE_NODE_MAX] = {0};

	for (unsigned int cpu = 0; cpu < TIDE_CPU_MAX; cpu++) {
		int id = topo->cpu_node[cpu];

		if (id == TIDE_NODE_UNKNOWN && tidei_idset_has(&topo->cpu_allowed, cpu))
			return BROKEN("CPU %u is allowed but on no node", cpu);
		if (id == TIDE_NODE_UNKNOWN)
			continue;
		if (tide_topology_node(topo, id) == NULL)
			return BROKEN("CPU %u is on node %d, which does not exist", cpu, id);
		cpus[topo->index[id]]++;
		allowed[topo->index[id]] += tidei_idset_has(&topo->cpu_allowed, cpu);
	}
	for (unsigned int i = 0; i < topo->nb_nodes; i++) {
		const struct tide_node *node = &topo->nodes[i];

		if (node->nb_cpus != cpus[i] || node->nb_cpus_allowed != allowed[i])
			return BROKEN("node %d counts %u CPUs, %u allowed; it has %u, %u", node->id,
				node->nb_cpus, node->nb_cpus_allowed, cpus[i], allowed[i]);
	}
	return 0;
}

int
tidei_topology_check(const struct tide_topology *topo)
{
	if (topo->nb_nodes == 0)
		return BROKEN("no node");
	if (check_nodes(topo) != 0 || check_index(topo) != 0)
		return -EINVAL;
	if (check_distances(topo) != 0 || check_latencies(topo) != 0 || check_cpus(topo) != 0)
		return -EINVAL;
	return 0;
}
