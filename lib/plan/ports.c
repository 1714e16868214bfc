/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Plans the ports: their nodes, queues, descriptors, MTU, and the buffers that fit all of them. */

#include <errno.h>

#include <rte_mbuf.h>

#include "plan_internal.h"

/* Most bytes of a buffer, whose length is 16 bits wide in an mbuf. */
#define DATA_ROOM_MAX RTE_ALIGN_FLOOR(UINT16_MAX, RTE_CACHE_LINE_SIZE)

static const struct tide_port_facts *
find_port(const struct tide_plan_facts *facts, uint16_t id)
{
	for (unsigned int i = 0; i < facts->nb_ports; i++) {
		if (facts->port[i].id == id)
			return &facts->port[i];
	}
	return NULL;
}

static int
no_such_port(struct tide_plan_failure *failure, uint16_t id, int rc)
{
	failure->limit = TIDE_PLAN_LIMIT_PORT_ID;
	failure->requested = id;
	return rc;
}

/* Find the facts of each used port. */
static int
choose_ports(struct tide_plan *plan, const struct tide_plan_facts *facts,
	struct tide_plan_failure *failure)
{
	const uint16_t *ids = plan->conf.ports;
	unsigned int n = ids == NULL ? facts->nb_ports : plan->conf.nb_ports;

	if (n == 0 || n > RTE_MAX_ETHPORTS)
		return tidei_plan_out_of(failure, TIDE_PLAN_LIMIT_PORTS, n, 1, RTE_MAX_ETHPORTS);
	for (unsigned int i = 0; i < n; i++) {
		struct tide_plan_port *port = &plan->port[i];

		port->facts = ids == NULL ? &facts->port[i] : find_port(facts, ids[i]);
		if (port->facts == NULL)
			return no_such_port(failure, ids[i], -ENOENT);
		for (unsigned int earlier = 0; earlier < i; earlier++) {
			if (plan->port[earlier].facts->id == port->facts->id)
				return no_such_port(failure, port->facts->id, -EEXIST);
		}
	}
	plan->nb_ports = n;
	return 0;
}

static int
choose_peer(struct tide_plan *plan, unsigned int i, struct tide_plan_failure *failure)
{
	unsigned int peer = plan->conf.peers == NULL ? i : plan->conf.peers[i];

	plan->port[i].peer = peer;
	if (peer < plan->nb_ports)
		return 0;
	return tidei_plan_out_of(failure, TIDE_PLAN_LIMIT_PEER, peer, 0, plan->nb_ports - 1);
}

static int
check_node(const struct tide_plan *plan, int node, struct tide_plan_failure *failure)
{
	if (node == TIDE_NODE_UNKNOWN || tide_topology_node(plan->topo, node) != NULL)
		return 0;
	failure->limit = TIDE_PLAN_LIMIT_NODE;
	failure->node = node;
	return -ENOENT;
}

/* The node is that of the caller, else that of the facts. */
static int
choose_node(struct tide_plan *plan, unsigned int i, struct tide_plan_failure *failure)
{
	const int *nodes = plan->conf.port_nodes;
	struct tide_plan_port *port = &plan->port[i];

	port->node_source = port->facts->node_source;
	port->node_stated = nodes != NULL && nodes[i] != TIDE_NODE_UNKNOWN;
	port->node = port->node_stated ? nodes[i] : port->facts->node;
	return check_node(plan, port->node, failure);
}

static int
choose_queues(const struct tide_plan *plan, struct tide_plan_port *port,
	struct tide_plan_failure *failure)
{
	uint16_t most = RTE_MIN(port->facts->rx_queues_max, port->facts->tx_queues_max);

	if (plan->conf.queues > most)
		return tidei_plan_out_of(
			failure, TIDE_PLAN_LIMIT_QUEUES, plan->conf.queues, 1, most);
	port->rss = plan->conf.queues > 1 ? port->facts->rss : 0;
	return 0;
}

static int
choose_mtu(const struct tide_plan *plan, struct tide_plan_port *port,
	struct tide_plan_failure *failure)
{
	const struct tide_port_facts *facts = port->facts;
	uint32_t most = facts->mtu_max == 0 ? UINT16_MAX : facts->mtu_max;
	uint32_t mtu = plan->conf.mtu;

