/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The time of a miss is measured on this machine, and refused where it could not be true. */

#include <errno.h>
#include <numaif.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <cmocka.h>

#include "range.h"
#include "topology_internal.h"
#include "child.h"
#include "log.h"
#include "machine.h"
#include "topology_friend.h"
#include "tree.h"

/* What each system call is to fail with; 0: nothing. */
static struct {
	int mmap, mbind, move_pages, pthread_create;
	int page_node; /* Where move_pages says the last page is; -1: where it is. */
	unsigned int asked; /* Times move_pages was called. */
	unsigned int asked_until; /* From then on it says where the page is. */
} fail;

/* The CPU move_pages was called on. */
static int asked_on;

/* What measuring left mapped. With files of 64 bits, mmap() is mmap64(). */
static unsigned int nb_mapped;

void *__real_mmap64(void *addr, size_t len, int prot, int flags, int fd, off_t off);
void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd, off_t off);
int __real_munmap(void *addr, size_t len);
int __wrap_munmap(void *addr, size_t len);
long __real_mbind(void *addr, unsigned long len, int mode, const unsigned long *mask,
	unsigned long max, unsigned int flags);
long __wrap_mbind(void *addr, unsigned long len, int mode, const unsigned long *mask,
	unsigned long max, unsigned int flags);
long
__real_move_pages(int pid, unsigned long n, void **pages, const int *nodes, int *status, int flags);
long
__wrap_move_pages(int pid, unsigned long n, void **pages, const int *nodes, int *status, int flags);
int __real_pthread_create(
	pthread_t *thread, const pthread_attr_t *attr, void *(*work)(void *), void *arg);
int __wrap_pthread_create(
	pthread_t *thread, const pthread_attr_t *attr, void *(*work)(void *), void *arg);

void *
__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	if (fail.mmap != 0) {
		errno = fail.mmap;
		return MAP_FAILED;
	}
	nb_mapped++;
	return __real_mmap64(addr, len, prot, flags, fd, off);
}

int
__wrap_munmap(void *addr, size_t len)
{
	nb_mapped--;
	return __real_munmap(addr, len);
}

long
__wrap_mbind(void *addr, unsigned long len, int mode, const unsigned long *mask, unsigned long max,
	unsigned int flags)
{
	if (fail.mbind != 0) {
		errno = fail.mbind;
		return -1;
	}
	return __real_mbind(addr, len, mode, mask, max, flags);
}

long
__wrap_move_pages(int pid, unsigned long n, void **pages, const int *nodes, int *status, int flags)
{
	long ret;

	if (fail.move_pages != 0) {
		errno = fail.move_pages;
		return -1;
	}
	asked_on = sched_getcpu();
	ret = __real_move_pages(pid, n, pages, nodes, status, flags);
	if (fail.page_node != -1 && fail.asked++ < fail.asked_until)
		status[n - 1] = fail.page_node;
	return ret;
}

int
__wrap_pthread_create(
	pthread_t *thread, const pthread_attr_t *attr, void *(*work)(void *), void *arg)
{
	if (fail.pthread_create != 0)
		return fail.pthread_create;
	return __real_pthread_create(thread, attr, work, arg);
}

static int
nothing_fails(void **state)
{
	memset(&fail, 0, sizeof(fail));
	fail.page_node = -1;
	fail.asked_until = UINT32_MAX;
	return 0;
}

/* A node of this machine with CPUs and memory for this process. */
static int
home(const struct tide_topology *topo)
{
	for (unsigned int i = 0; i < tide_topology_nb_nodes(topo); i++) {
		const struct tide_node *node = tide_topology_node_at(topo, i);

		if (node->nb_cpus_allowed > 0 && node->mem_allowed && node->memory > 0)
			return node->id;
	}
	fail_msg("no node has both CPUs and memory");
	return TIDE_NODE_UNKNOWN;
}

static double
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

/* This machine's topology, its home, and a measurement of it that works. */
static struct tide_topology *
measured(int *node)
{
	struct tide_topology *topo = tide_topology_create();

	assert_non_null(topo);
	*node = home(topo);
	assert_int_equal(tide_topology_measure(topo, *node, *node), 0);
	return topo;
}

static void
refused(struct tide_topology *topo, int from, int to, int error, const char *why)
{
	char pair[64];
	const char *log;

	test_log_catch();
	assert_int_equal(tide_topology_measure(topo, from, to), error);
	log = test_log_caught();
	snprintf(pair, sizeof(pair), "from node %d to node %d not measured: ", from, to);
	if (strstr(log, pair) == NULL || strstr(log, why) == NULL)
		fail_msg("should say '%s...%s', says '%s'", pair, why, log);
	assert_ptr_equal(strchr(log, '\n'), log + strlen(log) - 1);
	assert_int_equal(nb_mapped, 0);
}

