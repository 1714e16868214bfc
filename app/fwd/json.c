/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: summary and plan as one line of JSON each. */

#include <inttypes.h>
#include <string.h>

#include "json_string.h"
#include "pool_watch.h"
#include "summary.h"
#include "writer.h"

static void
node(FILE *out, const char *key, int id)
{
	if (id == TIDE_NODE_UNKNOWN)
		fprintf(out, "\"%s\":null", key);
	else
		fprintf(out, "\"%s\":%d", key, id);
}

static void
penalty(FILE *out, const struct fwd_plan *plan, unsigned int port)
{
	struct fwd_penalty found;

	if (fwd_plan_penalty(plan, port, &found) < 0)
		fprintf(out, ",\"penalty_ns\":null");
	else
		fprintf(out, ",\"penalty_ns\":%u", found.more);
}

static const char *
comma(unsigned int i)
{
	return i == 0 ? "" : ",";
}

static void
port_identity(FILE *out, const struct fwd_plan *plan, unsigned int i)
{
	const struct fwd_plan_port *port = &plan->port[i];

	fprintf(out, "%s{\"port\":%u,\"name\":", comma(i), port->facts->id);
	app_json_string(out, port->facts->name);
	fprintf(out, ",\"driver\":");
	app_json_string(out, port->facts->driver);
	fprintf(out, ",\"peer\":%u,", plan->port[port->peer].facts->id);
	node(out, "node", port->node);
	fprintf(out, ",\"rung\":");
	app_json_string(out, port->node_stated ? "stated" : tide_rung_name(port->rung));
	fprintf(out, ",\"pool_node\":%d,", plan->pool[port->pool].node);
	node(out, "pool_wanted", port->pool_wanted);
	fprintf(out, ",\"pool_why\":\"%s\"", fwd_plan_pool_why(plan, i));
	penalty(out, plan, i);
}

static void
port_figures(FILE *out, const struct fwd *fwd, unsigned int i)
{
	const struct fwd_port_stats *p = &fwd->end.port[i];
	struct fwd_port_rate rate;
	char missed[FWD_COUNT_LEN];

	fwd_port_rate(&fwd->start, &fwd->end, i, &rate);
	fprintf(out,
		",\"rx\":%" PRIu64 ",\"tx\":%" PRIu64 ",\"rx_bytes\":%" PRIu64
		",\"tx_bytes\":%" PRIu64 ",\"rx_pps\":%.1f,\"tx_pps\":%.1f",
		p->rx, p->tx, p->rx_bytes, p->tx_bytes, rate.rx_pps, rate.tx_pps);
	fprintf(out,
		",\"runts\":%" PRIu64 ",\"drops\":{\"no_buffer\":%" PRIu64 ",\"missed\":%s"
		",\"tx_full\":%" PRIu64 ",\"rx_error\":%" PRIu64 ",\"tx_error\":%" PRIu64
		",\"malformed\":%" PRIu64 ",\"at_stop\":%" PRIu64 "}}",
		p->runts, p->no_buffer, p->missed_unknown ? "null" : fwd_missed_text(p, missed),
		p->tx_full, p->rx_error, p->tx_error, p->malformed, fwd->port[i].drained);
}

static void
lcore_figures(FILE *out, const struct fwd *fwd, unsigned int i)
{
	const struct fwd_lcore_stats *l = &fwd->end.lcore[i];
	const struct fwd_lcore_place *place = &fwd->lcore_place[i];
	struct fwd_lcore_rate rate;

	fwd_lcore_rate(&fwd->start, &fwd->end, i, &rate);
	fprintf(out, "%s{\"lcore\":%u,", comma(i), fwd->plan.lcore[i].id);
	/* Where it is, and where it was to be. */
	node(out, "node", place->node);
	fputc(',', out);
	node(out, "node_planned", fwd->plan.lcore[i].node);
	if (place->cpu >= 0)
		fprintf(out, ",\"cpu\":%d", place->cpu);
	else
		fprintf(out, ",\"cpu\":null");
	fprintf(out, ",\"away\":%s,\"moves\":%" PRIu64, place->away ? "true" : "false",
		place->moves);
	fprintf(out,
		",\"packets\":%" PRIu64 ",\"bursts\":%" PRIu64
		",\"busy\":%.4f,\"packets_per_burst\":%.2f}",
		l->packets, l->bursts, rate.busy, rate.per_burst);
}

