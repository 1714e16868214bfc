/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds ports that a thread of another node polls. */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_lcore.h>

#include "audit_internal.h"

static_assert(LCORE_ID_ANY == TIDE_AUDIT_NONE, "a thread without an lcore id is no lcore");

/* Write ", which takes ..." or a distance: what a cache miss costs. */
static const char *
penalty(const struct tidei_audit_facts *facts, struct tide_audit_finding *f, char *text,
	size_t size)
{
	unsigned int far = tide_topology_latency(facts->topo, f->node, f->home);
	unsigned int near = tide_topology_latency(facts->topo, f->node, f->node);

	tidei_audit_figure(f, "distance", tide_topology_distance(facts->topo, f->node, f->home));
	if (far == 0 || near == 0) {
		snprintf(text, size, "; the firmware states a distance of %u, local is 10",
			tide_topology_distance(facts->topo, f->node, f->home));
		return text;
	}
	tidei_audit_figure(f, "miss_ns", far);
	tidei_audit_figure(f, "local_miss_ns", near);
	tidei_audit_figure(f, "penalty_ns", far > near ? far - near : 0);
	snprintf(text, size, ": a cache miss takes %u ns instead of %u ns, as measured", far, near);
	return text;
}

static char *
remedy(const struct tidei_audit_facts *facts, const struct tide_audit_finding *f)
{
	char cpus[256];

	tidei_audit_cpus(facts->topo, f->home, cpus, sizeof(cpus));
	if (cpus[0] == '\0')
		return tidei_audit_text("let this process run on CPUs of node %d (its cpuset or "
					"affinity has none), and poll port %u by an lcore there",
			f->home, f->port);
	return tidei_audit_text("poll port %u by an lcore of node %d, whose CPUs are %s (EAL "
				"argument -l)",
		f->port, f->home, cpus);
}

static void
note(struct tide_audit *audit, const struct tidei_audit_facts *facts,
	const struct tidei_audit_port *port, struct tide_audit_finding *f, char *subject)
{
	char cost[128];

	f->port = port->id;
	f->home = port->node;
	penalty(facts, f, cost, sizeof(cost));
	tidei_audit_note(audit, f,
		subject == NULL ? NULL
				: tidei_audit_text("port %u (%s) is on node %d, but %s%s", f->port,
					  port->device, f->home, subject, cost),
		remedy(facts, f));
	free(subject);
}

/* Tell whether two queues of a port are polled from the same node. */
static bool
alike(const struct tidei_audit_queue *a, const struct tidei_audit_queue *b)
{
	return a->polled && b->polled && a->poller == b->poller;
}

/* A thread polled a queue while the audit looked. */
static void
check_seen(struct tide_audit *audit, const struct tidei_audit_facts *facts,
	const struct tidei_audit_port *port, const struct tidei_audit_queue *queue)
{
	struct tide_audit_finding f = AUDIT_FINDING(TIDE_AUDIT_POLLED_REMOTELY, TIDE_AUDIT_WARNING);
	unsigned int queues = tidei_audit_alike(facts, queue, alike);
	char who[40] = "a thread without an lcore id", more[64] = "";

	f.lcore_id = queue->lcore_id;
	f.queue = queue->queue;
	f.node = queue->poller;
	if (f.node == TIDE_NODE_UNKNOWN || f.node == port->node || queues == 0)
		return;
	tidei_audit_figure(&f, "queues", queues);
	if (f.lcore_id != TIDE_AUDIT_NONE)
		snprintf(who, sizeof(who), "lcore %u", f.lcore_id);
	if (queues > 1)
		snprintf(more, sizeof(more), ", and %u more are polled from there", queues - 1);
	note(audit, facts, port, &f,
		tidei_audit_text(
			"%s on node %d polls its receive queue %u%s", who, f.node, f.queue, more));
}

/* Return the node nearest to the port among those of the lcores, unless an lcore is or may be on its node. */
static int
all_remote(const struct tidei_audit_facts *facts, int node)
{
	int nearest = TIDE_NODE_UNKNOWN;

	TIDEI_LIST_EACH (facts->lcores, const struct tidei_audit_lcore, lcore) {
		if (lcore->node == node || lcore->node == TIDE_NODE_UNKNOWN)
			return TIDE_NODE_UNKNOWN;
		if (nearest == TIDE_NODE_UNKNOWN ||
			tide_topology_distance(facts->topo, lcore->node, node) <
				tide_topology_distance(facts->topo, nearest, node))
			nearest = lcore->node;
	}
	return nearest;
}

/* Without a look this may be harmless: a thread without an lcore id can poll. */
static void
check_unseen(struct tide_audit *audit, const struct tidei_audit_facts *facts,
	const struct tidei_audit_port *port)
{
	struct tide_audit_finding f = AUDIT_FINDING(TIDE_AUDIT_POLLED_REMOTELY, TIDE_AUDIT_INFO);

	f.node = all_remote(facts, port->node);
	if (f.node == TIDE_NODE_UNKNOWN)
		return;
	note(audit, facts, port, &f,
		tidei_audit_text("all lcores are on other nodes, the nearest on node %d", f.node));
}

/* Nothing polls a port without queues. */
static void
check_port(struct tide_audit *audit, const struct tidei_audit_facts *facts,
	const struct tidei_audit_port *port)
{
	unsigned int queues = 0, seen = 0;

	TIDEI_LIST_EACH (facts->queues, const struct tidei_audit_queue, queue) {
		if (queue->port != port->id)
			continue;
		queues++;
		if (!queue->polled)
			continue;
		seen++;
		check_seen(audit, facts, port, queue);
	}
	if (queues != 0 && seen == 0)
		check_unseen(audit, facts, port);
	if (facts->looked && seen < queues)
		tidei_audit_cannot_know(audit,
			tidei_audit_text("while the audit looked, no thread of this process polled "
					 "%u of the %u receive queues of port %u (%s)",
				queues - seen, queues, port->id, port->device));
}

void
tidei_check_polling(struct tide_audit *audit, const struct tidei_audit_facts *facts)
{
	TIDEI_LIST_EACH (facts->ports, const struct tidei_audit_port, port)
		if (port->node != TIDE_NODE_UNKNOWN)
			check_port(audit, facts, port);
	if (facts->ports.nb != 0 && !facts->looked)
		tidei_audit_cannot_know(audit,
			tidei_audit_text("DPDK does not tell which lcore polls a queue; an audit "
					 "that looks at packets can see it"));
}
