/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: the periodic statistics. */

#include <inttypes.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "screen.h"

/* Cursor home, then each line clears the rest of itself: no flicker. */
#define HOME  "\033[H"
#define CLEAR "\033[K\n"
#define BELOW "\033[J"

/* Lines between these end at the right edge. */
#define CLIP "\033[?7l"
#define WRAP "\033[?7h"

void
fwd_link_text(const struct fwd_port *port, char *text, size_t len)
{
	const struct rte_eth_link *link = &port->link;

	if (!port->link_known)
		snprintf(text, len, "unknown");
	else if (link->link_status == RTE_ETH_LINK_DOWN)
		snprintf(text, len, "down");
	else if (link->link_speed == RTE_ETH_SPEED_NUM_UNKNOWN || link->link_speed == 0)
		snprintf(text, len, "up");
	else
		snprintf(text, len, "up, %g Gbit/s", link->link_speed / 1000.0);
}

void
fwd_screen_link(const struct fwd_port *port, FILE *out)
{
	char text[32];

	fwd_link_text(port, text, sizeof(text));
	fprintf(out, "link: port %u %s is %s\n", port->plan->facts->id, port->plan->facts->name,
		text);
}

static void
live_ports(const struct fwd *fwd, const struct fwd_stats *now, FILE *out)
{
	fprintf(out, "%-5s%-22s%5s %13s%13s%11s%11s  %s" CLEAR, "port", "name", "node", "rx pps",
		"tx pps", "rx Mbit/s", "tx Mbit/s", "link");
	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++) {
		const struct fwd_plan_port *port = &fwd->plan.port[i];
		struct fwd_port_rate rate;
		char link[32];

		fwd_port_rate(&fwd->last, now, i, &rate);
		fwd_link_text(&fwd->port[i], link, sizeof(link));
		fprintf(out, "%-5u%-22.21s%5d %13.0f%13.0f%11.1f%11.1f  %s" CLEAR, port->facts->id,
			port->facts->name, port->node, rate.rx_pps, rate.tx_pps, rate.rx_mbps,
			rate.tx_mbps, link);
	}
	fprintf(out, CLEAR "%-5s%15s%15s  drops:%10s%10s%10s%10s%10s" CLEAR, "port", "rx packets",
		"tx packets", "no buffer", "missed", "tx full", "rx error", "tx error");
	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++) {
		const struct fwd_port_stats *p = &now->port[i];

		fprintf(out,
			"%-5u%15" PRIu64 "%15" PRIu64 "%18" PRIu64 "%10" PRIu64 "%10" PRIu64
			"%10" PRIu64 "%10" PRIu64 CLEAR,
			fwd->plan.port[i].facts->id, p->rx, p->tx, p->no_buffer, p->missed,
			p->tx_full, p->rx_error, p->tx_error);
	}
}

static void
live_lcores(const struct fwd *fwd, const struct fwd_stats *now, FILE *out)
{
	fprintf(out, CLEAR "%-6s%5s%8s%8s%19s" CLEAR, "lcore", "node", "queues", "busy",
		"packets per burst");
	for (unsigned int i = 0; i < fwd->plan.nb_lcores; i++) {
		const struct fwd_plan_lcore *lcore = &fwd->plan.lcore[i];
		struct fwd_lcore_rate rate;

		fwd_lcore_rate(&fwd->last, now, i, &rate);
		fprintf(out, "%-6u%5d%8u%7.1f%%%19.1f" CLEAR, lcore->id, fwd->lcore_place[i].node,
			lcore->nb_queues, rate.busy * 100, rate.per_burst);
	}
}

static void
live_pools(const struct fwd *fwd, FILE *out)
{
	fprintf(out, CLEAR "%-6s%5s%12s%12s%12s%12s%12s%12s" CLEAR, "pool", "node", "buffers",
		"free", "in use", "peak", "checks", "moved pages");
	for (unsigned int i = 0; i < tide_pool_nb_members(fwd->pool); i++) {
		const struct fwd_pool_watch *w = &fwd->watch[i];

		fprintf(out, "%-6s%5d%12u%12u%12u%12u%12" PRIu64 "%12" PRIu64 CLEAR, fwd->opts->ops,
			w->now.node, w->now.size, w->now.free, w->now.in_use, w->peak,
			fwd->placement.pool[i].checks, fwd->placement.pool[i].change.moved);
	}
}

/* Flows that fit on a terminal below all else, at least one. */
static unsigned int
room_for_flows(const struct fwd *fwd)
{
	/* Headings and empty lines, the flows' own among them. */
	unsigned int used =
		12 + 2 * fwd->plan.nb_ports + fwd->plan.nb_lcores + tide_pool_nb_members(fwd->pool);
	struct winsize size;

	used += fwd->flows->complete.tally.lost.packets != 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0)
		return UINT_MAX;
	return size.ws_row > used ? size.ws_row - used : 1;
}

