/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Random machines and requests: each plan is the one of a naive reference, and keeps what is promised. */

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plan_machine.h"
#include "range.h"

#define NODES_MAX 8

static const char *const drivers[] = {"net_nic", "net_vmxnet3", "net_af_xdp"};

/* The request of a round. */
static unsigned int peers[RTE_MAX_ETHPORTS];
static int pool_nodes[RTE_MAX_ETHPORTS];

static unsigned int
upto(unsigned int n)
{
	return (unsigned int)random() % (n + 1);
}

/* Nodes with ids 0, 3, 6, ...; some without CPUs or without memory, but the first has both. */
static unsigned int
random_machine(void)
{
	unsigned int n = 1 + upto(NODES_MAX - 1);
	char text[4096];
	size_t used = 0;

	for (unsigned int i = 0; i < n; i++) {
		used += snprintf(text + used, sizeof(text) - used, "node %u", 3 * i);
		if (i == 0 || upto(4) != 0)
			used += snprintf(
				text + used, sizeof(text) - used, " cpus %u-%u", 4 * i, 4 * i + 3);
		if (i == 0 || upto(4) != 0)
			used += snprintf(text + used, sizeof(text) - used, " memory 16G");
		used += snprintf(text + used, sizeof(text) - used, " distance %u:10", 3 * i);
		for (unsigned int to = 0; to < n; to++) {
			if (to != i)
				used += snprintf(text + used, sizeof(text) - used, ",%u:%u", 3 * to,
					11 + upto(4));
		}
		used += snprintf(text + used, sizeof(text) - used, "\n");
	}
	machine(text);
	return n;
}

static void
random_request(unsigned int nodes)
{
	unsigned int ports = 1 + upto(7);

	for (unsigned int i = 0; i < ports; i++) {
		unsigned int node = upto(nodes);
		struct tide_port_facts *port =
			port_on(node == nodes ? TIDE_NODE_UNKNOWN : (int)(3 * node));

		snprintf(port->driver, sizeof(port->driver), "%s", drivers[upto(2)]);
		port->rx_lim.nb_max = 512 + 64 * upto(32);
		peers[i] = upto(ports - 1);
		pool_nodes[i] = upto(3) == 0 ? (int)(3 * upto(nodes - 1)) : TIDE_NODE_UNKNOWN;
	}
	for (unsigned int cpu = 0; cpu < 4 * nodes; cpu++) {
		if (tide_topology_cpu_node(m.topo, cpu) != TIDE_NODE_UNKNOWN && upto(2) == 0)
			lcore(cpu);
	}
	if (m.facts.nb_lcores == 0 || upto(5) == 0) {
		lcore(RTE_MAX_LCORE - 1);
		assert_int_equal(m.facts.lcore[m.facts.nb_lcores - 1].node, TIDE_NODE_UNKNOWN);
	}
	m.conf.peers = peers;
	m.conf.pool_nodes = pool_nodes;
	m.conf.queues = 1 + upto(4);
	m.conf.rx_desc = upto(1) == 0 ? 0 : 64 + upto(448);
}

/* --- The reference: it looks at all candidates for each choice, with no order and no shortcut. ----- */

static int node_of[RTE_MAX_ETHPORTS];
static unsigned int lcore_of[RTE_MAX_ETHPORTS][5];
static unsigned int load[RTE_MAX_LCORE];

/* Tell whether node a is nearer to a node than b is; of equals, CPUs first, then the lower id. */
static bool
nearer(int from, int a, int b)
{
	unsigned int da = tide_topology_distance(m.topo, from, a);
	unsigned int db = tide_topology_distance(m.topo, from, b);
	bool ca = tide_topology_node(m.topo, a)->nb_cpus != 0;
	bool cb = tide_topology_node(m.topo, b)->nb_cpus != 0;

	if (a == from || b == from)
		return a == from && b != from;
	if (da != db)
		return da < db;
	return ca != cb ? ca : a < b;
}

