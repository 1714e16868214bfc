/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* What tide-fwd says of an lcore that leaves its CPU, and of one that is back. */

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_lcore.h>

#include "eal.h"
#include "placement.h"

static struct tide_topology *topo;

static const char text[] = "node 0 cpus 0 memory 1G\n"
			   "node 3 cpus 1-2 memory 1G\n";

static struct fwd fwd;

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
told(void)
{
	static char line[512];
	FILE *out = fmemopen(line, sizeof(line), "w");

	assert_non_null(out);
	fwd_lcore_print_place(&fwd, 0, out);
	fclose(out);
	return line;
}

static void
the_sentence_names_cpus_nodes_and_what_to_do(void **state)
{
	struct fwd_lcore *lcore = &fwd.lcore[0];
	char command[64];

	fwd.plan.lcore[0] = (struct tide_plan_lcore){.id = rte_get_main_lcore(), .node = 0};
	lcore->id = rte_get_main_lcore();
	lcore->monitor = fwd.monitor;
	fwd_loop_enter(lcore);
	assert_int_equal(tide_monitor_check_lcores(fwd.monitor), 0);
	assert_string_equal(told(), "lcore 0 of node 0: is on its CPU 0");
	if (!move_to(1)) {
		print_message("needs CPU 1\n");
		skip();
	}
	assert_int_equal(tide_monitor_check_lcores(fwd.monitor), 1);
	assert_non_null(strstr(told(),
		"lcore 0 of node 0: is on CPU 1 of node 3 now, it was started on CPU 0: something "
		"moved it"));
	snprintf(command, sizeof(command), ": taskset -cp 0 %d", (int)gettid());
	assert_non_null(strstr(told(), command));
	assert_true(move_to(0));
	assert_int_equal(tide_monitor_check_lcores(fwd.monitor), 1);
	assert_string_equal(told(), "lcore 0 of node 0: is on its CPU 0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sentence_names_cpus_nodes_and_what_to_do),
	};
	int ret;

	topo = tide_topology_parse(text);
	if (topo == NULL)
		return 1;
	test_eal_start(false, 32, "0");
	fwd.monitor = tide_monitor_create(&(struct tide_monitor_conf){.topo = topo});
	if (fwd.monitor == NULL)
		return 1;
	ret = cmocka_run_group_tests_name("fwd_lcore_place", tests, NULL, NULL);
	tide_monitor_free(fwd.monitor);
	tide_topology_free(topo);
	return ret;
}
