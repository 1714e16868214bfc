/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * A monitor finds an lcore that leaves its CPU, reports it once with both nodes, and finds it when it
 * returns. Linked with --wrap=calloc and --wrap=tide_topology_create.
 */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sys/prctl.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "eal.h"
#include "monitor_internal.h"

static const char text[] = "node 0 cpus 0 memory 1G\n"
			   "node 3 cpus 1-2 memory 1G\n";

static struct tide_topology *topo;

static struct tide_monitor_event events[8];
static unsigned int nb_events;
static int event_arg;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
struct tide_topology *__real_tide_topology_create(void);
struct tide_topology *__wrap_tide_topology_create(void);

/* Callocs until one fails; 0: none does. */
static unsigned int fails_in;

/* Errno of the next topology; 0: it can be read. */
static int topology_error;

void *
__wrap_calloc(size_t n, size_t size)
{
	if (fails_in > 0 && --fails_in == 0)
		return NULL;
	return __real_calloc(n, size);
}

struct tide_topology *
__wrap_tide_topology_create(void)
{
	if (topology_error == 0)
		return __real_tide_topology_create();
	rte_errno = topology_error;
	return NULL;
}

static void
record(const struct tide_monitor_event *event, void *arg)
{
	assert_ptr_equal(arg, &event_arg);
	assert_null(event->pool);
	assert_int_equal(event->pages, 0);
	/* The state is that after the change. */
	assert_true(event->lcore->changed);
	assert_int_equal(event->lcore->node, event->to);
	assert_true(nb_events < RTE_DIM(events));
	events[nb_events++] = *event;
}

static struct tide_monitor *
make(void)
{
	struct tide_monitor *monitor = tide_monitor_create(
		&(struct tide_monitor_conf){.topo = topo, .event = record, .arg = &event_arg});

	assert_non_null(monitor);
	nb_events = 0;
	return monitor;
}

/* Check; the last of `expected` events must be of this lcore and from one of these nodes to the other. */
static void
check(struct tide_monitor *monitor, unsigned int expected, unsigned int lcore_id, int from, int to)
{
	nb_events = 0;
	assert_int_equal(tide_monitor_check_lcores(monitor), expected);
	assert_int_equal(nb_events, expected);
	if (expected == 0)
		return;
	assert_int_equal(events[expected - 1].lcore->lcore_id, lcore_id);
	assert_int_equal(events[expected - 1].from, from);
	assert_int_equal(events[expected - 1].to, to);
}

static void
check_silent(struct tide_monitor *monitor)
{
	check(monitor, 0, 0, 0, 0);
}

static void
note(struct tide_monitor_lcore *state, int cpu, const cpu_set_t *home, bool away, bool changed,
	int node)
{
	tidei_monitor_lcore_note(state, cpu, home, topo);
	assert_int_equal(state->cpu, cpu);
	assert_int_equal(state->away, away);
	assert_int_equal(state->changed, changed);
	assert_int_equal(state->node, node);
}

static void
each_change_is_one_once(void **state)
{
	struct tide_monitor_lcore lcore;
	cpu_set_t home;

	CPU_ZERO(&home);
	CPU_SET(0, &home);
	tidei_monitor_lcore_begin(&lcore, 0, topo);
	note(&lcore, 0, &home, false, false, 0);
	note(&lcore, 1, &home, true, true, 3);
	note(&lcore, 1, &home, true, false, 3);
	note(&lcore, 2, &home, true, true, 3);
	note(&lcore, 0, &home, false, true, 0);
	note(&lcore, 0, &home, false, false, 0);
	note(&lcore, 9, &home, true, true, TIDE_NODE_UNKNOWN);
	note(&lcore, CPU_SETSIZE, &home, true, true, TIDE_NODE_UNKNOWN);
	assert_int_equal(lcore.moves, 4);
}

