/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: samples of ports, lcores, pools and all else that has metrics. */

#include <stdio.h>

#include "placement.h"
#include "pool_state.h"
#include "subject.h"
#include "summary.h"
#include "writer.h"

static bool
take_process(const struct fwd *fwd, struct fwd_subject *subject)
{
	if (subject->index != 0)
		return false;
	snprintf(subject->name, sizeof(subject->name), "process");
	subject->sample.process = (struct tide_process_sample){
		.ports_elsewhere = fwd_plan_elsewhere(&fwd->plan),
		.lcores_elsewhere = fwd_summary_lcores_elsewhere(fwd),
		.lcores_stuck = fwd->nb_stuck,
		.pages_elsewhere = fwd_summary_pages_elsewhere(fwd),
		.pages_unknown = fwd_summary_pages_unknown(fwd),
		.reports_lost = fwd_writer_lost(),
	};
	return true;
}

static bool
take_port(const struct fwd *fwd, const struct fwd_stats *before, const struct fwd_stats *now,
	struct fwd_subject *subject)
{
	unsigned int i = subject->index;

	if (i >= fwd->plan.nb_ports)
		return false;
	snprintf(subject->name, sizeof(subject->name), "port %u", fwd->plan.port[i].facts->id);
	subject->sample.port = (struct tide_port_sample){
		.now = now->port[i],
		.before = before->port[i],
		.ns = now->ns - before->ns,
	};
	subject->sample.port.now.at_stop = fwd->port[i].drained;
	return true;
}

static bool
take_lcore(const struct fwd *fwd, const struct fwd_stats *before, const struct fwd_stats *now,
	struct fwd_subject *subject)
{
	unsigned int i = subject->index;

	if (i >= fwd->plan.nb_lcores)
		return false;
	snprintf(subject->name, sizeof(subject->name), "lcore %u", fwd->plan.lcore[i].id);
	subject->sample.lcore = (struct tide_lcore_sample){
		.now = now->lcore[i],
		.before = before->lcore[i],
		.cycles = now->cycles - before->cycles,
		.moves = fwd_lcore_place(fwd, i)->moves,
		.queues = fwd->plan.lcore[i].nb_queues,
	};
	return true;
}

static bool
take_pool(const struct fwd *fwd, struct fwd_subject *subject)
{
	const struct tide_monitor_pool *place = fwd_pool_place(fwd, subject->index);
	struct tide_pool_sample *sample = &subject->sample.pool;

	if (subject->index >= tide_pool_nb_nodes(fwd->pool))
		return false;
	*sample = fwd->pool_state[subject->index].sample;
	snprintf(subject->name, sizeof(subject->name), "pool of node %d", sample->stats.node);
	sample->kept_by_drivers = fwd_pool_kept(fwd, subject->index);
	sample->made = place->made;
	sample->checks = place->checks;
	sample->moved_pages = place->change.moved;
	sample->moved_pages_worst = place->worst;
	sample->thp_lost = place->change.thp_lost;
	return true;
}

bool
fwd_arena_subject(const struct fwd_flows *flows, unsigned int i, struct fwd_subject *subject)
{
	if (flows == NULL || i >= flows->nb_nodes)
		return false;
	*subject = (struct fwd_subject){.scope = TIDE_SCOPE_ARENA, .index = i};
	snprintf(subject->name, sizeof(subject->name), "arena of node %d", flows->node[i]);
	return tide_arena_stats(flows->arena, flows->node[i], &subject->sample.arena) == 0;
}

bool
fwd_subject_at(const struct fwd *fwd, const struct fwd_stats *before, const struct fwd_stats *now,
	enum tide_metric_scope scope, unsigned int i, struct fwd_subject *subject)
{
	*subject = (struct fwd_subject){.scope = scope, .index = i};
	switch (scope) {
	case TIDE_SCOPE_PROCESS:
		return take_process(fwd, subject);
	case TIDE_SCOPE_PORT:
		return take_port(fwd, before, now, subject);
	case TIDE_SCOPE_LCORE:
		return take_lcore(fwd, before, now, subject);
	case TIDE_SCOPE_POOL:
		return take_pool(fwd, subject);
	case TIDE_SCOPE_ARENA:
		return fwd_arena_subject(fwd->flows, i, subject);
	default:
		return false;
	}
}

void
fwd_flows_subject(const struct fwd_flow_tally *tally, struct fwd_subject *subject)
{
	*subject = (struct fwd_subject){.scope = TIDE_SCOPE_FLOWS, .name = "flows"};
	subject->sample.flows = (struct tide_flows_sample){
		.flows = tally->flows,
		.ip = {tally->ip.packets, tally->ip.bytes},
		.not_ip = {tally->other.packets, tally->other.bytes},
		.not_accounted = {tally->lost.packets, tally->lost.bytes},
	};
}
