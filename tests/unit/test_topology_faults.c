/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Machines whose files are missing, wrong, or change while they are read: none is refused for it, and
 * one warning names the file.
 */

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/mempolicy.h>

#include <rte_common.h>
#include <rte_errno.h>

#include "topology_internal.h"
#include "log.h"
#include "machine.h"
#include "tree.h"

#define NODES TEST_NODES

static const char *root;

/* Called before each file is read, with the path below the root; NULL: nothing. */
static void (*before_read)(const char *path);

int __real_tidei_textfile_read(struct tidei_textfile *file, const char *dir, const char *fmt, ...);
int __wrap_tidei_textfile_read(struct tidei_textfile *file, const char *dir, const char *fmt, ...);

int
__wrap_tidei_textfile_read(struct tidei_textfile *file, const char *dir, const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	if (before_read != NULL)
		before_read(path);
	return __real_tidei_textfile_read(file, dir, "%s", path);
}

/* Two ordinary nodes, 0 and 3, and one without CPUs, 5. */
static int
make_machine(void **state)
{
	before_read = NULL;
	root = test_tree_make();
	test_tree_write(NODES "/online", "0,3,5\n");
	test_machine_node(0, "0-3\n", 16, "10 17 21\n");
	test_machine_node(3, "4-7\n", 64, "17 10 28\n");
	test_machine_node(5, "\n", 8, "21 28 10\n");
	test_tree_write("/sys/devices/system/cpu/online", "0-7\n");
	test_tree_write("/proc/meminfo", "MemTotal: 92274688 kB\nMemFree: 1024 kB\n");
	test_machine_status("0-7", "0,3,5");
	return 0;
}

static int
remove_machine(void **state)
{
	before_read = NULL;
	test_tree_free();
	return 0;
}

static unsigned int
count_lines(const char *text)
{
	unsigned int lines = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		lines++;
	return lines;
}

/* Read it; NULL: without a word, else with one line that names the path. */
static struct tide_topology *
read_machine(const char *warns_of)
{
	const struct tidei_policy policy = {.mode = MPOL_DEFAULT};
	struct tide_topology *topo;
	const char *log;

	test_log_catch();
	topo = tidei_topology_read(root, &policy);
	log = test_log_caught();
	if (topo == NULL)
		fail_msg("refused: %s", log);
	if (count_lines(log) != (warns_of != NULL) ||
		(warns_of != NULL && strstr(log, warns_of) == NULL))
		fail_msg("the log should %s %s, says '%s'", warns_of != NULL ? "name" : "have",
			warns_of != NULL ? warns_of : "nothing", log);
	assert_int_equal(tidei_topology_check(topo), 0);
	return topo;
}

static void
nodes_are(const struct tide_topology *topo, const char *expected)
{
	char found[64] = "";

	for (unsigned int i = 0; i < tide_topology_nb_nodes(topo); i++)
		sprintf(found + strlen(found), "%s%d", i == 0 ? "" : ",",
			tide_topology_node_at(topo, i)->id);
	assert_string_equal(found, expected);
}

/* numa=fake=4: every CPU is listed by every node, and each CPU's directory links to one. */
static void
make_fake(bool links)
{
	test_tree_remove(NODES);
	test_tree_write(NODES "/online", "0-3\n");
	for (int id = 0; id < 4; id++)
		test_machine_node(id, "0-3\n", 1, "10 10 10 10\n");
	test_machine_status("0-3", "0-3");
	for (int cpu = 0; links && cpu < 4; cpu++) {
		char path[64];

		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/node%d", cpu,
			cpu / 2 * 3);
		test_tree_link(path, "../../node/node0");
	}
}

static void
a_cpu_of_several_nodes_is_on_the_one_its_link_names(void **state)
{
	struct tide_topology *topo;

	make_fake(true);
	topo = read_machine(NULL);
	nodes_are(topo, "0,1,2,3");
	for (unsigned int cpu = 0; cpu < 4; cpu++)
		assert_int_equal(tide_topology_cpu_node(topo, cpu), cpu / 2 * 3);
	assert_int_equal(tide_topology_node(topo, 0)->nb_cpus, 2);
	assert_int_equal(tide_topology_node(topo, 1)->nb_cpus, 0);
	assert_int_equal(tide_topology_node(topo, 3)->nb_cpus_allowed, 2);
	assert_int_equal(tide_topology_distance(topo, 0, 3), 10);
	tide_topology_free(topo);
}

