/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Chooses the node of EAL's heap before EAL starts. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_config.h>

#include "tide_eal.h"
#include "tide_nic.h"

#define MEGABYTE ((uint64_t)1 << 20)

/* Size of the pages that a hint reserves. */
#define PAGE_2M (2 * MEGABYTE)

static const char too_few_pages[] = "it has too few free huge pages";

/* Return the bytes of free huge pages; limited: of those that cgroups let this process have. */
static uint64_t
huge_bytes(const struct tide_node *node, bool limited)
{
	uint64_t bytes = 0;

	for (unsigned int i = 0; i < node->nb_huge; i++) {
		const struct tide_huge *huge = &node->huge[i];

		bytes +=
			(limited ? RTE_MIN(huge->free, huge->limit) : huge->free) * huge->page_size;
	}
	return bytes;
}

/* Return the first CPU of a node that can be an lcore, and that this process may use if so requested; -1: none. */
static int
first_cpu(const struct tide_topology *topo, int node, bool allowed)
{
	for (int cpu = 0; cpu < RTE_MAX_LCORE; cpu++) {
		if (tide_topology_cpu_node(topo, cpu) == node &&
			(!allowed || tide_topology_cpu_allowed(topo, cpu)))
			return cpu;
	}
	return -1;
}

/* Return why EAL can have no heap of `mb` megabytes on a node; NULL: it can. EAL learns of nodes from CPUs. */
static const char *
heap_obstacle(const struct tide_topology *topo, const struct tide_node *node, unsigned int mb)
{
	if (node->id >= RTE_MAX_NUMA_NODES || first_cpu(topo, node->id, false) < 0)
		return "it has no CPU that EAL knows";
	if (tide_node_refusal(node) != NULL)
		return tide_node_refusal(node);
	if (huge_bytes(node, false) / MEGABYTE < mb)
		return too_few_pages;
	if (huge_bytes(node, true) / MEGABYTE < mb)
		return "the cgroups of this process let it have too few huge pages";
	return NULL;
}

/* Return why the main lcore cannot be on a node; NULL: it can. */
static const char *
lcore_obstacle(const struct tide_topology *topo, const struct tide_node *node)
{
	return first_cpu(topo, node->id, true) < 0 ? "this process may use no CPU there" : NULL;
}

static int
check(const struct tide_topology *topo, const int *nodes, unsigned int nb_nodes)
{
	for (unsigned int i = 0; i < nb_nodes; i++) {
		if (nodes[i] == TIDE_NODE_UNKNOWN)
			continue;
		if (tide_topology_node(topo, nodes[i]) == NULL)
			return -ENOENT;
		if (nodes[i] >= RTE_MAX_NUMA_NODES)
			return -ERANGE;
	}
	return 0;
}

/* Add a requested node that was not chosen to the reason, and to the hint if it lacks pages. */
static void
explain(struct tide_eal_advice *advice, const struct tide_node *node, const char *why,
	unsigned int mb)
{
	size_t used = strlen(advice->reason);

	snprintf(advice->reason + used, sizeof(advice->reason) - used, "%snode %d: %s",
		used == 0 ? "" : "; ", node->id, why);
	if (advice->hint[0] == '\0' && why == too_few_pages)
		tide_node_reserve_command(node, PAGE_2M, (mb * MEGABYTE + PAGE_2M - 1) / PAGE_2M,
			advice->hint, sizeof(advice->hint));
}

static bool
repeats(const int *nodes, unsigned int i)
{
	for (unsigned int k = 0; k < i; k++) {
		if (nodes[k] == nodes[i])
			return true;
	}
	return false;
}

/* Choose among the requested nodes, and note those on which EAL can have a heap. */
static void
choose_requested(const struct tide_topology *topo, const int *nodes, unsigned int nb_nodes,
	unsigned int mb, bool *reserve, struct tide_eal_advice *advice)
{
	for (unsigned int i = 0; i < nb_nodes; i++) {
		const struct tide_node *node = tide_topology_node(topo, nodes[i]);
		const char *why;

		if (node == NULL || repeats(nodes, i))
			continue;
		why = heap_obstacle(topo, node, mb);
		if (why == NULL) {
			reserve[node->id] = true;
			why = lcore_obstacle(topo, node);
		}
		if (why != NULL)
			explain(advice, node, why, mb);
		else if (advice->node == TIDE_NODE_UNKNOWN)
			advice->node = node->id;
	}
}

/* Choose the nearest to the first requested node that is known, else the first of the machine. */
static void
choose_other(const struct tide_topology *topo, const int *nodes, unsigned int nb_nodes,
	unsigned int mb, struct tide_eal_advice *advice)
{
	int ids[TIDE_NODE_MAX], from = tide_topology_node_at(topo, 0)->id;
	unsigned int n;

	for (unsigned int i = nb_nodes; i-- > 0;) {
		if (nodes[i] != TIDE_NODE_UNKNOWN)
			from = nodes[i];
	}
	n = tide_topology_nearest(topo, from, true, ids, RTE_DIM(ids));
	for (unsigned int i = 0; i < n && advice->node == TIDE_NODE_UNKNOWN; i++) {
		const struct tide_node *node = tide_topology_node(topo, ids[i]);

		if (heap_obstacle(topo, node, mb) == NULL && lcore_obstacle(topo, node) == NULL)
			advice->node = ids[i];
	}
}

static void
write_socket_mem(const bool *reserve, unsigned int mb, char *text, size_t size)
{
	int last = RTE_MAX_NUMA_NODES - 1;
	size_t used;

	while (!reserve[last])
		last--;
	used = snprintf(text, size, "--socket-mem=");
	for (int node = 0; node <= last && used < size; node++)
		used += snprintf(text + used, size - used, "%s%u", node == 0 ? "" : ",",
			reserve[node] ? mb : 0);
}

int
tide_eal_advise(const struct tide_topology *topo, const int *nodes, unsigned int nb_nodes,
	unsigned int mb, struct tide_eal_advice *advice)
{
	bool reserve[RTE_MAX_NUMA_NODES] = {false};
	int rc;

	if (topo == NULL || nodes == NULL || nb_nodes == 0 || mb == 0 || advice == NULL)
		return -EINVAL;
	rc = check(topo, nodes, nb_nodes);
	if (rc < 0)
		return rc;
	*advice = (struct tide_eal_advice){.node = TIDE_NODE_UNKNOWN, .cpu = -1};
	choose_requested(topo, nodes, nb_nodes, mb, reserve, advice);
	if (advice->node == TIDE_NODE_UNKNOWN)
		choose_other(topo, nodes, nb_nodes, mb, advice);
	if (advice->node == TIDE_NODE_UNKNOWN) {
		if (advice->reason[0] == '\0')
			snprintf(advice->reason, sizeof(advice->reason),
				"no node has %u MB of free huge pages, and a CPU, for this process",
				mb);
		return -ENOMEM;
	}
	reserve[advice->node] = true;
	advice->cpu = first_cpu(topo, advice->node, true);
	write_socket_mem(reserve, mb, advice->socket_mem, sizeof(advice->socket_mem));
	return 0;
}
