/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Machines read from sysfs and procfs: this one, against libnuma, and others made of files. */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/mempolicy.h>
#include <numa.h>
#include <sys/syscall.h>

#include <rte_common.h>
#include <rte_errno.h>

#include "topology_internal.h"
#include "log.h"
#include "machine.h"
#include "tree.h"

#define NODES TEST_NODES

static const char *root;

/* The memory policy machines are read with. */
static struct tidei_policy policy;

/* A machine of three nodes with sparse ids: 3 has no CPUs, 1023 has no memory. */
static int
make_machine(void **state)
{
	root = test_tree_make();
	test_tree_write(NODES "/online", "0,3,1023\n");
	test_machine_node(0, "0-3,8\n", 16, "10 17 21\n");
	test_machine_node(3, "\n", 64, "17 10 28\n");
	test_machine_node(1023, "4-7\n", 0, "21 28 10\n");
	test_machine_status("0-8", "0,3,1023");
	policy = (struct tidei_policy){.mode = MPOL_DEFAULT};
	return 0;
}

static int
remove_machine(void **state)
{
	test_tree_free();
	return 0;
}

static struct tide_topology *
read_machine(void)
{
	struct tide_topology *topo = tidei_topology_read(root, &policy);

	assert_non_null(topo);
	assert_int_equal(tidei_topology_check(topo), 0);
	return topo;
}

static void
refused_naming(const char *path)
{
	const char *log;

	rte_errno = 0;
	test_log_catch();
	assert_null(tidei_topology_read(root, &policy));
	log = test_log_caught();
	if (strstr(log, path) == NULL)
		fail_msg("the log should name %s, says '%s'", path, log);
	assert_int_equal(rte_errno, EIO);
}

static void
a_machine_with_sparse_ids_is_read_whole(void **state)
{
	struct tide_topology *topo = read_machine();
	const struct tide_node *node = tide_topology_node(topo, 0);

	assert_int_equal(tide_topology_nb_nodes(topo), 3);
	assert_int_equal(node->nb_cpus, 5);
	assert_int_equal(node->nb_cpus_allowed, 5);
	assert_true(node->mem_allowed);
	assert_int_equal(node->memory, UINT64_C(16) << 30);
	assert_int_equal(node->memory_free, UINT64_C(8) << 30);
	assert_int_equal(node->nb_huge, 2);
	assert_int_equal(node->huge[0].page_size, 1 << 30);
	assert_int_equal(node->huge[0].total, 4);
	assert_int_equal(node->huge[0].free, 0);
	assert_int_equal(node->huge[1].page_size, 2 << 20);
	assert_int_equal(node->huge[1].free, 500);
	assert_true(node->huge[1].limit == UINT64_MAX);
	assert_int_equal(tide_topology_node(topo, 3)->nb_cpus, 0);
	assert_int_equal(tide_topology_node(topo, 1023)->memory, 0);
	assert_int_equal(tide_topology_cpu_node(topo, 8), 0);
	assert_int_equal(tide_topology_cpu_node(topo, 4), 1023);
	assert_int_equal(tide_topology_distance(topo, 0, 3), 17);
	assert_int_equal(tide_topology_distance(topo, 0, 1023), 21);
	assert_int_equal(tide_topology_distance(topo, 1023, 3), 28);
	tide_topology_free(topo);
}

static void
only_what_the_process_may_use_is_allowed(void **state)
{
	struct tide_topology *topo;

	test_machine_status("1-2,5,100", "3,7");
	topo = read_machine();
	assert_int_equal(tide_topology_node(topo, 0)->nb_cpus_allowed, 2);
	assert_int_equal(tide_topology_node(topo, 1023)->nb_cpus_allowed, 1);
	assert_false(tide_topology_node(topo, 0)->mem_allowed);
	assert_true(tide_topology_node(topo, 3)->mem_allowed);
	assert_false(tide_topology_cpu_allowed(topo, 0));
	assert_true(tide_topology_cpu_allowed(topo, 5));
	assert_false(tide_topology_cpu_allowed(topo, 100));
	tide_topology_free(topo);
}

static void
cpus_of_any_thread_are_allowed_and_ended_threads_do_not_matter(void **state)
{
	struct tide_topology *topo;

	test_machine_status("0", "0");
	test_tree_write("/proc/self/task/77/status", "Name:\ty\nCpus_allowed_list:\t2,8\n");
	test_tree_write("/proc/self/task/78/comm", "gone");
	topo = read_machine();
	assert_int_equal(tide_topology_node(topo, 0)->nb_cpus_allowed, 3);
	assert_true(tide_topology_cpu_allowed(topo, 8));
	assert_false(tide_topology_cpu_allowed(topo, 1));
	tide_topology_free(topo);
}

