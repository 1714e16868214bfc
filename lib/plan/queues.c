/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Plans the queues: chooses the lcore that polls each. */

#include <errno.h>
#include <stdlib.h>

#include "plan_internal.h"

/*
 * Return the least loaded lcore on a node, or of all for TIDE_NODE_UNKNOWN; nb_lcores when there is
 * none.
 */
static unsigned int
least_loaded(const struct tide_plan *plan, int node)
{
	unsigned int best = plan->nb_lcores;

	for (unsigned int i = 0; i < plan->nb_lcores; i++) {
		if (node != TIDE_NODE_UNKNOWN && plan->lcore[i].node != node)
			continue;
		if (best == plan->nb_lcores ||
			plan->lcore[i].nb_queues < plan->lcore[best].nb_queues)
			best = i;
	}
	return best;
}

/* Local lcores first, then those of the nearest node that has any. */
static unsigned int
choose_lcore(const struct tide_plan *plan, int node)
{
	int near[TIDE_NODE_MAX];
	unsigned int n = 0;

	if (node != TIDE_NODE_UNKNOWN)
		n = tide_topology_nearest(plan->topo, node, false, near, TIDE_NODE_MAX);
	for (unsigned int i = 0; i < n; i++) {
		unsigned int lcore = least_loaded(plan, near[i]);

		if (lcore != plan->nb_lcores)
			return lcore;
	}
	return least_loaded(plan, TIDE_NODE_UNKNOWN);
}

static void
plan_port_queues(struct tide_plan *plan, unsigned int p)
{
	struct tide_plan_port *port = &plan->port[p];

	for (uint16_t q = 0; q < plan->queues; q++) {
		unsigned int i = choose_lcore(plan, port->node);
		struct tide_plan_lcore *lcore = &plan->lcore[i];

		plan->queue[p * plan->queues + q] =
			(struct tide_plan_queue){.port = p, .queue = q, .lcore = i};
		lcore->nb_queues++;
		if (port->node == TIDE_NODE_UNKNOWN && lcore->node != TIDE_NODE_UNKNOWN) {
			/*
			 * From its first queue on, a port of an unknown node belongs where it is polled.
			 */
			port->node = lcore->node;
			port->node_source = TIDE_NODE_SOURCE_LCORE;
		}
		/* An lcore whose node is not known is on no wrong one. */
		if (lcore->node != port->node && lcore->node != TIDE_NODE_UNKNOWN)
			port->remote = true;
	}
}

static bool
node_is_given(const struct tide_plan_port *port)
{
	return port->node_stated || port->facts->node != TIDE_NODE_UNKNOWN;
}

int
tidei_plan_queues(struct tide_plan *plan, const struct tide_plan_facts *facts,
	struct tide_plan_failure *failure)
{
	unsigned int n = facts->nb_lcores;

	failure->port = NULL;
	if (n == 0 || n > RTE_MAX_LCORE)
		return tidei_plan_out_of(failure, TIDE_PLAN_LIMIT_LCORES, n, 1, RTE_MAX_LCORE);
	for (unsigned int i = 0; i < n; i++) {
		plan->lcore[i].id = facts->lcore[i].id;
		plan->lcore[i].node = facts->lcore[i].node;
	}
	plan->nb_lcores = n;
	plan->nb_queues = plan->nb_ports * plan->queues;
	plan->queue = calloc(plan->nb_queues, sizeof(plan->queue[0]));
	if (plan->queue == NULL) {
		failure->limit = TIDE_PLAN_LIMIT_MEMORY;
		failure->requested = plan->nb_queues;
		return -ENOMEM;
	}
	/* Ports with a node choose first: the others are content with any lcore. */
	for (unsigned int given = 2; given-- > 0;) {
		for (unsigned int i = 0; i < plan->nb_ports; i++) {
			if (node_is_given(&plan->port[i]) == given)
				plan_port_queues(plan, i);
		}
	}
	return 0;
}
