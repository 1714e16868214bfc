/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: summary and plan as one line of JSON each. */

#include <inttypes.h>
#include <string.h>

#include "metrics.h"
#include "placement.h"
#include "summary.h"
#include "tide_pool_query.h"

static void
node(struct app_json *json, const char *key, int id)
{
	if (id == TIDE_NODE_UNKNOWN)
		app_json_null(json, key);
	else
		app_json_int(json, key, id);
}

static void
penalty(struct app_json *json, const struct tide_plan *plan, const struct fwd_pairs *pairs,
	unsigned int port)
{
	struct fwd_penalty found;

	if (fwd_plan_penalty(plan, pairs, port, &found) < 0)
		app_json_null(json, "penalty_ns");
	else
		app_json_uint(json, "penalty_ns", found.more);
}

static void
port_identity(struct app_json *json, const struct tide_plan *plan, const struct fwd_pairs *pairs,
	unsigned int i)
{
	const struct tide_plan_port *port = &plan->port[i];

	app_json_uint(json, "port", port->facts->id);
	app_json_text(json, "name", port->facts->name);
	app_json_text(json, "driver", port->facts->driver);
	app_json_uint(json, "peer", plan->port[port->peer].facts->id);
	node(json, "node", port->node);
	app_json_text(json, "node_source",
		port->node_stated ? "stated" : tide_node_source_name(port->node_source));
	node(json, "pool_node", plan->pool[port->pool].node);
	node(json, "pool_requested", port->pool_requested);
	app_json_text(json, "pool_reason", tide_plan_reason_name(port->pool_reason));
	penalty(json, plan, pairs, i);
}

static void
port_identified(struct app_json *json, const struct fwd *fwd, const struct fwd_subject *subject)
{
	port_identity(json, &fwd->plan, &fwd->pairs, subject->index);
	fwd_metrics_json_all(subject, json);
}

/* Write where the lcore is, and where it was planned. */
static void
lcore_identified(struct app_json *json, const struct fwd *fwd, const struct fwd_subject *subject)
{
	const struct tide_monitor_lcore *place = fwd_lcore_place(fwd, subject->index);

	app_json_uint(json, "lcore", fwd->plan.lcore[subject->index].id);
	node(json, "node", place->node);
	node(json, "node_planned", fwd->plan.lcore[subject->index].node);
	if (place->cpu >= 0)
		app_json_int(json, "cpu", place->cpu);
	else
		app_json_null(json, "cpu");
	app_json_bool(json, "away", place->away);
	fwd_metrics_json_all(subject, json);
}

/* Addresses as text: JSON's numbers need not hold them. */
static void
pool_memory(struct app_json *json, const struct fwd *fwd, unsigned int i)
{
	const struct tide_placement *made = fwd_pool_place(fwd, i)->made;
	char address[32];
	size_t len = 0;
	void *addr = NULL;

	tide_pool_memory(fwd->pool, made->requested, &addr, &len);
	snprintf(address, sizeof(address), "0x%" PRIxPTR, (uintptr_t)addr);
	app_json_array(json, "memory");
	app_json_object(json, NULL);
	app_json_text(json, "addr", address);
	app_json_uint(json, "len", len);
	app_json_uint(json, "page_size", made->page_size);
	app_json_text(json, "page", tide_page_name(made->page));
	app_json_text(json, "backing", made->backing == TIDE_BACKING_EAL ? "EAL" : "own");
	app_json_object_end(json);
	app_json_array_end(json);
}

/* A page that the kernel has no node for is listed with the name of its errno. */
static void
pages_found(struct app_json *json, const char *key, const struct tide_placement *found)
{
	app_json_array(json, key);
	for (unsigned int i = 0; i < found->nb_found; i++) {
		const struct tide_pages_on_node *there = &found->found[i];
		const char *name = there->node < 0 ? strerrorname_np(-there->node) : NULL;

		app_json_object(json, NULL);
		node(json, "node", there->node < 0 ? TIDE_NODE_UNKNOWN : there->node);
		if (there->node < 0)
			app_json_text(json, "error", name != NULL ? name : "unknown");
		app_json_uint(json, "pages", there->pages);
		app_json_object_end(json);
	}
	app_json_array_end(json);
}

static void
pool_placement(struct app_json *json, const struct tide_monitor_pool *place,
	const struct fwd_subject *subject)
{
	app_json_object(json, "placement");
	node(json, "requested", place->made->requested);
	app_json_text(json, "reason", place->made->reason);
	pages_found(json, "made", place->made);
	pages_found(json, "now", &place->now);
	fwd_metrics_json(subject, "placement", json);
	app_json_object_end(json);
}

static void
pool_identified(struct app_json *json, const struct fwd *fwd, const struct fwd_subject *subject)
{
	node(json, "node", subject->sample.pool.stats.node);
	fwd_metrics_json(subject, NULL, json);
	pool_memory(json, fwd, subject->index);
	pool_placement(json, fwd_pool_place(fwd, subject->index), subject);
}

static const char *
end_name(const struct fwd *fwd)
{
	if (fwd->ended == FWD_END_SIGNAL)
		return sigabbrev_np(fwd->signal);
	return fwd->ended == FWD_END_OUTPUT ? "output" : "duration";
}