static void
a_kernel_without_cpusets_allows_all_memory(void **state)
{
	struct tide_topology *topo;

	test_tree_write("/proc/self/status", "Name:\tx\nCpus_allowed_list:\t0\n");
	topo = read_machine();
	assert_true(tide_topology_node(topo, 0)->mem_allowed);
	assert_true(tide_topology_node(topo, 1023)->mem_allowed);
	tide_topology_free(topo);
}

static void
bind(int mode, unsigned int n, ...)
{
	va_list ap;

	policy = (struct tidei_policy){.mode = mode};
	va_start(ap, n);
	while (n-- > 0) {
		unsigned int id = va_arg(ap, unsigned int);

		policy.nodes[id / 64] |= 1UL << (id % 64);
	}
	va_end(ap);
}

/* Which of the nodes 0, 3 and 1023 may give memory, as digits. */
static void
allowed_are(const char *expected)
{
	struct tide_topology *topo = read_machine();
	char found[4] = "000";
	const int ids[] = {0, 3, 1023};

	for (unsigned int i = 0; i < RTE_DIM(ids); i++)
		found[i] += tide_topology_node(topo, ids[i])->mem_allowed;
	assert_string_equal(found, expected);
	tide_topology_free(topo);
}

static void
a_binding_memory_policy_leaves_only_its_nodes(void **state)
{
	struct tide_topology *topo;

	bind(MPOL_BIND, 1, 3);
	allowed_are("010");
	bind(MPOL_BIND, 2, 3, 1023);
	allowed_are("011");
	bind(MPOL_BIND | MPOL_F_STATIC_NODES, 2, 0, 5);
	allowed_are("100");
	bind(MPOL_BIND | MPOL_F_NUMA_BALANCING, 1, 0);
	allowed_are("100");
	topo = read_machine();
	assert_true(tide_topology_node(topo, 3)->mem_cpuset);
	tide_topology_free(topo);
}

static void
a_policy_and_a_cpuset_leave_what_they_have_in_common(void **state)
{
	test_machine_status("0-8", "0,3");
	bind(MPOL_BIND | MPOL_F_STATIC_NODES, 2, 3, 1023);
	allowed_are("010");
	/* Nothing in common: the kernel goes by the cpuset alone. */
	bind(MPOL_BIND | MPOL_F_STATIC_NODES, 1, 1023);
	allowed_are("110");
	/* Relative ids count the nodes of the cpuset, and go round. */
	bind(MPOL_BIND | MPOL_F_RELATIVE_NODES, 1, 1);
	allowed_are("010");
	bind(MPOL_BIND | MPOL_F_RELATIVE_NODES, 1, 2);
	allowed_are("100");
	test_machine_status("0-8", "");
	allowed_are("000");
}

static void
a_policy_that_is_a_hint_leaves_all_nodes(void **state)
{
	static const int hints[] = {MPOL_DEFAULT, MPOL_PREFERRED, MPOL_INTERLEAVE, MPOL_LOCAL,
		MPOL_PREFERRED_MANY, MPOL_MAX};

	for (unsigned int i = 0; i < RTE_DIM(hints); i++) {
		bind(hints[i], 1, 3);
		allowed_are("111");
		bind(hints[i] | MPOL_F_STATIC_NODES, 1, 3);
		allowed_are("111");
	}
}

/* On a machine with one node a policy changes nothing, so it is seen that it is asked for. */
void __real_tidei_policy_read(struct tidei_policy *asked);
void __wrap_tidei_policy_read(struct tidei_policy *asked);

static unsigned int policies_read;

void
__wrap_tidei_policy_read(struct tidei_policy *asked)
{
	policies_read++;
	__real_tidei_policy_read(asked);
}