	if (mtu != 0 && (mtu < facts->mtu_min || mtu > most))
		return tidei_plan_out_of(failure, TIDE_PLAN_LIMIT_MTU, mtu, facts->mtu_min, most);
	if (mtu == 0)
		mtu = facts->mtu == 0 ? RTE_ETHER_MTU : facts->mtu;
	port->mtu = (uint16_t)mtu;
	return 0;
}

/* Choose the requested number of descriptors, or the default moved into the limits. */
static int
choose_desc(uint32_t requested, const struct rte_eth_desc_lim *lim, enum tide_plan_limit limit,
	uint16_t *desc, struct tide_plan_failure *failure)
{
	uint32_t most = lim->nb_max == 0 ? UINT16_MAX : lim->nb_max;
	uint32_t align = lim->nb_align == 0 ? 1 : lim->nb_align;
	uint32_t n = requested == 0 ? TIDE_PLAN_DESC : requested;

	if (requested != 0 && (requested < lim->nb_min || requested > most))
		return tidei_plan_out_of(failure, limit, requested, lim->nb_min, most);
	n = RTE_MAX(n, (uint32_t)lim->nb_min);
	n = RTE_MIN(n, most);
	n = (n + align - 1) / align * align;
	*desc = (uint16_t)(n > most ? most / align * align : n);
	return 0;
}

static int
plan_port(struct tide_plan *plan, unsigned int i, struct tide_plan_failure *failure)
{
	struct tide_plan_port *port = &plan->port[i];
	const struct tide_port_facts *facts = port->facts;
	int rc;

	failure->port = facts;
	rc = choose_peer(plan, i, failure);
	if (rc == 0)
		rc = choose_node(plan, i, failure);
	if (rc == 0)
		rc = choose_queues(plan, port, failure);
	if (rc == 0)
		rc = choose_mtu(plan, port, failure);
	if (rc == 0)
		rc = choose_desc(plan->conf.rx_desc, &facts->rx_lim, TIDE_PLAN_LIMIT_RX_DESC,
			&port->rx_desc, failure);
	if (rc == 0)
		rc = choose_desc(plan->conf.tx_desc, &facts->tx_lim, TIDE_PLAN_LIMIT_TX_DESC,
			&port->tx_desc, failure);
	return rc;
}

/* One size of buffer serves all ports: a pool may serve any of them. */
static void
choose_data_room(struct tide_plan *plan)
{
	uint32_t room = RTE_MBUF_DEFAULT_DATAROOM;

	for (unsigned int i = 0; i < plan->nb_ports; i++) {
		room = RTE_MAX(room, plan->port[i].mtu + (uint32_t)TIDE_PLAN_FRAME_OVERHEAD);
		room = RTE_MAX(room, plan->port[i].facts->rx_bufsize_min);
	}
	if (plan->conf.buffer_size != 0)
		room = plan->conf.buffer_size;
	room = RTE_MIN(room, (uint32_t)UINT16_MAX);
	room = RTE_ALIGN(room + RTE_PKTMBUF_HEADROOM, RTE_CACHE_LINE_SIZE);
	plan->data_room = (uint16_t)RTE_MIN(room, (uint32_t)DATA_ROOM_MAX);
}

static int
check_buffer(const struct tide_plan *plan, struct tide_plan_port *port,
	struct tide_plan_failure *failure)
{
	uint32_t room = plan->data_room - RTE_PKTMBUF_HEADROOM;

	failure->port = port->facts;
	if (room < port->facts->rx_bufsize_min)
		return tidei_plan_out_of(failure, TIDE_PLAN_LIMIT_BUFFER_SIZE, room,
			port->facts->rx_bufsize_min, DATA_ROOM_MAX - RTE_PKTMBUF_HEADROOM);
	port->scatter = room < port->mtu + (uint32_t)TIDE_PLAN_FRAME_OVERHEAD;
	return 0;
}

int
tidei_plan_ports(struct tide_plan *plan, const struct tide_plan_facts *facts,
	struct tide_plan_failure *failure)
{
	int rc = choose_ports(plan, facts, failure);

	for (unsigned int i = 0; rc == 0 && i < plan->nb_ports; i++)
		rc = plan_port(plan, i, failure);
	if (rc < 0)
		return rc;
	plan->queues = (uint16_t)plan->conf.queues;
	choose_data_room(plan);
	for (unsigned int i = 0; rc == 0 && i < plan->nb_ports; i++)
		rc = check_buffer(plan, &plan->port[i], failure);
	return rc;
}
