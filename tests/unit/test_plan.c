/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Plans from facts made by hand: limits, drivers, needs, nodes of pools, and every failure. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_mbuf.h>

#include "log.h"
#include "plan_internal.h"
#include "plan_machine.h"
#include "range.h"

static const struct tide_pool_need *
need_of(unsigned int port)
{
	return &m.plan.pool[m.plan.port[port].pool].need;
}

static void
driver_is(unsigned int port, const char *driver)
{
	snprintf(m.facts.port[port].driver, sizeof(m.facts.port[port].driver), "%s", driver);
}

/* The failure names a port, a value and its limits; the reason has all of them. */
static void
out_of(enum tide_plan_limit limit, unsigned int port, uint32_t requested, uint32_t min,
	uint32_t max, const char *reason)
{
	plan_fails(-ERANGE, limit);
	assert_ptr_equal(m.failed.port, &m.facts.port[port]);
	assert_int_equal(m.failed.requested, requested);
	assert_int_equal(m.failed.min, min);
	assert_int_equal(m.failed.max, max);
	assert_string_equal(m.failed.reason, reason);
}

static void
an_empty_request_has_defaults(void **state)
{
	machine_of(2);
	port_on(1);
	port_on(0);
	lcore(0);
	lcore(4);
	assert_int_equal(tide_plan_init(&m.plan, &m.facts, NULL), 0);
	assert_int_equal(m.plan.queues, 1);
	assert_int_equal(m.plan.nb_queues, 2);
	assert_int_equal(m.plan.data_room, RTE_MBUF_DEFAULT_BUF_SIZE);
	for (unsigned int i = 0; i < 2; i++) {
		const struct tide_plan_port *port = &m.plan.port[i];

		assert_ptr_equal(port->facts, &m.facts.port[i]);
		assert_int_equal(port->peer, i);
		assert_int_equal(port->rx_desc, TIDE_PLAN_DESC);
		assert_int_equal(port->tx_desc, TIDE_PLAN_DESC);
		assert_int_equal(port->mtu, 1500);
		assert_int_equal(port->rss, 0);
		assert_int_equal(port->pool_reason, TIDE_PLAN_REASON_LOCAL);
		assert_null(port->pool_refusal);
		assert_int_equal(pool_node(i), 1 - i);
		assert_int_equal(m.plan.lcore[m.plan.queue[i].lcore].id, i == 0 ? 4 : 0);
		assert_int_equal(need_of(i)->burst, TIDE_PLAN_BURST);
		assert_int_equal(need_of(i)->cache_size, 0);
	}
	assert_int_equal(m.plan.buffers, 2 * TIDE_PLAN_DESC + 2 * TIDE_PLAN_BURST);
}

/* As for a machine that is planned and not yet bought. */
static void
a_port_made_by_hand_needs_few_facts(void **state)
{
	machine("node 0 cpus 0-3 memory 16G\n");
	m.facts.nb_ports = m.facts.nb_lcores = 1;
	m.facts.port[0] = (struct tide_port_facts){.rx_queues_max = 64, .tx_queues_max = 64};
	m.conf.queues = 64;
	plan_works();
	assert_int_equal(m.plan.port[0].mtu, RTE_ETHER_MTU);
	assert_int_equal(m.plan.port[0].rx_desc, TIDE_PLAN_DESC);
	assert_int_equal(m.plan.pool[0].need.rx_queues, 64);
	m.conf.mtu = m.conf.rx_desc = UINT16_MAX;
	plan_works();
	assert_int_equal(m.plan.port[0].mtu, UINT16_MAX);
	assert_int_equal(m.plan.port[0].rx_desc, UINT16_MAX);
	assert_true(m.plan.port[0].scatter);
}

