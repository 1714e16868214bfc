/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-fwd: the live screen, laid out for the 79 columns that a terminal of 80 takes without a surprise.
 * Warnings and what must be seen come first: the details are last.
 */

#include <stdlib.h>

#include "canvas.h"
#include "metrics.h"
#include "placement.h"
#include "pool_state.h"
#include "screen.h"

/* Room for a node id, its end included. */
#define NODE_LEN 12

static const char *
node_text(int node, char text[NODE_LEN])
{
	if (node == TIDE_NODE_UNKNOWN)
		return "?";
	snprintf(text, NODE_LEN, "%d", node);
	return text;
}

/* Names come from device arguments: a line's end in one would shift the screen. */
static void
put_name(FILE *out, const char *name, int width)
{
	for (int i = 0; i < width; i++) {
		if (*name == '\0')
			fputc(' ', out);
		else
			fputc((unsigned char)*name < 0x20 || *name == 0x7f ? '?' : *name, out);
		name += *name != '\0';
	}
}

static unsigned int
port_lead(const struct fwd *fwd, const struct fwd_subject *subject, bool first, FILE *out)
{
	const struct tide_plan_port *port =
		subject == NULL ? NULL : &fwd->plan.port[subject->index];
	char node[NODE_LEN];

	if (port == NULL)
		fprintf(out, "%-5s", "port");
	else
		fprintf(out, "%-5u", port->facts->id);
	if (!first)
		return 5;
	put_name(out, port == NULL ? "name" : port->facts->name, 14);
	fprintf(out, "%5s", port == NULL ? "node" : node_text(port->node, node));
	return 24;
}

#define LINK_WIDTH 17

static void
port_tail(const struct fwd *fwd, const struct fwd_subject *subject, FILE *out)
{
	char link[32] = "link";

	if (subject != NULL)
		fwd_link_text(&fwd->port[subject->index], link, sizeof(link));
	fprintf(out, "  %s", link);
}

static unsigned int
lcore_lead(const struct fwd *fwd, const struct fwd_subject *subject, bool first, FILE *out)
{
	char node[NODE_LEN] = "node";

	if (subject == NULL)
		fprintf(out, "%-6s", "lcore");
	else
		fprintf(out, "%-6u", fwd->plan.lcore[subject->index].id);
	if (!first)
		return 6;
	fprintf(out, "%5s",
		subject == NULL ? node
				: node_text(fwd_lcore_place(fwd, subject->index)->node, node));
	return 11;
}

static unsigned int
pool_lead(const struct fwd *fwd, const struct fwd_subject *subject, bool first, FILE *out)
{
	if (first)
		put_name(out, subject == NULL ? "pool" : fwd->opts->ops, 14);
	if (subject == NULL)
		fprintf(out, "%-5s", first ? " node" : "pool");
	else
		fprintf(out, first ? "%5d" : "%-5d", subject->sample.pool.stats.node);
	return first ? 19 : 5;
}

static unsigned int
arena_lead(const struct fwd *fwd, const struct fwd_subject *subject, bool first, FILE *out)
{
	if (subject == NULL)
		fprintf(out, "%-6s", "arena");
	else
		fprintf(out, "%-6d", subject->sample.arena.node);
	return 6;
}

static unsigned int
process_lead(const struct fwd *fwd, const struct fwd_subject *subject, bool first, FILE *out)
{
	return 0;
}

/* In the order of the screen. */
static const struct fwd_table tables[] = {
	{.scope = TIDE_SCOPE_PORT, .lead = port_lead, .tail = port_tail, .tail_width = LINK_WIDTH},
	{.scope = TIDE_SCOPE_LCORE, .lead = lcore_lead},
	{.scope = TIDE_SCOPE_POOL, .lead = pool_lead},
	{.scope = TIDE_SCOPE_ARENA, .lead = arena_lead},
	{.scope = TIDE_SCOPE_PROCESS, .lead = process_lead},
};

static void
draw_tables(const struct fwd *fwd, const struct fwd_stats *now, bool detail, FILE *out)
{
	for (unsigned int i = 0; i < RTE_DIM(tables); i++) {
		struct fwd_table table = tables[i];

		table.fwd = fwd;
		table.now = now;
		table.detail = detail;
		fwd_metrics_table(&table, out);
	}
}

/* A paragraph that a function writes. */
struct paragraph {
	FILE *out;
	char *text;
	size_t len;
};

static bool
begin_paragraph(struct paragraph *p, const char *first)
{
	p->text = NULL;
	p->out = open_memstream(&p->text, &p->len);
	if (p->out == NULL)
		return false;
	fprintf(p->out, "warning: %s", first);
	return true;
}

static void
end_paragraph(struct paragraph *p, struct fwd_canvas *canvas)
{
	fclose(p->out);
	fwd_canvas_wrap(canvas, p->text);
	free(p->text);
}