/* Tell whether lcore a is the better choice for a port on a node. */
static bool
better(int node, unsigned int a, unsigned int b)
{
	int na = m.facts.lcore[a].node, nb = m.facts.lcore[b].node;

	if (node != TIDE_NODE_UNKNOWN && na != nb) {
		if (na == TIDE_NODE_UNKNOWN || nb == TIDE_NODE_UNKNOWN)
			return nb == TIDE_NODE_UNKNOWN;
		return nearer(node, na, nb);
	}
	return load[a] != load[b] ? load[a] < load[b] : a < b;
}

static void
place_port(unsigned int port)
{
	node_of[port] = m.facts.port[port].node;
	for (unsigned int q = 0; q < m.conf.queues; q++) {
		unsigned int best = 0;

		for (unsigned int i = 1; i < m.facts.nb_lcores; i++) {
			if (better(node_of[port], i, best))
				best = i;
		}
		lcore_of[port][q] = best;
		load[best]++;
		if (node_of[port] == TIDE_NODE_UNKNOWN)
			node_of[port] = m.facts.lcore[best].node;
	}
}

static int
memory_near(int node)
{
	int best = TIDE_NODE_UNKNOWN;

	for (unsigned int i = 0; i < tide_topology_nb_nodes(m.topo); i++) {
		const struct tide_node *at = tide_topology_node_at(m.topo, i);

		if (at->memory != 0 && (best == TIDE_NODE_UNKNOWN || nearer(node, at->id, best)))
			best = at->id;
	}
	return best;
}

static void
place_all(void)
{
	memset(load, 0, sizeof(load));
	for (unsigned int i = 0; i < m.facts.nb_ports; i++) {
		if (m.facts.port[i].node != TIDE_NODE_UNKNOWN)
			place_port(i);
	}
	for (unsigned int i = 0; i < m.facts.nb_ports; i++) {
		if (m.facts.port[i].node == TIDE_NODE_UNKNOWN)
			place_port(i);
	}
}

static void
the_plan_is_that_of_the_reference(void)
{
	assert_int_equal(m.plan.nb_queues, m.facts.nb_ports * m.conf.queues);
	for (unsigned int i = 0; i < m.plan.nb_queues; i++) {
		const struct tide_plan_queue *queue = &m.plan.queue[i];

		assert_int_equal(queue->port, i / m.conf.queues);
		assert_int_equal(queue->queue, i % m.conf.queues);
		assert_int_equal(queue->lcore, lcore_of[queue->port][queue->queue]);
	}
	for (unsigned int i = 0; i < m.plan.nb_lcores; i++)
		assert_int_equal(m.plan.lcore[i].nb_queues, load[i]);
	for (unsigned int i = 0; i < m.plan.nb_ports; i++) {
		int wanted = pool_nodes[i] != TIDE_NODE_UNKNOWN ? pool_nodes[i] : node_of[i];

		assert_int_equal(m.plan.port[i].node, node_of[i]);
		assert_int_equal(m.plan.port[i].peer, peers[i]);
		assert_int_equal(m.plan.port[i].pool_requested, wanted);
		/* The main lcore is on node 0. */
		assert_int_equal(
			pool_node(i), memory_near(wanted == TIDE_NODE_UNKNOWN ? 0 : wanted));
	}
}

/* --- What is promised for every plan. ----------------------------------------------------------- */

static bool
has_lcore(int node)
{
	for (unsigned int i = 0; i < m.plan.nb_lcores; i++) {
		if (m.plan.lcore[i].node == node)
			return true;
	}
	return false;
}

static void
lcores_of_a_node_share_evenly(void)
{
	for (unsigned int a = 0; a < m.plan.nb_lcores; a++) {
		for (unsigned int b = 0; b < m.plan.nb_lcores; b++) {
			if (m.plan.lcore[a].node == m.plan.lcore[b].node)
				assert_true(
					m.plan.lcore[a].nb_queues <= m.plan.lcore[b].nb_queues + 1);
		}
	}
}

