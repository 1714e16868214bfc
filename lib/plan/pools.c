/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Plans the pools: which node's pool fills each port, and how large the pools are. */

#include <errno.h>
#include <limits.h>

#include "magazine.h"
#include "plan_internal.h"

/* Return the node for a port whose own is not known: that of the main lcore, else the first with CPUs. */
static int
home(const struct tide_plan_facts *facts)
{
	const struct tide_node *node = NULL;

	if (tide_topology_node(facts->topo, facts->main_node) != NULL)
		return facts->main_node;
	for (unsigned int i = 0; i < tide_topology_nb_nodes(facts->topo); i++) {
		node = tide_topology_node_at(facts->topo, i);
		if (node->nb_cpus_allowed != 0)
			break;
	}
	return node->id;
}

/* Return the index of the pool on the node whose memory serves a node: itself, or the nearest with memory. */
static unsigned int
pool_for(struct tide_plan *plan, int node)
{
	unsigned int i = 0;
	int near;

	if (tide_topology_nearest(plan->topo, node, true, &near, 1) == 1)
		node = near;
	while (i < plan->nb_pools && plan->pool[i].node != node)
		i++;
	if (i == plan->nb_pools) {
		plan->pool[i].node = plan->pool_nodes[i] = node;
		plan->nb_pools++;
	}
	return i;
}

/* On the stated node, else on the node of the port; where that cannot be, as near as can be. */
static int
choose_pool(struct tide_plan *plan, const struct tide_plan_facts *facts, unsigned int i,
	struct tide_plan_failure *failure)
{
	struct tide_plan_port *port = &plan->port[i];
	const int *nodes = plan->conf.pool_nodes;
	bool stated = nodes != NULL && nodes[i] != TIDE_NODE_UNKNOWN;
	const struct tide_node *node;

	failure->port = port->facts;
	port->pool_requested = failure->node = stated ? nodes[i] : port->node;
	port->pool_reason = stated ? TIDE_PLAN_REASON_STATED : TIDE_PLAN_REASON_LOCAL;
	if (port->pool_requested == TIDE_NODE_UNKNOWN) {
		port->pool_reason = TIDE_PLAN_REASON_UNKNOWN;
		port->pool = pool_for(plan, home(facts));
		return 0;
	}
	node = tide_topology_node(plan->topo, port->pool_requested);
	if (node == NULL) {
		failure->limit = TIDE_PLAN_LIMIT_NODE;
		return -ENOENT;
	}
	port->pool_refusal = tide_node_refusal(node);
	if (port->pool_refusal != NULL && plan->conf.strict) {
		failure->limit = TIDE_PLAN_LIMIT_POOL_NODE;
		return -ENODEV;
	}
	if (port->pool_refusal != NULL)
		port->pool_reason = TIDE_PLAN_REASON_NEAREST;
	port->pool = pool_for(plan, node->id);
	return 0;
}

/*
 * A buffer waits in the receive queues of its pool's ports and the transmit queues of their peers. A sum that
 * does not fit becomes the most, which is refused when the pool is sized.
 */
static void
add_port(struct tide_plan *plan, const struct tide_plan_port *port)
{
	const struct tide_plan_port *peer = &plan->port[port->peer];
	struct tide_pool_need *need = &plan->pool[port->pool].need;
	uint32_t rx = tidei_driver_held(port->facts, port->rx_desc);
	uint32_t tx = tidei_driver_held(peer->facts, peer->tx_desc);

	need->rx_queues += plan->queues * tidei_driver_rx_rings(port->facts);
	need->rx_desc = RTE_MAX(need->rx_desc, rx);
	need->tx_queues += plan->queues;
	need->tx_desc = RTE_MAX(need->tx_desc, tx);
	if (__builtin_add_overflow(need->depth, plan->conf.depth, &need->depth))
		need->depth = UINT_MAX;
	if (__builtin_add_overflow(need->hold_pps, plan->conf.hold_pps, &need->hold_pps))
		need->hold_pps = UINT64_MAX;
}

static void
sum_needs(struct tide_plan *plan)
{
	unsigned int lcores = 0;

	for (unsigned int i = 0; i < plan->nb_lcores; i++)
		lcores += plan->lcore[i].nb_queues != 0;
	for (unsigned int i = 0; i < plan->nb_pools; i++) {
		plan->pool[i].need = (struct tide_pool_need){
			.lcores = lcores,
			.burst = plan->conf.burst,
			.cache_size = plan->conf.cache_size,
			.hold_us = plan->conf.hold_us,
			.data_room = plan->data_room,
			.priv_size = plan->conf.priv_size,
		};
	}
	for (unsigned int i = 0; i < plan->nb_ports; i++)
		add_port(plan, &plan->port[i]);
}

static int
size_pool(struct tide_plan *plan, struct tide_plan_pool *pool, struct tide_plan_failure *failure)
{
	uint32_t requested = plan->conf.buffers;
	int rc = tide_pool_size(&pool->need, pool->node, plan->conf.page, &pool->size);

	failure->node = pool->node;
	if (rc == -EOVERFLOW)
		failure->limit = TIDE_PLAN_LIMIT_NEED;
	if (rc < 0)
		return rc;
	failure->need = pool->need;
	if (requested != 0 && (requested < pool->size.buffers || requested > TIDEI_OBJECTS_MAX))
		return tidei_plan_out_of(failure, TIDE_PLAN_LIMIT_BUFFERS, requested,
			pool->size.buffers, TIDEI_OBJECTS_MAX);
	plan->buffers = RTE_MAX(plan->buffers, requested == 0 ? pool->size.buffers : requested);
	return 0;
}

/* The pool set has one size for all members: compute each again with the largest. */
static int
even_out(const struct tide_plan *plan, struct tide_plan_pool *pool)
{
	struct tide_pool_need even = pool->need;
	int rc;

	even.depth += plan->buffers - pool->size.buffers;
	rc = tide_pool_size(&even, pool->node, plan->conf.page, &pool->size);
	pool->size.buffers = plan->buffers;
	pool->size.bytes = (uint64_t)plan->buffers * pool->size.object;
	return rc;
}

int
tidei_plan_pools(struct tide_plan *plan, const struct tide_plan_facts *facts,
	struct tide_plan_failure *failure)
{
	int rc = 0;

	for (unsigned int i = 0; rc == 0 && i < plan->nb_ports; i++)
		rc = choose_pool(plan, facts, i, failure);
	if (rc < 0)
		return rc;
	failure->port = NULL;
	sum_needs(plan);
	for (unsigned int i = 0; rc == 0 && i < plan->nb_pools; i++)
		rc = size_pool(plan, &plan->pool[i], failure);
	for (unsigned int i = 0; rc == 0 && i < plan->nb_pools; i++)
		rc = even_out(plan, &plan->pool[i]);
	return rc;
}