static void
tell(struct fwd_canvas *canvas, const char *text)
{
	struct paragraph p;

	if (begin_paragraph(&p, text))
		end_paragraph(&p, canvas);
}

/* The first screen wiped away those of the start. */
static void
all_warnings(const struct fwd *fwd, struct fwd_canvas *canvas)
{
	char text[FWD_WARNING_LEN];
	struct paragraph p;

	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++) {
		if (fwd_plan_warning(&fwd->plan, &fwd->pairs, i, text, sizeof(text)) == 0)
			tell(canvas, text);
		if (fwd_plan_pool_warning(&fwd->plan, &fwd->pairs, i, text, sizeof(text)) == 0)
			tell(canvas, text);
		if (fwd_plan_interface_warning(&fwd->plan, fwd->interface, i, text, sizeof(text)) ==
			0)
			tell(canvas, text);
	}
	for (unsigned int i = 0; i < tide_pool_nb_nodes(fwd->pool); i++) {
		if (!fwd->pool_state[i].empty || !begin_paragraph(&p, ""))
			continue;
		fwd_pool_print_empty(fwd, i, p.out);
		end_paragraph(&p, canvas);
	}
	for (unsigned int i = 0; i < tide_pool_nb_nodes(fwd->pool); i++) {
		if (fwd_pool_place(fwd, i)->change.moved == 0 || !begin_paragraph(&p, ""))
			continue;
		fwd_pool_print_place(fwd, i, p.out);
		end_paragraph(&p, canvas);
	}
	for (unsigned int i = 0; i < fwd->plan.nb_lcores; i++) {
		if (!fwd_lcore_place(fwd, i)->away || !begin_paragraph(&p, ""))
			continue;
		fwd_lcore_print_place(fwd, i, p.out);
		end_paragraph(&p, canvas);
	}
	if (fwd->flows != NULL && fwd->flows->stalled && begin_paragraph(&p, "flows: ")) {
		tide_arena_stalled_dump(&fwd->flows->reader, p.out);
		end_paragraph(&p, canvas);
	}
}

/* Warnings take a third of the rows at most, so that they do not hide what is below them. */
static void
warnings(const struct fwd *fwd, struct fwd_canvas *canvas)
{
	struct fwd_canvas part = {
		.rows = RTE_MAX(canvas->rows / 3, 1U), .columns = canvas->columns};

	if (fwd_canvas_begin(&part) < 0)
		return;
	all_warnings(fwd, &part);
	fwd_canvas_append(canvas, &part);
}

/* Flows that a screen has room for, if it is not tall. */
#define FLOWS_LEAST 3U

/* As many flows as fit above the details of all else, and a few in any case. */
static void
flows(const struct fwd *fwd, struct fwd_canvas *canvas, unsigned int below)
{
	const struct fwd_flow_report *report;
	unsigned int used, most;

	if (fwd->flows == NULL)
		return;
	report = &fwd->flows->complete;
	if (report->number == 0) {
		fprintf(canvas->lines, "\nflows: the first interval has not ended\n");
		return;
	}
	fputc('\n', canvas->lines);
	fwd_flows_print_sums(report, canvas);
	/* The heading of the flows comes before them. */
	used = fwd_canvas_lines(canvas) + 1 + below;
	most = canvas->rows > used ? canvas->rows - used : 0;
	fwd_flows_print_narrow(report, RTE_MAX(most, FLOWS_LEAST), canvas->lines);
}

static unsigned int
count_lines(const char *text)
{
	unsigned int n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

/* Flows, which can be many, and the details, which are of interest only when looking closer. */
static void
flows_and_details(const struct fwd *fwd, const struct fwd_stats *now, struct fwd_canvas *canvas)
{
	char *text = NULL;
	size_t len;
	FILE *details = open_memstream(&text, &len);

	if (details == NULL) {
		flows(fwd, canvas, 0);
		return;
	}
	draw_tables(fwd, now, true, details);
	fclose(details);
	flows(fwd, canvas, count_lines(text));
	fputs(text, canvas->lines);
	free(text);
}

void
fwd_screen_draw(
	const struct fwd *fwd, const struct fwd_stats *now, struct fwd_canvas *canvas, FILE *out)
{
	/* A screen for which there is no memory is left out. */
	if (fwd_canvas_begin(canvas) < 0)
		return;
	fprintf(canvas->lines, "tide-fwd, mode %s, %.0f s\n", fwd_mode_name(fwd->opts->mode),
		(double)(now->ns - fwd->start.ns) / 1e9);
	warnings(fwd, canvas);
	draw_tables(fwd, now, false, canvas->lines);
	flows_and_details(fwd, now, canvas);
	fwd_canvas_end(canvas, out);
}