static void
a_cpu_of_several_nodes_and_no_link_is_on_the_first(void **state)
{
	struct tide_topology *topo;

	make_fake(false);
	topo = read_machine(NODES "/node1/cpulist");
	assert_int_equal(tide_topology_node(topo, 0)->nb_cpus, 4);
	assert_int_equal(tide_topology_node(topo, 2)->nb_cpus, 0);
	tide_topology_free(topo);
	/* Two links say no more than none. */
	test_tree_link("/sys/devices/system/cpu/cpu1/node1", "../../node/node1");
	test_tree_link("/sys/devices/system/cpu/cpu1/node2", "../../node/node2");
	topo = read_machine(NODES "/node1/cpulist");
	assert_int_equal(tide_topology_cpu_node(topo, 1), 0);
	tide_topology_free(topo);
	/* And a link to a node that is not there says nothing. */
	test_tree_link("/sys/devices/system/cpu/cpu2/node9", "../../node/node9");
	topo = read_machine(NODES "/node1/cpulist");
	assert_int_equal(tide_topology_cpu_node(topo, 2), 0);
	tide_topology_free(topo);
}

static void
a_node_that_is_listed_and_gone_is_left_out(void **state)
{
	struct tide_topology *topo;

	test_tree_remove(NODES "/node3");
	topo = read_machine(NODES "/node3: No such file or directory");
	nodes_are(topo, "0,5");
	/* Its column is still in the rows of the others. */
	assert_int_equal(tide_topology_distance(topo, 0, 5), 21);
	assert_int_equal(tide_topology_distance(topo, 5, 0), 21);
	assert_int_equal(tide_topology_cpu_node(topo, 4), TIDE_NODE_UNKNOWN);
	tide_topology_free(topo);
	test_tree_write(NODES "/node3/uevent", "");
	topo = read_machine(NODES "/node3: empty");
	nodes_are(topo, "0,5");
	tide_topology_free(topo);
}

static void
a_node_that_came_later_costs_the_distances_only(void **state)
{
	struct tide_topology *topo;

	test_tree_write(NODES "/online", "0,3\n");
	topo = read_machine(NODES "/node0/distance");
	nodes_are(topo, "0,3");
	assert_int_equal(tide_topology_distance(topo, 0, 3), 20);
	assert_int_equal(tide_topology_distance(topo, 3, 3), 10);
	assert_int_equal(tide_topology_node(topo, 3)->nb_cpus, 4);
	tide_topology_free(topo);
}

/* Node 3 goes offline between the first reading of `online` and that of its own files. */
static void
unplug(const char *path)
{
	static unsigned int read_online;

	if (strcmp(path, NODES "/online") != 0)
		return;
	if (++read_online % 2 == 1) {
		test_tree_remove(NODES "/node3");
	} else {
		test_tree_write(NODES "/online", "0,5\n");
		test_machine_node(0, "0-3\n", 16, "10 21\n");
		test_machine_node(5, "\n", 8, "21 10\n");
	}
}

/* Node 3 comes online just after `online` was read. */
static void
plug(const char *path)
{
	if (strcmp(path, NODES "/node0/cpulist") == 0)
		test_tree_write(NODES "/online", "0,3,5\n");
}

static void
a_change_between_two_files_is_read_again(void **state)
{
	struct tide_topology *topo;

	before_read = unplug;
	topo = read_machine(NULL);
	nodes_are(topo, "0,5");
	assert_int_equal(tide_topology_distance(topo, 0, 5), 21);
	tide_topology_free(topo);
	remove_machine(NULL);
	make_machine(NULL);
	test_tree_write(NODES "/online", "0,5\n");
	before_read = plug;
	topo = read_machine(NULL);
	nodes_are(topo, "0,3,5");
	assert_int_equal(tide_topology_distance(topo, 0, 3), 17);
	tide_topology_free(topo);
}

