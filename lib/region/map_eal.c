/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * EAL memory for lib/region: a memzone on the heap of the node.
 *
 * It starts on a cache line, not on a page: a page boundary would cost EAL up to two pages more,
 * one of them for the header of the element in front. The pages at both ends may hold other
 * elements of EAL's heap; they are measured too.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include <rte_memzone.h>
#include <rte_version.h>

#include "region_internal.h"

bool
tidei_eal_is_up(void)
{
	/* EAL has no call for this: before it is up, it has no physical memory. */
	return rte_eal_get_physmem_size() != 0;
}

bool
tidei_eal_serves(int node)
{
	unsigned int i;

	if (!tidei_eal_is_up())
		return false;
	/* Without huge pages there is one heap for all nodes. */
	if (node == TIDE_NODE_UNKNOWN || !rte_eal_has_hugepages())
		return true;
	for (i = 0; i < rte_socket_count(); i++) {
		if (rte_socket_id_by_idx(i) == node)
			return true;
	}
	return false;
}

uint64_t
tidei_eal_takes(int node, size_t page_size)
{
	struct rte_malloc_socket_stats stats;

	if (node == TIDE_NODE_UNKNOWN || page_size != tidei_page_bytes(TIDE_PAGE_2M) ||
		!tidei_eal_is_up() || !rte_eal_has_hugepages() ||
		rte_malloc_get_socket_stats(node, &stats) < 0)
		return 0;
	return stats.heap_totalsz_bytes == 0;
}

static unsigned int
zone_flags(enum tide_page page)
{
	if (page == TIDE_PAGE_1G)
		return RTE_MEMZONE_1GB;
	if (page == TIDE_PAGE_2M)
		return RTE_MEMZONE_2MB;
	return 0;
}

/* Checks what the kernel has for EAL, which takes huge pages when its heap is too small. */
static int
short_of_memory(const struct tidei_step *step, struct tidei_fallback *fallback)
{
	size_t page_size =
		tidei_page_bytes(step->page == TIDE_PAGE_1G ? TIDE_PAGE_1G : TIDE_PAGE_2M);
	/* One page more: the memzone starts behind the header of its heap element. */
	uint64_t needed = step->len / page_size + 1, eal = tidei_eal_takes(step->node, page_size);
	struct tidei_huge_now now;
	char node[32];

	if (tidei_huge_now(step->node, page_size, &now) < 0)
		memset(&now, 0, sizeof(now));
	if (now.free >= needed && tidei_huge_barred(step, page_size, needed, fallback))
		return -ENOMEM;
	snprintf(fallback->reason, sizeof(fallback->reason),
		"EAL has less than %zu MB free; %s has %" PRIu64 " free %s huge pages, %" PRIu64
		" needed%s",
		step->len >> 20, tidei_node_name(step->node, node, sizeof(node)), now.free,
		tidei_huge_words(page_size), needed, eal == 0 ? "" : " and one for EAL");
	if (now.free < needed + eal)
		tidei_huge_advice(
			step->node, page_size, now.total + (needed + eal - now.free), fallback);
	else
		snprintf(fallback->hint, sizeof(fallback->hint),
			"start EAL without --legacy-mem and --socket-limit, or with more -m");
	return -ENOMEM;
}

/*
 * Tells whether neither EAL's heap nor the kernel has that much. EAL would find out by taking every
 * page there is, and other processes would get none.
 */
static bool
hopeless(const struct tidei_step *step)
{
	struct rte_malloc_socket_stats stats;
	uint64_t bytes = 0;
	unsigned int i;

	for (i = 0; i < rte_socket_count(); i++) {
		int socket = rte_socket_id_by_idx(i);

		if ((step->node == TIDE_NODE_UNKNOWN || step->node == socket) &&
			rte_malloc_get_socket_stats(socket, &stats) == 0)
			bytes += stats.heap_freesz_bytes;
	}
	return bytes + tidei_huge_bytes(step->node) < step->len;
}

const char *
tidei_memzones_advice(void)
{
	/* No argument of EAL raises their number. */
#if RTE_VERSION >= RTE_VERSION_NUM(23, 7, 0, 0)
	return "free regions and pools that are not used, make fewer, larger ones, or call "
	       "rte_memzone_max_set() before rte_eal_init()";
#else
	return "free regions and pools that are not used, make fewer, larger ones, or build DPDK "
	       "with a larger RTE_MAX_MEMZONE";
#endif
}