static void
an_lcore_of_several_cpus_may_change_between_them(void **state)
{
	struct tide_monitor_lcore lcore;
	cpu_set_t home;

	CPU_ZERO(&home);
	CPU_SET(0, &home);
	CPU_SET(1, &home);
	tidei_monitor_lcore_begin(&lcore, 0, topo);
	note(&lcore, 0, &home, false, false, 0);
	note(&lcore, 1, &home, false, false, 3);
	note(&lcore, 2, &home, true, true, 3);
	assert_int_equal(lcore.moves, 1);
}

/* Move a thread without EAL, as taskset does; false: the machine has no such CPU. */
static bool
move_thread(pid_t tid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(tid, sizeof(set), &set) == 0;
}

/* Move this thread. */
static bool
move_to(int cpu)
{
	return move_thread(0, cpu);
}

static void
need_cpu_1(void)
{
	if (!move_to(1)) {
		print_message("needs CPU 1\n");
		skip();
	}
	assert_true(move_to(0));
}

static struct tide_monitor *
make_if_cpu_1(void)
{
	need_cpu_1();
	return make();
}

static void
a_thread_that_moves_is_reported_once_with_both_nodes(void **state)
{
	struct tide_monitor *monitor = make_if_cpu_1();
	const struct tide_monitor_lcore *lcore = tide_monitor_lcore_state(monitor, 0);

	/* Its thread is not set yet. */
	check_silent(monitor);
	assert_int_equal(lcore->cpu, -1);
	assert_int_equal(lcore->tid, 0);
	assert_int_equal(lcore->home, 0);
	assert_int_equal(lcore->node, 0);
	assert_int_equal(tide_monitor_set_thread(monitor, 0, gettid()), 0);
	/* A name that misleads a reader that counts spaces. */
	prctl(PR_SET_NAME, "a) b (c) 1 2");
	check_silent(monitor);
	assert_int_equal(lcore->cpu, 0);
	assert_int_equal(lcore->tid, gettid());
	assert_true(move_to(1));
	check(monitor, 1, 0, 0, 3);
	assert_true(lcore->away);
	assert_int_equal(lcore->cpu, 1);
	assert_int_equal(lcore->home, 0);
	check_silent(monitor);
	assert_false(lcore->changed);
	assert_true(move_to(0));
	check(monitor, 1, 0, 3, 0);
	assert_false(lcore->away);
	check_silent(monitor);
	assert_int_equal(lcore->moves, 1);
	tide_monitor_free(monitor);
}

/* EAL knows of this change: it is no surprise for the application. */
static void
a_move_by_eal_is_no_event(void **state)
{
	struct tide_monitor *monitor = make_if_cpu_1();
	const struct tide_monitor_lcore *lcore = tide_monitor_lcore_state(monitor, 0);
	rte_cpuset_t set;

	assert_int_equal(tide_monitor_set_thread(monitor, 0, gettid()), 0);
	CPU_ZERO(&set);
	CPU_SET(1, &set);
	assert_int_equal(rte_thread_set_affinity(&set), 0);
	check_silent(monitor);
	assert_int_equal(lcore->cpu, 1);
	assert_int_equal(lcore->home, 3);
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	assert_int_equal(rte_thread_set_affinity(&set), 0);
	check_silent(monitor);
	assert_int_equal(lcore->home, 0);
	tide_monitor_free(monitor);
}

static void
states_change_without_a_callback(void **state)
{
	struct tide_monitor *monitor;

	need_cpu_1();
	monitor = tide_monitor_create(&(struct tide_monitor_conf){.topo = topo});
	assert_non_null(monitor);
	assert_int_equal(tide_monitor_set_thread(monitor, 0, gettid()), 0);
	assert_true(move_to(1));
	assert_int_equal(tide_monitor_check_lcores(monitor), 1);
	assert_true(tide_monitor_lcore_state(monitor, 0)->away);
	assert_true(move_to(0));
	tide_monitor_free(monitor);
}

