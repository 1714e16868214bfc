/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Regions of a process whose future memory is locked, as testpmd's is: the kernel populates a mapping
 * as soon as it can be accessed, so it must be bound before. Each case runs in a child of its own.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>
#include <numaif.h>

#include <rte_errno.h>

#include "child.h"
#include "region_internal.h"
#include "tide_shard.h"

#define MB ((size_t)1 << 20)

/* What the wrapped mbind() has seen. */
static unsigned int bound; /* Calls that bind to a node. */
static size_t resident; /* Base pages that were there already when it came. */
static bool unmoving; /* A call that would leave such pages where they are. */

long __real_mbind(void *addr, unsigned long len, int mode, const unsigned long *nodes,
	unsigned long max, unsigned int flags);
long __wrap_mbind(void *addr, unsigned long len, int mode, const unsigned long *nodes,
	unsigned long max, unsigned int flags);

static size_t
count_resident(void *addr, size_t len)
{
	size_t pages = len / tidei_page_base(), n = 0;
	unsigned char *there = malloc(pages);

	EXPECT(there != NULL && mincore(addr, len, there) == 0);
	for (size_t i = 0; i < pages; i++)
		n += there[i] & 1;
	free(there);
	return n;
}

long
__wrap_mbind(void *addr, unsigned long len, int mode, const unsigned long *nodes, unsigned long max,
	unsigned int flags)
{
	bound++;
	resident += count_resident(addr, len);
	unmoving = unmoving || (flags & MPOL_MF_MOVE) == 0;
	return __real_mbind(addr, len, mode, nodes, max, flags);
}

static void
lock_future(void)
{
	void *probe;

	if (mlockall(MCL_FUTURE) != 0) {
		printf("mlockall: %s\n", strerror(errno));
		_exit(77);
	}
	/* A machine that locks nothing proves nothing. */
	probe = mmap(NULL, MB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(probe != MAP_FAILED);
	if (count_resident(probe, MB) == 0) {
		printf("locked memory is not populated here\n");
		_exit(77);
	}
	munmap(probe, MB);
}

static struct tide_region *
make(enum tide_page page, struct tide_placement *found)
{
	const struct tide_region_conf conf = {
		.len = 4 * MB,
		.page = page,
		.backing = TIDE_BACKING_OWN,
		.enforce = TIDE_ENFORCE_STRICT,
		.prefault_threads = 1,
	};

	return tide_region_create(&conf, found);
}

static void
locked(enum tide_page page)
{
	struct tide_region *region = make(page, NULL);
	struct tide_placement found;

	if (region == NULL) {
		printf("no %s pages here\n", tide_page_name(page));
		_exit(77);
	}
	tide_region_free(region);
	lock_future();
	bound = 0;
	resident = 0;
	unmoving = false;
	region = make(page, &found);
	EXPECT(region != NULL);
	EXPECT(bound == 1);
	EXPECT(resident == 0);
	EXPECT(!unmoving);
	EXPECT(found.local == found.pages);
	memset(tide_region_addr(region), 1, tide_region_len(region));
	EXPECT(tidei_region_check(region) == 0);
	tide_region_free(region);
}

static void
locked_4k(void)
{
	locked(TIDE_PAGE_4K);
}

static void
locked_2m(void)
{
	locked(TIDE_PAGE_2M);
}

static void
locked_thp(void)
{
	locked(TIDE_PAGE_THP);
}

static void
locked_base_pages_are_bound_before_they_exist(void **state)
{
	test_in_child(locked_4k);
}

static void
locked_huge_pages_are_bound_before_they_exist(void **state)
{
	test_in_child(locked_2m);
}

/* Populated too early they would be small: the advice to use huge ones comes after mmap(2). */
static void
locked_transparent_pages_are_huge_and_bound(void **state)
{
	test_in_child(locked_thp);
}

static void
locked_shard(void)
{
	const struct tide_shard_conf conf = {.size = 128, .by = TIDE_SHARD_BY_NODE};
	struct tide_shard *shard;

	lock_future();
	shard = tide_shard_create(&conf);
	EXPECT(shard != NULL);
	EXPECT(bound >= 1 && resident == 0 && !unmoving);
	tide_shard_free(shard);
}

static void
cells_of_a_locked_shard_are_bound_before_they_exist(void **state)
{
	test_in_child(locked_shard);
}

/* Memory that an application populated before it asks to bind it, as EAL's without huge pages. */
static void
bind_late(void)
{
	const size_t len = 4 * MB;
	void *addr;

	lock_future();
	addr = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(addr != MAP_FAILED);
	EXPECT(tidei_bind(addr, len, 0, true) == 0);
	EXPECT(resident == len / tidei_page_base() && !unmoving);
	munmap(addr, len);
}

static void
pages_that_exist_already_are_moved(void **state)
{
	test_in_child(bind_late);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(locked_base_pages_are_bound_before_they_exist),
		cmocka_unit_test(locked_huge_pages_are_bound_before_they_exist),
		cmocka_unit_test(locked_transparent_pages_are_huge_and_bound),
		cmocka_unit_test(cells_of_a_locked_shard_are_bound_before_they_exist),
		cmocka_unit_test(pages_that_exist_already_are_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