static void
ports_are_used_in_the_requested_order(void **state)
{
	const uint16_t ids[] = {2, 0};
	const unsigned int peers[] = {1, 0};

	machine_of(1);
	port_on(0);
	port_on(0);
	port_on(0);
	lcore(0);
	m.conf.ports = ids;
	m.conf.nb_ports = 2;
	m.conf.peers = peers;
	plan_works();
	assert_int_equal(m.plan.nb_ports, 2);
	assert_int_equal(m.plan.port[0].facts->id, 2);
	assert_int_equal(m.plan.port[1].facts->id, 0);
	assert_int_equal(m.plan.port[0].peer, 1);
	assert_null(m.plan.conf.ports);
	assert_null(m.plan.conf.failed);
}

static void
ports_that_are_wrong_are_refused(void **state)
{
	const uint16_t unknown[] = {0, 7}, twice[] = {0, 1, 0};
	const unsigned int peers[] = {1, 2};

	machine_of(1);
	lcore(0);
	plan_fails(-ERANGE, TIDE_PLAN_LIMIT_PORTS);
	assert_string_equal(m.failed.reason, "0 ports requested, 1 to 32 are possible");
	assert_null(m.failed.port);
	port_on(0);
	port_on(0);
	m.conf.ports = unknown;
	m.conf.nb_ports = 2;
	plan_fails(-ENOENT, TIDE_PLAN_LIMIT_PORT_ID);
	assert_int_equal(m.failed.requested, 7);
	assert_string_equal(m.failed.reason, "port 7 does not exist");
	m.conf.ports = twice;
	m.conf.nb_ports = 3;
	plan_fails(-EEXIST, TIDE_PLAN_LIMIT_PORT_ID);
	assert_string_equal(m.failed.reason, "port 0 is named twice");
	m.conf.nb_ports = RTE_MAX_ETHPORTS + 1;
	plan_fails(-ERANGE, TIDE_PLAN_LIMIT_PORTS);
	m.conf.ports = NULL;
	m.conf.peers = peers;
	out_of(TIDE_PLAN_LIMIT_PEER, 1, 2, 0, 1,
		"port 1 (nic1): 2 as index of the peer requested, 0 to 1 are possible");
}

static void
lcores_are_needed(void **state)
{
	machine_of(1);
	port_on(0);
	plan_fails(-ERANGE, TIDE_PLAN_LIMIT_LCORES);
	assert_null(m.failed.port);
	m.facts.nb_lcores = RTE_MAX_LCORE + 1;
	plan_fails(-ERANGE, TIDE_PLAN_LIMIT_LCORES);
	m.facts.nb_lcores = RTE_MAX_LCORE;
	plan_works();
}

static void
queues_keep_to_the_port(void **state)
{
	machine_of(1);
	port_on(0);
	port_on(0)->tx_queues_max = 2;
	port_on(0)->rss = 0;
	lcore(0);
	m.conf.queues = 3;
	out_of(TIDE_PLAN_LIMIT_QUEUES, 1, 3, 1, 2,
		"port 1 (nic1): 3 queues requested, 1 to 2 are possible");
	m.conf.queues = 2;
	plan_works();
	assert_int_equal(m.plan.port[0].rss, RTE_ETH_RSS_IP);
	assert_int_equal(m.plan.port[2].rss, 0);
	m.facts.port[0].rx_queues_max = 0;
	m.conf.queues = 1;
	out_of(TIDE_PLAN_LIMIT_QUEUES, 0, 1, 1, 0,
		"port 0 (nic0): 1 queues requested, none are possible");
}

