/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* An lcore that leaves its CPU is found, told once with both nodes, and found when it is back. */

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sys/prctl.h>

#include <rte_lcore.h>

#include "eal.h"
#include "lcore_place.h"

static struct tide_topology *topo;

static const char text[] = "node 0 cpus 0 memory 1G\n"
			   "node 3 cpus 1-2 memory 1G\n";

static void
note(struct fwd_lcore_place *place, int cpu, const cpu_set_t *home, bool away, bool news, int node)
{
	fwd_lcore_place_note(place, cpu, home, topo);
	assert_int_equal(place->cpu, cpu);
	assert_int_equal(place->away, away);
	assert_int_equal(place->news, news);
	assert_int_equal(place->node, node);
}

static void
each_change_is_news_once(void **state)
{
	struct fwd_lcore_place place;
	cpu_set_t home;

	CPU_ZERO(&home);
	CPU_SET(0, &home);
	fwd_lcore_place_begin(&place, 0);
	note(&place, 0, &home, false, false, 0);
	note(&place, 1, &home, true, true, 3);
	note(&place, 1, &home, true, false, 3);
	note(&place, 2, &home, true, true, 3);
	note(&place, 0, &home, false, true, 0);
	note(&place, 0, &home, false, false, 0);
	note(&place, 9, &home, true, true, TIDE_NODE_UNKNOWN);
	note(&place, CPU_SETSIZE, &home, true, true, TIDE_NODE_UNKNOWN);
	assert_int_equal(place.moves, 4);
}

static void
an_lcore_of_several_cpus_may_change_between_them(void **state)
{
	struct fwd_lcore_place place;
	cpu_set_t home;

	CPU_ZERO(&home);
	CPU_SET(0, &home);
	CPU_SET(1, &home);
	fwd_lcore_place_begin(&place, TIDE_NODE_UNKNOWN);
	note(&place, 0, &home, false, false, 0);
	note(&place, 1, &home, false, false, 3);
	note(&place, 2, &home, true, true, 3);
	assert_int_equal(place.moves, 1);
}

/* To the CPU with that number; false: not there. */
static bool
move_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) == 0;
}

static const char *
told(const struct fwd_lcore_place *place, const struct fwd_lcore *lcore)
{
	static char line[512];
	FILE *out = fmemopen(line, sizeof(line), "w");

	assert_non_null(out);
	fwd_lcore_place_print(place, lcore, out);
	fclose(out);
	return line;
}

static void
the_kernel_is_asked_where_the_thread_is(void **state)
{
	static struct fwd_lcore lcore;
	struct fwd_lcore_place place;
	char command[64];

	lcore.id = rte_get_main_lcore();
	lcore.node = 0;
	fwd_lcore_place_begin(&place, 0);
	/* It has not begun. */
	fwd_lcore_place_poll(&place, &lcore, topo);
	assert_int_equal(place.cpu, -1);
	fwd_loop_enter(&lcore);
	/* A name that misleads a reader that counts spaces. */
	prctl(PR_SET_NAME, "a) b (c) 1 2");
	fwd_lcore_place_poll(&place, &lcore, topo);
	assert_int_equal(place.cpu, 0);
	assert_false(place.away || place.news);
	assert_string_equal(told(&place, &lcore), "lcore 0 of node 0: is on its CPU 0");
	if (!move_to(1)) {
		print_message("needs CPU 1\n");
		skip();
	}
	fwd_lcore_place_poll(&place, &lcore, topo);
	assert_int_equal(place.cpu, 1);
	assert_int_equal(place.node, 3);
	assert_true(place.away && place.news);
	assert_non_null(strstr(told(&place, &lcore),
		"lcore 0 of node 0: is on CPU 1 of node 3 now, it was started on CPU 0: something "
		"moved it"));
	snprintf(command, sizeof(command), ": taskset -cp 0 %d", (int)gettid());
	assert_non_null(strstr(told(&place, &lcore), command));
	assert_true(move_to(0));
	fwd_lcore_place_poll(&place, &lcore, topo);
	assert_true(!place.away && place.news && place.moves == 1);
	fwd_lcore_place_poll(&place, &lcore, topo);
	assert_false(place.news);
}

/* Its thread is gone: it stays where it was found. */
static void
an_lcore_that_cannot_be_asked_stays_as_it_was(void **state)
{
	static struct fwd_lcore lcore;
	struct fwd_lcore_place place;

	lcore.id = rte_get_main_lcore();
	fwd_loop_enter(&lcore);
	fwd_lcore_place_begin(&place, 0);
	fwd_lcore_place_poll(&place, &lcore, topo);
	lcore.tid = INT32_MAX;
	fwd_lcore_place_poll(&place, &lcore, topo);
	assert_int_equal(place.cpu, 0);
	assert_false(place.away || place.news);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_is_news_once),
		cmocka_unit_test(an_lcore_of_several_cpus_may_change_between_them),
		cmocka_unit_test(the_kernel_is_asked_where_the_thread_is),
		cmocka_unit_test(an_lcore_that_cannot_be_asked_stays_as_it_was),
	};
	int ret;

	topo = tide_topology_parse(text);
	if (topo == NULL)
		return 1;
	test_eal_start(false, 32, "0");
	ret = cmocka_run_group_tests_name("fwd_lcore_place", tests, NULL, NULL);
	tide_topology_free(topo);
	return ret;
}
