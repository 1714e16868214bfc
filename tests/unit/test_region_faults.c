/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Regions where the kernel says no: each case runs in a child whose system calls are filtered, as a
 * container's seccomp profile or an older kernel would have it.
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
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>
#include <numaif.h>

#include <rte_errno.h>

#include "child.h"
#include "deny.h"
#include "log.h"
#include "region_internal.h"
#include "tide_region.h"
#include "topology_internal.h"
#include "tree.h"

#define MB ((size_t)1 << 20)

static void
deny(unsigned int number, uint32_t arg2, unsigned int err)
{
	EXPECT(test_deny(number, arg2, err) == 0);
}

static unsigned int
count_maps(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned int lines = 0;
	int c;

	EXPECT(f != NULL);
	while ((c = fgetc(f)) != EOF)
		lines += c == '\n';
	fclose(f);
	return lines;
}

static struct tide_region_conf
conf_of(enum tide_page page, enum tide_enforce enforce)
{
	return (struct tide_region_conf){
		.name = "test",
		.len = 8 * MB,
		.page = page,
		.backing = TIDE_BACKING_OWN,
		.enforce = enforce,
		.prefault_threads = 1,
	};
}

/* Often enough to tell a mapping that each leaves from one that an allocator keeps for later. */
#define AGAIN 8

/* Fails with that errno and that in the log, and again and again, and leaves nothing. */
static void
expect_failure(const struct tide_region_conf *conf, int err, const char *said)
{
	unsigned int maps;

	test_log_catch();
	EXPECT(tide_region_create(conf, NULL) == NULL);
	EXPECT(strstr(test_log_caught(), said) != NULL);
	maps = count_maps();
	for (unsigned int i = 0; i < AGAIN; i++) {
		rte_errno = 0;
		EXPECT(tide_region_create(conf, NULL) == NULL);
		EXPECT(rte_errno == err);
	}
	EXPECT(count_maps() < maps + AGAIN);
}

static void
best_effort_without_mbind(void)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, TIDE_ENFORCE_BEST_EFFORT);
	struct tide_placement found;
	struct tide_region *region;

	deny(SYS_mbind, DENY_ANY, EPERM);
	region = tide_region_create(&conf, &found);
	EXPECT(region != NULL);
	EXPECT(found.nb_found >= 1 && found.found[0].node >= 0);
	tide_region_free(region);
}

static void
best_effort_where_binding_is_forbidden_measures_what_it_got(void **state)
{
	test_in_child(best_effort_without_mbind);
}

/* The kernel accepts the policy and places the pages elsewhere, like after a change of policy. */
static void
bound_but_elsewhere(void)
{
	struct tide_topology *topo = tide_topology_parse("node 0 cpus 0 memory 1G\n"
							 "node 1 cpus 1 memory 1G\n");
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, TIDE_ENFORCE_STRICT);
	struct tide_placement found;
	struct tide_region *region;

	EXPECT(topo != NULL);
	conf.topo = topo;
	conf.node = 1;
	deny(SYS_mbind, DENY_ANY, 0);
	expect_failure(&conf, EXDEV, "0 of 2048 pages on node 1: the kernel placed them elsewhere");
	EXPECT(tide_region_create(&conf, &found) == NULL);
	EXPECT(found.requested == 1 && found.local == 0);
	EXPECT(found.nb_found == 1 && found.found[0].node == 0);
	conf.enforce = TIDE_ENFORCE_BEST_EFFORT;
	region = tide_region_create(&conf, &found);
	EXPECT(region != NULL);
	EXPECT(strstr(found.reason, "0 of 2048 pages on node 1") != NULL);
	tide_region_free(region);
	tide_topology_free(topo);
}

static void
strict_fails_with_exdev_where_pages_lie_elsewhere(void **state)
{
	test_in_child(bound_but_elsewhere);
}

