/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Prints a topology in the form that the parser reads, so a report can be tried elsewhere. */

#include <inttypes.h>
#include <string.h>

#include "topology_internal.h"

/* Prints bytes with the largest unit that is exact. */
static void
dump_size(uint64_t bytes, FILE *out)
{
	static const char units[] = "KMGT";
	unsigned int u = 0;

	while (bytes != 0 && bytes % 1024 == 0 && u < 4) {
		bytes /= 1024;
		u++;
	}
	fprintf(out, "%" PRIu64, bytes);
	if (u > 0)
		fputc(units[u - 1], out);
}

/* Prints the ids of a set as the kernel does; "-" for none. */
static void
dump_set(const struct tidei_idset *set, FILE *out)
{
	const char *comma = "";

	for (unsigned int id = 0; id < TIDE_CPU_MAX; id++) {
		unsigned int last = id;

		if (!tidei_idset_has(set, id))
			continue;
		while (tidei_idset_has(set, last + 1))
			last++;
		fprintf(out, "%s%u", comma, id);
		if (last > id)
			fprintf(out, "-%u", last);
		comma = ",";
		id = last;
	}
	if (*comma == '\0')
		fputc('-', out);
}

static void
dump_cpus(const struct tide_topology *topo, int id, FILE *out)
{
	struct tidei_idset cpus = {0};

	for (unsigned int cpu = 0; cpu < TIDE_CPU_MAX; cpu++)
		if (topo->cpu_node[cpu] == id)
			tidei_idset_add(&cpus, cpu);
	dump_set(&cpus, out);
}

/* Prints only the distances that differ from the parser's defaults. */
static void
dump_distances(const struct tide_topology *topo, unsigned int from, FILE *out)
{
	const char *before = " distance ";

	for (unsigned int to = 0; to < topo->nb_nodes; to++) {
		unsigned int d = *tidei_distance_at(topo, from, to);

		if (from == to || d == DISTANCE_REMOTE)
			continue;
		fprintf(out, "%s%d:%u", before, topo->nodes[to].id, d);
		before = ",";
	}
}

static void
dump_latencies(const struct tide_topology *topo, unsigned int from, FILE *out)
{
	const char *before = " latency ";

	for (unsigned int to = 0; to < topo->nb_nodes; to++) {
		unsigned int ns = tidei_latency_at(topo, from, to);

		if (ns == 0)
			continue;
		fprintf(out, "%s%d:%u", before, topo->nodes[to].id, ns);
		before = ",";
	}
}

static void
dump_node(const struct tide_topology *topo, unsigned int i, FILE *out)
{
	const struct tide_node *node = &topo->nodes[i];

	fprintf(out, "node %d cpus ", node->id);
	dump_cpus(topo, node->id, out);
	fprintf(out, " memory ");
	dump_size(node->memory, out);
	fprintf(out, " free ");
	dump_size(node->memory_free, out);
	for (unsigned int h = 0; h < node->nb_huge; h++) {
		fprintf(out, " huge ");
		dump_size(node->huge[h].page_size, out);
		fprintf(out, ":%" PRIu64 "/%" PRIu64, node->huge[h].total, node->huge[h].free);
	}
	dump_distances(topo, i, out);
	dump_latencies(topo, i, out);
	fputc('\n', out);
}

static void
dump_allowed(const struct tide_topology *topo, FILE *out)
{
	struct tidei_idset cpuset = {0}, allowed = {0};

	for (unsigned int i = 0; i < topo->nb_nodes; i++) {
		const struct tide_node *node = &topo->nodes[i];

		if (node->mem_cpuset)
			tidei_idset_add(&cpuset, node->id);
		if (node->mem_allowed)
			tidei_idset_add(&allowed, node->id);
	}
	fprintf(out, "allowed cpus ");
	dump_set(&topo->cpu_allowed, out);
	fprintf(out, " nodes ");
	dump_set(&cpuset, out);
	if (memcmp(&cpuset, &allowed, sizeof(cpuset)) != 0) {
		fprintf(out, " membind ");
		dump_set(&allowed, out);
	}
	fputc('\n', out);
}

static void
dump_limits(const struct tide_topology *topo, FILE *out)
{
	const struct tide_node *node = &topo->nodes[0];

	for (unsigned int h = 0; h < node->nb_huge; h++) {
		if (node->huge[h].limit == UINT64_MAX)
			continue;
		fprintf(out, "# cgroup limit: %" PRIu64 " huge pages of ", node->huge[h].limit);
		dump_size(node->huge[h].page_size, out);
		fputc('\n', out);
	}
}

static void
dump_table(const struct tide_topology *topo, FILE *out)
{
	fprintf(out, "# distance");
	for (unsigned int to = 0; to < topo->nb_nodes; to++)
		fprintf(out, " %4d", topo->nodes[to].id);
	for (unsigned int from = 0; from < topo->nb_nodes; from++) {
		fprintf(out, "\n# %8d", topo->nodes[from].id);
		for (unsigned int to = 0; to < topo->nb_nodes; to++)
			fprintf(out, " %4u", *tidei_distance_at(topo, from, to));
	}
	fputc('\n', out);
}

void
tide_topology_dump(const struct tide_topology *topo, FILE *out)
{
	for (unsigned int i = 0; i < topo->nb_nodes; i++)
		dump_node(topo, i, out);
	dump_allowed(topo, out);
	dump_limits(topo, out);
	dump_table(topo, out);
}
