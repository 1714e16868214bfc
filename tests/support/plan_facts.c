/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

#include <stdio.h>

#include "plan_facts.h"

const char *
test_plan_nodes(unsigned int n)
{
	static char text[1024];
	size_t used = 0;

	for (unsigned int i = 0; i < n; i++)
		used += snprintf(text + used, sizeof(text) - used,
			"node %u cpus %u-%u memory 16G huge 2M:4096\n", i, 4 * i, 4 * i + 3);
	return text;
}

struct tide_port_facts *
test_plan_port(struct tide_plan_facts *facts, int node)
{
	struct tide_port_facts *port = &facts->port[facts->nb_ports];

	port->id = facts->nb_ports++;
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
test_plan_lcore(struct tide_plan_facts *facts, unsigned int id)
{
	facts->lcore[facts->nb_lcores].id = id;
	facts->lcore[facts->nb_lcores++].node = tide_topology_cpu_node(facts->topo, id);
}
