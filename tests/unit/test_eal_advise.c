/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The node of EAL's heap for ports on some nodes, on machines that are not at hand. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rte_config.h>

#include "tide_eal.h"

/* Node 0 lacks huge pages, node 7 lacks CPUs, those of node 3 are not allowed. Node 0 has nodes 3, 2, 1 near. */
static const char machine[] = "node 0 cpus 0-1 memory 4G huge 2M:10/0 distance 1:30,2:20,3:15\n"
			      "node 1 cpus 2-3 memory 4G huge 2M:64/40 huge 1G:1/1 distance 0:30\n"
			      "node 2 cpus 4-5 memory 4G huge 2M:64 distance 0:20\n"
			      "node 3 cpus 7-8 memory 4G huge 2M:64 distance 0:15,2:30\n"
			      "node 7 memory 64G huge 2M:64\n"
			      "node 40 cpus 6 memory 4G huge 2M:64\n"
			      "allowed cpus 0-2,5-6 nodes 0-3,7,40\n";

static struct tide_topology *topo;
static struct tide_eal_advice advice;

static int
advise(unsigned int mb, unsigned int nb, const int *nodes)
{
	memset(&advice, 0xff, sizeof(advice));
	return tide_eal_advise(topo, nodes, nb, mb, &advice);
}

#define ADVISE(mb, ...) advise(mb, sizeof((int[]){__VA_ARGS__}) / sizeof(int), (int[]){__VA_ARGS__})

static void
the_first_port_whose_node_serves_has_the_heap(void **state)
{
	assert_int_equal(ADVISE(64, 1, 2), 0);
	assert_int_equal(advice.node, 1);
	assert_int_equal(advice.cpu, 2);
	assert_string_equal(advice.socket_mem, "--socket-mem=0,64,64");
	assert_string_equal(advice.reason, "");
	assert_string_equal(advice.hint, "");
	assert_int_equal(ADVISE(64, 2, 1, 2, TIDE_NODE_UNKNOWN), 0);
	assert_int_equal(advice.node, 2);
	/* CPU 4 is not allowed. */
	assert_int_equal(advice.cpu, 5);
	assert_string_equal(advice.socket_mem, "--socket-mem=0,64,64");
}

static void
a_node_without_pages_is_left_out_with_the_command_that_helps(void **state)
{
	assert_int_equal(ADVISE(64, 0, 0, 1), 0);
	assert_int_equal(advice.node, 1);
	assert_string_equal(advice.socket_mem, "--socket-mem=0,64");
	assert_string_equal(advice.reason, "node 0: it has too few free huge pages");
	/* Those in use, and 32 more. */
	assert_non_null(strstr(advice.hint, "echo 42 > "));
	assert_non_null(strstr(advice.hint, "node0/hugepages/hugepages-2048kB"));
	/* Of pages of 1 GB it has enough. */
	assert_int_equal(ADVISE(1000, 1), 0);
	assert_int_equal(advice.node, 1);
	assert_int_equal(ADVISE(1105, 1), -ENOMEM);
	assert_int_equal(ADVISE(1104, 1), 0);
}

static void
the_nearest_serves_where_no_port_is_served(void **state)
{
	assert_int_equal(ADVISE(64, 0), 0);
	assert_int_equal(advice.node, 2);
	assert_string_equal(advice.socket_mem, "--socket-mem=0,0,64");
	assert_int_equal(ADVISE(64, TIDE_NODE_UNKNOWN, 0), 0);
	assert_int_equal(advice.node, 2);
	/* Of a node without CPUs EAL knows nothing. */
	assert_int_equal(ADVISE(64, 7), 0);
	assert_int_equal(advice.node, 1);
	assert_string_equal(advice.reason, "node 7: it has no CPU that EAL knows");
	assert_string_equal(advice.hint, "");
	assert_int_equal(ADVISE(64, TIDE_NODE_UNKNOWN), 0);
	assert_int_equal(advice.node, 2);
	assert_string_equal(advice.reason, "");
}

static void
a_heap_can_be_where_the_main_lcore_cannot(void **state)
{
	assert_int_equal(ADVISE(64, 3, 1), 0);
	assert_int_equal(advice.node, 1);
	assert_int_equal(advice.cpu, 2);
	assert_string_equal(advice.socket_mem, "--socket-mem=0,64,0,64");
	assert_string_equal(advice.reason, "node 3: this process may use no CPU there");
	assert_string_equal(advice.hint, "");
}