static void
descriptors_keep_to_the_port(void **state)
{
	machine_of(1);
	port_on(0)->rx_lim.nb_max = 500;
	port_on(0)->tx_lim = (struct rte_eth_desc_lim){.nb_min = 2048, .nb_max = 4096};
	lcore(0);
	plan_works();
	assert_int_equal(m.plan.port[0].rx_desc, 480);
	assert_int_equal(m.plan.port[1].rx_desc, 1024);
	assert_int_equal(m.plan.port[1].tx_desc, 2048);
	m.conf.rx_desc = 501;
	out_of(TIDE_PLAN_LIMIT_RX_DESC, 0, 501, 64, 500,
		"port 0 (nic0): 501 descriptors per receive queue requested, 64 to 500 are "
		"possible");
	m.conf.rx_desc = 65;
	plan_works();
	assert_int_equal(m.plan.port[0].rx_desc, 96);
	m.conf.rx_desc = 0;
	m.conf.tx_desc = 2047;
	out_of(TIDE_PLAN_LIMIT_TX_DESC, 1, 2047, 2048, 4096,
		"port 1 (nic1): 2047 descriptors per transmit queue requested, 2048 to 4096 are "
		"possible");
	m.conf.tx_desc = UINT32_MAX;
	plan_fails(-ERANGE, TIDE_PLAN_LIMIT_TX_DESC);
}

static void
the_mtu_keeps_to_the_port(void **state)
{
	machine_of(1);
	port_on(0)->mtu_max = 1500;
	lcore(0);
	m.conf.mtu = 1501;
	out_of(TIDE_PLAN_LIMIT_MTU, 0, 1501, 68, 1500,
		"port 0 (nic0): 1501 bytes of MTU requested, 68 to 1500 are possible");
	m.conf.mtu = 67;
	plan_fails(-ERANGE, TIDE_PLAN_LIMIT_MTU);
	m.conf.mtu = 65536 + 1000;
	plan_fails(-ERANGE, TIDE_PLAN_LIMIT_MTU);
	m.conf.mtu = 68;
	plan_works();
	assert_int_equal(m.plan.port[0].mtu, 68);
}

static void
buffers_fit_the_longest_frame_and_the_driver_of_every_port(void **state)
{
	machine_of(1);
	port_on(0)->mtu = 3000;
	port_on(0)->rx_bufsize_min = 4096;
	lcore(0);
	plan_works();
	assert_int_equal(m.plan.data_room, 4096 + RTE_PKTMBUF_HEADROOM);
	m.facts.port[0].mtu = 9000;
	plan_works();
	assert_uint_in_range(m.plan.data_room,
		9000 + TIDE_PLAN_FRAME_OVERHEAD + RTE_PKTMBUF_HEADROOM,
		9000 + TIDE_PLAN_FRAME_OVERHEAD + RTE_PKTMBUF_HEADROOM + RTE_CACHE_LINE_SIZE - 1);
	assert_false(m.plan.port[0].scatter);
	m.conf.buffer_size = 4096;
	plan_works();
	assert_true(m.plan.port[0].scatter);
	assert_false(m.plan.port[1].scatter);
	m.conf.buffer_size = 2048;
	out_of(TIDE_PLAN_LIMIT_BUFFER_SIZE, 1, 2048, 4096, 65344,
		"port 1 (nic1): 2048 packet bytes per buffer requested, 4096 to 65344 are "
		"possible");
	m.conf.buffer_size = UINT32_MAX;
	plan_works();
	assert_int_equal(m.plan.data_room, 65472);
}

static void
a_queue_of_net_vmxnet3_has_two_rings(void **state)
{
	machine_of(1);
	port_on(0);
	port_on(0);
	driver_is(0, "net_vmxnet3");
	lcore(0);
	m.conf.queues = 2;
	plan_works();
	assert_int_equal(need_of(0)->rx_queues, 2 * 2 + 2);
	assert_int_equal(need_of(0)->tx_queues, 4);
	driver_is(0, "net_vmxnet3_not");
	plan_works();
	assert_int_equal(need_of(0)->rx_queues, 4);
}

static void
a_queue_of_net_af_xdp_holds_2048_buffers_or_more(void **state)
{
	const unsigned int peers[] = {1, 0};

	machine_of(2);
	port_on(0);
	port_on(1);
	driver_is(0, "net_af_xdp");
	lcore(0);
	m.conf.peers = peers;
	m.conf.rx_desc = m.conf.tx_desc = 256;
	plan_works();
	assert_int_equal(need_of(0)->rx_desc, 2048);
	assert_int_equal(need_of(0)->tx_desc, 256);
	/* The buffers of port 1 wait in the transmit queue of port 0. */
	assert_int_equal(need_of(1)->rx_desc, 256);
	assert_int_equal(need_of(1)->tx_desc, 2048);
	m.conf.rx_desc = m.conf.tx_desc = 4096;
	plan_works();
	assert_int_equal(need_of(0)->rx_desc, 4096);
}

