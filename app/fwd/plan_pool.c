/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: which node's pool each port draws from, and how large the pools are. */

#include <errno.h>
#include <string.h>

#include "plan.h"
#include "tide_pool_size.h"

/* Return the node for a port whose own is not known: that of the main lcore, else the first with CPUs. */
static int
home(const struct fwd_facts *facts)
{
	const struct tide_node *node = NULL;

	if (facts->main_node != TIDE_NODE_UNKNOWN)
		return facts->main_node;
	for (unsigned int i = 0; i < tide_topology_nb_nodes(facts->topo); i++) {
		node = tide_topology_node_at(facts->topo, i);
		if (node->nb_cpus_allowed != 0)
			return node->id;
	}
	return node->id;
}

/* Return the node whose memory serves a node: itself, or the nearest that has memory. */
static int
memory_node(const struct fwd_facts *facts, int node)
{
	int near;

	if (tide_topology_nearest(facts->topo, node, true, &near, 1) == 1)
		return near;
	return node;
}

static unsigned int
pool_on(struct fwd_plan *plan, int node)
{
	unsigned int i = 0;

	while (i < plan->nb_pools && plan->pool[i].node != node)
		i++;
	if (i == plan->nb_pools)
		plan->pool[plan->nb_pools++].node = node;
	return i;
}

/*
 * Rings of descriptors a receive queue of a driver has. net_vmxnet3 keeps two, and fills both (two
 * cmd_ring in its vmxnet3_rx_queue_t): 1,024 descriptors asked for hold 2,046 buffers.
 */
static unsigned int
rx_rings(const char *driver)
{
	return strcmp(driver, "net_vmxnet3") == 0 ? 2 : 1;
}

/*
 * Buffers a queue of net_af_xdp takes when it is set up, and may have on the way out, for any number of
 * requested descriptors (ETH_AF_XDP_DFLT_NUM_DESCS in its source).
 */
#define AF_XDP_DESC 2048

static uint32_t
held_desc(const struct fwd_port_facts *facts, uint32_t asked)
{
	if (strcmp(facts->driver, "net_af_xdp") == 0)
		return RTE_MAX(asked, (uint32_t)AF_XDP_DESC);
	return asked;
}

/*
 * A buffer waits in the receive queues of its pool's ports and the transmit queues of their
 * peers.
 */
static void
pool_needs(struct fwd_plan *plan, const struct fwd_options *opts)
{
	unsigned int lcores = 0;

	for (unsigned int i = 0; i < plan->nb_lcores; i++)
		lcores += plan->lcore[i].nb_queues != 0;
	for (unsigned int i = 0; i < plan->nb_pools; i++) {
		struct tide_pool_need *need = &plan->pool[i].need;

		need->lcores = lcores;
		need->burst = opts->burst;
		need->cache_size = plan->cache;
		need->data_room = plan->data_room;
	}
	for (unsigned int i = 0; i < plan->nb_ports; i++) {
		const struct fwd_plan_port *port = &plan->port[i];
		const struct fwd_plan_port *peer = &plan->port[port->peer];
		struct tide_pool_need *need = &plan->pool[port->pool].need;

		need->rx_queues += plan->queues * rx_rings(port->facts->driver);
		need->rx_desc = RTE_MAX(need->rx_desc, held_desc(port->facts, port->rx_desc));
		need->tx_queues += plan->queues;
		need->tx_desc = RTE_MAX(need->tx_desc, held_desc(peer->facts, peer->tx_desc));
	}
}

static int
size_pool(struct fwd_plan_pool *pool, const struct fwd_options *opts, struct app_error *err)
{
	int rc = tide_pool_size(&pool->need, pool->node, opts->page, &pool->size);

	if (rc == -EOVERFLOW)
		return app_fail(err, APP_EXIT_USAGE,
			"node %d would need more than 2^27 buffers; ask for fewer queues or "
			"descriptors",
			pool->node);
	if (rc < 0)
		return app_fail(err, APP_EXIT_USAGE, "buffers of %u bytes cannot be planned: %s",
			pool->need.data_room, strerror(-rc));
	if (opts->buffers != 0 && opts->buffers < pool->size.buffers)
		return app_fail(err, APP_EXIT_USAGE,
			"--buffers %u: %u receive ring(s) of %u and %u transmit queue(s) of %u "
			"descriptors on node %d, bursts and caches need %u buffers; give that "
			"many or fewer descriptors",
			opts->buffers, pool->need.rx_queues, pool->need.rx_desc,
			pool->need.tx_queues, pool->need.tx_desc, pool->node, pool->size.buffers);
	return 0;
}