static void
a_miss_is_measured_and_kept(void **state)
{
	struct tide_topology *topo = tide_topology_create();
	double start;
	int node;

	assert_non_null(topo);
	node = home(topo);
	assert_int_equal(tide_topology_latency(topo, node, node), 0);
	start = now_ms();
	assert_int_equal(tide_topology_measure(topo, node, node), 0);
	print_message("node %d: %u ns, found in %.1f ms\n", node,
		tide_topology_latency(topo, node, node), now_ms() - start);
	assert_uint_in_range(tide_topology_latency(topo, node, node), 1, LATENCY_MAX);
	assert_int_equal(tidei_topology_check(topo), 0);
	assert_int_equal(nb_mapped, 0);
	tide_topology_free(topo);
}

static void
each_pair_of_usable_nodes_can_be_measured(void **state)
{
	struct tide_topology *topo = tide_topology_create();
	unsigned int n = tide_topology_nb_nodes(topo);

	for (unsigned int i = 0; i < n * n; i++) {
		const struct tide_node *from = tide_topology_node_at(topo, i / n);
		const struct tide_node *to = tide_topology_node_at(topo, i % n);

		if (from->nb_cpus_allowed == 0 || !to->mem_allowed || to->memory == 0)
			continue;
		assert_int_equal(tide_topology_measure(topo, from->id, to->id), 0);
		assert_true(tide_topology_latency(topo, from->id, to->id) > 0);
	}
	tide_topology_dump(topo, stdout);
	tide_topology_free(topo);
}

static void
the_dump_has_the_measured_latencies(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct tide_topology *topo, *copy;
	int node;

	topo = measured(&node);
	tide_topology_dump(topo, out);
	fclose(out);
	copy = tide_topology_parse(text);
	assert_non_null(copy);
	assert_int_equal(
		tide_topology_latency(copy, node, node), tide_topology_latency(topo, node, node));
	tide_topology_free(copy);
	tide_topology_free(topo);
	free(text);
}

/* Pins this thread to one CPU it may use; that CPU, and another for `other`. */
static void
pin(unsigned int *cpu, unsigned int *other)
{
	unsigned int found[2], n = 0;
	cpu_set_t set;

	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	for (unsigned int i = 0; i < CPU_SETSIZE && n < 2; i++)
		if (CPU_ISSET(i, &set))
			found[n++] = i;
	if (n < 2) {
		print_message("one CPU only: the thread has no other to run on\n");
		skip();
	}
	CPU_ZERO(&set);
	CPU_SET(found[0], &set);
	assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
	*cpu = found[0];
	*other = found[1];
}

static void
the_chase_runs_on_its_node_and_the_caller_stays_where_it_was(void **state)
{
	struct tide_topology *topo = tide_topology_create();
	unsigned int cpu, other;
	cpu_set_t before, after;
	char text[64];
	int node = home(topo);

	tide_topology_free(topo);
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	pin(&cpu, &other);
	/* As if the other CPU were all that this node has. */
	snprintf(text, sizeof(text), "node %d cpus %u memory 1G", node, other);
	topo = tide_topology_parse(text);
	assert_int_equal(tide_topology_measure(topo, node, node), 0);
	assert_int_equal(asked_on, other);
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_int_equal(CPU_COUNT(&after), 1);
	assert_true(CPU_ISSET(cpu, &after));
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
	tide_topology_free(topo);
}

static void
a_node_that_is_not_there_is_refused(void **state)
{
	static const int strange[] = {-1, -2, 3, 1022, 1024, INT32_MAX, INT32_MIN};
	struct tide_topology *topo = tide_topology_parse("node 0 cpus 0 memory 1G\n");

	for (unsigned int i = 0; i < RTE_DIM(strange); i++) {
		char what[32];

		snprintf(what, sizeof(what), "there is no node %d", strange[i]);
		refused(topo, 0, strange[i], -EINVAL, what);
		refused(topo, strange[i], 0, -EINVAL, what);
	}
	tide_topology_free(topo);
}

static void
a_node_this_process_cannot_use_is_refused(void **state)
{
	struct tide_topology *topo =
		tide_topology_parse("node 0 cpus 0 memory 1G\nnode 1 cpus 1 memory 1G\n"
				    "node 2 memory 1G\nnode 3 cpus 2\n"
				    "allowed cpus 0,2 nodes 0,2,3\n");

	refused(topo, 1, 0, -ENODEV, "node 1 has no CPU");
	refused(topo, 2, 0, -ENODEV, "node 2 has no CPU");
	refused(topo, 0, 1, -ENODEV, "node 1 has no memory");
	refused(topo, 0, 3, -ENODEV, "node 3 has no memory");
	for (int i = 0; i < 16; i++)
		assert_int_equal(tide_topology_latency(topo, i / 4, i % 4), 0);
	tide_topology_free(topo);
}