static void
a_place_of_net_af_packet_limits_frames_and_buffers(void **state)
{
	static const struct {
		const char *args;
		uint32_t framesz, frame_max, bufsize;
	} cases[] = {
		{NULL, 2048, 1982, 2016},
		{"iface=eth0", 2048, 1982, 2016},
		{"iface=eth0,framesz=4096,blocksz=4096", 4096, 4030, 4064},
		{"xframesz=4096", 2048, 1982, 2016},
		{"framesz=67", 67, 1, 35},
		/* Too short for any frame: the driver refuses it. */
		{"framesz=66", 66, 0, 100},
		{"framesz=x", 0, 0, 100},
	};
	struct tide_port_facts port;

	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		port = (struct tide_port_facts){.driver = "net_af_packet", .rx_bufsize_min = 100};
		tidei_driver_facts(&port, cases[i].args);
		assert_int_equal(port.framesz, cases[i].framesz);
		assert_int_equal(port.frame_max, cases[i].frame_max);
		assert_int_equal(port.rx_bufsize_min, cases[i].bufsize);
	}
	port = (struct tide_port_facts){.driver = "net_af_xdp", .mtu_max = 3000};
	tidei_driver_facts(&port, "framesz=4096");
	assert_int_equal(port.frame_max, 3000 + RTE_ETHER_HDR_LEN);
	assert_int_equal(port.framesz, 0);
	port = (struct tide_port_facts){.driver = "net_nic", .mtu_max = 3000};
	tidei_driver_facts(&port, "framesz=4096");
	assert_int_equal(port.frame_max, 0);
	assert_int_equal(port.framesz, 0);
}

static void
a_stated_node_goes_before_the_facts(void **state)
{
	int nodes[] = {3, TIDE_NODE_UNKNOWN};
	const int pool_nodes[] = {0, 0};

	machine_of(4);
	port_on(0);
	port_on(0);
	lcore(0);
	lcore(12);
	m.conf.port_nodes = nodes;
	plan_works();
	assert_true(m.plan.port[0].node_stated);
	assert_int_equal(m.plan.port[0].node, 3);
	assert_int_equal(m.plan.lcore[m.plan.queue[0].lcore].id, 12);
	assert_false(m.plan.port[1].node_stated);
	assert_int_equal(m.plan.port[1].node, 0);
	nodes[1] = 4;
	plan_fails(-ENOENT, TIDE_PLAN_LIMIT_NODE);
	assert_int_equal(m.failed.node, 4);
	assert_string_equal(m.failed.reason, "port 1 (nic1): node 4 does not exist");
	m.conf.port_nodes = NULL;
	m.facts.port[0].node = 9;
	plan_fails(-ENOENT, TIDE_PLAN_LIMIT_NODE);
	m.conf.pool_nodes = pool_nodes;
	plan_fails(-ENOENT, TIDE_PLAN_LIMIT_NODE);
	assert_int_equal(m.failed.node, 9);
}

