/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * A monitor finds pages of a pool set that are not where they were, at once or some at a time. Linked with
 * --wrap=move_pages, --wrap=tidei_only_node, --wrap=malloc and --wrap=calloc.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include <rte_errno.h>

#include "eal.h"
#include "monitor_internal.h"
#include "tide_pool_query.h"

#define PAGE_2M ((uint64_t)2 << 20)

/* Pages of one step. */
#define STEP 64

static struct tide_topology *topo;
static struct tide_pool
	*pool; /* On node 0, and on node 1 in name only: this machine may have none. */
static struct tide_monitor *monitor;

static struct tide_monitor_event events[8];
static unsigned int nb_events;

long __real_move_pages(
	int pid, unsigned long count, void **pages, const int *nodes, int *status, int flags);
long __wrap_move_pages(
	int pid, unsigned long count, void **pages, const int *nodes, int *status, int flags);
int __wrap_tidei_only_node(void);
int __real_tidei_only_node(void);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

/* Memory of which the kernel does not say where it is, on a machine of several nodes; NULL: none. */
static const char *hidden;
static size_t hidden_len;

/* Every allocation fails. */
static bool no_memory;

/* Callocs until one fails; 0: none does. */
static unsigned int fails_in;

long
__wrap_move_pages(
	int pid, unsigned long count, void **pages, const int *nodes, int *status, int flags)
{
	const char *first = pages[0];

	if (hidden == NULL || first < hidden || first >= hidden + hidden_len)
		return __real_move_pages(pid, count, pages, nodes, status, flags);
	errno = EPERM;
	return -1;
}

int
__wrap_tidei_only_node(void)
{
	return hidden != NULL ? TIDE_NODE_UNKNOWN : __real_tidei_only_node();
}

void *
__wrap_malloc(size_t size)
{
	return no_memory ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	/* A compiler may make a calloc() of malloc() and memset(). */
	if (no_memory || (fails_in > 0 && --fails_in == 0))
		return NULL;
	return __real_calloc(n, size);
}

static void
record(const struct tide_monitor_event *event, void *arg)
{
	assert_null(arg);
	assert_null(event->lcore);
	assert_true(event->pool->changed);
	assert_true(nb_events < RTE_DIM(events));
	events[nb_events++] = *event;
}

static struct tide_monitor *
make(void)
{
	struct tide_monitor *made = tide_monitor_create(
		&(struct tide_monitor_conf){.pool = pool, .topo = topo, .event = record});

	assert_non_null(made);
	return made;
}

static int
set_up(void **state)
{
	static const int nodes[] = {0, 1};
	const struct tide_pool_conf conf = {.name = "monitor",
		.topo = topo,
		.nodes = nodes,
		.nb_nodes = 2,
		.buffers = 256,
		.data_room = RTE_MBUF_DEFAULT_BUF_SIZE,
		.backing = TIDE_BACKING_OWN,
		.page = TIDE_PAGE_4K,
		.enforce = TIDE_ENFORCE_BEST_EFFORT};

	pool = tide_pool_create(&conf);
	assert_non_null(pool);
	monitor = make();
	nb_events = 0;
	return 0;
}

static int
tear_down(void **state)
{
	hidden = NULL;
	no_memory = false;
	tide_monitor_free(monitor);
	return tide_pool_free(pool);
}

static const struct tide_monitor_pool *
place(int node)
{
	return tide_monitor_pool_on(monitor, node);
}

/* Return the i-th page of a member. */
static char *
page(int node, unsigned int i)
{
	void *addr;
	size_t len;

	assert_int_equal(tide_pool_memory(pool, node, &addr, &len), 0);
	return (char *)addr + (size_t)i * 4096;
}

/* The kernel has the page in no memory then. */
static void
drop(int node, unsigned int i)
{
	assert_int_equal(madvise(page(node, i), 4096, MADV_DONTNEED), 0);
}