/* Addresses as text: JSON's numbers need not hold them. */
static void
pool_memory(FILE *out, const struct fwd *fwd, unsigned int i)
{
	const struct tide_placement *made = fwd->placement.pool[i].made;
	size_t len = 0;
	void *addr = NULL;

	tide_pool_memory(fwd->pool, i, &addr, &len);
	fprintf(out,
		",\"memory\":[{\"addr\":\"0x%" PRIxPTR "\",\"len\":%zu,\"page_size\":%" PRIu64
		",\"page\":\"%s\",\"backing\":\"%s\"}]",
		(uintptr_t)addr, len, made->page_size, tide_page_name(made->page),
		made->backing == TIDE_BACKING_EAL ? "EAL" : "own");
}

/* Pages the kernel has no node for stand with the name of its errno. */
static void
pages_found(FILE *out, const char *key, const struct tide_placement *found)
{
	fprintf(out, "\"%s\":[", key);
	for (unsigned int i = 0; i < found->nb_found; i++) {
		const struct tide_pages_on_node *there = &found->found[i];
		const char *name = there->node < 0 ? strerrorname_np(-there->node) : NULL;

		fprintf(out, "%s{", comma(i));
		node(out, "node", there->node < 0 ? TIDE_NODE_UNKNOWN : there->node);
		if (there->node < 0)
			fprintf(out, ",\"error\":\"%s\"", name != NULL ? name : "unknown");
		fprintf(out, ",\"pages\":%" PRIu64 "}", there->pages);
	}
	fputc(']', out);
}

static void
pool_placement(FILE *out, const struct fwd_place *place)
{
	fprintf(out, ",\"placement\":{");
	node(out, "wanted", place->made->wanted);
	fprintf(out,
		",\"pages\":%" PRIu64 ",\"local\":%" PRIu64 ",\"unknown\":%" PRIu64 ",\"reason\":",
		place->made->pages, place->made->local, place->made->unknown);
	app_json_string(out, place->made->reason);
	fputc(',', out);
	pages_found(out, "made", place->made);
	fputc(',', out);
	pages_found(out, "now", &place->now);
	fprintf(out,
		",\"moved_pages\":%" PRIu64 ",\"moved_pages_worst\":%" PRIu64
		",\"thp_lost\":%" PRIu64 ",\"checks\":%" PRIu64 "}",
		place->change.moved, place->worst, place->change.thp_lost, place->checks);
}

static void
pool_figures(FILE *out, const struct fwd *fwd, unsigned int i)
{
	const struct fwd_pool_watch *w = &fwd->watch[i];
	char peak[FWD_COUNT_LEN];

	fprintf(out, "%s{", comma(i));
	node(out, "node", w->now.node);
	fprintf(out,
		",\"size\":%u,\"free\":%u,\"in_use\":%u,\"cached\":%u,\"peak\":%s,\"failures\":"
		"%" PRIu64 ",\"misuse\":%" PRIu64 ",\"kept_by_drivers\":%u",
		w->now.size, w->now.free, w->now.in_use, w->now.cached,
		fwd_peak_text(w, "null", peak), w->now.failures, w->now.misuse,
		fwd_pool_kept(fwd, i));
	pool_memory(out, fwd, i);
	pool_placement(out, &fwd->placement.pool[i]);
	fputc('}', out);
}

static const char *
end_name(const struct fwd *fwd)
{
	if (fwd->why == FWD_END_SIGNAL)
		return sigabbrev_np(fwd->signal);
	return fwd->why == FWD_END_OUTPUT ? "output" : "duration";
}