static void
buffers_go_where_they_are_stated_or_as_near_as_can_be(void **state)
{
	int nodes[] = {2, TIDE_NODE_UNKNOWN, 1};

	machine("node 0 cpus 0-1 memory 4G distance 1:16,2:21\n"
		"node 1 cpus 2-3 memory 4G distance 0:16,2:12\n"
		"node 2 cpus 4-5 distance 0:21,1:12\n");
	port_on(0);
	port_on(0);
	port_on(0);
	lcore(0);
	m.conf.pool_nodes = nodes;
	plan_works();
	assert_int_equal(pool_node(0), 1);
	assert_int_equal(m.plan.port[0].pool_requested, 2);
	assert_int_equal(m.plan.port[0].pool_reason, TIDE_PLAN_REASON_NEAREST);
	assert_string_equal(
		m.plan.port[0].pool_refusal, tide_node_refusal(tide_topology_node(m.topo, 2)));
	assert_int_equal(pool_node(1), 0);
	assert_int_equal(m.plan.port[1].pool_reason, TIDE_PLAN_REASON_LOCAL);
	assert_int_equal(pool_node(2), 1);
	assert_int_equal(m.plan.port[2].pool_reason, TIDE_PLAN_REASON_STATED);
	assert_int_equal(m.plan.nb_pools, 2);
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(m.plan.pool_nodes[i], m.plan.pool[i].node);
	m.conf.strict = true;
	plan_fails(-ENODEV, TIDE_PLAN_LIMIT_POOL_NODE);
	assert_ptr_equal(m.failed.port, &m.facts.port[0]);
	assert_int_equal(m.failed.node, 2);
	assert_non_null(strstr(m.failed.reason, "belong on node 2, which cannot give memory: it"));
	nodes[0] = 7;
	plan_fails(-ENOENT, TIDE_PLAN_LIMIT_NODE);
	assert_int_equal(m.failed.node, 7);
}

static void
unknown_ports_are_near_the_main_lcore_else_near_cpus(void **state)
{
	machine("node 0 memory 64G\nnode 1 cpus 0-1 memory 4G\nnode 2 cpus 2 memory 4G\n"
		"allowed cpus 2\n");
	port_on(TIDE_NODE_UNKNOWN);
	m.facts.nb_lcores = 1;
	m.facts.lcore[0].node = TIDE_NODE_UNKNOWN;
	m.facts.main_node = 1;
	plan_works();
	assert_int_equal(m.plan.port[0].node, TIDE_NODE_UNKNOWN);
	assert_int_equal(m.plan.port[0].pool_reason, TIDE_PLAN_REASON_UNKNOWN);
	assert_false(m.plan.port[0].remote);
	assert_int_equal(pool_node(0), 1);
	m.facts.main_node = TIDE_NODE_UNKNOWN;
	plan_works();
	assert_int_equal(pool_node(0), 2);
	/* A node that the machine does not have is not known either. */
	m.facts.main_node = 5;
	plan_works();
	assert_int_equal(pool_node(0), 2);
}

static void
reasons_have_names(void **state)
{
	assert_string_equal(tide_plan_reason_name(TIDE_PLAN_REASON_LOCAL), "local");
	assert_string_equal(tide_plan_reason_name(TIDE_PLAN_REASON_STATED), "stated");
	assert_string_equal(tide_plan_reason_name(TIDE_PLAN_REASON_NEAREST), "nearest");
	assert_string_equal(tide_plan_reason_name(TIDE_PLAN_REASON_UNKNOWN), "unknown");
	assert_string_equal(tide_plan_reason_name((enum tide_plan_reason)99), "unknown");
}

/* From ports, queues, descriptors, rate, depth and hold time to buffers. */
static void
what_waits_elsewhere_counts_for_each_port(void **state)
{
	machine_of(2);
	port_on(0);
	port_on(0);
	port_on(1);
	lcore(0);
	m.conf.rx_desc = m.conf.tx_desc = 64;
	m.conf.burst = 16;
	m.conf.cache_size = 8;
	m.conf.priv_size = 64;
	m.conf.depth = 1000;
	m.conf.hold_us = 500;
	m.conf.hold_pps = 1000000;
	plan_works();
	assert_int_equal(need_of(0)->depth, 2000);
	assert_int_equal(need_of(0)->hold_us, 500);
	assert_int_equal(need_of(0)->hold_pps, 2000000);
	assert_int_equal(need_of(0)->burst, 16);
	assert_int_equal(need_of(0)->cache_size, 8);
	assert_int_equal(need_of(0)->priv_size, 64);
	assert_int_equal(need_of(0)->data_room, m.plan.data_room);
	assert_int_equal(need_of(2)->depth, 1000);
	assert_int_equal(need_of(2)->hold_pps, 1000000);
	assert_uint_in_range(
		m.plan.buffers, 4 * 64 + 16 + 8 + 2000 + 1000, 4 * 64 + 16 + 12 + 3000 + 63);
}