static void
hide(int node)
{
	hidden = page(node, 0);
	hidden_len = (size_t)place(node)->made->pages * 4096;
}

/* Step until the check ends; the result of the last step. */
static int
step_all(void)
{
	int rc;

	do {
		rc = tide_monitor_step_pages(monitor, STEP);
	} while (rc == 0);
	return rc;
}

/* Check that the i-th event is of this member. */
static void
reported(unsigned int i, int node, int from, int to, uint64_t pages)
{
	assert_true(i < nb_events);
	assert_ptr_equal(events[i].pool, place(node));
	assert_int_equal(events[i].from, from);
	assert_int_equal(events[i].to, to);
	assert_int_equal(events[i].pages, pages);
}

static void
each_change_is_one_once_and_so_is_the_way_back(void **state)
{
	/* Pages on node 0, and whether that is a change. */
	static const struct {
		unsigned int on0;
		bool changed;
	} checks[] = {{0, false}, {12, true}, {12, false}, {13, true}, {1, true}, {1, false},
		{0, true}, {0, false}, {1, true}};
	const struct tide_placement made = {.requested = 1,
		.page_size = PAGE_2M,
		.pages = 64,
		.local = 64,
		.nb_found = 1,
		.found = {{1, 64}}};
	struct tide_monitor_pool pool_1 = {.node = 1, .made = &made, .now = made};
	struct tide_placement_change since;

	for (unsigned int i = 0; i < RTE_DIM(checks); i++) {
		struct tide_placement now = made;

		now.found[0].pages -= checks[i].on0;
		now.found[1] = (struct tide_pages_on_node){0, checks[i].on0};
		now.nb_found += checks[i].on0 != 0;
		tidei_monitor_pool_note(&pool_1, &now, &since);
		assert_int_equal(pool_1.changed, checks[i].changed);
		assert_int_equal(pool_1.change.moved, checks[i].on0);
		assert_int_equal(pool_1.checks, i + 1);
	}
	assert_int_equal(pool_1.worst, 13);
	assert_int_equal(since.nb_moves, 1);
	assert_int_equal(since.moves[0].from, 1);
	assert_int_equal(since.moves[0].to, 0);
	assert_int_equal(since.moves[0].pages, 1);
}

/* Every page is where it was. */
static void
a_split_huge_page_is_no_change_but_is_counted(void **state)
{
	const struct tide_placement made = {.page_size = 4096, .pages = 512, .thp_bytes = PAGE_2M};
	struct tide_monitor_pool pool_0 = {.made = &made, .now = made};
	struct tide_placement now = made;
	struct tide_placement_change since;

	now.thp_bytes = 0;
	tidei_monitor_pool_note(&pool_0, &now, &since);
	assert_false(pool_0.changed);
	assert_int_equal(pool_0.change.moved, 0);
	assert_int_equal(pool_0.change.thp_lost, PAGE_2M);
}

static void
the_state_begins_with_the_placement_that_was_made(void **state)
{
	for (int node = 0; node < 2; node++) {
		assert_int_equal(place(node)->node, node);
		assert_ptr_equal(place(node)->made, tide_pool_placement(pool, node));
		assert_memory_equal(&place(node)->now, place(node)->made, sizeof(place(node)->now));
		assert_int_equal(place(node)->checks, 0);
	}
	assert_null(place(2));
	assert_null(place(TIDE_NODE_UNKNOWN));
}

static void
pages_that_leave_and_return_are_reported_once_each(void **state)
{
	int node;

	assert_int_equal(tide_monitor_check_pages(monitor), 0);
	assert_int_equal(nb_events, 0);
	node = place(1)->now.found[0].node;
	drop(1, 3);
	drop(1, 5);
	assert_int_equal(tide_monitor_check_pages(monitor), 0);
	assert_int_equal(nb_events, 1);
	reported(0, 1, node, -ENOENT, 2);
	assert_int_equal(tide_monitor_check_pages(monitor), 0);
	assert_int_equal(nb_events, 1);
	assert_false(place(1)->changed);
	*page(1, 3) = 0;
	*page(1, 5) = 0;
	assert_int_equal(tide_monitor_check_pages(monitor), 0);
	assert_int_equal(nb_events, 2);
	reported(1, 1, -ENOENT, node, 2);
	assert_int_equal(place(1)->change.moved, 0);
	assert_int_equal(place(1)->worst, 2);
	assert_int_equal(place(0)->checks, 4);
	assert_int_equal(place(0)->worst, 0);
}

