/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* What EAL is told about memory before it starts, on machines made of files. */

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_common.h>

#include "child.h"
#include "deny.h"
#include "eal_internal.h"
#include "machine.h"
#include "tree.h"

/* A user who owns nothing. */
#define NOBODY 65534

/* The first CPU this process may use. */
#define MINE (-2)

#define ARGS(...) ((char *const[]){__VA_ARGS__, NULL})

static char name[] = "tide-fwd", no_pci[] = "--no-pci", dash_l[] = "-l", lcores_0_1[] = "0-1",
	    lcores_2_3[] = "2-3", main_lcore[] = "--main-lcore", two[] = "2", all[] = "0-3",
	    in_memory[] = "--in-memory", no_huge[] = "--no-huge", huge_dir[] = "--huge-dir=/x",
	    in_mem[] = "--in-mem";

static const char *root;

static void
set_pages(int node, const char *size, const char *total, const char *free_pages)
{
	char dir[96];

	snprintf(dir, sizeof(dir), TEST_NODES "/node%d/hugepages", node);
	test_machine_huge(dir, size, total, free_pages);
}

static void
mount_as(const char *options, const char *where)
{
	char text[256];

	snprintf(text, sizeof(text), "proc /proc proc rw 0 0\nhugetlbfs %s hugetlbfs %s 0 0\n",
		where, options);
	test_tree_write("/proc/mounts", text);
}

/* CPUs 0 and 1 on node 0, which has no huge pages; 2 and 3 on node 1, which has 100. */
static int
make_machine(void **state)
{
	root = test_tree_make();
	for (int cpu = 0; cpu < 4; cpu++)
		test_machine_write("", TEST_NODES "/node%d/cpu%d/online", cpu / 2, cpu);
	set_pages(0, "2048kB", "0\n", "0\n");
	set_pages(1, "2048kB", "100\n", "100\n");
	set_pages(0, "1048576kB", "0\n", "0\n");
	set_pages(1, "1048576kB", "0\n", "0\n");
	test_machine_huge("/sys/kernel/mm/hugepages", "2048kB", "100\n", "100\n");
	test_machine_huge("/sys/kernel/mm/hugepages", "1048576kB", "0\n", "0\n");
	test_tree_write("/dev/hugepages/.keep", "");
	mount_as("rw,relatime,pagesize=2M", "/dev/hugepages");
	return 0;
}

static int
remove_machine(void **state)
{
	test_tree_free();
	return 0;
}

/* Without NUMA: no directory of nodes. */
static void
no_nodes(void)
{
	test_tree_remove("/sys/devices");
}

static int
count(char *const argv[])
{
	int n = 0;

	while (argv[n] != NULL)
		n++;
	return n;
}

/* With those arguments the choice is `expected` (NULL: none), for a reason that has `said` in it. */
static void
choice_is(const char *expected, const char *said, char *const argv[])
{
	struct tide_eal_memory found;

	tidei_eal_memory(root, count(argv), argv, &found);
	assert_string_equal(found.argument, expected == NULL ? "" : expected);
	if (expected == NULL)
		return;
	if (strstr(found.reason, said) == NULL)
		fail_msg("the reason should have '%s', is '%s'", said, found.reason);
}

static void
the_node_of_the_main_lcore_decides(void **state)
{
	choice_is("--no-huge", "node 0, of the main lcore, has no free huge page",
		ARGS(name, dash_l, lcores_0_1, no_pci));
	choice_is(NULL, "", ARGS(name, dash_l, lcores_2_3, no_pci));
	choice_is(NULL, "", ARGS(name, dash_l, all, main_lcore, two));
	choice_is("--no-huge", "node 0", ARGS(name, dash_l, all));
	set_pages(0, "2048kB", "1\n", "1\n");
	choice_is(NULL, "", ARGS(name, dash_l, lcores_0_1));
	set_pages(0, "2048kB", "1\n", "0\n");
	choice_is("--no-huge", "node 0", ARGS(name, dash_l, lcores_0_1));
}

static void
pages_the_kernel_makes_on_demand_count(void **state)
{
	static const char dir[] = "/sys/kernel/mm/hugepages/hugepages-2048kB";

	test_machine_write("4\n", "%s/nr_overcommit_hugepages", dir);
	test_machine_write("3\n", "%s/surplus_hugepages", dir);
	choice_is(NULL, "", ARGS(name, dash_l, lcores_0_1));
	test_machine_write("4\n", "%s/surplus_hugepages", dir);
	choice_is("--no-huge", "node 0", ARGS(name, dash_l, lcores_0_1));
}

