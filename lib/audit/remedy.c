/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Texts that several remedies share. */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "audit_internal.h"
#include "sys_friend.h"

/* Pages that the advice is about. */
#define PAGE_2M ((size_t)2 << 20)

static const struct tidei_audit_heap *
heap_on(const struct tidei_audit_facts *facts, int node)
{
	TIDEI_LIST_EACH (facts->heaps, const struct tidei_audit_heap, heap)
		if (heap->node == node)
			return heap;
	return NULL;
}

bool
tidei_audit_may_use(const struct tidei_audit_facts *facts, int node)
{
	const struct tide_node *found = tide_topology_node(facts->topo, node);

	return found == NULL || found->mem_allowed;
}

const char *
tidei_audit_reserve(
	const struct tidei_audit_facts *facts, int node, uint64_t bytes, char *text, size_t size)
{
	const struct tidei_audit_heap *heap = heap_on(facts, node);
	uint64_t pages = (bytes + PAGE_2M - 1) / PAGE_2M;
	struct tidei_huge_now now;
	char command[160];

	text[0] = '\0';
	if (!tidei_audit_may_use(facts, node)) {
		snprintf(text, size,
			"let this process use the memory of node %d, which its cpuset or memory "
			"policy forbids",
			node);
		return text;
	}
	if (heap == NULL || heap->free_huge >= bytes)
		return text;
	tidei_huge_now(node, PAGE_2M, &now);
	pages -= RTE_MIN(pages, now.free);
	tidei_huge_command(node, PAGE_2M, now.total + pages, command, sizeof(command));
	snprintf(text, size, "reserve huge pages on node %d%s%s%s", node,
		command[0] == '\0' ? "" : " (", command, command[0] == '\0' ? "" : ")");
	return text;
}

const char *
tidei_audit_prepare(
	const struct tidei_audit_facts *facts, int node, uint64_t bytes, char *text, size_t size)
{
	char reserve[256];

	tidei_audit_reserve(facts, node, bytes, reserve, sizeof(reserve));
	if (!facts->uses_huge_pages)
		snprintf(text, size,
			"%s%sstart without --no-huge, with which EAL does not choose the node of "
			"its memory; then ",
			reserve, reserve[0] == '\0' ? "" : " and ");
	else
		snprintf(text, size, "%s%s", reserve, reserve[0] == '\0' ? "" : "; then ");
	return text;
}

static bool
is_of(const struct tide_topology *topo, int node, unsigned int cpu)
{
	return tide_topology_cpu_node(topo, cpu) == node && tide_topology_cpu_allowed(topo, cpu);
}

const char *
tidei_audit_cpus(const struct tide_topology *topo, int node, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned int cpu = 0; cpu < TIDE_CPU_MAX; cpu++) {
		unsigned int first = cpu;

		if (!is_of(topo, node, cpu))
			continue;
		/* Room for one more range, and for this. */
		if (used + sizeof(",1234-1234,...") > size) {
			snprintf(text + used, size - used, ",...");
			break;
		}
		while (cpu + 1 < TIDE_CPU_MAX && is_of(topo, node, cpu + 1))
			cpu++;
		used += (size_t)snprintf(text + used, size - used,
			first == cpu ? "%s%u" : "%s%u-%u", used == 0 ? "" : ",", first, cpu);
	}
	return text;
}

const char *
tidei_audit_quote(const char *name, char *text, size_t size)
{
	size_t used = 0;

	for (; *name != '\0' && used + 2 < size; name++) {
		/* A shell drops an escaped newline, and a terminal obeys other control characters. */
		if (iscntrl((unsigned char)*name)) {
			text[used++] = '?';
			continue;
		}
		if (isascii((unsigned char)*name) && !isalnum((unsigned char)*name) &&
			strchr("_-./:,+=@%", *name) == NULL)
			text[used++] = '\\';
		text[used++] = *name;
	}
	text[used] = '\0';
	return text;
}
