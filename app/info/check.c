/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info check: compares the nodes of NICs, CPUs and memory. */

#include <string.h>

#include "check.h"
#include "words.h"

/* Characters of a list of CPUs in a command; the remedy has room for four. */
#define COMMAND_LIST 1900

/* Write the reason for a node, behind its number: ", where NIC ... is". */
static const char *
role(const struct check_nodes *nodes, unsigned int i, char *text, size_t size)
{
	text[0] = '\0';
	if (nodes->nic[i] != NULL)
		snprintf(text, size, ", where NIC %s is", nodes->nic[i]->address);
	return text;
}

static void
add_node(struct check_nodes *nodes, const struct tide_node *node, const struct tide_nic *nic)
{
	for (unsigned int i = 0; i < nodes->nb; i++) {
		if (nodes->node[i] == node)
			return;
	}
	nodes->node[nodes->nb] = node;
	nodes->nic[nodes->nb++] = nic;
}

static bool
has_node(const struct check_nodes *nodes, const struct tide_node *node)
{
	for (unsigned int i = 0; i < nodes->nb; i++) {
		if (nodes->node[i] == node)
			return true;
	}
	return false;
}

static void
find_nic(const struct machine *m, const char *address, struct check_nodes *nodes,
	struct findings *findings)
{
	const struct tide_nic *nic = machine_nic(m, address);
	struct finding *finding;

	if (nic == NULL) {
		finding = finding_add(findings, FINDING_WRONG, "nic-missing",
			"this machine has no NIC %s", address);
		finding_remedy(finding, "name one that tide-info lists");
	} else if (nic->node == TIDE_NODE_UNKNOWN) {
		finding = finding_add(findings, FINDING_UNKNOWN, "nic-node-unknown",
			"the node of NIC %s is not known: neither the device nor its list of CPUs "
			"nor "
			"a bridge above it states one",
			nic->address);
		finding_remedy(finding,
			"if you know the node, state it as root: "
			"echo NODE > /sys/bus/pci/devices/%s/numa_node",
			nic->address);
	} else {
		add_node(nodes, tide_topology_node(m->topo, nic->node), nic);
	}
}

/* Without NICs the nodes are those of the CPUs. */
static void
find_nodes(const struct machine *m, const struct check_request *request, struct check_nodes *nodes,
	struct findings *findings)
{
	nodes->nb = 0;
	for (unsigned int i = 0; i < request->nb_nics; i++)
		find_nic(m, request->nic[i], nodes, findings);
	for (unsigned int i = 0; request->nb_nics == 0 && i < tide_topology_nb_nodes(m->topo);
		i++) {
		const struct tide_node *node = tide_topology_node_at(m->topo, i);

		if (node->nb_cpus_allowed != 0)
			add_node(nodes, node, NULL);
	}
}

/* Write allowed or all CPUs of a node for a command; a list that no remedy has room for is named. */
static const char *
command_cpus(
	const struct machine *m, const struct tide_node *node, bool allowed, char text[LIST_TEXT])
{
	words_cpus(m->topo, node->id, allowed, text);
	if (strlen(text) > COMMAND_LIST)
		snprintf(text, LIST_TEXT, "LIST, with the CPUs of node %d that tide-info lists",
			node->id);
	return text;
}

static void
check_cpus(const struct machine *m, const struct check_nodes *nodes, unsigned int i,
	unsigned int needed, struct findings *findings)
{
	const struct tide_node *node = nodes->node[i];
	char where[64], list[LIST_TEXT];
	struct finding *finding;

	if (node->nb_cpus_allowed >= needed)
		return;
	finding = finding_add(findings, FINDING_WRONG, "cpu-few",
		"this process may use %u CPU%s of node %d%s; %u needed, and its CPUs are %s",
		node->nb_cpus_allowed, node->nb_cpus_allowed == 1 ? "" : "s", node->id,
		role(nodes, i, where, sizeof(where)), needed,
		words_cut(words_cpus(m->topo, TIDE_NODE_UNKNOWN, true, list), 100));
	if (node->nb_cpus == 0)
		finding_remedy(finding, "the node has no CPUs: use a NIC of another node");
	else if (node->nb_cpus < needed)
		finding_remedy(finding, "the node has only %u CPUs: need fewer", node->nb_cpus);
	else
		finding_remedy(finding,
			"allow CPUs of the node: docker run --cpuset-cpus %s, or taskset -c; "
			"in "
			"Kubernetes the kubelet's cpuManagerPolicy static with "
			"topologyManagerPolicy "
			"single-numa-node",
			command_cpus(m, node, false, list));
}

/* Report a node that may not be used; false: it may be. */
static bool
check_refused(const struct check_nodes *nodes, unsigned int i, struct findings *findings)
{
	const char *refusal = tide_node_refusal(nodes->node[i]);
	const char *remedy = refusal == NULL ? NULL : strstr(refusal, ": ");
	struct finding *finding;
	char where[64];

	if (refusal == NULL)
		return false;
	finding = finding_add(findings, FINDING_WRONG, "memory-refused",
		"this process gets no memory of node %d%s: %.*s", nodes->node[i]->id,
		role(nodes, i, where, sizeof(where)),
		remedy == NULL ? (int)strlen(refusal) : (int)(remedy - refusal), refusal);
	if (remedy != NULL)
		finding_remedy(finding, "%s", remedy + 2);
	return true;
}