static void
without_nodes_the_machine_decides(void **state)
{
	no_nodes();
	choice_is(NULL, "", ARGS(name, dash_l, lcores_0_1));
	test_machine_huge("/sys/kernel/mm/hugepages", "2048kB", "100\n", "0\n");
	choice_is("--no-huge", "no huge page is free", ARGS(name, dash_l, lcores_0_1));
	test_tree_remove("/sys");
	choice_is("--no-huge", "no huge page is free", ARGS(name, dash_l, lcores_0_1));
}

static void
a_kind_that_the_user_chose_is_left_alone(void **state)
{
	choice_is(NULL, "", ARGS(name, dash_l, lcores_0_1, in_memory));
	choice_is(NULL, "", ARGS(name, dash_l, lcores_0_1, no_huge));
	choice_is(NULL, "", ARGS(name, dash_l, lcores_0_1, huge_dir));
}

static void
a_hugetlbfs_serves_if_it_has_free_pages_and_can_be_written_to(void **state)
{
	char *const *args = ARGS(name, dash_l, lcores_2_3);

	mount_as("rw,relatime", "/dev/hugepages");
	choice_is(NULL, "", args);
	mount_as("rw,relatime,pagesize=2048K", "/dev/hugepages");
	choice_is(NULL, "", args);
	test_tree_write("/proc/mounts", "proc /proc proc rw 0 0\n");
	choice_is("--in-memory", "no hugetlbfs", args);
	test_tree_remove("/proc/mounts");
	choice_is("--in-memory", "no hugetlbfs", args);
	mount_as("ro,relatime,pagesize=2M", "/dev/hugepages");
	choice_is("--in-memory", "may not write to /dev/hugepages", args);
	mount_as("rw,relatime,pagesize=2M", "/gone");
	choice_is("--in-memory", "may not write to /gone", args);
	/* Of pages there are none of. */
	mount_as("rw,relatime,pagesize=1024M", "/dev/hugepages");
	choice_is("--in-memory", "no hugetlbfs of free huge pages", args);
	/* EAL would look for a name with a backslash. */
	test_tree_write("/huge pages/.keep", "");
	test_tree_write("/proc/mounts", "h /huge\\040pages hugetlbfs rw,pagesize=2M 0 0\n");
	choice_is("--in-memory", "cannot open /huge pages", args);
	/* EAL takes the first of a size. */
	test_tree_write("/proc/mounts", "h /gone hugetlbfs rw,pagesize=2M 0 0\n"
					"h /dev/hugepages hugetlbfs rw,pagesize=2M 0 0\n");
	choice_is("--in-memory", "may not write to /gone", args);
	test_tree_write("/proc/mounts", "h /dev/hugepages hugetlbfs rw,pagesize=2M 0 0\n"
					"h /gone hugetlbfs rw,pagesize=2M 0 0\n");
	choice_is(NULL, "", args);
}

static void
as_nobody(void)
{
	char path[128];
	char *const *args = ARGS(name, dash_l, lcores_2_3);
	struct tide_eal_memory found;

	snprintf(path, sizeof(path), "%s/dev/hugepages", root);
	EXPECT(chmod(root, 0755) == 0 && chmod(path, 0755) == 0);
	if (setuid(NOBODY) != 0) {
		printf("needs root: a hugetlbfs of another user\n");
		_exit(77);
	}
	EXPECT(tidei_eal_memory(root, count(args), args, &found) == 0);
	EXPECT(strcmp(found.argument, "--in-memory") == 0);
	EXPECT(strstr(found.reason, "this user may not write to /dev/hugepages") != NULL);
}

static void
a_hugetlbfs_of_another_user_does_not_serve(void **state)
{
	test_in_child(as_nobody);
}

static void
in_a_container(void)
{
	char *const *args = ARGS(name, dash_l, lcores_2_3);
	struct tide_eal_memory found;

	EXPECT(test_deny(SYS_get_mempolicy, DENY_ANY, EPERM) == 0);
	EXPECT(tidei_eal_memory(root, count(args), args, &found) == 0);
	EXPECT(strcmp(found.argument, "--no-huge") == 0);
	EXPECT(strstr(found.reason, "--cap-add SYS_NICE") != NULL);
}

static void
without_numa(void)
{
	char *const *args = ARGS(name, dash_l, lcores_2_3);
	struct tide_eal_memory found;

	EXPECT(test_deny(SYS_get_mempolicy, DENY_ANY, ENOSYS) == 0);
	EXPECT(tidei_eal_memory(root, count(args), args, &found) == 0);
	EXPECT(found.argument[0] == '\0');
}

