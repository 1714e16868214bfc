/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info show: the report for people. */

#include <inttypes.h>
#include <stdio.h>

#include "show.h"
#include "words.h"

static void
print_memory(const struct machine *m, const struct tide_node *node, FILE *out)
{
	const char *refusal = tide_node_refusal(node);
	char total[SIZE_TEXT], free_bytes[SIZE_TEXT], left[SIZE_TEXT];
	uint64_t kept = machine_huge_left(m, node->id);

	if (node->memory == 0) {
		fprintf(out, "  memory      none\n");
		return;
	}
	fprintf(out, "  memory      %s, %s free\n", words_size(node->memory, total),
		words_size(node->memory_free, free_bytes));
	if (refusal != NULL)
		fprintf(out, "              not for this process: %s\n", refusal);
	for (unsigned int i = 0; i < node->nb_huge; i++) {
		const struct tide_huge *huge = &node->huge[i];

		fprintf(out, "  huge pages  %" PRIu64 " of %s, %" PRIu64 " free\n", huge->total,
			words_size(huge->page_size, total), huge->free);
	}
	if (kept != 0)
		fprintf(out,
			"              %s of them kept by files of dead processes, see below\n",
			words_size(kept, left));
}

static void
print_nic(const struct tide_nic *nic, FILE *out)
{
	fprintf(out, "  NIC         %s, %s", nic->address,
		nic->driver[0] == '\0' ? "no driver" : nic->driver);
	if (nic->interface[0] != '\0')
		fprintf(out, ", %s", nic->interface);
	if (nic->node == TIDE_NODE_UNKNOWN)
		fprintf(out, ": node not known\n");
	else
		fprintf(out, ": node known by %s\n", tide_node_source_name(nic->source));
}

static void
print_nics(const struct machine *m, int node, FILE *out)
{
	for (unsigned int i = 0; i < m->nb_nics; i++) {
		if (m->nic[i].node == node)
			print_nic(&m->nic[i], out);
	}
}

static void
print_node(const struct machine *m, const struct tide_node *node, FILE *out)
{
	char all[LIST_TEXT], allowed[LIST_TEXT];

	fprintf(out, "node %d\n", node->id);
	if (node->nb_cpus == 0)
		fprintf(out, "  CPUs        none\n");
	else if (node->nb_cpus == node->nb_cpus_allowed)
		fprintf(out, "  CPUs        %s\n", words_cpus(m->topo, node->id, false, all));
	else
		fprintf(out, "  CPUs        %s, of which this process may use %s\n",
			words_cpus(m->topo, node->id, false, all),
			node->nb_cpus_allowed == 0 ? "none"
						   : words_cpus(m->topo, node->id, true, allowed));
	print_memory(m, node, out);
	print_nics(m, node->id, out);
	fputc('\n', out);
}

static bool
has_unplaced(const struct machine *m)
{
	for (unsigned int i = 0; i < m->nb_nics; i++) {
		if (m->nic[i].node == TIDE_NODE_UNKNOWN)
			return true;
	}
	return false;
}

/* A row per node of the CPUs, a column per node of the memory. */
static void
print_distances(const struct machine *m, FILE *out)
{
	unsigned int n = tide_topology_nb_nodes(m->topo);

	fprintf(out, "distance, and measured nanoseconds, from CPUs of a node to memory of a node\n"
		     "  from\\to ");
	for (unsigned int to = 0; to < n; to++)
		fprintf(out, " %11d", tide_topology_node_at(m->topo, to)->id);
	fputc('\n', out);
	for (unsigned int from = 0; from < n; from++) {
		int id = tide_topology_node_at(m->topo, from)->id;

		fprintf(out, "  %7d ", id);
		for (unsigned int to = 0; to < n; to++) {
			int other = tide_topology_node_at(m->topo, to)->id;
			unsigned int ns = tide_topology_latency(m->topo, id, other);
			char text[32];

			if (ns == 0)
				snprintf(text, sizeof(text), "%u",
					tide_topology_distance(m->topo, id, other));
			else
				snprintf(text, sizeof(text), "%u, %u ns",
					tide_topology_distance(m->topo, id, other), ns);
			fprintf(out, " %11s", text);
		}
		fputc('\n', out);
	}
	fputc('\n', out);
}