static void
all_pools_have_the_size_of_the_largest(void **state)
{
	machine_of(2);
	port_on(0);
	port_on(0);
	port_on(1);
	lcore(0);
	plan_works();
	for (unsigned int i = 0; i < 2; i++) {
		const struct tide_pool_size *size = &m.plan.pool[i].size;
		struct tide_pool_size alone;

		assert_int_equal(size->buffers, m.plan.buffers);
		assert_true(size->bytes == (uint64_t)size->buffers * size->object);
		assert_true(size->pages * size->page_size >= size->bytes);
		assert_int_equal(tide_pool_size(&m.plan.pool[i].need, m.plan.pool[i].node,
					 TIDE_PAGE_AUTO, &alone),
			0);
		assert_true(alone.buffers <= m.plan.buffers);
		if (i == 0)
			assert_int_equal(alone.buffers, m.plan.buffers);
	}
}

static void
requested_buffers_cover_the_need(void **state)
{
	uint32_t need;

	machine_of(1);
	port_on(0);
	lcore(0);
	plan_works();
	need = m.plan.buffers;
	m.conf.buffers = need - 1;
	plan_fails(-ERANGE, TIDE_PLAN_LIMIT_BUFFERS);
	assert_null(m.failed.port);
	assert_int_equal(m.failed.node, 0);
	assert_int_equal(m.failed.requested, need - 1);
	assert_int_equal(m.failed.min, need);
	assert_int_equal(m.failed.max, 1 << 27);
	assert_int_equal(m.failed.need.rx_desc, 1024);
	m.conf.buffers = (1 << 27) + 1;
	plan_fails(-ERANGE, TIDE_PLAN_LIMIT_BUFFERS);
	m.conf.buffers = 1 << 27;
	plan_works();
	assert_int_equal(m.plan.pool[0].size.buffers, 1 << 27);
	m.conf.buffers = need + 1;
	plan_works();
	assert_int_equal(m.plan.buffers, need + 1);
	assert_int_equal(m.plan.pool[0].size.buffers, need + 1);
	assert_true(m.plan.pool[0].size.bytes == (uint64_t)(need + 1) * m.plan.pool[0].size.object);
}

static void
more_than_a_pool_can_have_is_refused(void **state)
{
	machine_of(1);
	port_on(0);
	port_on(0);
	lcore(0);
	m.conf.depth = 1 << 27;
	plan_fails(-EOVERFLOW, TIDE_PLAN_LIMIT_NEED);
	assert_int_equal(m.failed.node, 0);
	assert_null(m.failed.port);
	/* Sums of both ports that do not fit their type. */
	m.conf.depth = (uint32_t)1 << 31;
	plan_fails(-EOVERFLOW, TIDE_PLAN_LIMIT_NEED);
	m.conf.depth = 0;
	m.conf.hold_us = 1;
	m.conf.hold_pps = (uint64_t)1 << 63;
	plan_fails(-EOVERFLOW, TIDE_PLAN_LIMIT_NEED);
	m.conf.hold_us = 0;
	plan_works();
}

static void
wrong_arguments_are_refused(void **state)
{
	machine_of(1);
	port_on(0);
	lcore(0);
	m.conf.priv_size = 4;
	plan_fails(-EINVAL, TIDE_PLAN_LIMIT_NONE);
	assert_string_equal(m.failed.reason, "no plan: Invalid argument");
	m.conf.priv_size = 0;
	m.conf.page = (enum tide_page)99;
	plan_fails(-EINVAL, TIDE_PLAN_LIMIT_NONE);
	m.conf.page = TIDE_PAGE_AUTO;
	m.facts.topo = NULL;
	plan_fails(-EINVAL, TIDE_PLAN_LIMIT_NONE);
}