static void
where_eal_may_not_ask_for_nodes_it_takes_no_huge_pages(void **state)
{
	test_in_child(in_a_container);
	test_in_child(without_numa);
}

static void
allowed(char *const argv[])
{
	struct tide_eal_memory found;

	if (tidei_eal_memory(root, count(argv), argv, &found) != 0)
		fail_msg("%s: %s", found.reason, found.hint);
}

static void
refused(const char *said, char *const argv[])
{
	struct tide_eal_memory found;
	char text[1024];

	assert_int_equal(tidei_eal_memory(root, count(argv), argv, &found), -ENOMEM);
	assert_string_equal(found.argument, "");
	snprintf(text, sizeof(text), "%s: %s", found.reason, found.hint);
	if (strstr(text, said) == NULL)
		fail_msg("'%s' should have '%s'", text, said);
}

static void
a_choice_that_would_end_in_a_panic_is_refused_in_a_sentence(void **state)
{
	refused("node 0, of the main lcore, has no free huge page, and EAL needs some there with "
		"--in-memory: echo 64 > /sys/devices/system/node/node0/hugepages/",
		ARGS(name, dash_l, lcores_0_1, in_memory));
	refused("or name an lcore of node 1, which has some, by --main-lcore",
		ARGS(name, dash_l, lcores_0_1, in_mem));
	refused("with --huge-dir", ARGS(name, dash_l, lcores_0_1, huge_dir));
	allowed(ARGS(name, dash_l, lcores_0_1, no_huge));
	allowed(ARGS(name, dash_l, lcores_0_1));
	allowed(ARGS(name, dash_l, lcores_2_3, in_memory));
	allowed(ARGS(name, dash_l, all, main_lcore, two, in_memory));
	/* All pages are taken: EAL removes files that are left over, if it uses files. */
	set_pages(0, "2048kB", "8\n", "0\n");
	allowed(ARGS(name, dash_l, lcores_0_1, huge_dir));
	refused("node 0", ARGS(name, dash_l, lcores_0_1, in_memory));
	no_nodes();
	allowed(ARGS(name, dash_l, lcores_0_1, in_memory));
}

/* EAL would refuse them beside --no-huge, which the user has not given. */
static void
options_for_huge_pages_alone_are_refused_without_those_in_a_sentence(void **state)
{
	static char socket_mem[] = "--socket-mem=64", matching[] = "--match-allocations",
		    stacks[] = "--huge-worker-stack";
	char *const options[] = {socket_mem, matching, stacks};

	for (unsigned int i = 0; i < RTE_DIM(options); i++) {
		char said[64];

		snprintf(said, sizeof(said), "EAL needs some there with %.*s: echo",
			(int)strcspn(options[i], "="), options[i]);
		choice_is(NULL, "", ARGS(name, dash_l, lcores_0_1, options[i]));
		refused(said, ARGS(name, dash_l, lcores_0_1, options[i]));
		allowed(ARGS(name, dash_l, lcores_0_1, options[i], no_huge));
		allowed(ARGS(name, dash_l, lcores_2_3, options[i]));
	}
	/* The kind is still chosen where there are pages. */
	test_tree_remove("/proc/mounts");
	choice_is("--in-memory", "no hugetlbfs", ARGS(name, dash_l, lcores_2_3, socket_mem));
}

static void
the_cpu_of_the_main_lcore_is_read_from_the_arguments(void **state)
{
	static const struct {
		const char *args; /* With '|' between. */
		int cpu;
	} rows[] = {
		{"-l|2", 2},
		{"-l|5,3-4", 3},
		{"-l5-7", 5},
		{"-l|0-7|--main-lcore|6", 6},
		{"-l|0-7|--main-lcore=6", 6},
		{"-l|0-7|--main=6", 6},
		{"-l|0-7|--main|6", 6},
		{"--main-lcore=9|-l|0-7", -1},
		{"--lcores|0@4,1@5", 4},
		{"--lcores=1@5,0@4", 4},
		{"--lcor=1@5,0@4", 4},
		{"--lcores=0@4,1@5|--main-lcore=1", 5},
		{"--lcores=2-3@7,8", 7},
		{"--lcores=3,8", 3},
		{"--lcores=(0-1)@2", -1},
		{"--lcores=0@(2,3)", -1},
		{"-c|0xc", 2},
		{"-c30", 4},
		{"-c|f|--main-lcore|3", 3},
		{"-c|f|--main-lcore|4", -1},
		{"-c|0", -1},
		{"-c|x", -1},
		{"-l|", -1},
		{"-l|3-1", -1},
		{"-l|1,", -1},
		{"-l|99999999999999999999", -1},
		{"-l|1|--main-lcore|one", -1},
		{"-l|4|--remap-lcore-ids", -1},
		{"-l|4|--remap", -1},
		{"-l|4|-R", -1},
		{"-l", MINE},
		{"--no-pci", MINE},
	};
	cpu_set_t set;
	int first = 0;

	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	while (!CPU_ISSET(first, &set))
		first++;
	for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
		char text[64], *argv[6] = {name}, *at = text;
		int n = 1, found, expected = rows[i].cpu == MINE ? first : rows[i].cpu;

		snprintf(text, sizeof(text), "%s", rows[i].args);
		while (at != NULL)
			argv[n++] = strsep(&at, "|");
		found = tidei_eal_main_cpu(n, argv);
		if (found != expected)
			fail_msg("%s: CPU %d, should be %d", rows[i].args, found, expected);
	}
}

