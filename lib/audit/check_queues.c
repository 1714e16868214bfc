/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds receive queues whose mempool is on another node than their port. */

#include <stdio.h>

#include "audit_internal.h"

/* Tell whether two queues of a port have the same mempool. */
static bool
alike(const struct tidei_audit_queue *a, const struct tidei_audit_queue *b)
{
	return a->mp == b->mp;
}

/* The node of the port can come from elsewhere than its driver, so the remedy does not name rte_eth_dev_socket_id(). */
static char *
remedy(const struct tidei_audit_facts *facts, const struct tide_audit_finding *f,
	const struct tidei_audit_pool *pool)
{
	char prepare[384];

	tidei_audit_prepare(facts, f->home, pool->bytes, prepare, sizeof(prepare));
	return tidei_audit_text("%sset up the queue with a mempool on node %d: create it with "
				"socket_id %d, or use tide_pool_for_port()",
		prepare, f->home, f->home);
}

static void
check(struct tide_audit *audit, const struct tidei_audit_facts *facts,
	const struct tidei_audit_queue *queue)
{
	struct tide_audit_finding f = AUDIT_FINDING(TIDE_AUDIT_QUEUE_REMOTE, TIDE_AUDIT_WARNING);
	const struct tidei_audit_pool *pool = tidei_audit_pool_of(facts, queue->mp);
	const struct tidei_audit_port *port = tidei_audit_port_of(facts, queue->port);
	unsigned int queues = tidei_audit_alike(facts, queue, alike);
	char more[32] = "";

	f.node = pool == NULL ? TIDE_NODE_UNKNOWN : tidei_audit_pool_node(pool);
	f.home = port == NULL ? TIDE_NODE_UNKNOWN : port->node;
	if (f.node == TIDE_NODE_UNKNOWN || f.home == TIDE_NODE_UNKNOWN || f.node == f.home ||
		queues == 0)
		return;
	f.pool = pool->name;
	f.port = queue->port;
	f.queue = queue->queue;
	if (queues > 1)
		snprintf(more, sizeof(more), " and %u more", queues - 1);
	tidei_audit_figure(&f, "queues", queues);
	tidei_audit_figure(&f, "distance", tide_topology_distance(facts->topo, f.home, f.node));
	tidei_audit_note(audit, &f,
		tidei_audit_text("port %u (%s) is on node %d, but its receive queue %u%s takes "
				 "buffers from mempool %s on node %d",
			f.port, port->device, f.home, f.queue, more, f.pool, f.node),
		remedy(facts, &f, pool));
}

/* Tell whether some queue of a port has an unknown mempool. */
static bool
has_unknown(const struct tidei_audit_facts *facts, const struct tidei_audit_port *port)
{
	TIDEI_LIST_EACH (facts->queues, const struct tidei_audit_queue, queue)
		if (queue->port == port->id && queue->mp == NULL)
			return true;
	return false;
}

void
tidei_check_queues(struct tide_audit *audit, const struct tidei_audit_facts *facts)
{
	TIDEI_LIST_EACH (facts->queues, const struct tidei_audit_queue, queue)
		if (queue->mp != NULL)
			check(audit, facts, queue);
	TIDEI_LIST_EACH (facts->ports, const struct tidei_audit_port, port)
		if (has_unknown(facts, port))
			tidei_audit_cannot_know(audit,
				tidei_audit_text("the driver of port %u (%s) does not tell which "
						 "mempools fill its queues%s",
					port->id, port->device,
					facts->looked ? ", and the look saw no packet of some "
							"queue"
						      : "; an audit that looks at packets can "
							"see it"));
}
