/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The fallback chain: EAL's lcores and ports on the nodes of machines from a text. */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>

#include "topology_internal.h"
#include "eal.h"

/* Lcores this test starts: 0 on CPU 0, 1 on CPU 1, 2 on both. */
#define LCORES "0@0,1@1,2@(0-1)"

static struct tide_topology *
parse(const char *text)
{
	struct tide_topology *topo = tide_topology_parse(text);

	assert_non_null(topo);
	assert_int_equal(tidei_topology_check(topo), 0);
	return topo;
}

static void
placed(const struct tide_topology *topo, struct tide_device_facts facts, unsigned int lcore,
	int node, enum tide_node_source source)
{
	enum tide_node_source taken = 99;

	assert_int_equal(tide_topology_device_node(topo, &facts, lcore, &taken), node);
	assert_int_equal(taken, source);
	assert_int_equal(tide_topology_device_node(topo, &facts, lcore, NULL), node);
}

static void
the_first_rung_that_knows_wins(void **state)
{
	struct tide_topology *topo = parse("node 0 cpus 0 memory 1G\nnode 1 cpus 1 memory 1G\n"
					   "node 2 memory 1G\nnode 3 memory 1G\nnode 9 memory 1G");

	placed(topo, (struct tide_device_facts){9, 3, 2}, 1, 9, TIDE_NODE_SOURCE_DEVICE);
	placed(topo, (struct tide_device_facts){-1, 3, 2}, 1, 3, TIDE_NODE_SOURCE_CPULIST);
	placed(topo, (struct tide_device_facts){-1, -1, 2}, 1, 2, TIDE_NODE_SOURCE_PARENT);
	placed(topo, (struct tide_device_facts){-1, -1, -1}, 1, 1, TIDE_NODE_SOURCE_LCORE);
	placed(topo, (struct tide_device_facts){-1, -1, -1}, LCORE_ID_ANY, -1,
		TIDE_NODE_SOURCE_UNKNOWN);
	tide_topology_free(topo);
}

static void
a_rung_that_names_a_node_that_is_not_there_is_passed_over(void **state)
{
	struct tide_topology *topo = parse("node 0 cpus 0 memory 1G\nnode 3 cpus 1 memory 1G");

	placed(topo, (struct tide_device_facts){1, 3, 0}, 0, 3, TIDE_NODE_SOURCE_CPULIST);
	placed(topo, (struct tide_device_facts){1024, -5, 3}, 0, 3, TIDE_NODE_SOURCE_PARENT);
	placed(topo, (struct tide_device_facts){1, 2, INT32_MAX}, 0, 0, TIDE_NODE_SOURCE_LCORE);
	placed(topo, (struct tide_device_facts){1, 2, INT32_MIN}, LCORE_ID_ANY, -1,
		TIDE_NODE_SOURCE_UNKNOWN);
	tide_topology_free(topo);
}

static void
no_facts_are_facts_that_know_nothing(void **state)
{
	struct tide_topology *topo = parse("node 4 cpus 0-1 memory 1G");
	enum tide_node_source source;

	assert_int_equal(tide_topology_device_node(topo, NULL, LCORE_ID_ANY, &source), 4);
	assert_int_equal(source, TIDE_NODE_SOURCE_ONLY_NODE);
	tide_topology_free(topo);
}

static void
the_only_node_is_the_only_one_with_memory_to_use(void **state)
{
	static const struct {
		const char *text;
		int node;
		enum tide_node_source source;
	} cases[] = {
		{"node 7 cpus 0 memory 1G", 7, TIDE_NODE_SOURCE_ONLY_NODE},
		{"node 0 cpus 0 memory 1G\nnode 1 cpus 1", 0, TIDE_NODE_SOURCE_ONLY_NODE},
		{"node 0 cpus 0 memory 1G\nnode 1 cpus 1 memory 1G\nallowed membind 1", 1,
			TIDE_NODE_SOURCE_ONLY_NODE},
		/* A node with memory alone is the node of no lcore. */
		{"node 0 cpus 0 memory 1G\nnode 1 memory 1G\nallowed nodes 1", -1,
			TIDE_NODE_SOURCE_UNKNOWN},
		{"node 0 cpus 0\nnode 1 memory 1G", -1, TIDE_NODE_SOURCE_UNKNOWN},
		{"node 0 memory 1G\nnode 1 memory 1G", -1, TIDE_NODE_SOURCE_UNKNOWN},
		{"node 0 memory 1G\nallowed nodes -", -1, TIDE_NODE_SOURCE_UNKNOWN},
	};

	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		struct tide_topology *topo = parse(cases[i].text);

		placed(topo, (struct tide_device_facts){-1, -1, -1}, LCORE_ID_ANY, cases[i].node,
			cases[i].source);
		tide_topology_free(topo);
	}
}

