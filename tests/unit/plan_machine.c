/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plan_machine.h"

struct machine m;

void
machine(const char *text)
{
	memset(&m, 0, sizeof(m));
	m.topo = tide_topology_parse(text);
	assert_non_null(m.topo);
	m.facts.topo = m.topo;
	m.conf.failed = &m.failed;
}

void
machine_of(unsigned int n)
{
	char text[1024];
	size_t used = 0;

	for (unsigned int i = 0; i < n; i++)
		used += snprintf(text + used, sizeof(text) - used,
			"node %u cpus %u-%u memory 16G huge 2M:4096\n", i, 4 * i, 4 * i + 3);
	machine(text);
}

struct tide_port_facts *
port_on(int node)
{
	struct tide_port_facts *port = &m.facts.port[m.facts.nb_ports];

	port->id = m.facts.nb_ports++;
	snprintf(port->name, sizeof(port->name), "nic%u", port->id);
	snprintf(port->driver, sizeof(port->driver), "net_nic");
	port->node = node;
	port->node_source =
		node == TIDE_NODE_UNKNOWN ? TIDE_NODE_SOURCE_UNKNOWN : TIDE_NODE_SOURCE_DEVICE;
	port->rx_queues_max = port->tx_queues_max = 16;
	port->rx_lim = port->tx_lim =
		(struct rte_eth_desc_lim){.nb_max = 4096, .nb_min = 64, .nb_align = 32};
	port->mtu = 1500;
	port->mtu_min = 68;
	port->mtu_max = 9702;
	port->rx_bufsize_min = 256;
	port->rss = RTE_ETH_RSS_IP;
	return port;
}

void
lcore(unsigned int id)
{
	m.facts.lcore[m.facts.nb_lcores].id = id;
	m.facts.lcore[m.facts.nb_lcores++].node = tide_topology_cpu_node(m.topo, id);
}

void
plan_works(void)
{
	int rc;

	tide_plan_fini(&m.plan);
	rc = tide_plan_init(&m.plan, &m.facts, &m.conf);
	if (rc < 0)
		fail_msg("refused with %d: %s", rc, m.failed.reason);
}

void
plan_fails(int rc, enum tide_plan_limit limit)
{
	static const struct tide_plan empty;

	tide_plan_fini(&m.plan);
	memset(&m.plan, 1, sizeof(m.plan));
	memset(&m.failed, 1, sizeof(m.failed));
	assert_int_equal(tide_plan_init(&m.plan, &m.facts, &m.conf), rc);
	assert_int_equal(m.failed.limit, limit);
	assert_memory_equal(&m.plan, &empty, sizeof(empty));
}

int
pool_node(unsigned int port)
{
	return m.plan.pool[m.plan.port[port].pool].node;
}

int
machine_ends(void **state)
{
	tide_plan_fini(&m.plan);
	tide_topology_free(m.topo);
	m.topo = NULL;
	return 0;
}