static void
a_limit_of_a_cgroup_is_named_without_a_command_that_would_not_help(void **state)
{
	/* The text of a topology has no limits. */
	struct tide_node *node = (struct tide_node *)(uintptr_t)tide_topology_node(topo, 2);

	node->huge[0].limit = 32;
	assert_int_equal(ADVISE(64, 2), 0);
	assert_int_equal(advice.node, 2);
	node->huge[0].limit = 31;
	assert_int_equal(ADVISE(64, 2, 1), 0);
	assert_int_equal(advice.node, 1);
	assert_string_equal(advice.reason,
		"node 2: the cgroups of this process let it have too few huge pages");
	assert_string_equal(advice.hint, "");
}

static void
where_no_node_serves_that_is_said(void **state)
{
	assert_int_equal(ADVISE(4096, 1, 0), -ENOMEM);
	assert_int_equal(advice.node, TIDE_NODE_UNKNOWN);
	assert_int_equal(advice.cpu, -1);
	assert_string_equal(advice.socket_mem, "");
	assert_string_equal(advice.reason,
		"node 1: it has too few free huge pages; node 0: it has too few free huge pages");
	assert_int_equal(ADVISE(4096, TIDE_NODE_UNKNOWN), -ENOMEM);
	assert_non_null(strstr(advice.reason, "no node has 4096 MB of free huge pages"));
}

static void
a_node_this_process_may_not_use_is_left_out_with_the_reason(void **state)
{
	tide_topology_free(topo);
	topo = tide_topology_parse("node 0 cpus 0 memory 4G huge 2M:64\n"
				   "node 1 cpus 1 memory 4G huge 2M:64\nallowed nodes 0\n");
	assert_non_null(topo);
	assert_int_equal(ADVISE(64, 1), 0);
	assert_int_equal(advice.node, 0);
	assert_non_null(strstr(advice.reason, "node 1: it is not in Mems_allowed"));
	assert_string_equal(advice.hint, "");
}

static void
wrong_arguments_are_refused(void **state)
{
	static const int node = 1;

	advice.node = 77;
	assert_int_equal(tide_eal_advise(NULL, &node, 1, 64, &advice), -EINVAL);
	assert_int_equal(tide_eal_advise(topo, NULL, 1, 64, &advice), -EINVAL);
	assert_int_equal(tide_eal_advise(topo, &node, 0, 64, &advice), -EINVAL);
	assert_int_equal(tide_eal_advise(topo, &node, 1, 0, &advice), -EINVAL);
	assert_int_equal(tide_eal_advise(topo, &node, 1, 64, NULL), -EINVAL);
	assert_int_equal(advice.node, 77);
	assert_int_equal(ADVISE(64, 1, 4), -ENOENT);
	assert_int_equal(ADVISE(64, 1, -2), -ENOENT);
#if RTE_MAX_NUMA_NODES <= 40
	assert_int_equal(ADVISE(64, 1, 40), -ERANGE);
#endif
}

static int
make_machine(void **state)
{
	topo = tide_topology_parse(machine);
	return topo == NULL ? -1 : 0;
}

static int
free_machine(void **state)
{
	tide_topology_free(topo);
	return 0;
}

#define ON_MACHINE(test) cmocka_unit_test_setup_teardown(test, make_machine, free_machine)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_MACHINE(the_first_port_whose_node_serves_has_the_heap),
		ON_MACHINE(a_node_without_pages_is_left_out_with_the_command_that_helps),
		ON_MACHINE(the_nearest_serves_where_no_port_is_served),
		ON_MACHINE(a_heap_can_be_where_the_main_lcore_cannot),
		ON_MACHINE(a_limit_of_a_cgroup_is_named_without_a_command_that_would_not_help),
		ON_MACHINE(where_no_node_serves_that_is_said),
		ON_MACHINE(a_node_this_process_may_not_use_is_left_out_with_the_reason),
		ON_MACHINE(wrong_arguments_are_refused),
	};

	return cmocka_run_group_tests_name("eal_advise", tests, NULL, NULL);
}