/* A thread registered with EAL on CPU 0, which sleeps until it is told to end. */
static struct {
	pthread_t thread;
	pthread_barrier_t barrier; /* It wakes each time the test waits there too. */
	bool end;
	unsigned int lcore_id;
	pid_t tid;
} other;

static void *
other_main(void *arg)
{
	if (!move_to(0) || rte_thread_register() != 0)
		abort();
	other.lcore_id = rte_lcore_id();
	other.tid = gettid();
	do {
		pthread_barrier_wait(&other.barrier);
		pthread_barrier_wait(&other.barrier);
	} while (!other.end);
	rte_thread_unregister();
	return NULL;
}

static void
begin_other(void)
{
	other.end = false;
	assert_int_equal(pthread_barrier_init(&other.barrier, NULL, 2), 0);
	assert_int_equal(pthread_create(&other.thread, NULL, other_main, NULL), 0);
	pthread_barrier_wait(&other.barrier);
}

static void
end_other(void)
{
	other.end = true;
	pthread_barrier_wait(&other.barrier);
	assert_int_equal(pthread_join(other.thread, NULL), 0);
	pthread_barrier_destroy(&other.barrier);
}

/* The kernel shows the CPU where a sleeping thread ran last, though it may not run there now. */
static void
a_sleeping_thread_that_was_returned_is_not_away(void **state)
{
	struct tide_monitor *monitor = make_if_cpu_1();
	const struct tide_monitor_lcore *lcore;

	begin_other();
	lcore = tide_monitor_lcore_state(monitor, other.lcore_id);
	assert_int_equal(tide_monitor_set_thread(monitor, other.lcore_id, other.tid), 0);
	check_silent(monitor);
	assert_true(move_thread(other.tid, 1));
	pthread_barrier_wait(&other.barrier);
	pthread_barrier_wait(&other.barrier);
	while (tide_monitor_check_lcores(monitor) == 0)
		sched_yield();
	assert_int_equal(lcore->cpu, 1);
	/* Until it sleeps there. */
	usleep(20000);
	assert_true(move_thread(other.tid, 0));
	check(monitor, 1, other.lcore_id, 3, 0);
	assert_int_equal(lcore->cpu, 0);
	end_other();
	tide_monitor_free(monitor);
}

static void
an_lcore_whose_thread_has_ended_keeps_its_state(void **state)
{
	struct tide_monitor *monitor = make();
	const struct tide_monitor_lcore *lcore;

	begin_other();
	lcore = tide_monitor_lcore_state(monitor, other.lcore_id);
	/* EAL did not have it when the monitor was created. */
	assert_int_equal(lcore->home, TIDE_NODE_UNKNOWN);
	assert_int_equal(tide_monitor_set_thread(monitor, other.lcore_id, other.tid), 0);
	check_silent(monitor);
	assert_int_equal(lcore->cpu, 0);
	assert_int_equal(lcore->home, 0);
	end_other();
	check_silent(monitor);
	assert_int_equal(lcore->cpu, 0);
	assert_false(lcore->away || lcore->changed);
	/* Its id has no thread now. */
	assert_int_equal(tide_monitor_set_thread(monitor, other.lcore_id, other.tid), -ENOENT);
	tide_monitor_free(monitor);
}

static void
another_thread_begins_the_state_again(void **state)
{
	struct tide_monitor *monitor = make_if_cpu_1();
	const struct tide_monitor_lcore *lcore = tide_monitor_lcore_state(monitor, 0);

	begin_other();
	assert_int_equal(tide_monitor_set_thread(monitor, 0, gettid()), 0);
	assert_true(move_to(1));
	check(monitor, 1, 0, 0, 3);
	assert_int_equal(tide_monitor_set_thread(monitor, 0, other.tid), 0);
	/* It was away; the other thread never was. */
	check_silent(monitor);
	assert_int_equal(lcore->tid, other.tid);
	assert_int_equal(lcore->moves, 0);
	/* The first one is away still, which is a change from the node where the other was. */
	assert_int_equal(tide_monitor_set_thread(monitor, 0, gettid()), 0);
	check(monitor, 1, 0, 0, 3);
	/* Without a thread nothing is checked. */
	assert_int_equal(tide_monitor_set_thread(monitor, 0, 0), 0);
	assert_true(move_to(0));
	check_silent(monitor);
	assert_true(lcore->away);
	assert_false(lcore->changed);
	end_other();
	tide_monitor_free(monitor);
}

