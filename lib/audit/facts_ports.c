/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Copies the facts of all ports and receive queues. */

#include <errno.h>
#include <stdio.h>

#include <rte_ethdev.h>

/* A program without Ethernet devices does not have these, and the plugin must not bring them along. */
#pragma weak rte_eth_dev_info_get
#pragma weak rte_eth_dev_is_valid_port
#pragma weak rte_eth_rx_queue_info_get

#include "audit_internal.h"
#include "locate_friend.h"
#include "topology_friend.h"

static int
copy_queue(struct tidei_audit_facts *facts, uint16_t port_id, uint16_t queue_id)
{
	struct tidei_audit_queue *queue = tidei_list_add(&facts->queues, sizeof(*queue));
	struct rte_eth_rxq_info info = {0};

	if (queue == NULL)
		return -ENOMEM;
	queue->port = port_id;
	queue->queue = queue_id;
	queue->lcore_id = TIDE_AUDIT_NONE;
	queue->poller = TIDE_NODE_UNKNOWN;
	if (rte_eth_rx_queue_info_get(port_id, queue_id, &info) == 0) {
		queue->mp = info.mp;
		queue->descriptors = info.nb_desc;
	}
	return 0;
}

/* That only one node has memory for this process tells nothing of a device. */
static int
node_of(const struct tidei_audit_facts *facts, uint16_t port_id)
{
	enum tide_node_source source = TIDE_NODE_SOURCE_UNKNOWN;
	int node = tide_topology_port_node(facts->topo, port_id, LCORE_ID_ANY, &source);

	return source == TIDE_NODE_SOURCE_ONLY_NODE ? TIDE_NODE_UNKNOWN : node;
}

/* A port that is closed meanwhile is left out. */
static int
copy_port(struct tidei_audit_facts *facts, uint16_t port_id)
{
	struct tidei_audit_port *port = tidei_list_add(&facts->ports, sizeof(*port));
	struct rte_eth_dev_info info;
	enum tidei_port_bus bus;
	int ret = 0;

	if (port == NULL)
		return -ENOMEM;
	port->id = port_id;
	port->node = node_of(facts, port_id);
	bus = tidei_port_bus(port_id, port->device, sizeof(port->device));
	port->is_virtual = bus == TIDEI_PORT_VIRTUAL;
	port->is_pci = bus == TIDEI_PORT_PCI;
	if (bus == TIDEI_PORT_UNKNOWN || rte_eth_dev_info_get(port_id, &info) != 0) {
		facts->ports.nb--;
		return 0;
	}
	for (uint16_t q = 0; ret == 0 && q < info.nb_rx_queues; q++)
		ret = copy_queue(facts, port_id, q);
	return ret;
}

struct copying {
	struct tidei_audit_facts *facts;
	uint16_t id;
};

static int
copy_valid(void *arg)
{
	const struct copying *copying = arg;

	return rte_eth_dev_is_valid_port(copying->id) ? copy_port(copying->facts, copying->id) : 0;
}

/* DPDK has no lock that would keep the program from closing a port meanwhile. */
int
tidei_audit_read_ports(struct tidei_audit_facts *facts)
{
	int ret = 0;

	if (rte_eth_dev_is_valid_port == NULL)
		return 0;
	for (uint16_t id = 0; ret == 0 && id < RTE_MAX_ETHPORTS; id++) {
		struct copying copying = {facts, id};
		unsigned int ports = facts->ports.nb, queues = facts->queues.nb;

		ret = tidei_eal_attempt(copy_valid, &copying);
		if (ret == -EFAULT) {
			facts->ports.nb = ports;
			facts->queues.nb = queues;
			ret = 0;
		}
	}
	return ret;
}