static void
distances_that_are_not_stated_are_the_default_ones(void **state)
{
	struct tide_topology *topo;

	test_tree_write(NODES "/node0/distance", "0 0 0\n");
	test_tree_write(NODES "/node3/distance", "17 10 0\n");
	topo = read_machine(NULL);
	assert_int_equal(tide_topology_distance(topo, 0, 0), 10);
	assert_int_equal(tide_topology_distance(topo, 0, 3), 20);
	assert_int_equal(tide_topology_distance(topo, 3, 0), 17);
	assert_int_equal(tide_topology_distance(topo, 3, 5), 20);
	tide_topology_free(topo);
}

static void
a_distance_that_cannot_be_is_the_default_one(void **state)
{
	static const char *const rows[] = {"", "10 17", "10 17 21 28", "10 17 x", "11 17 21",
		"10 17 9", "10 17 256", "10 17 99999999999999999999", "10 17 -1", "10,17,21"};

	for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
		struct tide_topology *topo;

		test_tree_write(NODES "/node0/distance", rows[i]);
		topo = read_machine(NODES "/node0/distance");
		assert_int_equal(tide_topology_distance(topo, 0, 0), 10);
		/* Those at its side hold where the row has a column for each node. */
		assert_int_equal(tide_topology_distance(topo, 0, 5), i == 4 ? 21 : 20);
		assert_int_equal(tide_topology_distance(topo, 3, 5), 28);
		tide_topology_free(topo);
	}
}

static void
without_a_list_of_cpus_the_kernel_is_asked(void **state)
{
	struct tide_topology *topo;
	cpu_set_t mine;

	CPU_ZERO(&mine);
	assert_int_equal(sched_getaffinity(0, sizeof(mine), &mine), 0);
	test_tree_remove("/proc/self/task");
	test_machine_write("Name:\tx\nSeccomp:\t0\nMems_allowed:\t1\nMems_allowed_list:\t0\n",
		"/proc/self/task/%d/status", (int)getpid());
	topo = read_machine(NULL);
	for (unsigned int cpu = 0; cpu < 8; cpu++)
		assert_int_equal(tide_topology_cpu_allowed(topo, cpu), CPU_ISSET(cpu, &mine) != 0);
	tide_topology_free(topo);
	test_tree_remove("/proc/self/task");
	topo = read_machine("/proc/self/task");
	for (unsigned int cpu = 0; cpu < 8; cpu++)
		assert_int_equal(tide_topology_cpu_allowed(topo, cpu), CPU_ISSET(cpu, &mine) != 0);
	tide_topology_free(topo);
}

static void
nodes_are_found_without_the_list_of_them(void **state)
{
	static const char *const lists[] = {"", "\n", "0-1024\n", "none\n"};
	struct tide_topology *topo;

	for (unsigned int i = 0; i < RTE_DIM(lists); i++) {
		test_tree_write(NODES "/online", lists[i]);
		topo = read_machine(NODES "/online");
		nodes_are(topo, "0,3,5");
		assert_int_equal(tide_topology_distance(topo, 0, 5), 21);
		tide_topology_free(topo);
	}
	test_tree_remove(NODES "/online");
	topo = read_machine(NODES "/online");
	nodes_are(topo, "0,3,5");
	tide_topology_free(topo);
	test_tree_remove(NODES);
	test_tree_write(NODES "/has_cpu", "0\n");
	topo = read_machine(NODES "/online");
	nodes_are(topo, "0");
	assert_int_equal(tide_topology_node(topo, 0)->nb_cpus, 8);
	assert_int_equal(tide_topology_node(topo, 0)->memory, UINT64_C(92274688) << 10);
	tide_topology_free(topo);
}