/* By the user, else on the node of the port; where that cannot be, as near as can be. */
static int
choose_pool(struct fwd_plan *plan, const struct fwd_options *opts, const struct fwd_facts *facts,
	struct fwd_plan_port *port, struct app_error *err)
{
	int stated = fwd_stated_node(&opts->pool_nodes, port->facts->id);
	const struct tide_node *node;

	port->pool_stated = stated != TIDE_NODE_UNKNOWN;
	port->pool_requested = port->pool_stated ? stated : port->node;
	node = tide_topology_node(facts->topo, port->pool_requested);
	if (node == NULL) {
		port->pool = pool_on(plan, memory_node(facts, home(facts)));
		return 0;
	}
	port->pool_refusal = tide_node_refusal(node);
	if (port->pool_refusal != NULL && opts->strict)
		return app_fail(err, APP_EXIT_RUN,
			"--strict: the buffers of port %u (%s) belong on node %d, which cannot "
			"give memory to this process: %s",
			port->facts->id, port->facts->name, node->id, port->pool_refusal);
	port->pool = pool_on(plan, memory_node(facts, node->id));
	return 0;
}

int
fwd_plan_pools(struct fwd_plan *plan, const struct fwd_options *opts, const struct fwd_facts *facts,
	struct app_error *err)
{
	for (unsigned int i = 0; i < plan->nb_ports; i++) {
		if (choose_pool(plan, opts, facts, &plan->port[i], err) < 0)
			return -1;
	}
	pool_needs(plan, opts);
	plan->buffers = opts->buffers;
	for (unsigned int i = 0; i < plan->nb_pools; i++) {
		if (size_pool(&plan->pool[i], opts, err) < 0)
			return -1;
		plan->buffers = RTE_MAX(plan->buffers, plan->pool[i].size.buffers);
	}
	/* The pool set has one size for all members: size each again with the largest. */
	for (unsigned int i = 0; i < plan->nb_pools; i++) {
		struct tide_pool_need even = plan->pool[i].need;

		even.depth += plan->buffers - plan->pool[i].size.buffers;
		if (tide_pool_size(&even, plan->pool[i].node, opts->page, &plan->pool[i].size) < 0)
			return app_fail(err, APP_EXIT_USAGE,
				"--buffers %u: too many; give at most 2^27", plan->buffers);
		plan->pool[i].size.buffers = plan->buffers;
		plan->pool[i].size.bytes = (uint64_t)plan->buffers * plan->pool[i].size.object;
	}
	return 0;
}

const char *
fwd_plan_pool_reason(const struct fwd_plan *plan, unsigned int p)
{
	const struct fwd_plan_port *port = &plan->port[p];

	if (port->pool_refusal != NULL)
		return "nearest";
	if (port->pool_stated)
		return "stated";
	return port->node == TIDE_NODE_UNKNOWN ? "unknown" : "local";
}

unsigned int
fwd_plan_elsewhere(const struct fwd_plan *plan)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < plan->nb_ports; i++) {
		const struct fwd_plan_port *port = &plan->port[i];

		n += port->node != TIDE_NODE_UNKNOWN && plan->pool[port->pool].node != port->node;
	}
	return n;
}

int
fwd_plan_tier(const struct fwd_plan *plan, unsigned int i, struct fwd_plan_tier *tier)
{
	int ids[TIDE_NODE_MAX];
	unsigned int n;

	n = tide_topology_tiers(plan->topo, plan->pool[0].node, ids, RTE_DIM(ids));
	if (i >= n)
		return -1;
	*tier = (struct fwd_plan_tier){.node = ids[i], .near = TIDE_NODE_UNKNOWN};
	tier->bytes = tide_topology_node(plan->topo, tier->node)->memory;
	n = tide_topology_nearest(plan->topo, tier->node, false, ids, RTE_DIM(ids));
	for (i = 0; i < n && tier->near == TIDE_NODE_UNKNOWN; i++) {
		if (tide_topology_node(plan->topo, ids[i])->nb_cpus != 0)
			tier->near = ids[i];
	}
	tier->distance = tide_topology_distance(plan->topo, tier->near, tier->node);
	return 0;
}