static void
without_get_mempolicy(void)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, TIDE_ENFORCE_STRICT);
	struct tidei_policy policy;
	struct tide_region *region;
	unsigned long node0 = 1;

	EXPECT(set_mempolicy(MPOL_BIND, &node0, 64) == 0);
	deny(SYS_get_mempolicy, DENY_ANY, EPERM);
	tidei_policy_read(&policy);
	EXPECT(policy.mode == MPOL_DEFAULT);
	region = tide_region_create(&conf, NULL);
	EXPECT(region != NULL);
	tide_region_free(region);
}

static void
a_policy_the_kernel_does_not_tell_is_none(void **state)
{
	test_in_child(without_get_mempolicy);
}

static void
without_populate(void)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, TIDE_ENFORCE_STRICT);
	struct tide_placement found;
	struct tide_region *region;

	deny(SYS_madvise, MADV_POPULATE_WRITE, EINVAL);
	EXPECT(madvise(NULL, 0, MADV_POPULATE_WRITE) < 0 && errno == EINVAL);
	region = tide_region_create(&conf, &found);
	EXPECT(region != NULL);
	EXPECT(found.local == found.pages);
	tide_region_free(region);
}

static void
a_kernel_before_5_14_populates_every_page_all_the_same(void **state)
{
	test_in_child(without_populate);
}

/* As under gVisor: the advice is not known, and a length of 0 is fine for any. */
static void
without_populate_but_of_nothing(void)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, TIDE_ENFORCE_STRICT);
	struct tide_placement found;
	struct tide_region *region;

	conf.prefault_threads = 3;
	conf.len = 64 * MB;
	EXPECT(test_deny_len(SYS_madvise, MADV_POPULATE_WRITE, EINVAL) == 0);
	EXPECT(madvise(NULL, 0, MADV_POPULATE_WRITE) == 0);
	region = tide_region_create(&conf, &found);
	EXPECT(region != NULL);
	EXPECT(found.local == found.pages && found.pages == conf.len / tidei_page_base());
	tide_region_free(region);
}

static void
a_kernel_that_populates_nothing_alone_populates_every_page_all_the_same(void **state)
{
	test_in_child(without_populate_but_of_nothing);
}

/* Any errno but that of advice that is not known ends it, with its name. */
static void
with_broken_memory(void)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, TIDE_ENFORCE_STRICT);

	deny(SYS_madvise, MADV_POPULATE_WRITE, EHWPOISON);
	expect_failure(&conf, EHWPOISON, "populating: Memory page has hardware error");
}

static void
memory_that_cannot_be_populated_is_its_errno(void **state)
{
	test_in_child(with_broken_memory);
}

static void
without_threads(void)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, TIDE_ENFORCE_STRICT);
	struct tide_placement found;
	struct tide_region *region;

	conf.prefault_threads = 4;
	deny(SYS_clone, DENY_ANY, EAGAIN);
	deny(SYS_clone3, DENY_ANY, EAGAIN);
	region = tide_region_create(&conf, &found);
	EXPECT(region != NULL);
	EXPECT(found.local == found.pages);
	tide_region_free(region);
}

static void
the_caller_populates_where_no_thread_can_start(void **state)
{
	test_in_child(without_threads);
}

static void
without_dontfork(void)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, TIDE_ENFORCE_BEST_EFFORT);

	deny(SYS_madvise, MADV_DONTFORK, EPERM);
	expect_failure(&conf, EPERM, "MADV_DONTFORK");
}

static void
memory_that_children_would_share_is_refused(void **state)
{
	test_in_child(without_dontfork);
}

static void
strict_without_thp(void)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_THP, TIDE_ENFORCE_STRICT);

	if (tidei_page_bytes(TIDE_PAGE_THP) == 0)
		_exit(77);
	EXPECT(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) == 0);
	expect_failure(&conf, ENOMEM, "THP: 0 of 8 MB on transparent huge pages");
}

static void
strict_thp_that_the_kernel_does_not_give_is_enomem(void **state)
{
	test_in_child(strict_without_thp);
}

