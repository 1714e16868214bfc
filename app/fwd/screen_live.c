/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-fwd: the live screen, laid out for the 79 columns that a terminal of 80 takes without a surprise.
 * What must be seen comes first: flows, which can be many, are last.
 */

#include <inttypes.h>
#include <stdlib.h>

#include "canvas.h"
#include "pool_watch.h"
#include "screen.h"

/* Room for a count, its end included. */
#define COUNT_LEN 24

/* A count in at most `width` columns: as it is, or in thousands, millions and so on. */
static const char *
count(char text[COUNT_LEN], uint64_t value, int width)
{
	static const char units[] = "kMGTPE";
	int n = snprintf(text, COUNT_LEN, "%" PRIu64, value);

	for (const char *unit = units; n > width && *unit != '\0'; unit++) {
		value /= 1000;
		n = snprintf(text, COUNT_LEN, "%" PRIu64 "%c", value, *unit);
	}
	return text;
}

static const char *
node_text(char text[COUNT_LEN], int node)
{
	if (node == TIDE_NODE_UNKNOWN)
		return "?";
	snprintf(text, COUNT_LEN, "%d", node);
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

static void
ports(const struct fwd *fwd, const struct fwd_stats *now, FILE *out)
{
	fprintf(out, "%-5s%-14s%5s%10s%10s%9s%9s  %s\n", "port", "name", "node", "rx pps", "tx pps",
		"rx Mb/s", "tx Mb/s", "link");
	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++) {
		const struct fwd_plan_port *port = &fwd->plan.port[i];
		char node[COUNT_LEN], link[32], rx[COUNT_LEN], tx[COUNT_LEN];
		struct fwd_port_rate rate;

		fwd_port_rate(&fwd->last, now, i, &rate);
		fwd_link_text(&fwd->port[i], link, sizeof(link));
		fprintf(out, "%-5u", port->facts->id);
		put_name(out, port->facts->name, 14);
		fprintf(out, "%5s%10s%10s%9.1f%9.1f  %s\n", node_text(node, port->node),
			count(rx, (uint64_t)(rate.rx_pps + 0.5), 9),
			count(tx, (uint64_t)(rate.tx_pps + 0.5), 9), rate.rx_mbps, rate.tx_mbps,
			link);
	}
}

static void
drops(const struct fwd *fwd, const struct fwd_stats *now, FILE *out)
{
	fprintf(out, "\n%-5s%14s%14s%10s%9s%9s%9s%9s\n", "port", "rx packets", "tx packets",
		"no buffer", "missed", "tx full", "rx error", "tx error");
	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++) {
		const struct fwd_port_stats *p = &now->port[i];
		char text[7][COUNT_LEN];

		fprintf(out, "%-5u%14s%14s%10s%9s%9s%9s%9s\n", fwd->plan.port[i].facts->id,
			count(text[0], p->rx, 13), count(text[1], p->tx, 13),
			count(text[2], p->no_buffer, 8),
			p->missed_unknown ? "unknown" : count(text[3], p->missed, 8),
			count(text[4], p->tx_full, 8), count(text[5], p->rx_error, 8),
			count(text[6], p->tx_error, 8));
	}
}

static void
lcores(const struct fwd *fwd, const struct fwd_stats *now, FILE *out)
{
	fprintf(out, "\n%-6s%5s%8s%8s%19s\n", "lcore", "node", "queues", "busy",
		"packets per burst");
	for (unsigned int i = 0; i < fwd->plan.nb_lcores; i++) {
		const struct fwd_plan_lcore *lcore = &fwd->plan.lcore[i];
		struct fwd_lcore_rate rate;
		char node[COUNT_LEN];

		fwd_lcore_rate(&fwd->last, now, i, &rate);
		fprintf(out, "%-6u%5s%8u%7.1f%%%19.1f\n", lcore->id,
			node_text(node, fwd->lcore_place[i].node), lcore->nb_queues,
			rate.busy * 100, rate.per_burst);
	}
}

