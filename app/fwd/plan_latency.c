/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: what it costs to poll a port from another node, as far as the topology knows. */

#include "plan.h"

const struct tide_plan_lcore *
fwd_plan_poller(const struct tide_plan *plan, unsigned int port)
{
	const struct tide_plan_queue *queue = &plan->queue[port * plan->queues];

	for (unsigned int i = 0; i < plan->queues; i++) {
		const struct tide_plan_lcore *lcore = &plan->lcore[queue[i].lcore];

		if (lcore->node != TIDE_NODE_UNKNOWN)
			return lcore;
	}
	return NULL;
}

static const struct fwd_plan_pair *
find_pair(const struct fwd_pairs *pairs, int from, int to)
{
	for (unsigned int i = 0; i < pairs->nb_pairs; i++) {
		if (pairs->pair[i].from == from && pairs->pair[i].to == to)
			return &pairs->pair[i];
	}
	return NULL;
}

static void
add_pair(struct fwd_pairs *pairs, int from, int to, bool remote)
{
	struct fwd_plan_pair *pair;
	unsigned int i = 0;

	while (i < pairs->nb_pairs && (pairs->pair[i].from != from || pairs->pair[i].to != to))
		i++;
	pair = &pairs->pair[i];
	if (i == pairs->nb_pairs) {
		*pair = (struct fwd_plan_pair){.from = from, .to = to};
		pairs->nb_pairs++;
	}
	pair->remote = pair->remote || remote;
}

void
fwd_plan_pairs(struct fwd_pairs *pairs, const struct tide_plan *plan)
{
	pairs->nb_pairs = 0;
	for (unsigned int i = 0; i < plan->nb_ports; i++) {
		const struct tide_plan_port *port = &plan->port[i];
		const struct tide_plan_lcore *lcore = fwd_plan_poller(plan, i);
		int to = plan->pool[port->pool].node;
		bool remote;

		if (lcore == NULL)
			continue;
		remote = lcore->node != to;
		add_pair(pairs, lcore->node, lcore->node, remote);
		add_pair(pairs, lcore->node, to, remote);
	}
	fwd_plan_latencies(pairs, plan->topo);
}

bool
fwd_plan_measures(const struct fwd_options *opts, const struct fwd_plan_pair *pair)
{
	if (opts->measure_latency == FWD_MEASURE_AUTO)
		return pair->remote;
	return opts->measure_latency == FWD_MEASURE_ON;
}

void
fwd_plan_latencies(struct fwd_pairs *pairs, const struct tide_topology *topo)
{
	for (unsigned int i = 0; i < pairs->nb_pairs; i++) {
		struct fwd_plan_pair *pair = &pairs->pair[i];

		pair->ns = tide_topology_latency(topo, pair->from, pair->to);
	}
}

int
fwd_plan_penalty(const struct tide_plan *plan, const struct fwd_pairs *pairs, unsigned int port,
	struct fwd_penalty *penalty)
{
	const struct tide_plan_lcore *lcore = fwd_plan_poller(plan, port);
	const struct fwd_plan_pair *remote, *local;

	if (lcore == NULL)
		return -1;
	remote = find_pair(pairs, lcore->node, plan->pool[plan->port[port].pool].node);
	local = find_pair(pairs, lcore->node, lcore->node);
	if (remote == NULL || local == NULL || remote->ns == 0 || local->ns == 0)
		return -1;
	penalty->remote = remote->ns;
	penalty->local = local->ns;
	penalty->more = remote->ns > local->ns ? remote->ns - local->ns : 0;
	return 0;
}
