/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Makes and answers for a topology; the readers (machine.c, text.c) fill it. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>

#include "topology_internal.h"
#include "tide_log.h"

TIDE_LOG_REGISTER(topology)

static void
name_nodes(struct tide_topology *topo, const struct tidei_idset *ids)
{
	unsigned int n = 0;

	for (int id = 0; id < TIDE_NODE_MAX; id++) {
		topo->index[id] = -1;
		if (!tidei_idset_has(ids, id))
			continue;
		topo->index[id] = n;
		topo->nodes[n].id = id;
		topo->nodes[n].mem_cpuset = topo->nodes[n].mem_allowed = true;
		n++;
	}
}

struct tide_topology *
tidei_topology_new(const struct tidei_idset *ids)
{
	struct tide_topology *topo = calloc(1, sizeof(*topo));
	unsigned int n = 0;

	if (topo == NULL)
		goto nomem;
	for (unsigned int id = 0; id < TIDE_NODE_MAX; id++)
		n += tidei_idset_has(ids, id);
	topo->nb_nodes = n;
	topo->nodes = calloc(n, sizeof(*topo->nodes));
	topo->distance = calloc(n, n);
	topo->latency = calloc((size_t)n * n, sizeof(*topo->latency));
	if (topo->nodes == NULL || topo->distance == NULL || topo->latency == NULL)
		goto nomem;
	name_nodes(topo, ids);
	for (unsigned int cpu = 0; cpu < TIDE_CPU_MAX; cpu++)
		topo->cpu_node[cpu] = TIDE_NODE_UNKNOWN;
	memset(topo->distance, DISTANCE_REMOTE, (size_t)n * n);
	for (unsigned int i = 0; i < n; i++)
		*tidei_distance_at(topo, i, i) = DISTANCE_LOCAL;
	return topo;

nomem:
	tide_topology_free(topo);
	rte_errno = ENOMEM;
	return NULL;
}

void
tide_topology_free(struct tide_topology *topo)
{
	if (topo == NULL)
		return;
	free(topo->latency);
	free(topo->distance);
	free(topo->nodes);
	free(topo);
}

int
tidei_topology_set_cpus(
	struct tide_topology *topo, int id, const struct tidei_idset *cpus, unsigned int *clash)
{
	struct tide_node *node = &topo->nodes[topo->index[id]];

	for (unsigned int cpu = 0; cpu < TIDE_CPU_MAX; cpu++)
		if (tidei_idset_has(cpus, cpu) && topo->cpu_node[cpu] != TIDE_NODE_UNKNOWN) {
			*clash = cpu;
			return -EEXIST;
		}
	for (unsigned int cpu = 0; cpu < TIDE_CPU_MAX; cpu++)
		if (tidei_idset_has(cpus, cpu)) {
			topo->cpu_node[cpu] = id;
			node->nb_cpus++;
		}
	return 0;
}

void
tidei_topology_drop_cpu(struct tide_topology *topo, unsigned int cpu)
{
	topo->nodes[topo->index[topo->cpu_node[cpu]]].nb_cpus--;
	topo->cpu_node[cpu] = TIDE_NODE_UNKNOWN;
}

int
tidei_node_add_huge(struct tide_node *node, const struct tide_huge *huge)
{
	unsigned int at = 0;

	while (at < node->nb_huge && node->huge[at].page_size > huge->page_size)
		at++;
	if (at < node->nb_huge && node->huge[at].page_size == huge->page_size)
		return -EEXIST;
	if (node->nb_huge == TIDE_HUGE_SIZES_MAX)
		return -ENOSPC;
	memmove(&node->huge[at + 1], &node->huge[at], (node->nb_huge - at) * sizeof(node->huge[0]));
	node->huge[at] = *huge;
	node->nb_huge++;
	return 0;
}

void
tidei_topology_allow(struct tide_topology *topo, const struct tidei_idset *cpus,
	const struct tidei_idset *cpuset, const struct tidei_idset *bound)
{
	for (unsigned int i = 0; i < topo->nb_nodes; i++) {
		struct tide_node *node = &topo->nodes[i];

		node->mem_cpuset = tidei_idset_has(cpuset, node->id);
		node->mem_allowed = node->mem_cpuset && tidei_idset_has(bound, node->id);
		node->nb_cpus_allowed = 0;
	}
	memset(&topo->cpu_allowed, 0, sizeof(topo->cpu_allowed));
	for (unsigned int cpu = 0; cpu < TIDE_CPU_MAX; cpu++) {
		int id = topo->cpu_node[cpu];

		if (id == TIDE_NODE_UNKNOWN || !tidei_idset_has(cpus, cpu))
			continue;
		tidei_idset_add(&topo->cpu_allowed, cpu);
		topo->nodes[topo->index[id]].nb_cpus_allowed++;
	}
}