static void
pools(const struct fwd *fwd, FILE *out)
{
	fprintf(out, "\n%-14s%5s%11s%11s%11s%11s%8s%8s\n", "pool", "node", "buffers", "free",
		"in use", "peak", "checks", "moved");
	for (unsigned int i = 0; i < tide_pool_nb_members(fwd->pool); i++) {
		const struct fwd_pool_watch *w = &fwd->watch[i];
		char checks[COUNT_LEN], moved[COUNT_LEN], peak[FWD_COUNT_LEN];

		put_name(out, fwd->opts->ops, 14);
		fprintf(out, "%5d%11u%11u%11u%11s%8s%8s\n", w->now.node, w->now.size, w->now.free,
			w->now.in_use, fwd_peak_text(w, "-", peak),
			count(checks, fwd->placement.pool[i].checks, 7),
			count(moved, fwd->placement.pool[i].change.moved, 7));
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
	fputc('\n', canvas->lines);
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
warnings(const struct fwd *fwd, struct fwd_canvas *canvas)
{
	char text[FWD_WARNING_LEN];
	struct paragraph p;

	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++) {
		if (fwd_plan_warning(&fwd->plan, i, text, sizeof(text)) == 0)
			tell(canvas, text);
		if (fwd_plan_pool_warning(&fwd->plan, i, text, sizeof(text)) == 0)
			tell(canvas, text);
		if (fwd_plan_interface_warning(&fwd->plan, i, text, sizeof(text)) == 0)
			tell(canvas, text);
	}
	for (unsigned int i = 0; i < tide_pool_nb_members(fwd->pool); i++) {
		if (!fwd->watch[i].empty || !begin_paragraph(&p, ""))
			continue;
		fwd_pool_tell_empty(fwd, i, p.out);
		end_paragraph(&p, canvas);
	}
	for (unsigned int i = 0; i < fwd->placement.nb_pools; i++) {
		if (fwd->placement.pool[i].change.moved == 0 || !begin_paragraph(&p, ""))
			continue;
		fwd_placement_tell(&fwd->placement, i, p.out);
		end_paragraph(&p, canvas);
	}
	for (unsigned int i = 0; i < fwd->plan.nb_lcores; i++) {
		if (!fwd->lcore_place[i].away || !begin_paragraph(&p, ""))
			continue;
		fwd_lcore_place_tell(&fwd->lcore_place[i], &fwd->lcore[i], p.out);
		end_paragraph(&p, canvas);
	}
	if (fwd->flows != NULL && fwd->flows->late && begin_paragraph(&p, "flows: ")) {
		tide_arena_late_dump(&fwd->flows->who, p.out);
		end_paragraph(&p, canvas);
	}
}

/* As many flows as fit below all else, at least one. */
static void
flows(const struct fwd *fwd, struct fwd_canvas *canvas)
{
	const struct fwd_flow_report *report;
	unsigned int used;

	if (fwd->flows == NULL)
		return;
	report = &fwd->flows->complete;
	if (report->number == 0) {
		fprintf(canvas->lines, "\nflows: the first interval has not ended\n");
		return;
	}
	/* An empty line and the flows' own headings come before. */
	used = fwd_canvas_lines(canvas) + 3 + (report->tally.lost.packets != 0);
	fputc('\n', canvas->lines);
	fwd_flows_print_narrow(
		report, canvas->rows > used ? canvas->rows - used : 1, canvas->lines);
}

void
fwd_screen_draw(
	const struct fwd *fwd, const struct fwd_stats *now, struct fwd_canvas *canvas, FILE *out)
{
	/* A screen for which there is no memory is left out. */
	if (fwd_canvas_begin(canvas) < 0)
		return;
	fprintf(canvas->lines, "tide-fwd, mode %s, %.0f s\n\n", fwd_mode_name(fwd->opts->mode),
		(double)(now->ns - fwd->start.ns) / 1e9);
	ports(fwd, now, canvas->lines);
	drops(fwd, now, canvas->lines);
	lcores(fwd, now, canvas->lines);
	pools(fwd, canvas->lines);
	warnings(fwd, canvas);
	flows(fwd, canvas);
	fwd_canvas_end(canvas, out);
}