static void
a_node_is_without_what_its_files_do_not_say(void **state)
{
	struct tide_topology *topo;

	test_tree_remove(NODES "/node0/cpulist");
	topo = read_machine(NODES "/node0/cpulist");
	assert_int_equal(tide_topology_node(topo, 0)->nb_cpus, 0);
	assert_int_equal(tide_topology_node(topo, 0)->memory, UINT64_C(16) << 30);
	tide_topology_free(topo);
	test_machine_node(0, "0-3\n", 16, "10 17 21\n");
	test_tree_remove(NODES "/node3/meminfo");
	topo = read_machine(NODES "/node3/meminfo");
	assert_int_equal(tide_topology_node(topo, 3)->nb_cpus, 4);
	assert_int_equal(tide_topology_node(topo, 3)->memory, 0);
	tide_topology_free(topo);
	/* None has any: then it is one node with all of it. */
	test_tree_remove(NODES "/node0/meminfo");
	test_tree_remove(NODES "/node5/meminfo");
	topo = read_machine("/meminfo");
	nodes_are(topo, "0");
	assert_int_equal(tide_topology_node(topo, 0)->nb_cpus, 8);
	tide_topology_free(topo);
}

static void
the_only_node_has_all_that_its_files_do_not_say(void **state)
{
	struct tide_topology *topo;

	test_tree_remove(NODES);
	test_tree_write(NODES "/online", "3\n");
	test_machine_node(3, "x\n", 16, "10\n");
	topo = read_machine(NODES "/node3/cpulist");
	nodes_are(topo, "3");
	assert_int_equal(tide_topology_node(topo, 3)->nb_cpus, 8);
	tide_topology_free(topo);
	test_machine_node(3, "0-3\n", 16, "10\n");
	test_tree_remove(NODES "/node3/meminfo");
	topo = read_machine(NODES "/node3/meminfo");
	assert_int_equal(tide_topology_node(topo, 3)->nb_cpus, 4);
	assert_int_equal(tide_topology_node(topo, 3)->memory, UINT64_C(92274688) << 10);
	tide_topology_free(topo);
}

static void
a_file_that_holds_something_else_is_named(void **state)
{
	static const struct {
		const char *path, *text;
	} garbage[] = {
		{NODES "/node0/cpulist", "0-9999\n"},
		{NODES "/node0/cpulist", "0-3;8\n"},
		{NODES "/node0/meminfo", ""},
		{NODES "/node0/meminfo", "Node 0 MemTotal: 5 kB\n"},
		{NODES "/node0/meminfo", "Node 0 MemTotal: x kB\nNode 0 MemFree: 1 kB\n"},
		{NODES "/node0/meminfo", "MemTotal: 99999999999999999999 kB\nMemFree: 1 kB\n"},
		{NODES "/node0/hugepages/hugepages-2048kB/nr_hugepages", "-1\n"},
		{NODES "/node0/hugepages/hugepages-2048kB/free_hugepages", "\n"},
		{"/proc/self/status", "Name:\tx\nMems_allowed_list:\tall\n"},
		{"/proc/self/status", "Name:\tx\nMems_allowed_list:\t0-1024\n"},
		{"/proc/self/task/1/status", "Name:\tx\nCpus_allowed_list:\t0-8192\n"},
	};

	for (unsigned int i = 0; i < RTE_DIM(garbage); i++) {
		test_tree_write(garbage[i].path, garbage[i].text);
		tide_topology_free(read_machine(garbage[i].path));
		remove_machine(NULL);
		make_machine(NULL);
	}
}

static void
huge_pages_that_cannot_be_read_are_not_there(void **state)
{
	static const char *const sizes[] = {"4kB", "8kB", "16kB", "32kB", "64kB", "128kB", "256kB"};
	struct tide_topology *topo;

	test_tree_remove(NODES "/node0/hugepages/hugepages-2048kB/free_hugepages");
	topo = read_machine(NODES "/node0/hugepages/hugepages-2048kB/free_hugepages");
	assert_int_equal(tide_topology_node(topo, 0)->nb_huge, 1);
	assert_int_equal(tide_topology_node(topo, 3)->nb_huge, 2);
	tide_topology_free(topo);
	for (unsigned int i = 0; i < RTE_DIM(sizes); i++)
		test_machine_huge(NODES "/node3/hugepages", sizes[i], "1", "1");
	test_tree_remove(NODES "/node0/hugepages");
	topo = read_machine(NODES "/node3/hugepages/");
	assert_int_equal(tide_topology_node(topo, 3)->nb_huge, TIDE_HUGE_SIZES_MAX);
	tide_topology_free(topo);
}