static void
unknown_lcores_and_threads_are_refused(void **state)
{
	struct tide_monitor *monitor = make();

	assert_int_equal(tide_monitor_set_thread(monitor, 5, gettid()), -ENOENT);
	assert_int_equal(tide_monitor_set_thread(monitor, RTE_MAX_LCORE, gettid()), -ENOENT);
	assert_int_equal(tide_monitor_set_thread(monitor, LCORE_ID_ANY, gettid()), -ENOENT);
	assert_int_equal(tide_monitor_set_thread(monitor, 0, -1), -EINVAL);
	check_silent(monitor);
	assert_null(tide_monitor_lcore_state(monitor, RTE_MAX_LCORE));
	assert_null(tide_monitor_lcore_state(monitor, LCORE_ID_ANY));
	assert_int_equal(tide_monitor_lcore_state(monitor, RTE_MAX_LCORE - 1)->cpu, -1);
	/* No process has a thread of this id. */
	assert_int_equal(tide_monitor_set_thread(monitor, 0, INT32_MAX), 0);
	check_silent(monitor);
	assert_int_equal(tide_monitor_lcore_state(monitor, 0)->cpu, -1);
	tide_monitor_free(monitor);
	tide_monitor_free(NULL);
}

static void
without_a_topology_the_machine_is_read(void **state)
{
	const struct tide_monitor_conf conf = {0};
	struct tide_monitor *monitor = tide_monitor_create(&conf);

	assert_non_null(monitor);
	assert_int_equal(tide_monitor_set_thread(monitor, 0, gettid()), 0);
	assert_int_equal(tide_monitor_check_lcores(monitor), 0);
	assert_true(tide_monitor_lcore_state(monitor, 0)->node >= 0);
	tide_monitor_free(monitor);
	topology_error = EIO;
	rte_errno = 0;
	assert_null(tide_monitor_create(&conf));
	assert_int_equal(rte_errno, EIO);
	topology_error = 0;
}

static void
a_monitor_that_finds_no_memory_is_an_errno(void **state)
{
	rte_errno = 0;
	fails_in = 1;
	assert_null(tide_monitor_create(&(struct tide_monitor_conf){.topo = topo}));
	assert_int_equal(rte_errno, ENOMEM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_is_one_once),
		cmocka_unit_test(an_lcore_of_several_cpus_may_change_between_them),
		cmocka_unit_test(a_thread_that_moves_is_reported_once_with_both_nodes),
		cmocka_unit_test(a_move_by_eal_is_no_event),
		cmocka_unit_test(states_change_without_a_callback),
		cmocka_unit_test(a_sleeping_thread_that_was_returned_is_not_away),
		cmocka_unit_test(an_lcore_whose_thread_has_ended_keeps_its_state),
		cmocka_unit_test(another_thread_begins_the_state_again),
		cmocka_unit_test(unknown_lcores_and_threads_are_refused),
		cmocka_unit_test(without_a_topology_the_machine_is_read),
		cmocka_unit_test(a_monitor_that_finds_no_memory_is_an_errno),
	};
	int ret;

	topo = tide_topology_parse(text);
	if (topo == NULL)
		return 1;
	test_eal_start(false, 32, "0");
	ret = cmocka_run_group_tests_name("monitor_lcores", tests, NULL, NULL);
	tide_topology_free(topo);
	return ret;
}
