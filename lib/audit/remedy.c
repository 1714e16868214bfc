/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Texts that several remedies share. */

#include <stdio.h>

#include "audit_internal.h"
#include "sys_friend.h"

/* Pages that the advice is about. */
#define PAGE_2M ((size_t)2 << 20)

const char *
tidei_audit_reserve(int node, uint64_t bytes, char *text, size_t size)
{
	uint64_t pages = (bytes + PAGE_2M - 1) / PAGE_2M;
	struct tidei_huge_now now;
	char command[160];

	tidei_huge_now(node, PAGE_2M, &now);
	tidei_huge_command(node, PAGE_2M, now.total + pages, command, sizeof(command));
	snprintf(text, size, "reserve huge pages on node %d%s%s%s", node,
		command[0] == '\0' ? "" : " (", command, command[0] == '\0' ? "" : ")");
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
	for (unsigned int cpu = 0; cpu < TIDE_CPU_MAX && used < size; cpu++) {
		unsigned int first = cpu;

		if (!is_of(topo, node, cpu))
			continue;
		while (cpu + 1 < TIDE_CPU_MAX && is_of(topo, node, cpu + 1))
			cpu++;
		used += (size_t)snprintf(text + used, size - used,
			first == cpu ? "%s%u" : "%s%u-%u", used == 0 ? "" : ",", first, cpu);
	}
	return text;
}