static int
refused(const struct tidei_step *step, int err, struct tidei_fallback *fallback)
{
	if (err == EEXIST) {
		snprintf(fallback->reason, sizeof(fallback->reason), "a memzone called %s exists",
			step->name);
		snprintf(fallback->hint, sizeof(fallback->hint), "choose another name");
		return -EEXIST;
	}
	if (err == ENOSPC) {
		snprintf(fallback->reason, sizeof(fallback->reason), "EAL has no memzone left");
		snprintf(fallback->hint, sizeof(fallback->hint), "%s", tidei_memzones_advice());
		return -ENOSPC;
	}
	if (err != ENOMEM) {
		snprintf(fallback->reason, sizeof(fallback->reason), "EAL: %s", rte_strerror(err));
		return -err;
	}
	if (rte_eal_has_hugepages())
		return short_of_memory(step, fallback);
	snprintf(fallback->reason, sizeof(fallback->reason),
		"EAL runs without huge pages and has less than %zu MB left", step->len >> 20);
	snprintf(fallback->hint, sizeof(fallback->hint), "start it with a larger -m");
	return -ENOMEM;
}

/* Binds and touches the pages of the zone: without huge pages, EAL does neither. */
static int
settle(struct tide_region *region, const struct tidei_step *step, struct tidei_fallback *fallback)
{
	size_t page_size = tidei_page_base();
	int ret = tidei_memory_check(step, region->len, fallback);

	if (ret < 0)
		return ret;
	if (step->node != TIDE_NODE_UNKNOWN) {
		ret = tidei_bind(region->addr, region->len, step->node, true);
		if (ret < 0 && step->strict && !tidei_bound_anyway(region, step))
			return tidei_bind_refused(step->node, ret, fallback);
		region->bound_eal = ret == 0;
	}
	ret = tidei_prefault(region->addr, region->len, page_size, step, TIDEI_PREFAULT_BY_MADVISE);
	if (ret < 0)
		snprintf(fallback->reason, sizeof(fallback->reason), "populating: %s",
			strerror(-ret));
	return ret == -EFAULT ? -ENOMEM : ret;
}

int
tidei_eal_map(
	struct tide_region *region, const struct tidei_step *step, struct tidei_fallback *fallback)
{
	int socket = step->node == TIDE_NODE_UNKNOWN ? SOCKET_ID_ANY : step->node;
	bool huge = rte_eal_has_hugepages() != 0;
	size_t align = huge ? RTE_CACHE_LINE_SIZE : tidei_page_base();
	int ret;

	region->len = tidei_round_up(step->len, align);
	if (region->len == 0) {
		snprintf(fallback->reason, sizeof(fallback->reason), "%zu bytes overflow",
			step->len);
		return -EINVAL;
	}
	if (!huge && (step->page == TIDE_PAGE_1G || step->page == TIDE_PAGE_2M)) {
		snprintf(fallback->reason, sizeof(fallback->reason), "EAL runs without huge pages");
		snprintf(fallback->hint, sizeof(fallback->hint), "start it without --no-huge");
		return -ENOMEM;
	}
	if (!tidei_eal_serves(step->node)) {
		snprintf(fallback->reason, sizeof(fallback->reason),
			"EAL has no heap on node %d: it makes none on a node without CPUs",
			step->node);
		snprintf(fallback->hint, sizeof(fallback->hint), "ask for own memory there");
		return -ENOMEM;
	}
	if (huge && hopeless(step))
		return short_of_memory(step, fallback);
	region->mz = rte_memzone_reserve_aligned(
		step->name, region->len, socket, zone_flags(step->page), (unsigned int)align);
	if (region->mz == NULL)
		return refused(step, rte_errno, fallback);
	region->addr = region->mz->addr;
	region->found.page_size = huge ? region->mz->hugepage_sz : tidei_page_base();
	region->found.page = tidei_page_of(region->found.page_size);
	region->found.backing = TIDE_BACKING_EAL;
	ret = huge ? 0 : settle(region, step, fallback);
	if (ret < 0)
		tidei_eal_unmap(region);
	return ret;
}

void
tidei_eal_unmap(struct tide_region *region)
{
	if (region->bound_eal)
		tidei_bind(region->addr, region->len, TIDE_NODE_UNKNOWN, false);
	region->bound_eal = false;
	rte_memzone_free(region->mz);
	region->mz = NULL;
	region->addr = NULL;
}
