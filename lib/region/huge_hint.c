/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Says why huge pages cannot be had, and what to do. */

#include <inttypes.h>
#include <stdio.h>

#include "region_internal.h"

const char *
tidei_node_name(int node, char *text, size_t size)
{
	if (node == TIDE_NODE_UNKNOWN)
		snprintf(text, size, "the machine");
	else
		snprintf(text, size, "node %d", node);
	return text;
}

const char *
tidei_huge_words(size_t page_size)
{
	return page_size >= tidei_page_bytes(TIDE_PAGE_1G) ? "1 GB" : "2 MB";
}

bool
tidei_huge_barred(const struct tidei_step *step, size_t page_size, uint64_t needed,
	struct tidei_fallback *fallback)
{
	uint64_t room = tidei_cgroup_huge_room("", page_size);
	bool gigantic = page_size >= tidei_page_bytes(TIDE_PAGE_1G);
	char node[32];

	if (needed <= room)
		return false;
	snprintf(fallback->reason, sizeof(fallback->reason),
		"%s has them, but the cgroup allows this process %" PRIu64
		" more %s huge pages, %" PRIu64 " needed",
		tidei_node_name(step->node, node, sizeof(node)), room, tidei_huge_words(page_size),
		needed);
	snprintf(fallback->hint, sizeof(fallback->hint),
		"raise hugetlb.%s.max of the cgroup (Kubernetes: limits hugepages-%s)",
		gigantic ? "1GB" : "2MB", gigantic ? "1Gi" : "2Mi");
	return true;
}

void
tidei_huge_advice(int node, size_t page_size, uint64_t total, struct tidei_fallback *fallback)
{
	char name[32];

	tidei_huge_command(node, page_size, total, fallback->hint, sizeof(fallback->hint));
	if (fallback->hint[0] == '\0')
		snprintf(fallback->hint, sizeof(fallback->hint),
			"ask for less: %s has %" PRIu64 " MB of memory",
			tidei_node_name(node, name, sizeof(name)), tidei_memory_total(node) >> 20);
}