/* The lists, and the writers of the identity that each thing has before its metrics. */
static const struct {
	enum tide_metric_scope scope;
	const char *key;
	void (*write)(struct app_json *, const struct fwd *, const struct fwd_subject *);
} lists[] = {
	{TIDE_SCOPE_PORT, "ports", port_identified},
	{TIDE_SCOPE_LCORE, "lcores", lcore_identified},
	{TIDE_SCOPE_POOL, "pools", pool_identified},
};

static void
list(struct app_json *json, const struct fwd *fwd, unsigned int which)
{
	struct fwd_subject subject;

	app_json_array(json, lists[which].key);
	for (unsigned int i = 0;
		fwd_subject_at(fwd, &fwd->start, &fwd->end, lists[which].scope, i, &subject); i++) {
		app_json_object(json, NULL);
		lists[which].write(json, fwd, &subject);
		app_json_object_end(json);
	}
	app_json_array_end(json);
}

void
fwd_summary_json(const struct fwd *fwd, FILE *out)
{
	struct fwd_subject process;
	struct app_json json;

	app_json_init(&json, out, 0);
	app_json_object(&json, NULL);
	app_json_text(&json, "program", "tide-fwd");
	app_json_real(&json, "seconds", "%.3f", (double)(fwd->end.ns - fwd->start.ns) / 1e9);
	app_json_text(&json, "ended_by", end_name(fwd));
	app_json_text(&json, "mode", fwd_mode_name(fwd->opts->mode));
	app_json_text(&json, "ops", fwd->opts->ops);
	for (unsigned int i = 0; i < RTE_DIM(lists); i++)
		list(&json, fwd, i);
	if (fwd_subject_at(fwd, &fwd->start, &fwd->end, TIDE_SCOPE_PROCESS, 0, &process))
		fwd_metrics_json_all(&process, &json);
	if (fwd->flows != NULL) {
		app_json_object(&json, "flows");
		fwd_flows_json(fwd->flows, &json);
		app_json_object_end(&json);
	}
	app_json_bool(&json, "all_back", fwd_summary_all_back(fwd));
	app_json_object_end(&json);
}

static void
plan_lcore(struct app_json *json, const struct tide_plan *plan, unsigned int lcore)
{
	app_json_object(json, NULL);
	app_json_uint(json, "lcore", plan->lcore[lcore].id);
	node(json, "node", plan->lcore[lcore].node);
	app_json_array(json, "queues");
	for (unsigned int i = 0; i < plan->nb_queues; i++) {
		const struct tide_plan_queue *q = &plan->queue[i];

		if (q->lcore != lcore)
			continue;
		app_json_object(json, NULL);
		app_json_uint(json, "port", plan->port[q->port].facts->id);
		app_json_uint(json, "queue", q->queue);
		app_json_object_end(json);
	}
	app_json_array_end(json);
	app_json_object_end(json);
}

static void
plan_port(struct app_json *json, const struct tide_plan *plan, const struct fwd_pairs *pairs,
	unsigned int port)
{
	app_json_object(json, NULL);
	port_identity(json, plan, pairs, port);
	app_json_uint(json, "queues", plan->queues);
	app_json_bool(json, "foreign", plan->port[port].remote);
	app_json_object_end(json);
}

static void
plan_pool(struct app_json *json, const struct tide_plan_pool *pool)
{
	app_json_object(json, NULL);
	node(json, "node", pool->node);
	app_json_uint(json, "buffers", pool->size.buffers);
	app_json_uint(json, "bytes", pool->size.bytes);
	app_json_text(json, "reserve", pool->size.command);
	app_json_object_end(json);
}

static void
plan_tier(struct app_json *json, const struct fwd_plan_tier *tier)
{
	app_json_object(json, NULL);
	node(json, "node", tier->node);
	app_json_uint(json, "bytes", tier->bytes);
	node(json, "near", tier->near);
	app_json_uint(json, "distance", tier->distance);
	app_json_object_end(json);
}

void
fwd_plan_json(const struct tide_plan *plan, const struct fwd_pairs *pairs,
	const struct fwd_options *opts, FILE *out)
{
	struct fwd_plan_tier tier;
	struct app_json json;

	app_json_init(&json, out, 0);
	app_json_object(&json, NULL);
	app_json_text(&json, "program", "tide-fwd");
	app_json_bool(&json, "dry_run", true);
	app_json_text(&json, "mode", fwd_mode_name(opts->mode));
	app_json_array(&json, "ports");
	for (unsigned int i = 0; i < plan->nb_ports; i++)
		plan_port(&json, plan, pairs, i);
	app_json_array_end(&json);
	app_json_array(&json, "lcores");
	for (unsigned int i = 0; i < plan->nb_lcores; i++)
		plan_lcore(&json, plan, i);
	app_json_array_end(&json);
	app_json_array(&json, "pools");
	for (unsigned int i = 0; i < plan->nb_pools; i++)
		plan_pool(&json, &plan->pool[i]);
	app_json_array_end(&json);
	app_json_array(&json, "tiers");
	for (unsigned int i = 0; fwd_plan_tier(plan, i, &tier) == 0; i++)
		plan_tier(&json, &tier);
	app_json_array_end(&json);
	app_json_uint(&json, "ports_elsewhere", fwd_plan_elsewhere(plan));
	app_json_object_end(&json);
}
