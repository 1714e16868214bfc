/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The facts of real ports and lcores, and a plan of them that a pool set is made of. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_lcore.h>

#include "eal.h"
#include "plan_internal.h"

static struct tide_topology *topo;
static struct tide_plan_facts facts;
static struct tide_plan plan;

static uint16_t
port_named(const char *name)
{
	uint16_t id;

	assert_int_equal(rte_eth_dev_get_port_by_name(name, &id), 0);
	return id;
}

static void
facts_are_those_of_ethdev(void **state)
{
	static const char *const names[] = {"net_null0", "net_ring0"};

	for (unsigned int i = 0; i < RTE_DIM(names); i++) {
		uint16_t id = port_named(names[i]), mtu;
		enum tide_node_source source;
		struct rte_eth_dev_info info;
		struct tide_port_facts port;

		assert_int_equal(rte_eth_dev_info_get(id, &info), 0);
		assert_int_equal(rte_eth_dev_get_mtu(id, &mtu), 0);
		assert_int_equal(tide_plan_read_port(topo, id, &port), 0);
		assert_int_equal(port.id, id);
		assert_string_equal(port.name, names[i]);
		assert_string_equal(port.driver, info.driver_name);
		assert_int_equal(
			port.node, tide_topology_port_node(topo, id, LCORE_ID_ANY, &source));
		assert_int_equal(port.node_source, source);
		assert_int_equal(port.rx_queues_max, info.max_rx_queues);
		assert_int_equal(port.tx_queues_max, info.max_tx_queues);
		assert_memory_equal(&port.rx_lim, &info.rx_desc_lim, sizeof(port.rx_lim));
		assert_memory_equal(&port.tx_lim, &info.tx_desc_lim, sizeof(port.tx_lim));
		assert_int_equal(port.mtu, mtu);
		assert_int_equal(port.mtu_min, info.min_mtu);
		assert_int_equal(port.if_index, info.if_index);
		assert_int_equal(port.frame_max, 0);
		assert_int_equal(port.framesz, 0);
	}
}

static uint16_t
mtu_max_of(uint16_t mtu, uint32_t longest)
{
	const struct rte_eth_dev_info info = {.max_mtu = mtu, .max_rx_pktlen = longest};
	struct tide_port_facts port = {0};

	tidei_info_facts(&port, &info);
	return port.mtu_max;
}

/* A driver that states no largest MTU, which ethdev makes 65,535, can state a longest frame. */
static void
the_longest_frame_limits_the_mtu(void **state)
{
	assert_int_equal(mtu_max_of(9000, 1518), 9000);
	assert_int_equal(mtu_max_of(UINT16_MAX, 1518), 1500);
	assert_int_equal(mtu_max_of(UINT16_MAX, 18), UINT16_MAX);
	assert_int_equal(mtu_max_of(UINT16_MAX, 19), 1);
	assert_int_equal(mtu_max_of(UINT16_MAX, UINT32_MAX), UINT16_MAX);
}

static void
only_hashes_of_addresses_and_ports_are_facts(void **state)
{
	const struct rte_eth_dev_info info = {.min_rx_bufsize = 1024,
		.flow_type_rss_offloads =
			RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_L2_PAYLOAD | RTE_ETH_RSS_NONFRAG_IPV6_TCP};
	struct tide_port_facts port = {0};

	tidei_info_facts(&port, &info);
	assert_true(port.rss == (RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV6_TCP));
	assert_int_equal(port.rx_bufsize_min, 1024);
	assert_string_equal(port.driver, "no driver");
}

static void
a_port_that_does_not_exist_leaves_no_facts(void **state)
{
	struct tide_port_facts port = {.id = 4711};

	assert_int_equal(tide_plan_read_port(topo, RTE_MAX_ETHPORTS - 1, &port), -ENODEV);
	assert_int_equal(port.id, 4711);
}

static void
workers_poll_and_the_main_lcore_does_not(void **state)
{
	struct tide_topology *renamed = tide_topology_parse("node 3 cpus 0 memory 1G");

	assert_non_null(renamed);
	assert_int_equal(tide_plan_read(NULL, &facts), -EINVAL);
	assert_int_equal(tide_plan_read(renamed, &facts), 0);
	assert_ptr_equal(facts.topo, renamed);
	assert_int_equal(facts.nb_ports, 2);
	assert_int_equal(facts.nb_lcores, 2);
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(facts.port[i].id, i);
		assert_int_equal(facts.lcore[i].id, i + 1);
		assert_int_equal(facts.lcore[i].node, 3);
	}
	assert_int_equal(facts.main_node, 3);
	tide_topology_free(renamed);
}

static void
pools_and_queues_are_made_as_planned(void **state)
{
	static const struct rte_eth_conf eth;
	const struct tide_plan_conf conf = {.rx_desc = 128, .tx_desc = 128};
	struct tide_pool_conf pool_conf;
	struct tide_pool *pool;

	assert_int_equal(tide_plan_read(topo, &facts), 0);
	assert_int_equal(tide_plan_init(&plan, &facts, &conf), 0);
	pool_conf = tide_plan_pool_conf(&plan, "plan");
	pool = tide_pool_create(&pool_conf);
	assert_non_null(pool);
	for (unsigned int i = 0; i < plan.nb_queues; i++) {
		const struct tide_plan_port *port = &plan.port[plan.queue[i].port];
		struct rte_mempool *mp = tide_pool_on(pool, plan.pool[port->pool].node);
		uint16_t id = port->facts->id;

		assert_non_null(mp);
		assert_int_equal(mp->size, plan.buffers);
		assert_int_equal(rte_eth_dev_configure(id, 1, 1, &eth), 0);
		assert_int_equal(rte_eth_rx_queue_setup(id, plan.queue[i].queue, port->rx_desc,
					 SOCKET_ID_ANY, NULL, mp),
			0);
	}
	for (unsigned int i = 0; i < plan.nb_ports; i++)
		assert_int_equal(rte_eth_dev_close(plan.port[i].facts->id), 0);
	assert_int_equal(tide_pool_free(pool), 0);
	tide_plan_fini(&plan);
}

static int
set_up(void **state)
{
	test_eal_start(false, 64, "0@0,1@0,2@0");
	topo = tide_topology_create();
	if (topo == NULL || rte_eal_hotplug_add("vdev", "net_null0", "") < 0 ||
		rte_eal_hotplug_add("vdev", "net_ring0", "") < 0)
		return -1;
	return 0;
}

static int
tear_down(void **state)
{
	tide_topology_free(topo);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_are_those_of_ethdev),
		cmocka_unit_test(the_longest_frame_limits_the_mtu),
		cmocka_unit_test(only_hashes_of_addresses_and_ports_are_facts),
		cmocka_unit_test(a_port_that_does_not_exist_leaves_no_facts),
		cmocka_unit_test(workers_poll_and_the_main_lcore_does_not),
		cmocka_unit_test(pools_and_queues_are_made_as_planned),
	};

	return cmocka_run_group_tests_name("plan_facts", tests, set_up, tear_down);
}
