/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info: compares the memory that is needed with the memory that nodes and cgroups can give. */

#include <inttypes.h>

#include "check.h"
#include "words.h"

#define PAGE_2M (UINT64_C(2) << 20)

/* Pages up to this size are base pages, of any architecture. */
#define BASE_PAGE_MAX (UINT64_C(64) << 10)

static uint64_t
pages_for(uint64_t bytes, uint64_t page_size)
{
	return bytes / page_size + (bytes % page_size != 0);
}

static uint64_t
free_bytes_of(const struct tide_huge *huge)
{
	return huge == NULL ? 0 : huge->free * huge->page_size;
}

/*
 * Find the huge pages of a size, or for 0 those with most free bytes; NULL: the node has none. If none is free,
 * pages of 2 MB are the ones that a running kernel can still reserve.
 */
static const struct tide_huge *
find_huge(const struct tide_node *node, uint64_t page_size)
{
	const struct tide_huge *best = NULL;

	for (unsigned int i = 0; i < node->nb_huge; i++) {
		const struct tide_huge *huge = &node->huge[i];

		if (page_size != 0 && huge->page_size != page_size)
			continue;
		if (best == NULL || free_bytes_of(huge) > free_bytes_of(best) ||
			(free_bytes_of(best) == 0 && huge->page_size == PAGE_2M))
			best = huge;
	}
	return best;
}

uint64_t
check_page_size(const struct tide_node *node, uint64_t page_size)
{
	const struct tide_huge *huge = find_huge(node, page_size);

	return page_size != 0 ? page_size : huge != NULL ? huge->page_size : PAGE_2M;
}

void
check_sysfs(const struct machine *m, struct findings *findings)
{
	if (m->no_sysfs)
		finding_remedy(finding_add(findings, FINDING_UNKNOWN, "sysfs-missing",
				       "sysfs cannot be read, so nodes, huge pages and NICs are "
				       "not known"),
			"mount -t sysfs sysfs /sys");
}

static void
check_base(const struct tide_node *node, uint64_t bytes, struct findings *findings)
{
	char have[SIZE_TEXT], need[SIZE_TEXT];
	struct finding *finding;

	if (node->memory_free >= bytes)
		return;
	finding = finding_add(findings, FINDING_WRONG, "memory-few",
		"node %d has %s of free memory, %s needed", node->id,
		words_size(node->memory_free, have), words_size(bytes, need));
	finding_remedy(finding, "need less, or end programs that use memory of the node");
}

void
check_memory(const struct machine *m, const struct tide_node *node, uint64_t bytes,
	uint64_t page_size, struct findings *findings)
{
	uint64_t free_bytes = free_bytes_of(find_huge(node, page_size));
	uint64_t size = check_page_size(node, page_size);
	char have[SIZE_TEXT], need[SIZE_TEXT], of[SIZE_TEXT], command[160];
	struct finding *finding;

	if (page_size != 0 && page_size <= BASE_PAGE_MAX) {
		check_base(node, bytes, findings);
		return;
	}
	if (free_bytes >= bytes && (bytes != 0 || free_bytes != 0))
		return;
	if (bytes == 0) {
		finding = finding_add(findings, FINDING_NOTE, "pages-none",
			"node %d has no free huge page", node->id);
		finding_remedy(
			finding, "reserve some, or run without (--no-huge), which is slower");
		return;
	}
	finding = finding_add(findings, FINDING_WRONG, "pages-few",
		"node %d has %s of free huge pages of %s, %s needed", node->id,
		words_size(free_bytes, have), words_size(size, of), words_size(bytes, need));
	if (tide_node_reserve_command(
		    node, size, pages_for(bytes, size), command, sizeof(command)) == 0)
		finding_remedy(finding, "%s", command);
	else
		finding_remedy(finding, "need less: the node does not have that much memory");
	if (machine_huge_left(m, node->id) != 0)
		finding_remedy(finding, "; or free %s that dead processes keep",
			words_size(machine_huge_left(m, node->id), have));
}

static void
check_huge_room(
	const struct machine *m, uint64_t bytes, uint64_t page_size, struct findings *findings)
{
	uint64_t room = machine_huge_room(m, page_size);
	char have[SIZE_TEXT], need[SIZE_TEXT], of[SIZE_TEXT];
	struct finding *finding;

	if (room == UINT64_MAX || room >= pages_for(bytes, page_size))
		return;
	finding = finding_add(findings, FINDING_WRONG, "pages-limited",
		"the cgroups of this process let it take %s more of huge pages of %s, %s needed",
		words_size(room * page_size, have), words_size(page_size, of),
		words_size(bytes, need));
	finding_remedy(finding, "raise hugetlb.*.max; in Kubernetes resources.limits.hugepages-%s",
		page_size >= UINT64_C(1) << 30 ? "1Gi" : "2Mi");
}

void
check_limits(const struct machine *m, uint64_t bytes, uint64_t page_size, struct findings *findings)
{
	char have[SIZE_TEXT], need[SIZE_TEXT];
	struct finding *finding;

	if (bytes == 0)
		return;
	if (page_size > BASE_PAGE_MAX) {
		check_huge_room(m, bytes, page_size, findings);
		return;
	}
	if (m->memory_room >= bytes)
		return;
	finding = finding_add(findings, FINDING_WRONG, "memory-limited",
		"the cgroups of this process let it take %s more of memory, %s needed",
		words_size(m->memory_room, have), words_size(bytes, need));
	finding_remedy(finding, "docker run --memory; in Kubernetes resources.limits.memory");
}