/* Say which CPUs to use: all that are allowed on nodes that are needed. */
static void
use_needed(const struct machine *m, const struct check_nodes *nodes, struct finding *finding)
{
	const char *before = "use only CPUs of nodes with a NIC of it: -l ";
	char list[LIST_TEXT];

	for (unsigned int i = 0; i < nodes->nb; i++) {
		if (nodes->node[i]->nb_cpus_allowed == 0)
			continue;
		finding_remedy(
			finding, "%s%s", before, command_cpus(m, nodes->node[i], true, list));
		before = ",";
	}
	if (finding->remedy[0] == '\0')
		finding_remedy(finding, "allow CPUs of nodes with a NIC of it, and no others");
}

/* Tell whether more is allowed than the NICs need: with `single` that is wrong, else it needs care. */
static void
check_elsewhere(const struct machine *m, const struct check_request *request,
	const struct check_nodes *nodes, struct findings *findings)
{
	enum finding_grade grade = request->single ? FINDING_WRONG : FINDING_NOTE;
	struct finding *finding;
	char list[LIST_TEXT];

	for (unsigned int i = 0; i < tide_topology_nb_nodes(m->topo); i++) {
		const struct tide_node *node = tide_topology_node_at(m->topo, i);

		if (has_node(nodes, node) || nodes->nb == 0)
			continue;
		if (node->nb_cpus_allowed != 0) {
			finding = finding_add(findings, grade, "cpu-elsewhere",
				"this process may run on CPUs %s of node %d, where no NIC of "
				"it is",
				words_cut(words_cpus(m->topo, node->id, true, list), 100),
				node->id);
			use_needed(m, nodes, finding);
		}
		if (request->single && node->memory != 0 && node->mem_allowed) {
			finding = finding_add(findings, grade, "memory-elsewhere",
				"this process may use memory of node %d, where no NIC of it is",
				node->id);
			finding_remedy(finding, "docker run --cpuset-mems %d", nodes->node[0]->id);
		}
	}
}

/* Compare the limits with what all nodes take of a page size, once for each size. */
static void
check_room(const struct machine *m, const struct check_request *request,
	const struct check_nodes *nodes, struct findings *findings)
{
	for (unsigned int i = 0; i < nodes->nb; i++) {
		uint64_t size = check_page_size(nodes->node[i], request->page_size), bytes = 0;
		bool first = true;

		for (unsigned int k = 0; k < nodes->nb; k++) {
			if (check_page_size(nodes->node[k], request->page_size) != size)
				continue;
			first = first && k >= i;
			bytes += request->bytes;
		}
		if (first)
			check_limits(m, bytes, size, findings);
	}
}

static void
check_together(const struct check_request *request, const struct check_nodes *nodes,
	struct findings *findings)
{
	struct finding *finding;

	if (!request->single || nodes->nb < 2)
		return;
	finding = finding_add(findings, FINDING_WRONG, "nodes-apart",
		"nodes %d and %d are both needed, and one node was requested", nodes->node[0]->id,
		nodes->node[1]->id);
	finding_remedy(finding, "use NICs and CPUs of one node, or run a process on each node");
}

static void
check_left(const struct machine *m, const struct check_nodes *nodes, struct findings *findings)
{
	char size[SIZE_TEXT], command[FREE_COMMAND];

	for (unsigned int i = 0; i < m->nb_files; i++) {
		const struct tide_eal_files *files = &m->files[i];
		struct finding *finding;

		if (files->owner != TIDE_EAL_OWNER_DEAD ||
			(files->node != TIDE_NODE_UNKNOWN &&
				!has_node(nodes, tide_topology_node(m->topo, files->node))))
			continue;
		machine_free_command(files, command);
		finding = finding_add(findings, FINDING_NOTE, "pages-left",
			"files of a dead process, %.200s/%.100smap_*, keep %s of huge pages",
			files->directory, files->prefix, words_size(files->bytes, size));
		finding_remedy(finding, "%s", command);
	}
}

void
check_machine(const struct machine *m, const struct check_request *request,
	struct check_nodes *nodes, struct findings *findings)
{
	check_sysfs(m, findings);
	find_nodes(m, request, nodes, findings);
	for (unsigned int i = 0; i < nodes->nb; i++) {
		check_cpus(m, nodes, i, request->cpus, findings);
		if (!check_refused(nodes, i, findings))
			check_memory(
				m, nodes->node[i], request->bytes, request->page_size, findings);
	}
	check_room(m, request, nodes, findings);
	check_together(request, nodes, findings);
	check_elsewhere(m, request, nodes, findings);
	check_left(m, nodes, findings);
}