void
fwd_summary_json(const struct fwd *fwd, FILE *out)
{
	fprintf(out,
		"{\"program\":\"tide-fwd\",\"seconds\":%.3f,\"ended_by\":\"%s\",\"mode\":\"%s\","
		"\"ops\":",
		(double)(fwd->end.ns - fwd->start.ns) / 1e9, end_name(fwd),
		fwd_mode_name(fwd->opts->mode));
	app_json_string(out, fwd->opts->ops);
	fprintf(out, ",\"ports\":[");
	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++) {
		port_identity(out, &fwd->plan, i);
		port_figures(out, fwd, i);
	}
	fprintf(out, "],\"lcores\":[");
	for (unsigned int i = 0; i < fwd->plan.nb_lcores; i++)
		lcore_figures(out, fwd, i);
	fprintf(out, "],\"pools\":[");
	for (unsigned int i = 0; i < tide_pool_nb_members(fwd->pool); i++)
		pool_figures(out, fwd, i);
	fprintf(out,
		"],\"ports_elsewhere\":%u,\"pages_elsewhere\":%" PRIu64
		",\"pages_unknown\":%" PRIu64 ",\"lcores_elsewhere\":%u",
		fwd_plan_elsewhere(&fwd->plan), fwd_summary_pages_elsewhere(fwd),
		fwd_summary_pages_unknown(fwd), fwd_summary_lcores_elsewhere(fwd));
	if (fwd->flows != NULL) {
		fprintf(out, ",\"flows\":");
		fwd_flows_json(fwd->flows, out);
	}
	fprintf(out, ",\"reports_lost\":%" PRIu64 ",\"lcores_stuck\":%u", fwd_writer_lost(),
		fwd->nb_stuck);
	fprintf(out, ",\"all_back\":%s}\n", fwd_summary_all_back(fwd) ? "true" : "false");
}

static void
plan_lcore(FILE *out, const struct fwd_plan *plan, unsigned int lcore)
{
	unsigned int n = 0;

	fprintf(out, "%s{\"lcore\":%u,", comma(lcore), plan->lcore[lcore].id);
	node(out, "node", plan->lcore[lcore].node);
	fprintf(out, ",\"queues\":[");
	for (unsigned int i = 0; i < plan->nb_queues; i++) {
		const struct fwd_plan_queue *q = &plan->queue[i];

		if (q->lcore == lcore)
			fprintf(out, "%s{\"port\":%u,\"queue\":%u}", comma(n++),
				plan->port[q->port].facts->id, q->queue);
	}
	fprintf(out, "]}");
}

void
fwd_plan_json(const struct fwd_plan *plan, const struct fwd_options *opts, FILE *out)
{
	struct fwd_plan_tier tier;

	fprintf(out, "{\"program\":\"tide-fwd\",\"dry_run\":true,\"mode\":\"%s\",\"ports\":[",
		fwd_mode_name(opts->mode));
	for (unsigned int i = 0; i < plan->nb_ports; i++) {
		port_identity(out, plan, i);
		fprintf(out, ",\"queues\":%u,\"foreign\":%s}", plan->queues,
			plan->port[i].foreign ? "true" : "false");
	}
	fprintf(out, "],\"lcores\":[");
	for (unsigned int i = 0; i < plan->nb_lcores; i++)
		plan_lcore(out, plan, i);
	fprintf(out, "],\"pools\":[");
	for (unsigned int i = 0; i < plan->nb_pools; i++) {
		fprintf(out, "%s{\"node\":%d,\"buffers\":%u,\"bytes\":%" PRIu64 ",\"reserve\":",
			comma(i), plan->pool[i].node, plan->pool[i].size.buffers,
			plan->pool[i].size.bytes);
		app_json_string(out, plan->pool[i].size.command);
		fputc('}', out);
	}
	fprintf(out, "],\"tiers\":[");
	for (unsigned int i = 0; fwd_plan_tier(plan, i, &tier) == 0; i++) {
		fprintf(out, "%s{\"node\":%d,\"bytes\":%" PRIu64 ",", comma(i), tier.node,
			tier.bytes);
		node(out, "near", tier.near);
		fprintf(out, ",\"distance\":%u}", tier.distance);
	}
	fprintf(out, "],\"ports_elsewhere\":%u}\n", fwd_plan_elsewhere(plan));
}