/* The part of it that exists is valid: only its length is wrong. */
static void
a_file_without_end_counts_as_missing(void **state)
{
	static const char good[] = "MemTotal: 8 kB\nMemFree: 4 kB\n";
	struct tide_topology *topo;
	char *text = malloc(40001);

	assert_non_null(text);
	memset(text, ' ', 40000);
	text[40000] = '\0';
	memcpy(text, good, sizeof(good) - 1);
	test_tree_write(NODES "/node0/meminfo", text);
	free(text);
	topo = read_machine(NODES "/node0/meminfo");
	assert_int_equal(tide_topology_node(topo, 0)->memory, 0);
	tide_topology_free(topo);
}

static void
the_warning_counts_what_it_does_not_name(void **state)
{
	struct tide_topology *topo;

	test_tree_remove(NODES "/node3/distance");
	test_tree_remove(NODES "/node5/distance");
	test_tree_remove("/proc/self/status");
	topo = read_machine("(and 2 more such files)");
	assert_true(tide_topology_node(topo, 5)->mem_allowed);
	tide_topology_free(topo);
}

static void
a_machine_without_any_memory_is_refused(void **state)
{
	const struct tidei_policy policy = {.mode = MPOL_DEFAULT};

	test_tree_remove(NODES);
	test_tree_remove("/proc/meminfo");
	rte_errno = 0;
	test_log_catch();
	assert_null(tidei_topology_read(root, &policy));
	assert_non_null(strstr(test_log_caught(), "/proc/meminfo"));
	assert_int_equal(rte_errno, EIO);
}

/* All files of the machine but the one that gives it memory when all else fails. */
static const char *const files[] = {
	NODES "/online",
	NODES "/node0/cpulist",
	NODES "/node0/meminfo",
	NODES "/node0/distance",
	NODES "/node0/hugepages/hugepages-2048kB/nr_hugepages",
	NODES "/node3/cpulist",
	NODES "/node3/meminfo",
	NODES "/node3/distance",
	NODES "/node3/hugepages/hugepages-1048576kB/free_hugepages",
	NODES "/node5/cpulist",
	NODES "/node5/meminfo",
	NODES "/node5/distance",
	"/sys/devices/system/cpu/online",
	"/proc/self/status",
	"/proc/self/task/1/status",
};

static void
damage(unsigned int *seed)
{
	static const char *const texts[] = {"", "\n", "0-3\n", "0-7\n", "5\n", "1,4\n", "x\n",
		"10 10 10\n", "0 0 0\n", "MemTotal: 8 kB\nMemFree: 9 kB\n", "-1\n", "4294967296\n",
		"Name:\tx\nCpus_allowed_list:\t\nMems_allowed_list:\t7\n"};
	const char *path = files[rand_r(seed) % RTE_DIM(files)];

	test_tree_write(path, texts[(unsigned int)rand_r(seed) % RTE_DIM(texts)]);
	if (rand_r(seed) % 2 == 0)
		test_tree_remove(path);
}

static void
no_damage_refuses_a_machine(void **state)
{
	const struct tidei_policy policy = {.mode = MPOL_DEFAULT};
	unsigned int seed = (unsigned int)time(NULL), first = seed;

	print_message("seed %u\n", first);
	for (unsigned int round = 0; round < 200; round++) {
		struct tide_topology *topo;

		for (unsigned int n = 1 + (unsigned int)rand_r(&seed) % 6; n > 0; n--)
			damage(&seed);
		test_log_catch();
		topo = tidei_topology_read(root, &policy);
		if (topo == NULL || tidei_topology_check(topo) != 0)
			fail_msg("seed %u, round %u: %s", first, round, test_log_caught());
		assert_true(count_lines(test_log_caught()) <= 1);
		tide_topology_free(topo);
		remove_machine(NULL);
		make_machine(NULL);
	}
}