static void
best_effort_without_thp(void)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_THP, TIDE_ENFORCE_BEST_EFFORT);
	struct tide_placement found;
	struct tide_region *region;

	if (tidei_page_bytes(TIDE_PAGE_THP) == 0)
		_exit(77);
	EXPECT(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) == 0);
	region = tide_region_create(&conf, &found);
	EXPECT(region != NULL);
	EXPECT(found.page == TIDE_PAGE_4K);
	EXPECT(found.thp_bytes == 0);
	EXPECT(found.local == found.pages);
	EXPECT(strstr(found.reason, "THP: 0 of 8 MB") != NULL);
	tide_region_free(region);
}

static void
best_effort_thp_that_the_kernel_does_not_give_is_base_pages(void **state)
{
	test_in_child(best_effort_without_thp);
}

/* Part of the range was touched with small pages before the advice: the kernel mixes. */
static void
mixed_pages_are_counted_by_bytes(void **state)
{
	size_t huge = tidei_page_bytes(TIDE_PAGE_THP), base = tidei_page_base();
	uint64_t bytes;
	char *map, *addr;

	if (huge == 0)
		skip();
	map = mmap(NULL, 4 * huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	addr = RTE_PTR_ALIGN_CEIL(map, huge);
	assert_int_equal(madvise(addr, huge, MADV_NOHUGEPAGE), 0);
	assert_int_equal(madvise(addr + huge, 2 * huge, MADV_HUGEPAGE), 0);
	memset(addr, 1, 3 * huge);
	assert_int_equal(tidei_thp_bytes(addr + huge, 2 * huge, &bytes), 0);
	if (bytes == 0) {
		munmap(map, 4 * huge);
		skip();
	}
	assert_int_equal(bytes, 2 * huge);
	assert_int_equal(tidei_thp_bytes(addr, 3 * huge, &bytes), 0);
	assert_int_equal(bytes, 2 * huge);
	assert_int_equal(tidei_thp_bytes(addr, huge, &bytes), 0);
	assert_int_equal(bytes, 0);
	assert_int_equal(tidei_thp_bytes(addr + huge, base, &bytes), 0);
	assert_int_equal(bytes, base);
	munmap(map, 4 * huge);
}

static const char *tree;

/* Cgroups of version 1 and 2 that look as with 64 MB left, in a mount namespace of its own. */
static void
limited_by_cgroup(void)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, TIDE_ENFORCE_STRICT);
	struct tide_region *region;

	if (!test_cover("/sys/fs/cgroup", tree))
		_exit(77);
	region = tide_region_create(&conf, NULL);
	EXPECT(region != NULL);
	tide_region_free(region);
	conf.len = 128 * MB;
	expect_failure(&conf, ENOMEM, "the cgroup of this process has 64 MB left, 128 MB needed");
	conf.page = TIDE_PAGE_THP;
	expect_failure(&conf, ENOMEM, "128 MB needed: raise its memory limit");
}

static void
more_than_the_cgroup_may_take_is_enomem_not_a_kill(void **state)
{
	tree = test_tree_make();
	test_tree_write("/memory.max", "100000000\n");
	test_tree_write("/memory.current", "32891136\n");
	test_tree_write("/memory/memory.limit_in_bytes", "100000000\n");
	test_tree_write("/memory/memory.usage_in_bytes", "32891136\n");
	test_in_child(limited_by_cgroup);
}

static int
free_tree(void **state)
{
	test_tree_free();
	return 0;
}