static void
the_policy_is_that_of_the_calling_thread(void **state)
{
	unsigned long node0 = 1;
	struct tide_topology *topo;

	if (syscall(SYS_set_mempolicy, MPOL_BIND | MPOL_F_STATIC_NODES, &node0, 64) != 0) {
		print_message("set_mempolicy: %s\n", strerror(errno));
		skip();
	}
	tidei_policy_read(&policy);
	policies_read = 0;
	topo = tide_topology_create();
	assert_int_equal(policies_read, 1);
	assert_int_equal(syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0), 0);
	assert_int_equal(policy.mode, MPOL_BIND | MPOL_F_STATIC_NODES);
	assert_int_equal(policy.nodes[0], 1);
	assert_non_null(topo);
	for (unsigned int i = 0; i < tide_topology_nb_nodes(topo); i++)
		assert_int_equal(tide_topology_node_at(topo, i)->mem_allowed, i == 0);
	tide_topology_free(topo);
	tidei_policy_read(&policy);
	assert_int_equal(policy.mode, MPOL_DEFAULT);
}

static void
a_kernel_without_huge_pages_has_none(void **state)
{
	struct tide_topology *topo;

	test_tree_remove(NODES "/node0/hugepages");
	topo = read_machine();
	assert_int_equal(tide_topology_node(topo, 0)->nb_huge, 0);
	assert_int_equal(tide_topology_node(topo, 3)->nb_huge, 2);
	tide_topology_free(topo);
}

static void
strange_folders_are_no_huge_page_sizes(void **state)
{
	struct tide_topology *topo;

	test_machine_huge(NODES "/node0/hugepages", "64kB", "3\n", "1\n");
	test_tree_write(NODES "/node0/hugepages/hugepages-12MB/nr_hugepages", "1\n");
	test_tree_write(NODES "/node0/hugepages/hugepages-kB/nr_hugepages", "1\n");
	test_tree_write(NODES "/node0/hugepages/hugepages-99999999999999999999kB/x", "1\n");
	test_tree_write(NODES "/node0/hugepages/demote", "1\n");
	topo = read_machine();
	assert_int_equal(tide_topology_node(topo, 0)->nb_huge, 3);
	assert_int_equal(tide_topology_node(topo, 0)->huge[2].page_size, 64 << 10);
	assert_int_equal(tide_topology_node(topo, 0)->huge[2].free, 1);
	tide_topology_free(topo);
}

/* Total and free are counted at different instants. */
static void
free_is_never_above_total(void **state)
{
	struct tide_topology *topo;

	test_machine_huge(NODES "/node0/hugepages", "2048kB", "3\n", "4\n");
	test_machine_write("Node 0 MemTotal: 8 kB\nNode 0 MemFree: 9 kB\n", NODES "/node0/meminfo");
	topo = read_machine();
	assert_int_equal(tide_topology_node(topo, 0)->huge[1].free, 3);
	assert_int_equal(tide_topology_node(topo, 0)->memory_free, 8 << 10);
	tide_topology_free(topo);
}

static void
a_kernel_without_numa_is_one_node(void **state)
{
	struct tide_topology *topo;
	const struct tide_node *node;

	test_tree_remove(NODES);
	test_tree_write("/sys/devices/system/cpu/online", "0-3\n");
	test_tree_write("/proc/meminfo", "MemTotal:       1024 kB\nMemFree:   512 kB\n");
	test_machine_huge("/sys/kernel/mm/hugepages", "2048kB", "8\n", "7\n");
	test_machine_status("1", "0");
	topo = read_machine();
	node = tide_topology_node(topo, 0);
	assert_int_equal(tide_topology_nb_nodes(topo), 1);
	assert_int_equal(node->nb_cpus, 4);
	assert_int_equal(node->nb_cpus_allowed, 1);
	assert_true(node->mem_allowed);
	assert_int_equal(node->memory, 1 << 20);
	assert_int_equal(node->memory_free, 1 << 19);
	assert_int_equal(node->huge[0].free, 7);
	assert_int_equal(tide_topology_distance(topo, 0, 0), 10);
	tide_topology_free(topo);
	test_tree_remove("/proc/meminfo");
	refused_naming("/proc/meminfo");
	test_tree_write("/sys/devices/system/cpu/online", "x");
	refused_naming("/sys/devices/system/cpu/online");
}

/* The longest CPU list there can be: every other CPU. */
static void
the_longest_list_is_read(void **state)
{
	char *text = malloc(6 * TIDE_CPU_MAX);
	struct tide_topology *topo;
	size_t len = 0;

	assert_non_null(text);
	for (unsigned int cpu = 9; cpu < TIDE_CPU_MAX; cpu += 2)
		len += sprintf(text + len, "%s%u", cpu == 9 ? "" : ",", cpu);
	test_tree_write(NODES "/node3/cpulist", text);
	free(text);
	topo = read_machine();
	assert_int_equal(tide_topology_node(topo, 3)->nb_cpus, (TIDE_CPU_MAX - 9 + 1) / 2);
	assert_int_equal(tide_topology_cpu_node(topo, TIDE_CPU_MAX - 1), 3);
	tide_topology_free(topo);
}