static void
a_machine_of_paper_is_refused(void **state)
{
	/* The last ids there can be: no machine that runs this test has come near them. */
	struct tide_topology *topo = tide_topology_parse("node 0 cpus 0 memory 1G\n"
							 "node 1023 cpus 8191 memory 1G\n");

	refused(topo, 0, 1023, -ENODEV, "this machine has no memory on node 1023");
	refused(topo, 1023, 0, -ENODEV, "this machine has none of the CPUs of node 1023");
	tide_topology_free(topo);
}

static void
no_thread_to_be_had_is_said(void **state)
{
	int node;
	struct tide_topology *topo = measured(&node);

	fail.pthread_create = EAGAIN;
	refused(topo, node, node, -EAGAIN, "no thread: ");
	tide_topology_free(topo);
}

static void
no_memory_to_be_had_is_said(void **state)
{
	int node;
	struct tide_topology *topo = measured(&node);

	fail.mmap = ENOMEM;
	refused(topo, node, node, -ENOMEM, "mmap: ");
	tide_topology_free(topo);
}

static void
on_two_nodes(void)
{
	struct tide_topology *topo;

	if (!test_machine_enter())
		_exit(77);
	topo = tide_topology_create();
	EXPECT(topo != NULL && tide_topology_nb_nodes(topo) == 2);
	fail.mbind = EPERM;
	refused(topo, 0, 0, -EPERM, "mbind: Operation not permitted");
	fail.mbind = ENOSYS;
	refused(topo, 0, 0, -ENOSYS, "mbind: ");
	fail.mbind = 0;
	fail.move_pages = EPERM;
	refused(topo, 0, 0, -EPERM, "move_pages: Operation not permitted");
	tide_topology_free(topo);
}

static void
a_kernel_that_does_not_place_or_tell_is_said(void **state)
{
	test_machine_paper();
	test_in_child(on_two_nodes);
	test_tree_free();
}

/* The memory can be nowhere else. */
static void
with_one_node_nothing_need_be_asked(void **state)
{
	int node;
	struct tide_topology *topo = measured(&node);

	if (tidei_only_node() != node) {
		tide_topology_free(topo);
		skip();
	}
	fail.mbind = EPERM;
	assert_int_equal(tide_topology_measure(topo, node, node), 0);
	fail.move_pages = ENOSYS;
	assert_int_equal(tide_topology_measure(topo, node, node), 0);
	assert_int_equal(nb_mapped, 0);
	tide_topology_free(topo);
}

/* One page of 512 is enough; what was found before stays. */
static void
memory_from_elsewhere_gives_no_figure(void **state)
{
	int node;
	struct tide_topology *topo = measured(&node);
	unsigned int before = tide_topology_latency(topo, node, node);

	fail.page_node = node + 1;
	refused(topo, node, node, -ENOMEM, "1 pages came from elsewhere");
	fail.page_node = -ENOENT;
	refused(topo, node, node, -ENOMEM, "1 pages came from elsewhere");
	assert_int_equal(tide_topology_latency(topo, node, node), before);
	tide_topology_free(topo);
}

static void
a_page_on_the_move_is_asked_for_again(void **state)
{
	int node;
	struct tide_topology *topo = measured(&node);

	fail.page_node = -ENOENT;
	fail.asked_until = 2;
	assert_int_equal(tide_topology_measure(topo, node, node), 0);
	assert_int_equal(fail.asked, 3);
	tide_topology_free(topo);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_miss_is_measured_and_kept, nothing_fails),
		cmocka_unit_test_setup(each_pair_of_usable_nodes_can_be_measured, nothing_fails),
		cmocka_unit_test_setup(the_dump_has_the_measured_latencies, nothing_fails),
		cmocka_unit_test_setup(the_chase_runs_on_its_node_and_the_caller_stays_where_it_was,
			nothing_fails),
		cmocka_unit_test_setup(a_node_that_is_not_there_is_refused, nothing_fails),
		cmocka_unit_test_setup(a_node_this_process_cannot_use_is_refused, nothing_fails),
		cmocka_unit_test_setup(a_machine_of_paper_is_refused, nothing_fails),
		cmocka_unit_test_setup(no_thread_to_be_had_is_said, nothing_fails),
		cmocka_unit_test_setup(no_memory_to_be_had_is_said, nothing_fails),
		cmocka_unit_test_setup(a_kernel_that_does_not_place_or_tell_is_said, nothing_fails),
		cmocka_unit_test_setup(with_one_node_nothing_need_be_asked, nothing_fails),
		cmocka_unit_test_setup(memory_from_elsewhere_gives_no_figure, nothing_fails),
		cmocka_unit_test_setup(a_page_on_the_move_is_asked_for_again, nothing_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