static void
the_tightest_cgroup_on_the_way_up_counts(void **state)
{
	const char *root = test_tree_make();

	assert_int_equal(tidei_cgroup_memory_room(root), UINT64_MAX);
	test_tree_write("/proc/self/cgroup", "0::/a/b\n");
	assert_int_equal(tidei_cgroup_memory_room(root), UINT64_MAX);
	test_tree_write("/sys/fs/cgroup/a/b/memory.max", "max\n");
	test_tree_write("/sys/fs/cgroup/a/b/memory.current", "1000\n");
	assert_int_equal(tidei_cgroup_memory_room(root), UINT64_MAX);
	test_tree_write("/sys/fs/cgroup/a/memory.max", "9000\n");
	test_tree_write("/sys/fs/cgroup/a/memory.current", "3000\n");
	assert_int_equal(tidei_cgroup_memory_room(root), 6000);
	test_tree_write("/sys/fs/cgroup/a/memory.stat",
		"anon 5\ninactive_file 20\nactive_file 3\ntotal_active_file 70\n");
	assert_int_equal(tidei_cgroup_memory_room(root), 6023);
	test_tree_write("/sys/fs/cgroup/memory.max", "500\n");
	test_tree_write("/sys/fs/cgroup/memory.current", "800\n");
	assert_int_equal(tidei_cgroup_memory_room(root), 0);
	test_tree_write("/proc/self/cgroup", "4:memory:/c\n1:cpu:/a\n0::/\n");
	test_tree_remove("/sys/fs/cgroup/memory.max");
	assert_int_equal(tidei_cgroup_memory_room(root), UINT64_MAX);
	test_tree_write("/sys/fs/cgroup/memory/c/memory.limit_in_bytes", "9223372036854771712\n");
	test_tree_write("/sys/fs/cgroup/memory/c/memory.usage_in_bytes", "10\n");
	test_tree_write("/sys/fs/cgroup/memory/c/memory.stat", "total_inactive_file 7\n");
	assert_int_equal(tidei_cgroup_memory_room(root), UINT64_MAX);
	test_tree_write("/sys/fs/cgroup/memory/c/memory.limit_in_bytes", "110\n");
	assert_int_equal(tidei_cgroup_memory_room(root), 107);
	test_tree_write("/proc/self/cgroup", "nonsense\n:\n\n");
	assert_int_equal(tidei_cgroup_memory_room(root), UINT64_MAX);
}

/* The page kinds that strict keeps, with the text and the sysfs directory of their last size. */
static const struct {
	enum tide_page page;
	const char *words, *directory;
} huge_kinds[] = {
	{TIDE_PAGE_2M, "2 MB", "hugepages-2048kB"},
	{TIDE_PAGE_1G, "1 GB", "hugepages-1048576kB"},
	{TIDE_PAGE_HUGE, "2 MB", "hugepages-2048kB"},
};

/* Huge pages of node 0 and of the machine as files, so many of each size free. */
static void
huge_tree(const char *free_pages)
{
	static const char *const roots[] = {
		"/sys/devices/system/node/node0/hugepages", "/sys/kernel/mm/hugepages"};

	tree = test_tree_make();
	for (unsigned int r = 0; r < RTE_DIM(roots); r++) {
		for (unsigned int k = 0; k < 2; k++) {
			char path[128];

			snprintf(path, sizeof(path), "/%u/%s/nr_hugepages", r,
				huge_kinds[k].directory);
			test_tree_write(path, free_pages);
			snprintf(path, sizeof(path), "/%u/%s/free_hugepages", r,
				huge_kinds[k].directory);
			test_tree_write(path, free_pages);
		}
	}
}

static void
cover_huge(void)
{
	char by[128];

	snprintf(by, sizeof(by), "%s/0", tree);
	if (!test_cover("/sys/devices/system/node/node0/hugepages", by))
		_exit(77);
	snprintf(by, sizeof(by), "%s/1", tree);
	EXPECT(test_cover("/sys/kernel/mm/hugepages", by));
}

static void
strict_without_huge_pages(void)
{
	cover_huge();
	for (unsigned int i = 0; i < RTE_DIM(huge_kinds); i++) {
		struct tide_region_conf conf = conf_of(huge_kinds[i].page, TIDE_ENFORCE_STRICT);
		char said[256];

		snprintf(said, sizeof(said),
			"node 0 has 0 free %s huge pages, %d needed: echo %d > "
			"/sys/devices/system/node/node0/hugepages/%s/nr_hugepages\n",
			huge_kinds[i].words, i == 1 ? 1 : 4, i == 1 ? 1 : 4,
			huge_kinds[i].directory);
		expect_failure(&conf, ENOMEM, said);
		EXPECT(strstr(test_log_caught(), "4K:") == NULL);
		EXPECT(strstr(test_log_caught(), "THP:") == NULL);
	}
}

static void
strict_on_a_node_without_huge_pages_names_need_and_command(void **state)
{
	huge_tree("0\n");
	test_in_child(strict_without_huge_pages);
}