static void
steps_find_what_a_whole_check_finds(void **state)
{
	struct tide_monitor *steps = monitor, *whole = make();

	drop(0, 0);
	drop(1, 7);
	drop(1, 8);
	assert_int_equal(step_all(), 1);
	assert_int_equal(nb_events, 2);
	reported(0, 0, 0, -ENOENT, 1);
	reported(1, 1, place(1)->made->found[0].node, -ENOENT, 2);
	assert_int_equal(tide_monitor_check_pages(whole), 0);
	assert_int_equal(nb_events, 4);
	for (int node = 0; node < 2; node++) {
		const struct tide_placement *one = &tide_monitor_pool_on(steps, node)->now;
		const struct tide_placement *other = &tide_monitor_pool_on(whole, node)->now;

		assert_int_equal(one->pages, other->pages);
		assert_int_equal(one->local, other->local);
		assert_int_equal(one->unknown, other->unknown);
		assert_int_equal(one->nb_found, other->nb_found);
		assert_memory_equal(one->found, other->found, sizeof(one->found));
		assert_int_equal(events[node].from, events[node + 2].from);
		assert_int_equal(events[node].to, events[node + 2].to);
		assert_int_equal(events[node].pages, events[node + 2].pages);
	}
	tide_monitor_free(whole);
}

static void
each_step_checks_so_many_pages_and_each_member_has_its_turn(void **state)
{
	for (unsigned int check = 1; check < 3; check++) {
		for (int node = 0; node < 2; node++) {
			uint64_t steps = (place(node)->made->pages + STEP - 1) / STEP;

			assert_true(steps > 2);
			for (uint64_t i = 1; i < steps; i++) {
				assert_int_equal(tide_monitor_step_pages(monitor, STEP), 0);
				assert_int_equal(place(node)->checks, check - 1);
			}
			assert_int_equal(tide_monitor_step_pages(monitor, STEP), node == 1);
			assert_int_equal(place(node)->checks, check);
			assert_false(place(node)->changed);
		}
	}
	/* One page at a time, and all of a member. */
	assert_int_equal(tide_monitor_step_pages(monitor, 1), 0);
	assert_int_equal(tide_monitor_step_pages(monitor, UINT64_MAX), 0);
	assert_int_equal(tide_monitor_step_pages(monitor, UINT64_MAX), 1);
	assert_int_equal(place(1)->checks, 3);
}

/* Or the answer could be older than the question. */
static void
a_check_that_restarts_asks_for_every_page_again(void **state)
{
	/* Within the first member, and in the second one. */
	for (uint64_t first = STEP; first != 0; first = first == STEP ? UINT64_MAX : 0) {
		assert_int_equal(tide_monitor_step_pages(monitor, first), 0);
		drop(0, first == STEP ? 0 : 1);
		tide_monitor_restart(monitor);
		nb_events = 0;
		assert_int_equal(step_all(), 1);
		assert_int_equal(nb_events, 1);
		reported(0, 0, 0, -ENOENT, 1);
	}
	tide_monitor_restart(monitor);
	tide_monitor_restart(monitor);
	assert_int_equal(place(0)->change.moved, 2);
}