static int
proven_node(void)
{
	const struct tidei_policy policy = {.mode = MPOL_DEFAULT};
	struct tide_topology *topo;
	const char *log;
	int node;

	test_log_catch();
	topo = tidei_topology_read_quietly(root, &policy);
	log = test_log_caught();
	if (topo == NULL || log[0] != '\0')
		fail_msg("the log should have nothing, says '%s'", log);
	node = tidei_topology_only_node(topo);
	tide_topology_free(topo);
	return node;
}

/* Back to node 0 alone, as all files say. */
static void
leave_one_node(void)
{
	remove_machine(NULL);
	make_machine(NULL);
	test_tree_remove(NODES "/node3");
	test_tree_remove(NODES "/node5");
	test_tree_write(NODES "/online", "0\n");
	test_machine_node(0, "0-7\n", 16, "10\n");
	test_machine_status("0-7", "0");
	assert_int_equal(proven_node(), 0);
}

static void
the_only_node_is_known_where_no_other_can_be_hidden(void **state)
{
	assert_int_equal(proven_node(), TIDE_NODE_UNKNOWN);
	leave_one_node();
	test_tree_write(NODES "/node0/distance", "x\n");
	test_tree_remove(NODES "/node0/meminfo");
	assert_int_equal(proven_node(), 0);
	/* The directories tell as much. */
	test_tree_remove(NODES "/online");
	assert_int_equal(proven_node(), 0);
	/* A kernel without NUMA. */
	test_tree_remove(NODES);
	assert_int_equal(proven_node(), 0);
}

static void
a_node_that_can_be_hidden_is_no_proof_of_one(void **state)
{
	/* Another is listed, and gone or empty. */
	leave_one_node();
	test_tree_write(NODES "/online", "0,3\n");
	assert_int_equal(proven_node(), TIDE_NODE_UNKNOWN);
	test_tree_write(NODES "/node3/uevent", "");
	assert_int_equal(proven_node(), TIDE_NODE_UNKNOWN);
	/* The node exists, but its memory is unknown. */
	test_machine_node(3, "\n", 16, "10 20\n");
	test_tree_write(NODES "/node3/meminfo", "x\n");
	assert_int_equal(proven_node(), TIDE_NODE_UNKNOWN);
	/* The memory of none is known. */
	test_tree_remove(NODES "/node0/meminfo");
	assert_int_equal(proven_node(), TIDE_NODE_UNKNOWN);
	/* An empty directory has been mounted over all of them. */
	leave_one_node();
	test_tree_remove(NODES "/online");
	test_tree_remove(NODES "/node0");
	assert_int_equal(proven_node(), TIDE_NODE_UNKNOWN);
	/* There is no sysfs. */
	leave_one_node();
	test_tree_remove("/sys");
	assert_int_equal(proven_node(), TIDE_NODE_UNKNOWN);
}

#define ON_FILES(test) cmocka_unit_test_setup_teardown(test, make_machine, remove_machine)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_FILES(a_cpu_of_several_nodes_is_on_the_one_its_link_names),
		ON_FILES(a_cpu_of_several_nodes_and_no_link_is_on_the_first),
		ON_FILES(a_node_that_is_listed_and_gone_is_left_out),
		ON_FILES(a_node_that_came_later_costs_the_distances_only),
		ON_FILES(a_change_between_two_files_is_read_again),
		ON_FILES(distances_that_are_not_stated_are_the_default_ones),
		ON_FILES(a_distance_that_cannot_be_is_the_default_one),
		ON_FILES(without_a_list_of_cpus_the_kernel_is_asked),
		ON_FILES(nodes_are_found_without_the_list_of_them),
		ON_FILES(a_node_is_without_what_its_files_do_not_say),
		ON_FILES(the_only_node_has_all_that_its_files_do_not_say),
		ON_FILES(a_file_that_holds_something_else_is_named),
		ON_FILES(huge_pages_that_cannot_be_read_are_not_there),
		ON_FILES(a_file_without_end_counts_as_missing),
		ON_FILES(the_warning_counts_what_it_does_not_name),
		ON_FILES(a_machine_without_any_memory_is_refused),
		ON_FILES(no_damage_refuses_a_machine),
		ON_FILES(the_only_node_is_known_where_no_other_can_be_hidden),
		ON_FILES(a_node_that_can_be_hidden_is_no_proof_of_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