static void
best_effort_without_huge_pages(void)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_HUGE, TIDE_ENFORCE_BEST_EFFORT);
	struct tide_placement found;
	struct tide_region *region;

	cover_huge();
	region = tide_region_create(&conf, &found);
	EXPECT(region != NULL);
	EXPECT(found.page == TIDE_PAGE_THP || found.page == TIDE_PAGE_4K);
	EXPECT(found.local == found.pages);
	EXPECT(strstr(found.reason, "2M: node 0 has 0 free 2 MB huge pages, 4 needed") != NULL);
	tide_region_free(region);
	/* AUTO asks for no size: there is nothing for strict to insist on. */
	conf.page = TIDE_PAGE_AUTO;
	conf.enforce = TIDE_ENFORCE_STRICT;
	region = tide_region_create(&conf, &found);
	EXPECT(region != NULL);
	EXPECT(found.page == TIDE_PAGE_THP || found.page == TIDE_PAGE_4K);
	tide_region_free(region);
}

static void
without_huge_pages_best_effort_and_auto_take_small_ones(void **state)
{
	huge_tree("0\n");
	test_in_child(best_effort_without_huge_pages);
}

/* The node has pages in plenty, as files; the cgroup, of either version, has room for one. */
static void
barred_by_cgroup(void)
{
	static const enum tide_page kinds[] = {TIDE_PAGE_2M, TIDE_PAGE_HUGE};
	char by[128];

	cover_huge();
	snprintf(by, sizeof(by), "%s/cgroup", tree);
	EXPECT(test_cover("/sys/fs/cgroup", by));
	for (unsigned int i = 0; i < RTE_DIM(kinds); i++) {
		struct tide_region_conf conf = conf_of(kinds[i], TIDE_ENFORCE_STRICT);

		expect_failure(&conf, ENOMEM,
			"node 0 has them, but the cgroup allows this process 1 more 2 MB huge "
			"pages, 4 needed: raise hugetlb.2MB.max of the cgroup");
	}
}

static void
huge_pages_a_cgroup_keeps_back_are_named_with_the_limit(void **state)
{
	huge_tree("1000000\n");
	test_tree_write("/cgroup/hugetlb.2MB.max", "8388608\n");
	test_tree_write("/cgroup/hugetlb.2MB.current", "6291456\n");
	test_tree_write("/cgroup/hugetlb/hugetlb.2MB.limit_in_bytes", "8388608\n");
	test_tree_write("/cgroup/hugetlb/hugetlb.2MB.usage_in_bytes", "6291456\n");
	test_in_child(barred_by_cgroup);
}

static void
too_few_huge_pages(void)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_2M, TIDE_ENFORCE_STRICT);
	struct tidei_huge_now now, after;
	char said[256];
	int tries;

	/* Others on this machine take pages too: look again when they did meanwhile. */
	for (tries = 0; tries < 100; tries++) {
		if (tidei_huge_now(0, 2 * MB, &now) < 0)
			_exit(77);
		conf.len = (now.total + 5) * 2 * MB;
		test_log_catch();
		EXPECT(tide_region_create(&conf, NULL) == NULL);
		tidei_huge_now(0, 2 * MB, &after);
		if (now.free == after.free && now.reserved == 0 && after.reserved == 0)
			break;
	}
	if (tries == 100)
		_exit(77);
	snprintf(said, sizeof(said),
		"node 0 has %llu free 2 MB huge pages, %llu needed: echo %llu > "
		"/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages\n",
		(unsigned long long)now.free, (unsigned long long)now.total + 5,
		(unsigned long long)(now.total + now.total + 5 - now.free));
	EXPECT(strstr(test_log_caught(), said) != NULL);
}

static void
too_few_huge_pages_end_in_the_command_that_mends_it(void **state)
{
	test_in_child(too_few_huge_pages);
}

/* Huge pages that cannot be populated for another reason than that others took them. */
static void
huge_pages_that_fail(int err, const char *said)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_2M, TIDE_ENFORCE_STRICT);
	struct tidei_huge_now now;

	if (tidei_huge_now(0, 2 * MB, &now) < 0 || now.free < 16)
		_exit(77);
	deny(SYS_madvise, MADV_POPULATE_WRITE, (unsigned int)err);
	expect_failure(&conf, err == EFAULT ? ENOMEM : err, said);
	EXPECT(strstr(test_log_caught(), "another process") == NULL);
}

