/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Own memory of lib/region: mapped, bound to its node, then populated.
 *
 * It cannot be accessed until it is bound: after mlockall(MCL_FUTURE), which testpmd calls by default,
 * the kernel populates accessible memory at once, on the caller's node and in small pages.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "region_internal.h"

/* MAP_HUGE_SHIFT of linux/mman.h: flags hold the page size as its logarithm above this bit. */
#define HUGE_SHIFT 26

/* The part of a node's memory that is left to the kernel, as a divisor. */
#define MEMORY_LEFT 64

/* Fills *fallback when too few explicit huge pages are free; populating can still fail later. */
static int
check_huge(const struct tidei_step *step, size_t page_size, uint64_t needed,
	struct tidei_fallback *fallback)
{
	const char *kind = tidei_huge_words(page_size);
	uint64_t eal = tidei_eal_takes(step->node, page_size);
	struct tidei_huge_now now;
	uint64_t have;
	char node[32];

	tidei_node_name(step->node, node, sizeof(node));
	if (tidei_huge_now(step->node, page_size, &now) < 0) {
		snprintf(fallback->reason, sizeof(fallback->reason),
			"%s has no %s huge pages, %" PRIu64 " needed", node, kind, needed);
		return -ENOMEM;
	}
	have = tidei_huge_to_be_had(step->node, page_size, &now);
	if (have + now.spare >= needed)
		return tidei_huge_barred(step, page_size, needed, fallback) ? -ENOMEM : 0;
	snprintf(fallback->reason, sizeof(fallback->reason),
		"%s has %" PRIu64 " free %s huge pages%s, %" PRIu64 " needed%s", node, have, kind,
		have < now.free ? " that are not reserved" : "", needed,
		eal == 0 ? "" : " and one for EAL");
	tidei_huge_advice(step->node, page_size, now.total + (needed + eal - have), fallback);
	return -ENOMEM;
}

int
tidei_memory_check(const struct tidei_step *step, size_t len, struct tidei_fallback *fallback)
{
	uint64_t have, room = tidei_cgroup_memory_room("");
	char node[32];

	if (len > room) {
		snprintf(fallback->reason, sizeof(fallback->reason),
			"the cgroup of this process has %" PRIu64 " MB left, %zu MB needed",
			room >> 20, len >> 20);
		snprintf(fallback->hint, sizeof(fallback->hint),
			"raise its memory limit (docker run --memory, systemd MemoryMax)");
		return -ENOMEM;
	}
	if (tidei_memory_now(step->node, &have) < 0 || len <= have - have / MEMORY_LEFT)
		return 0;
	snprintf(fallback->reason, sizeof(fallback->reason),
		"%s has %" PRIu64 " MB to give, %zu MB needed",
		tidei_node_name(step->node, node, sizeof(node)), have >> 20, len >> 20);
	snprintf(fallback->hint, sizeof(fallback->hint),
		"ask for less, or stop what uses the memory of the node");
	return -ENOMEM;
}

static void
fallback_errno(struct tidei_fallback *fallback, const char *call, int err)
{
	snprintf(fallback->reason, sizeof(fallback->reason), "%s: %s", call, strerror(err));
}

static int
map_failed(struct tidei_fallback *fallback, size_t len, int err)
{
	snprintf(fallback->reason, sizeof(fallback->reason), "mmap of %zu MB: %s", len >> 20,
		strerror(err));
	snprintf(fallback->hint, sizeof(fallback->hint),
		"check `ulimit -v`, `ulimit -l`, /proc/sys/vm/overcommit_memory, HugePages_Rsvd "
		"in "
		"/proc/meminfo");
	return -ENOMEM;
}

static int
map_huge(struct tide_region *region, size_t page_size, struct tidei_fallback *fallback)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB;
	void *addr;

	flags |= __builtin_ctzl(page_size) << HUGE_SHIFT;
	addr = mmap(NULL, region->len, PROT_NONE, flags, -1, 0);
	if (addr == MAP_FAILED)
		return map_failed(fallback, region->len, errno);
	region->addr = addr;
	region->mapped_len = region->len;
	return 0;
}

/*
 * Maps memory aligned to a transparent huge page, with a guard page behind it: without the guard the
 * kernel joins the mapping with a neighbour of the same kind and counts them as one.
 */
static int
map_aligned(struct tide_region *region, size_t align, struct tidei_fallback *fallback)
{
	size_t guard = tidei_page_base(), size, head, tail;
	char *base, *addr;

	if (region->len > SIZE_MAX - align - guard)
		return map_failed(fallback, region->len, ENOMEM);
	size = region->len + align + guard;
	base = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return map_failed(fallback, region->len, errno);
	addr = RTE_PTR_ALIGN_CEIL(base, align);
	head = (size_t)(addr - base);
	tail = size - head - region->len - guard;
	if (head != 0)
		munmap(base, head);
	if (tail != 0)
		munmap(addr + region->len + guard, tail);
	region->addr = addr;
	region->mapped_len = region->len + guard;
	return 0;
}