static void
print_limits(const struct machine *m, FILE *out)
{
	const struct tide_node *first = tide_topology_node_at(m->topo, 0);
	char list[LIST_TEXT], size[SIZE_TEXT];

	fprintf(out, "this process may use\n");
	fprintf(out, "  CPUs        %s\n", words_cpus(m->topo, TIDE_NODE_UNKNOWN, true, list));
	fprintf(out, "  memory      of %s", words_memory_of(m->topo, list));
	if (m->memory_room != UINT64_MAX)
		fprintf(out, ", %s more by the limits of its cgroups",
			words_size(m->memory_room, size));
	fputc('\n', out);
	for (unsigned int i = 0; i < first->nb_huge; i++) {
		if (first->huge[i].limit != UINT64_MAX)
			fprintf(out,
				"  huge pages  %" PRIu64 " of %s by the limits of its cgroups\n",
				first->huge[i].limit, words_size(first->huge[i].page_size, size));
	}
	fputc('\n', out);
}

static void
print_files(const struct tide_eal_files *files, FILE *out)
{
	char command[FREE_COMMAND], size[SIZE_TEXT], node[32] = "an unknown node";

	if (files->node != TIDE_NODE_UNKNOWN)
		snprintf(node, sizeof(node), "node %d", files->node);
	fprintf(out, "  %s/%smap_*: %u files, %s on %s, ", files->directory, files->prefix,
		files->files, words_size(files->bytes, size), node);
	switch (files->owner) {
	case TIDE_EAL_OWNER_ALIVE:
		if (files->pid != 0)
			fprintf(out, "of process %d\n", (int)files->pid);
		else
			fprintf(out, "of a process of another container\n");
		break;
	case TIDE_EAL_OWNER_DEAD:
		machine_free_command(files, command);
		fprintf(out, "of a dead process; to free them: %s\n", command);
		break;
	case TIDE_EAL_OWNER_UNKNOWN:
		fprintf(out, "of an unknown process: only their owner and root may open them\n");
		break;
	}
}

static void
print_capability(const struct machine *m, int capability, FILE *out)
{
	const struct tide_capability_state *state = &m->capability[capability];

	fprintf(out, "  %-18s %s: %s\n", tide_capability_name(capability),
		words_answer(state->answer), state->consequence);
	fprintf(out, "  %-18s (%s)\n", "", state->fact);
	if (state->remedy != NULL)
		fprintf(out, "  %-18s remedy: %s\n", "", state->remedy);
}

/* Facts that only the machine here has. */
static void
print_here(const struct machine *m, FILE *out)
{
	if (m->nb_files != 0)
		fprintf(out, "huge pages in files of EAL\n");
	for (unsigned int i = 0; i < m->nb_files; i++)
		print_files(&m->files[i], out);
	fprintf(out, "%scapabilities\n", m->nb_files != 0 ? "\n" : "");
	for (int i = 0; i < TIDE_CAPABILITY_COUNT; i++)
		print_capability(m, i, out);
}

void
show_text(const struct machine *m, FILE *out)
{
	unsigned int n = tide_topology_nb_nodes(m->topo), cpus = machine_cpus(m);
	char size[SIZE_TEXT];

	fprintf(out, "%s: %u node%s, %u CPU%s, %s of memory, %u NIC%s\n\n",
		m->file == NULL ? "this machine" : m->file, n, n == 1 ? "" : "s", cpus,
		cpus == 1 ? "" : "s", words_size(machine_memory(m), size), m->nb_nics,
		m->nb_nics == 1 ? "" : "s");
	for (unsigned int i = 0; i < n; i++)
		print_node(m, tide_topology_node_at(m->topo, i), out);
	if (has_unplaced(m)) {
		fprintf(out, "on no known node\n");
		print_nics(m, TIDE_NODE_UNKNOWN, out);
		fputc('\n', out);
	}
	if (m->nics_left_out != 0)
		fprintf(out, "%u more NICs are not shown\n\n", m->nics_left_out);
	print_distances(m, out);
	print_limits(m, out);
	if (m->file == NULL)
		print_here(m, out);
}