static bool
keeps(char *const argv[])
{
	struct tide_eal_memory found;

	tidei_eal_memory(root, count(argv), argv, &found);
	return found.keeps_files;
}

static void
files_are_kept_if_the_last_choice_says_so(void **state)
{
	static char never[] = "--huge-unlink=never", shortly[] = "--huge-unl=never",
		    always[] = "--huge-unlink=always", existing[] = "--huge-unlink=existing",
		    alone[] = "--huge-unlink", other[] = "--huge-dir=never";

	assert_true(keeps(ARGS(name, never)));
	assert_true(keeps(ARGS(name, shortly)));
	assert_true(keeps(ARGS(name, always, never)));
	assert_false(keeps(ARGS(name, never, always)));
	assert_false(keeps(ARGS(name, existing)));
	assert_false(keeps(ARGS(name, alone)));
	assert_false(keeps(ARGS(name, other)));
	assert_false(keeps(ARGS(name)));
}

static void
wrong_arguments_are_refused(void **state)
{
	struct tide_eal_memory found = {.node = 77};

	assert_int_equal(tide_eal_memory(0, ARGS(name), &found), -EINVAL);
	assert_int_equal(tide_eal_memory(1, NULL, &found), -EINVAL);
	assert_int_equal(tide_eal_memory(1, ARGS(name), NULL), -EINVAL);
	assert_int_equal(found.node, 77);
	/* Any machine has an answer. */
	assert_true(tide_eal_memory(1, ARGS(name), &found) != -EINVAL);
}

static bool
was_started_with(const char *text, size_t len)
{
	char path[128];
	FILE *f;

	test_tree_write("/proc/self/cmdline", "");
	snprintf(path, sizeof(path), "%s/proc/self/cmdline", root);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	return tidei_eal_argument(root, "--legacy-mem");
}

static void
an_argument_of_the_process_is_found(void **state)
{
	static const char has[] = "fwd\0-l\0"
				  "0\0--legacy-mem\0--\0-i",
			  begins[] = "fwd\0--legacy",
			  other[] = "fwd\0-l\0"
				    "0",
			  later[] = "fwd\0--\0--legacy-mem";

	assert_false(tidei_eal_argument(root, "--legacy-mem"));
	assert_true(was_started_with(has, sizeof(has)));
	assert_true(was_started_with(begins, sizeof(begins)));
	assert_false(was_started_with(other, sizeof(other)));
	assert_false(was_started_with(later, sizeof(later)));
}

#define ON_FILES(test) cmocka_unit_test_setup_teardown(test, make_machine, remove_machine)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_FILES(the_node_of_the_main_lcore_decides),
		ON_FILES(pages_the_kernel_makes_on_demand_count),
		ON_FILES(without_nodes_the_machine_decides),
		ON_FILES(a_kind_that_the_user_chose_is_left_alone),
		ON_FILES(a_hugetlbfs_serves_if_it_has_free_pages_and_can_be_written_to),
		ON_FILES(a_hugetlbfs_of_another_user_does_not_serve),
		ON_FILES(where_eal_may_not_ask_for_nodes_it_takes_no_huge_pages),
		ON_FILES(a_choice_that_would_end_in_a_panic_is_refused_in_a_sentence),
		ON_FILES(options_for_huge_pages_alone_are_refused_without_those_in_a_sentence),
		ON_FILES(files_are_kept_if_the_last_choice_says_so),
		ON_FILES(an_argument_of_the_process_is_found),
		cmocka_unit_test(wrong_arguments_are_refused),
		cmocka_unit_test(the_cpu_of_the_main_lcore_is_read_from_the_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