static void
a_whole_check_discards_the_steps_before_it(void **state)
{
	assert_int_equal(tide_monitor_step_pages(monitor, STEP), 0);
	drop(0, 0);
	assert_int_equal(tide_monitor_check_pages(monitor), 0);
	reported(0, 0, 0, -ENOENT, 1);
	/* The steps begin with the first page, so it has not returned. */
	assert_int_equal(step_all(), 1);
	assert_int_equal(nb_events, 1);
}

static void
a_member_that_the_kernel_hides_keeps_its_state(void **state)
{
	drop(0, 0);
	drop(1, 0);
	hide(0);
	assert_int_equal(tide_monitor_check_pages(monitor), -EIO);
	assert_int_equal(place(0)->checks, 0);
	assert_int_equal(place(0)->change.moved, 0);
	/* The other one is checked. */
	assert_int_equal(place(1)->checks, 1);
	assert_int_equal(nb_events, 1);
	hide(1);
	assert_int_equal(step_all(), -EIO);
	assert_int_equal(place(0)->checks, 1);
	assert_int_equal(place(1)->checks, 1);
	/* The next step begins with the first member. */
	hidden = NULL;
	assert_int_equal(step_all(), 1);
	assert_int_equal(place(0)->checks, 2);
	assert_int_equal(place(1)->checks, 2);
}

static void
a_step_without_memory_begins_again_later(void **state)
{
	assert_int_equal(tide_monitor_step_pages(monitor, UINT64_MAX), 0);
	no_memory = true;
	assert_int_equal(tide_monitor_step_pages(monitor, STEP), -ENOMEM);
	no_memory = false;
	assert_int_equal(place(1)->checks, 0);
	assert_int_equal(step_all(), 1);
	assert_int_equal(place(0)->checks, 2);
	assert_int_equal(place(1)->checks, 1);
}

static void
a_monitor_is_freed_during_a_check(void **state)
{
	struct tide_monitor *other = make();

	assert_int_equal(tide_monitor_step_pages(other, STEP), 0);
	tide_monitor_free(other);
}

static void
without_a_pool_set_there_is_nothing_to_check(void **state)
{
	struct tide_monitor *other = tide_monitor_create(&(struct tide_monitor_conf){.topo = topo});

	assert_non_null(other);
	assert_int_equal(tide_monitor_check_pages(other), 0);
	assert_int_equal(tide_monitor_step_pages(other, STEP), 1);
	tide_monitor_restart(other);
	assert_null(tide_monitor_pool_on(other, 0));
	tide_monitor_free(other);
}

static void
each_allocation_that_fails_is_an_errno(void **state)
{
	for (unsigned int i = 1; i < 3; i++) {
		rte_errno = 0;
		fails_in = i;
		assert_null(tide_monitor_create(
			&(struct tide_monitor_conf){.pool = pool, .topo = topo}));
		assert_int_equal(rte_errno, ENOMEM);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_is_one_once_and_so_is_the_way_back),
		cmocka_unit_test(a_split_huge_page_is_no_change_but_is_counted),
		CASE(the_state_begins_with_the_placement_that_was_made),
		CASE(pages_that_leave_and_return_are_reported_once_each),
		CASE(steps_find_what_a_whole_check_finds),
		CASE(each_step_checks_so_many_pages_and_each_member_has_its_turn),
		CASE(a_check_that_restarts_asks_for_every_page_again),
		CASE(a_whole_check_discards_the_steps_before_it),
		CASE(a_member_that_the_kernel_hides_keeps_its_state),
		CASE(a_step_without_memory_begins_again_later),
		CASE(a_monitor_is_freed_during_a_check),
		CASE(without_a_pool_set_there_is_nothing_to_check),
		CASE(each_allocation_that_fails_is_an_errno),
	};
	int ret;

	topo = tide_topology_parse("node 0 cpus 0 memory 8G\nnode 1 cpus 1 memory 8G\n");
	if (topo == NULL)
		return 1;
	test_eal_start(false, 32, "0");
	ret = cmocka_run_group_tests_name("monitor_pages", tests, NULL, NULL);
	tide_topology_free(topo);
	return ret;
}