static void
limits_are(uint64_t of_2m, uint64_t of_1g)
{
	struct tide_topology *topo = read_machine();
	const struct tide_node *node = tide_topology_node(topo, 3);

	assert_true(node->huge[1].limit == of_2m);
	assert_true(node->huge[0].limit == of_1g);
	tide_topology_free(topo);
}

static void
the_tightest_cgroup_on_the_way_up_limits_huge_pages_v2(void **state)
{
	const char *mount = "/sys/fs/cgroup";

	test_tree_write("/proc/self/cgroup", "0::/a/b\n");
	limits_are(UINT64_MAX, UINT64_MAX);
	test_machine_write("max\n", "%s/a/b/hugetlb.2MB.max", mount);
	limits_are(UINT64_MAX, UINT64_MAX);
	test_machine_write("16777216\n", "%s/a/hugetlb.2MB.max", mount);
	limits_are(8, UINT64_MAX);
	test_machine_write("8388608\n", "%s/a/b/hugetlb.2MB.rsvd.max", mount);
	limits_are(4, UINT64_MAX);
	test_machine_write("2147483648\n", "%s/hugetlb.1GB.max", mount);
	limits_are(4, 2);
	test_machine_write("0\n", "%s/a/b/hugetlb.1GB.max", mount);
	limits_are(4, 0);
	test_tree_write("/proc/self/cgroup", "0::/\n");
	limits_are(UINT64_MAX, 2);
}

static void
the_tightest_cgroup_on_the_way_up_limits_huge_pages_v1(void **state)
{
	const char *mount = "/sys/fs/cgroup/hugetlb";

	test_tree_write("/proc/self/cgroup",
		"3:cpuset:/q\n2:net_cls,hugetlb:/a/b\n1:name=systemd:/s\n0::/u\n");
	test_machine_write("9223372036854771712\n", "%s/hugetlb.2MB.limit_in_bytes", mount);
	limits_are(UINT64_MAX, UINT64_MAX);
	test_machine_write("4194304\n", "%s/a/b/hugetlb.2MB.limit_in_bytes", mount);
	limits_are(2, UINT64_MAX);
	test_machine_write("2097152\n", "%s/a/hugetlb.2MB.rsvd.limit_in_bytes", mount);
	limits_are(1, UINT64_MAX);
	test_tree_write("/sys/fs/cgroup/unified/u/hugetlb.1GB.max", "1073741824\n");
	limits_are(1, 1);
}

static void
the_room_a_cgroup_leaves_is_its_limit_less_what_is_used(void **state)
{
	const uint64_t size = 2 << 20;

	test_tree_write("/proc/self/cgroup", "0::/a\n");
	assert_true(tidei_cgroup_huge_room(root, size) == UINT64_MAX);
	test_tree_write("/sys/fs/cgroup/a/hugetlb.2MB.max", "16777216\n");
	assert_int_equal(tidei_cgroup_huge_room(root, size), 8);
	test_tree_write("/sys/fs/cgroup/a/hugetlb.2MB.current", "6291456\n");
	assert_int_equal(tidei_cgroup_huge_room(root, size), 5);
	test_tree_write("/sys/fs/cgroup/hugetlb.2MB.rsvd.max", "8388608\n");
	test_tree_write("/sys/fs/cgroup/hugetlb.2MB.rsvd.current", "6291456\n");
	assert_int_equal(tidei_cgroup_huge_room(root, size), 1);
	test_tree_write("/sys/fs/cgroup/hugetlb.2MB.rsvd.current", "10485760\n");
	assert_int_equal(tidei_cgroup_huge_room(root, size), 0);
	assert_int_equal(tidei_cgroup_huge_limit(root, size), 4);
	test_tree_write("/proc/self/cgroup", "2:hugetlb:/b\n");
	test_tree_write("/sys/fs/cgroup/hugetlb/b/hugetlb.2MB.limit_in_bytes", "4194304\n");
	test_tree_write("/sys/fs/cgroup/hugetlb/b/hugetlb.2MB.usage_in_bytes", "2097152\n");
	assert_int_equal(tidei_cgroup_huge_room(root, size), 1);
}