static void
an_lcore_is_on_the_node_of_all_its_cpus(void **state)
{
	struct tide_topology *topo = parse("node 5 cpus 1 memory 1G\nnode 900 cpus 0 memory 1G");

	assert_int_equal(tide_topology_lcore_node(topo, 0), 900);
	assert_int_equal(tide_topology_lcore_node(topo, 1), 5);
	assert_int_equal(tide_topology_lcore_node(topo, 2), TIDE_NODE_UNKNOWN);
	tide_topology_free(topo);
	topo = parse("node 5 cpus 0-3 memory 1G\nnode 6 memory 1G");
	assert_int_equal(tide_topology_lcore_node(topo, 2), 5);
	tide_topology_free(topo);
	topo = parse("node 5 cpus 2-3 memory 1G\nnode 6 memory 1G");
	assert_int_equal(tide_topology_lcore_node(topo, 0), TIDE_NODE_UNKNOWN);
	tide_topology_free(topo);
}

static void
lcores_that_are_off_or_no_lcores_are_unknown(void **state)
{
	static const unsigned int none[] = {
		3, RTE_MAX_LCORE - 1, RTE_MAX_LCORE, RTE_MAX_LCORE + 1, INT32_MAX, LCORE_ID_ANY};
	struct tide_topology *topo = parse("node 0 cpus 0-127 memory 1G");

	for (unsigned int i = 0; i < RTE_DIM(none); i++)
		assert_int_equal(tide_topology_lcore_node(topo, none[i]), TIDE_NODE_UNKNOWN);
	tide_topology_free(topo);
}

/* A thread EAL did not start, pinned to CPU 1 and registered: it is an lcore then. */
static void *
register_and_ask(void *arg)
{
	cpu_set_t cpu1;
	int *node = arg;

	CPU_ZERO(&cpu1);
	CPU_SET(1, &cpu1);
	pthread_setaffinity_np(pthread_self(), sizeof(cpu1), &cpu1);
	if (rte_thread_register() == 0) {
		struct tide_topology *topo =
			tide_topology_parse("node 2 cpus 1 memory 1G\nnode 3 cpus 0");

		*node = tide_topology_lcore_node(topo, rte_lcore_id());
		tide_topology_free(topo);
		rte_thread_unregister();
	}
	return NULL;
}