static void
live_flows(const struct fwd *fwd, FILE *out)
{
	const struct fwd_flows *flows = fwd->flows;

	if (flows == NULL)
		return;
	fprintf(out, CLEAR);
	if (flows->complete.number == 0) {
		fprintf(out, "flows: the first interval has not ended" CLEAR);
	} else {
		fprintf(out, CLIP);
		fwd_flows_print(&flows->complete, room_for_flows(fwd), "", CLEAR, out);
		fprintf(out, WRAP);
	}
	if (flows->late) {
		fprintf(out, "warning: flows: ");
		tide_arena_late_dump(&flows->who, out);
		fprintf(out, CLEAR);
	}
}

static void
live_places(const struct fwd *fwd, FILE *out)
{
	for (unsigned int i = 0; i < fwd->placement.nb_pools; i++) {
		if (fwd->placement.pool[i].change.moved == 0)
			continue;
		fprintf(out, CLEAR "warning: ");
		fwd_placement_tell(&fwd->placement, i, out);
		fprintf(out, CLEAR);
	}
	for (unsigned int i = 0; i < fwd->plan.nb_lcores; i++) {
		if (!fwd->lcore_place[i].away)
			continue;
		fprintf(out, CLEAR "warning: ");
		fwd_lcore_place_tell(&fwd->lcore_place[i], &fwd->lcore[i], out);
		fprintf(out, CLEAR);
	}
}

/* The first screen wiped them away. */
static void
live_warnings(const struct fwd *fwd, FILE *out)
{
	char text[FWD_WARNING_LEN];

	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++) {
		if (fwd_plan_warning(&fwd->plan, i, text, sizeof(text)) == 0)
			fprintf(out, CLEAR "warning: %s" CLEAR, text);
		if (fwd_plan_pool_warning(&fwd->plan, i, text, sizeof(text)) == 0)
			fprintf(out, CLEAR "warning: %s" CLEAR, text);
	}
}

static void
show_live(const struct fwd *fwd, const struct fwd_stats *now, FILE *out)
{
	fprintf(out, HOME "tide-fwd, mode %s, %.0f s" CLEAR CLEAR, fwd_mode_name(fwd->opts->mode),
		(double)(now->ns - fwd->start.ns) / 1e9);
	live_ports(fwd, now, out);
	live_lcores(fwd, now, out);
	live_pools(fwd, out);
	live_flows(fwd, out);
	live_warnings(fwd, out);
	live_places(fwd, out);
	fprintf(out, BELOW);
}

/* Each interval once. */
static void
plain_flows(const struct fwd *fwd, double second, FILE *out)
{
	const struct fwd_flows *flows = fwd->flows;
	char before[32];

	if (flows == NULL || flows->complete.number == flows->shown)
		return;
	snprintf(before, sizeof(before), "%.1f s flows: ", second);
	fwd_flows_print(&flows->complete, UINT_MAX, before, "\n", out);
}

static void
show_plain(const struct fwd *fwd, const struct fwd_stats *now, FILE *out)
{
	double second = (double)(now->ns - fwd->start.ns) / 1e9;

	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++) {
		const struct fwd_port_stats *p = &now->port[i];
		struct fwd_port_rate rate;

		fwd_port_rate(&fwd->last, now, i, &rate);
		fprintf(out,
			"%.1f s port %u: rx %" PRIu64 " (%.0f/s, %.1f Mbit/s) tx %" PRIu64
			" (%.0f/s, %.1f Mbit/s) drops: no buffer %" PRIu64 ", missed %" PRIu64
			", tx full %" PRIu64 ", rx error %" PRIu64 ", tx error %" PRIu64 "\n",
			second, fwd->plan.port[i].facts->id, p->rx, rate.rx_pps, rate.rx_mbps,
			p->tx, rate.tx_pps, rate.tx_mbps, p->no_buffer, p->missed, p->tx_full,
			p->rx_error, p->tx_error);
	}
	for (unsigned int i = 0; i < fwd->plan.nb_lcores; i++) {
		struct fwd_lcore_rate rate;

		fwd_lcore_rate(&fwd->last, now, i, &rate);
		fprintf(out, "%.1f s lcore %u: busy %.1f%%, %.1f packets per burst\n", second,
			fwd->plan.lcore[i].id, rate.busy * 100, rate.per_burst);
	}
	for (unsigned int i = 0; i < tide_pool_nb_members(fwd->pool); i++) {
		const struct fwd_pool_watch *w = &fwd->watch[i];

		fprintf(out, "%.1f s pool of node %d: %u free, %u in use, peak %u\n", second,
			w->now.node, w->now.free, w->now.in_use, w->peak);
	}
	plain_flows(fwd, second, out);
}

void
fwd_screen_show(const struct fwd *fwd, const struct fwd_stats *now, bool live, FILE *out)
{
	if (live)
		show_live(fwd, now, out);
	else
		show_plain(fwd, now, out);
	fflush(out);
}