unsigned int
tide_topology_nb_nodes(const struct tide_topology *topo)
{
	return topo->nb_nodes;
}

const struct tide_node *
tide_topology_node_at(const struct tide_topology *topo, unsigned int i)
{
	return i < topo->nb_nodes ? &topo->nodes[i] : NULL;
}

const struct tide_node *
tide_topology_node(const struct tide_topology *topo, int id)
{
	if (id < 0 || id >= TIDE_NODE_MAX || topo->index[id] < 0)
		return NULL;
	return &topo->nodes[topo->index[id]];
}

const char *
tide_node_refusal(const struct tide_node *node)
{
	if (node->memory == 0)
		return "it has no memory: use a node that has";
	if (!node->mem_cpuset)
		return "it is not in Mems_allowed: widen the cpuset (cgroup cpuset.mems, docker "
		       "run --cpuset-mems)";
	if (!node->mem_allowed)
		return "the memory policy leaves it out: name it in numactl --membind too";
	return NULL;
}

unsigned int
tide_topology_distance(const struct tide_topology *topo, int from, int to)
{
	if (tide_topology_node(topo, from) == NULL || tide_topology_node(topo, to) == NULL)
		return 0;
	return *tidei_distance_at(topo, topo->index[from], topo->index[to]);
}

unsigned int
tide_topology_latency(const struct tide_topology *topo, int from, int to)
{
	if (tide_topology_node(topo, from) == NULL || tide_topology_node(topo, to) == NULL)
		return 0;
	return tidei_latency_at(topo, topo->index[from], topo->index[to]);
}

/* Ranks a node as seen from another: itself first, by distance, with CPUs first, by id. Never 0. */
static uint32_t
rank(const struct tide_topology *topo, unsigned int from, unsigned int to)
{
	uint32_t distance = *tidei_distance_at(topo, from, to);

	if (from == to)
		return 1;
	return ((distance + 1) * 2 + (topo->nodes[to].nb_cpus == 0)) * TIDE_NODE_MAX + to;
}

static bool
gives_memory(const struct tide_node *node)
{
	return node->memory != 0 && node->mem_allowed;
}

unsigned int
tide_topology_nearest(
	const struct tide_topology *topo, int from, bool mem_only, int *ids, unsigned int max)
{
	unsigned int n = 0;
	uint32_t last = 0;

	if (tide_topology_node(topo, from) == NULL)
		return 0;
	while (n < max) {
		uint32_t best = UINT32_MAX;

		for (unsigned int i = 0; i < topo->nb_nodes; i++) {
			const struct tide_node *node = &topo->nodes[i];
			uint32_t r = rank(topo, topo->index[from], i);

			if (r <= last || r >= best)
				continue;
			if (mem_only && !gives_memory(node))
				continue;
			best = r;
			ids[n] = node->id;
		}
		if (best == UINT32_MAX)
			break;
		last = best;
		n++;
	}
	return n;
}

unsigned int
tide_topology_tiers(const struct tide_topology *topo, int from, int *ids, unsigned int max)
{
	int all[TIDE_NODE_MAX];
	unsigned int n = tide_topology_nearest(topo, from, true, all, RTE_DIM(all)), tiers = 0;

	for (unsigned int i = 0; i < n && tiers < max; i++) {
		if (tide_topology_node(topo, all[i])->nb_cpus == 0)
			ids[tiers++] = all[i];
	}
	return tiers;
}

int
tide_topology_cpu_node(const struct tide_topology *topo, unsigned int cpu)
{
	return cpu < TIDE_CPU_MAX ? topo->cpu_node[cpu] : TIDE_NODE_UNKNOWN;
}

bool
tide_topology_cpu_allowed(const struct tide_topology *topo, unsigned int cpu)
{
	return tidei_idset_has(&topo->cpu_allowed, cpu);
}

int
tidei_topology_cpus_node(const struct tide_topology *topo, const struct tidei_idset *cpus)
{
	int found = TIDE_NODE_UNKNOWN;

	for (unsigned int cpu = 0; cpu < TIDE_CPU_MAX; cpu++) {
		int id = topo->cpu_node[cpu];

		if (id == TIDE_NODE_UNKNOWN || !tidei_idset_has(cpus, cpu))
			continue;
		if (found != TIDE_NODE_UNKNOWN && found != id)
			return TIDE_NODE_UNKNOWN;
		found = id;
	}
	return found;
}