static void
a_registered_thread_is_an_lcore_too(void **state)
{
	pthread_t thread;
	int node = -7;

	assert_int_equal(pthread_create(&thread, NULL, register_and_ask, &node), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(node, 2);
}

static void
rungs_have_names(void **state)
{
	for (unsigned int a = 0; a <= TIDE_NODE_SOURCE_UNKNOWN; a++)
		for (unsigned int b = 0; b < a; b++)
			assert_string_not_equal(tide_node_source_name(a), tide_node_source_name(b));
	assert_string_equal(tide_node_source_name(TIDE_NODE_SOURCE_DEVICE), "device");
	assert_string_equal(tide_node_source_name(TIDE_NODE_SOURCE_UNKNOWN), "unknown");
	assert_non_null(tide_node_source_name(TIDE_NODE_SOURCE_UNKNOWN + 1));
	assert_non_null(tide_node_source_name(-1));
}

static uint16_t
add_vdev(const char *name, const char *args)
{
	uint16_t port;

	assert_int_equal(rte_eal_hotplug_add("vdev", name, args), 0);
	assert_int_equal(rte_eth_dev_get_port_by_name(name, &port), 0);
	return port;
}

static void
port_is(const struct tide_topology *topo, uint16_t port, unsigned int lcore, int node,
	enum tide_node_source source)
{
	enum tide_node_source taken = 99;

	assert_int_equal(tide_topology_port_node(topo, port, lcore, &taken), node);
	assert_int_equal(taken, source);
	assert_int_equal(tide_topology_port_node(topo, port, lcore, NULL), node);
}

static void
a_virtual_port_never_claims_the_node_its_driver_defaulted_to(void **state)
{
	struct tide_topology *topo = parse("node 0 cpus 0 memory 1G\nnode 1 cpus 1 memory 1G");
	uint16_t port = add_vdev("net_null7", "");

	/* The driver did default: otherwise this shows nothing. */
	assert_int_not_equal(rte_eth_dev_socket_id(port), SOCKET_ID_ANY);
	port_is(topo, port, LCORE_ID_ANY, TIDE_NODE_UNKNOWN, TIDE_NODE_SOURCE_UNKNOWN);
	port_is(topo, port, 1, 1, TIDE_NODE_SOURCE_LCORE);
	port_is(topo, port, 2, TIDE_NODE_UNKNOWN, TIDE_NODE_SOURCE_UNKNOWN);
	tide_topology_free(topo);
	topo = parse("node 3 cpus 0-1 memory 1G");
	port_is(topo, port, LCORE_ID_ANY, 3, TIDE_NODE_SOURCE_ONLY_NODE);
	tide_topology_free(topo);
	assert_int_equal(rte_eal_hotplug_remove("vdev", "net_null7"), 0);
}

/* net_ring takes arguments it does not know; no driver of DPDK knows this one yet. */
static void
a_virtual_port_has_the_node_the_user_gave_it(void **state)
{
	struct tide_topology *topo = parse("node 0 cpus 0 memory 1G\nnode 1 cpus 1 memory 1G");
	uint16_t port = add_vdev("net_ring7", "numa_node=1");

	port_is(topo, port, 0, 1, TIDE_NODE_SOURCE_DEVICE);
	assert_int_equal(rte_eal_hotplug_remove("vdev", "net_ring7"), 0);
	port = add_vdev("net_ring7", "numa_node=2");
	port_is(topo, port, 0, 0, TIDE_NODE_SOURCE_LCORE);
	assert_int_equal(rte_eal_hotplug_remove("vdev", "net_ring7"), 0);
	port = add_vdev("net_ring7", "numa_node=x");
	port_is(topo, port, LCORE_ID_ANY, TIDE_NODE_UNKNOWN, TIDE_NODE_SOURCE_UNKNOWN);
	assert_int_equal(rte_eal_hotplug_remove("vdev", "net_ring7"), 0);
	tide_topology_free(topo);
}

static void
a_port_that_does_not_exist_is_unknown_even_with_one_node(void **state)
{
	struct tide_topology *topo = parse("node 0 cpus 0-1 memory 1G");

	port_is(topo, RTE_MAX_ETHPORTS - 1, 0, TIDE_NODE_UNKNOWN, TIDE_NODE_SOURCE_UNKNOWN);
	port_is(topo, RTE_MAX_ETHPORTS, 0, TIDE_NODE_UNKNOWN, TIDE_NODE_SOURCE_UNKNOWN);
	port_is(topo, UINT16_MAX, 0, TIDE_NODE_UNKNOWN, TIDE_NODE_SOURCE_UNKNOWN);
	tide_topology_free(topo);
}

static void
ports_and_lcores_of_this_machine_are_placed(void **state)
{
	struct tide_topology *topo = tide_topology_create();
	uint16_t port = add_vdev("net_null8", "");
	enum tide_node_source source;
	int node;

	assert_non_null(topo);
	assert_int_equal(tidei_topology_check(topo), 0);
	assert_int_equal(tide_topology_lcore_node(topo, 0), tide_topology_cpu_node(topo, 0));
	node = tide_topology_port_node(topo, port, 0, &source);
	assert_non_null(tide_topology_node(topo, node));
	assert_true(source == TIDE_NODE_SOURCE_ONLY_NODE || source == TIDE_NODE_SOURCE_LCORE);
	tide_topology_free(topo);
	assert_int_equal(rte_eal_hotplug_remove("vdev", "net_null8"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_rung_that_knows_wins),
		cmocka_unit_test(a_rung_that_names_a_node_that_is_not_there_is_passed_over),
		cmocka_unit_test(no_facts_are_facts_that_know_nothing),
		cmocka_unit_test(the_only_node_is_the_only_one_with_memory_to_use),
		cmocka_unit_test(an_lcore_is_on_the_node_of_all_its_cpus),
		cmocka_unit_test(lcores_that_are_off_or_no_lcores_are_unknown),
		cmocka_unit_test(a_registered_thread_is_an_lcore_too),
		cmocka_unit_test(rungs_have_names),
		cmocka_unit_test(a_virtual_port_never_claims_the_node_its_driver_defaulted_to),
		cmocka_unit_test(a_virtual_port_has_the_node_the_user_gave_it),
		cmocka_unit_test(a_port_that_does_not_exist_is_unknown_even_with_one_node),
		cmocka_unit_test(ports_and_lcores_of_this_machine_are_placed),
	};
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0 || !CPU_ISSET(0, &cpus) ||
		!CPU_ISSET(1, &cpus)) {
		print_message("skipped: needs CPUs 0 and 1\n");
		return 77;
	}
	test_eal_start(false, 64, LCORES);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