static void
no_queue_is_remote_that_could_be_local(void)
{
	for (unsigned int i = 0; i < m.plan.nb_queues; i++) {
		const struct tide_plan_port *port = &m.plan.port[m.plan.queue[i].port];
		int node = m.plan.lcore[m.plan.queue[i].lcore].node;

		/* A port without a node takes any lcore, and its node from the first that has one. */
		if (node == port->node ||
			(node == TIDE_NODE_UNKNOWN && port->facts->node == TIDE_NODE_UNKNOWN))
			continue;
		assert_false(has_lcore(port->node));
	}
}

/* An lcore whose node is not known is on no other node. */
static void
ports_with_remote_queues_say_so(void)
{
	for (unsigned int i = 0; i < m.plan.nb_ports; i++) {
		bool remote = false;

		for (unsigned int q = 0; q < m.plan.queues; q++) {
			int node = m.plan.lcore[lcore_of[i][q]].node;

			remote = remote ||
			         (node != TIDE_NODE_UNKNOWN && node != m.plan.port[i].node);
		}
		assert_int_equal(m.plan.port[i].remote, remote);
	}
}

static void
ports_keep_their_limits(void)
{
	for (unsigned int i = 0; i < m.plan.nb_ports; i++) {
		const struct tide_plan_port *port = &m.plan.port[i];

		assert_uint_in_range(port->rx_desc, 64, port->facts->rx_lim.nb_max);
		assert_int_equal(port->rx_desc % 32, 0);
	}
}

static unsigned int
held(const struct tide_plan_port *port, unsigned int desc)
{
	return strcmp(port->facts->driver, "net_af_xdp") == 0 && desc < 2048 ? 2048 : desc;
}

static void
needs_are_the_sums_of_their_ports(void)
{
	for (unsigned int p = 0; p < m.plan.nb_pools; p++) {
		const struct tide_pool_need *need = &m.plan.pool[p].need;
		unsigned int rings = 0, rx = 0, tx_queues = 0, tx = 0, busy = 0;

		for (unsigned int i = 0; i < m.plan.nb_ports; i++) {
			const struct tide_plan_port *port = &m.plan.port[i];
			const struct tide_plan_port *to = &m.plan.port[peers[i]];
			bool two = strcmp(port->facts->driver, "net_vmxnet3") == 0;

			if (port->pool != p)
				continue;
			rings += m.conf.queues * (two ? 2 : 1);
			rx = RTE_MAX(rx, held(port, port->rx_desc));
			tx_queues += m.conf.queues;
			tx = RTE_MAX(tx, held(to, to->tx_desc));
		}
		for (unsigned int i = 0; i < m.plan.nb_lcores; i++)
			busy += load[i] != 0;
		assert_int_equal(need->rx_queues, rings);
		assert_int_equal(need->rx_desc, rx);
		assert_int_equal(need->tx_queues, tx_queues);
		assert_int_equal(need->tx_desc, tx);
		assert_int_equal(need->lcores, busy);
		assert_true(m.plan.buffers >= rings * rx + tx_queues * tx + busy * TIDE_PLAN_BURST);
		assert_int_equal(m.plan.pool[p].size.buffers, m.plan.buffers);
	}
}

static void
random_plans_hold_together(void **state)
{
	unsigned int seed = 20261208;

	if (getenv("SEED") != NULL)
		seed = strtoul(getenv("SEED"), NULL, 0);
	printf("seed %u\n", seed);
	srandom(seed);
	for (unsigned int round = 0; round < 1000; round++) {
		random_request(random_machine());
		plan_works();
		place_all();
		the_plan_is_that_of_the_reference();
		lcores_of_a_node_share_evenly();
		no_queue_is_remote_that_could_be_local();
		ports_with_remote_queues_say_so();
		ports_keep_their_limits();
		needs_are_the_sums_of_their_ports();
		machine_ends(NULL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_plans_hold_together),
	};

	return cmocka_run_group_tests_name("plan_random", tests, NULL, NULL);
}