static void
a_strange_cgroup_file_is_no_limit(void **state)
{
	test_tree_write("/proc/self/cgroup", "\n:\nx\n2:hugetlbs:/a\n0:\n");
	test_tree_write("/sys/fs/cgroup/hugetlb/a/hugetlb.2MB.limit_in_bytes", "0\n");
	limits_are(UINT64_MAX, UINT64_MAX);
}

static void
this_machine_is_what_libnuma_says(void **state)
{
	struct tide_topology *topo = tide_topology_create();
	unsigned int nodes = 0;

	assert_non_null(topo);
	assert_int_equal(tidei_topology_check(topo), 0);
	if (numa_available() < 0) {
		tide_topology_free(topo);
		skip();
	}
	for (int id = 0; id <= numa_max_node(); id++) {
		const struct tide_node *node = tide_topology_node(topo, id);

		if (!numa_bitmask_isbitset(numa_nodes_ptr, id)) {
			assert_null(node);
			continue;
		}
		nodes++;
		assert_non_null(node);
		assert_int_equal(node->memory, RTE_MAX(numa_node_size64(id, NULL), 0));
		assert_int_equal(node->mem_cpuset && node->memory > 0,
			numa_bitmask_isbitset(numa_all_nodes_ptr, id));
		for (int to = 0; to <= numa_max_node(); to++)
			assert_int_equal(
				tide_topology_distance(topo, id, to), numa_distance(id, to));
	}
	assert_int_equal(tide_topology_nb_nodes(topo), nodes);
	for (int cpu = 0; cpu < numa_num_configured_cpus(); cpu++)
		assert_int_equal(tide_topology_cpu_node(topo, cpu), numa_node_of_cpu(cpu));
	tide_topology_free(topo);
}

static pthread_barrier_t barrier;

/* A thread that stays on CPU 1 while the test looks. */
static void *
stay(void *arg)
{
	cpu_set_t cpu1;

	CPU_ZERO(&cpu1);
	CPU_SET(1, &cpu1);
	pthread_setaffinity_np(pthread_self(), sizeof(cpu1), &cpu1);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

static void
a_pinned_main_thread_does_not_hide_the_cpus_of_others(void **state)
{
	cpu_set_t before, cpu0;
	struct tide_topology *topo;
	pthread_t thread;

	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	if (!CPU_ISSET(0, &before) || !CPU_ISSET(1, &before)) {
		print_message("needs CPUs 0 and 1\n");
		skip();
	}
	CPU_ZERO(&cpu0);
	CPU_SET(0, &cpu0);
	assert_int_equal(sched_setaffinity(0, sizeof(cpu0), &cpu0), 0);
	pthread_barrier_init(&barrier, NULL, 2);
	assert_int_equal(pthread_create(&thread, NULL, stay, NULL), 0);
	pthread_barrier_wait(&barrier);
	topo = tide_topology_create();
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&barrier);
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
	assert_true(tide_topology_cpu_allowed(topo, 0));
	assert_true(tide_topology_cpu_allowed(topo, 1));
	tide_topology_free(topo);
}

#define ON_FILES(test) cmocka_unit_test_setup_teardown(test, make_machine, remove_machine)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_FILES(a_machine_with_sparse_ids_is_read_whole),
		ON_FILES(only_what_the_process_may_use_is_allowed),
		ON_FILES(cpus_of_any_thread_are_allowed_and_ended_threads_do_not_matter),
		ON_FILES(a_kernel_without_cpusets_allows_all_memory),
		ON_FILES(a_binding_memory_policy_leaves_only_its_nodes),
		ON_FILES(a_policy_and_a_cpuset_leave_what_they_have_in_common),
		ON_FILES(a_policy_that_is_a_hint_leaves_all_nodes),
		cmocka_unit_test(the_policy_is_that_of_the_calling_thread),
		ON_FILES(a_kernel_without_huge_pages_has_none),
		ON_FILES(strange_folders_are_no_huge_page_sizes),
		ON_FILES(free_is_never_above_total),
		ON_FILES(a_kernel_without_numa_is_one_node),
		ON_FILES(the_longest_list_is_read),
		ON_FILES(the_tightest_cgroup_on_the_way_up_limits_huge_pages_v2),
		ON_FILES(the_tightest_cgroup_on_the_way_up_limits_huge_pages_v1),
		ON_FILES(the_room_a_cgroup_leaves_is_its_limit_less_what_is_used),
		ON_FILES(a_strange_cgroup_file_is_no_limit),
		cmocka_unit_test(this_machine_is_what_libnuma_says),
		cmocka_unit_test(a_pinned_main_thread_does_not_hide_the_cpus_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
