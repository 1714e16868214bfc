/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Capabilities of this process: those that a filter refuses, and those that files tell. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "deny.h"
#include "sys_internal.h"
#include "tree.h"

static const char *root;

static int
make_tree(void **state)
{
	root = test_tree_make();
	return 0;
}

static int
remove_tree(void **state)
{
	test_tree_free();
	return 0;
}

static enum tide_answer
answer(enum tide_capability capability)
{
	struct tide_capability_state state;

	tidei_process_capability(root, capability, &state);
	assert_true(strlen(state.fact) > 0);
	assert_non_null(state.consequence);
	assert_true((state.answer == TIDE_ANSWER_YES) == (state.remedy == NULL));
	return state.answer;
}

static void
refused_calls(void)
{
	static const struct {
		enum tide_capability capability;
		unsigned int call;
	} cases[] = {
		{TIDE_CAPABILITY_MBIND, SYS_mbind},
		{TIDE_CAPABILITY_MOVE_PAGES, SYS_move_pages},
		{TIDE_CAPABILITY_MEMBARRIER, SYS_membarrier},
	};
	struct tide_capability_state state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tide_process_capability(cases[i].capability, &state);
		EXPECT(state.answer == TIDE_ANSWER_YES);
		if (test_deny(cases[i].call, DENY_ANY, EPERM) != 0)
			_exit(77);
		tide_process_capability(cases[i].capability, &state);
		EXPECT(state.answer == TIDE_ANSWER_NO);
		EXPECT(strstr(state.fact, "Operation not permitted") != NULL);
		EXPECT(state.remedy != NULL);
	}
}

static void
a_refused_call_is_no_capability(void **state)
{
	test_in_child(refused_calls);
}

static void
vfio_needs_an_iommu_and_its_device(void **state)
{
	assert_int_equal(answer(TIDE_CAPABILITY_VFIO), TIDE_ANSWER_NO);
	test_tree_write("/dev/vfio/vfio", "");
	assert_int_equal(answer(TIDE_CAPABILITY_VFIO), TIDE_ANSWER_NO);
	test_tree_write("/sys/kernel/iommu_groups/0/type", "DMA\n");
	assert_int_equal(answer(TIDE_CAPABILITY_VFIO), TIDE_ANSWER_YES);
	test_tree_remove("/dev/vfio/vfio");
	assert_int_equal(answer(TIDE_CAPABILITY_VFIO), TIDE_ANSWER_NO);
}

static void
vfio_without_an_iommu_counts_when_the_kernel_was_told_so(void **state)
{
	test_tree_write("/dev/vfio/vfio", "");
	test_tree_write("/sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "N\n");
	assert_int_equal(answer(TIDE_CAPABILITY_VFIO), TIDE_ANSWER_NO);
	test_tree_write("/sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "Y\n");
	assert_int_equal(answer(TIDE_CAPABILITY_VFIO), TIDE_ANSWER_YES);
}

static void
without_pagemap_there_are_no_physical_addresses(void **state)
{
	assert_int_equal(answer(TIDE_CAPABILITY_PHYSICAL), TIDE_ANSWER_NO);
	test_tree_write("/proc/self/pagemap", "short");
	assert_int_equal(answer(TIDE_CAPABILITY_PHYSICAL), TIDE_ANSWER_UNKNOWN);
}

static void
a_limit_of_locked_memory_counts_without_its_capability(void **state)
{
	struct rlimit before, small;

	assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &before), 0);
	small = before;
	small.rlim_cur = 65536;
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &small), 0);
	test_tree_write("/proc/self/status", "Name:\tx\nCapEff:\t0000000000000000\n");
	assert_int_equal(answer(TIDE_CAPABILITY_LOCK), TIDE_ANSWER_NO);
	test_tree_write("/proc/self/status", "Name:\tx\nCapEff:\t0000000000004000\n");
	assert_int_equal(answer(TIDE_CAPABILITY_LOCK), TIDE_ANSWER_YES);
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &before), 0);
}

static void
what_is_no_capability_is_unknown(void **state)
{
	struct tide_capability_state got;

	tide_process_capability(TIDE_CAPABILITY_COUNT, &got);
	assert_int_equal(got.answer, TIDE_ANSWER_UNKNOWN);
	assert_non_null(got.consequence);
	assert_string_equal(tide_capability_name(TIDE_CAPABILITY_COUNT), "no capability");
	assert_string_equal(tide_capability_name(TIDE_CAPABILITY_VFIO), "VFIO");
}

static void
the_largest_number_of_version_1_is_no_limit_of_memory(void **state)
{
	test_tree_write("/proc/self/cgroup", "4:memory:/a\n");
	test_tree_write("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712\n");
	test_tree_write("/sys/fs/cgroup/memory/a/memory.usage_in_bytes", "4096\n");
	assert_true(tidei_cgroup_memory_room(root) == UINT64_MAX);
	test_tree_write("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1048576\n");
	assert_true(tidei_cgroup_memory_room(root) == 1048576 - 4096);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_tree, remove_tree)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_refused_call_is_no_capability),
		CASE(vfio_needs_an_iommu_and_its_device),
		CASE(vfio_without_an_iommu_counts_when_the_kernel_was_told_so),
		CASE(without_pagemap_there_are_no_physical_addresses),
		CASE(a_limit_of_locked_memory_counts_without_its_capability),
		CASE(what_is_no_capability_is_unknown),
		CASE(the_largest_number_of_version_1_is_no_limit_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