static void
the_log_has_what_the_caller_does_not_report(void **state)
{
	machine_of(1);
	port_on(0);
	test_log_catch();
	plan_fails(-ERANGE, TIDE_PLAN_LIMIT_LCORES);
	assert_string_equal(test_log_caught(), "");
	m.conf.failed = NULL;
	test_log_catch();
	assert_int_equal(tide_plan_init(&m.plan, &m.facts, &m.conf), -ERANGE);
	assert_string_equal(
		test_log_caught(), "TIDE_plan: 0 lcores requested, 1 to 128 are possible\n");
	test_log_catch();
	assert_int_equal(tide_plan_init(&m.plan, &m.facts, NULL), -ERANGE);
	assert_non_null(strstr(test_log_caught(), "0 lcores requested"));
}

static void
a_plan_makes_the_configuration_of_its_pools(void **state)
{
	struct tide_pool_conf conf;

	machine_of(2);
	port_on(1);
	port_on(0);
	lcore(0);
	m.conf.priv_size = 16;
	m.conf.cache_size = 32;
	m.conf.page = TIDE_PAGE_2M;
	plan_works();
	conf = tide_plan_pool_conf(&m.plan, "name");
	assert_string_equal(conf.name, "name");
	assert_ptr_equal(conf.topo, m.topo);
	assert_int_equal(conf.nb_nodes, 2);
	assert_int_equal(conf.nodes[0], 1);
	assert_int_equal(conf.nodes[1], 0);
	assert_int_equal(conf.buffers, m.plan.buffers);
	assert_int_equal(conf.data_room, m.plan.data_room);
	assert_int_equal(conf.priv_size, 16);
	assert_int_equal(conf.cache_size, 32);
	assert_int_equal(conf.page, TIDE_PAGE_2M);
	assert_null(conf.ops);
}

static void
nothing_is_freed_without_harm(void **state)
{
	struct tide_plan empty = {0};

	tide_plan_fini(NULL);
	tide_plan_fini(&empty);
	machine_of(1);
	port_on(0);
	lcore(0);
	plan_works();
	tide_plan_fini(&m.plan);
	tide_plan_fini(&m.plan);
	assert_memory_equal(&m.plan, &empty, sizeof(empty));
}

#define CASE(name) cmocka_unit_test_teardown(name, machine_ends)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_empty_request_has_defaults),
		CASE(a_port_made_by_hand_needs_few_facts),
		CASE(ports_are_used_in_the_requested_order),
		CASE(ports_that_are_wrong_are_refused),
		CASE(lcores_are_needed),
		CASE(queues_keep_to_the_port),
		CASE(descriptors_keep_to_the_port),
		CASE(the_mtu_keeps_to_the_port),
		CASE(buffers_fit_the_longest_frame_and_the_driver_of_every_port),
		CASE(a_queue_of_net_vmxnet3_has_two_rings),
		CASE(a_queue_of_net_af_xdp_holds_2048_buffers_or_more),
		CASE(a_place_of_net_af_packet_limits_frames_and_buffers),
		CASE(a_stated_node_goes_before_the_facts),
		CASE(buffers_go_where_they_are_stated_or_as_near_as_can_be),
		CASE(unknown_ports_are_near_the_main_lcore_else_near_cpus),
		CASE(reasons_have_names),
		CASE(what_waits_elsewhere_counts_for_each_port),
		CASE(all_pools_have_the_size_of_the_largest),
		CASE(requested_buffers_cover_the_need),
		CASE(more_than_a_pool_can_have_is_refused),
		CASE(wrong_arguments_are_refused),
		CASE(the_log_has_what_the_caller_does_not_report),
		CASE(a_plan_makes_the_configuration_of_its_pools),
		CASE(nothing_is_freed_without_harm),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