static bool
is_huge(enum tide_page page)
{
	return page == TIDE_PAGE_1G || page == TIDE_PAGE_2M;
}

static int
map(struct tide_region *region, const struct tidei_step *step, size_t page_size,
	struct tidei_fallback *fallback)
{
	uint64_t needed = region->len / page_size;
	int ret;

	if (is_huge(step->page)) {
		ret = check_huge(step, page_size, needed, fallback);
		return ret < 0 ? ret : map_huge(region, page_size, fallback);
	}
	ret = tidei_memory_check(step, region->len, fallback);
	return ret < 0 ? ret : map_aligned(region, page_size, fallback);
}

/* Gives the kernel all advice about the range before a page of it exists. */
static int
advise(struct tide_region *region, const struct tidei_step *step, struct tidei_fallback *fallback)
{
	int ret;

	/*
	 * A device writes to these pages. If a child shared them, a copy on write could leave the
	 * device writing to the child's copy.
	 */
	if (madvise(region->addr, region->len, MADV_DONTFORK) < 0) {
		ret = -errno;
		fallback_errno(fallback, "madvise(MADV_DONTFORK)", -ret);
		return ret;
	}
	/* Kernels without transparent huge pages know neither; the result is measured. */
	if (step->page == TIDE_PAGE_THP)
		madvise(region->addr, region->len, MADV_HUGEPAGE);
	else if (step->page == TIDE_PAGE_4K)
		madvise(region->addr, region->len, MADV_NOHUGEPAGE);
	if (step->node == TIDE_NODE_UNKNOWN)
		return 0;
	ret = tidei_bind(region->addr, region->len, step->node, true);
	/* Best effort goes on: the node of each page is measured in any case. */
	if (ret == 0 || !step->strict || tidei_bound_anyway(region, step))
		return 0;
	return tidei_bind_refused(step->node, ret, fallback);
}

static int
make_accessible(struct tide_region *region, struct tidei_fallback *fallback)
{
	if (mprotect(region->addr, region->len, PROT_READ | PROT_WRITE) == 0)
		return 0;
	return map_failed(fallback, region->len, errno);
}

void
tidei_huge_gone(const struct tidei_step *step, size_t page_size, struct tidei_fallback *fallback)
{
	struct tidei_huge_now now;
	char node[32];

	if (tidei_huge_now(step->node, page_size, &now) < 0 ||
		tidei_huge_barred(step, page_size, 1, fallback) || now.free != 0)
		return;
	snprintf(fallback->reason, sizeof(fallback->reason),
		"populating: %s has no free %s huge page left, and had enough before",
		tidei_node_name(step->node, node, sizeof(node)), tidei_huge_words(page_size));
	if (now.spare == 0)
		snprintf(fallback->hint, sizeof(fallback->hint),
			"another process took pages meanwhile: start again");
	else
		snprintf(fallback->hint, sizeof(fallback->hint),
			"the kernel could not make more on demand: reserve them in nr_hugepages");
}

static int
populate(struct tide_region *region, const struct tidei_step *step, size_t page_size,
	struct tidei_fallback *fallback)
{
	size_t each = step->page == TIDE_PAGE_THP ? tidei_page_base() : page_size;
	int ret;

	ret = tidei_prefault(region->addr, region->len, each, step, TIDEI_PREFAULT_BY_MADVISE);
	if (ret == 0)
		return 0;
	/* EFAULT is the SIGBUS that a touch would have raised: the kernel has no page. */
	fallback_errno(fallback, "populating", ret == -EFAULT ? ENOMEM : -ret);
	if (ret != -EFAULT)
		return ret;
	if (is_huge(step->page))
		tidei_huge_gone(step, page_size, fallback);
	return -ENOMEM;
}

int
tidei_own_map(
	struct tide_region *region, const struct tidei_step *step, struct tidei_fallback *fallback)
{
	size_t page_size = tidei_page_bytes(step->page);
	int ret;

	if (page_size == 0) {
		snprintf(
			fallback->reason, sizeof(fallback->reason), "the kernel has no such pages");
		return -ENOMEM;
	}
	region->len = tidei_round_up(step->len, page_size);
	if (region->len == 0) {
		snprintf(fallback->reason, sizeof(fallback->reason), "%zu bytes overflow",
			step->len);
		return -EINVAL;
	}
	ret = map(region, step, page_size, fallback);
	if (ret < 0)
		return ret;
	ret = advise(region, step, fallback);
	if (ret == 0)
		ret = make_accessible(region, fallback);
	if (ret == 0)
		ret = populate(region, step, page_size, fallback);
	if (ret < 0) {
		tidei_own_unmap(region);
		return ret;
	}
	region->found.page = step->page;
	region->found.page_size = step->page == TIDE_PAGE_THP ? tidei_page_base() : page_size;
	region->found.backing = TIDE_BACKING_OWN;
	return 0;
}

void
tidei_own_unmap(struct tide_region *region)
{
	munmap(region->addr, region->mapped_len);
	region->addr = NULL;
	region->mapped_len = 0;
}