static void
broken_huge_pages(void)
{
	huge_pages_that_fail(EHWPOISON, "2M: populating: Memory page has hardware error\n");
}

static void
huge_pages_that_are_free_and_not_given(void)
{
	huge_pages_that_fail(EFAULT, "2M: populating: Cannot allocate memory\n");
}

static void
huge_pages_that_fail_are_not_said_to_be_taken_by_others(void **state)
{
	test_in_child(broken_huge_pages);
	test_in_child(huge_pages_that_are_free_and_not_given);
}

static void
huge_pages_gone(void)
{
	struct tidei_step step = {.node = 0};
	struct tidei_fallback fallback = {{0}, {0}};

	cover_huge();
	tidei_huge_gone(&step, 2 * MB, &fallback);
	EXPECT(strcmp(fallback.reason,
		       "populating: node 0 has no free 2 MB huge page left, and had "
		       "enough before") == 0);
	EXPECT(strcmp(fallback.hint, "another process took pages meanwhile: start again") == 0);
}

static void
huge_pages_that_others_took_are_said_to_be(void **state)
{
	huge_tree("0\n");
	test_in_child(huge_pages_gone);
}

static void
huge_pages_not_made(void)
{
	struct tidei_step step = {.node = 0};
	struct tidei_fallback fallback = {{0}, {0}};

	cover_huge();
	tidei_huge_gone(&step, 2 * MB, &fallback);
	EXPECT(strstr(fallback.hint, "another process") == NULL);
	EXPECT(strstr(fallback.hint, "could not make more on demand") != NULL);
}

static void
huge_pages_the_kernel_could_not_make_are_no_fault_of_others(void **state)
{
	huge_tree("0\n");
	test_tree_write("/1/hugepages-2048kB/nr_overcommit_hugepages", "10\n");
	test_in_child(huge_pages_not_made);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(best_effort_where_binding_is_forbidden_measures_what_it_got),
		cmocka_unit_test(strict_fails_with_exdev_where_pages_lie_elsewhere),
		cmocka_unit_test(a_policy_the_kernel_does_not_tell_is_none),
		cmocka_unit_test(a_kernel_before_5_14_populates_every_page_all_the_same),
		cmocka_unit_test(
			a_kernel_that_populates_nothing_alone_populates_every_page_all_the_same),
		cmocka_unit_test(memory_that_cannot_be_populated_is_its_errno),
		cmocka_unit_test(the_caller_populates_where_no_thread_can_start),
		cmocka_unit_test(memory_that_children_would_share_is_refused),
		cmocka_unit_test(strict_thp_that_the_kernel_does_not_give_is_enomem),
		cmocka_unit_test(best_effort_thp_that_the_kernel_does_not_give_is_base_pages),
		cmocka_unit_test(mixed_pages_are_counted_by_bytes),
		cmocka_unit_test_teardown(
			more_than_the_cgroup_may_take_is_enomem_not_a_kill, free_tree),
		cmocka_unit_test_teardown(the_tightest_cgroup_on_the_way_up_counts, free_tree),
		cmocka_unit_test_teardown(
			strict_on_a_node_without_huge_pages_names_need_and_command, free_tree),
		cmocka_unit_test_teardown(
			without_huge_pages_best_effort_and_auto_take_small_ones, free_tree),
		cmocka_unit_test_teardown(
			huge_pages_a_cgroup_keeps_back_are_named_with_the_limit, free_tree),
		cmocka_unit_test(too_few_huge_pages_end_in_the_command_that_mends_it),
		cmocka_unit_test(huge_pages_that_fail_are_not_said_to_be_taken_by_others),
		cmocka_unit_test_teardown(huge_pages_that_others_took_are_said_to_be, free_tree),
		cmocka_unit_test_teardown(
			huge_pages_the_kernel_could_not_make_are_no_fault_of_others, free_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
