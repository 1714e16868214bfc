/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: the periodic statistics as lines; screen_live.c has the live screen. */

#include <inttypes.h>
#include <limits.h>
#include <unistd.h>

#include "canvas.h"
#include "screen.h"

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
	fprintf(out, "link: port %u %s is %s", port->plan->facts->id, port->plan->facts->name,
		text);
	if (port->gone)
		fprintf(out, ": its interface %s is gone", port->plan->facts->interface.name);
	fputc('\n', out);
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
		char missed[FWD_COUNT_LEN];

		fwd_port_rate(&fwd->last, now, i, &rate);
		fprintf(out,
			"%.1f s port %u: rx %" PRIu64 " (%.0f/s, %.1f Mbit/s) tx %" PRIu64
			" (%.0f/s, %.1f Mbit/s) drops: no buffer %" PRIu64 ", missed %s"
			", tx full %" PRIu64 ", rx error %" PRIu64 ", tx error %" PRIu64 "\n",
			second, fwd->plan.port[i].facts->id, p->rx, rate.rx_pps, rate.rx_mbps,
			p->tx, rate.tx_pps, rate.tx_mbps, p->no_buffer, fwd_missed_text(p, missed),
			p->tx_full, p->rx_error, p->tx_error);
	}
	for (unsigned int i = 0; i < fwd->plan.nb_lcores; i++) {
		struct fwd_lcore_rate rate;

		fwd_lcore_rate(&fwd->last, now, i, &rate);
		fprintf(out, "%.1f s lcore %u: busy %.1f%%, %.1f packets per burst\n", second,
			fwd->plan.lcore[i].id, rate.busy * 100, rate.per_burst);
	}
	for (unsigned int i = 0; i < tide_pool_nb_members(fwd->pool); i++) {
		const struct fwd_pool_watch *w = &fwd->watch[i];
		char peak[FWD_COUNT_LEN];

		fprintf(out, "%.1f s pool of node %d: %u free, %u in use%s%s\n", second,
			w->now.node, w->now.free, w->now.in_use, w->peak_known ? ", peak " : "",
			fwd_peak_text(w, "", peak));
	}
	plain_flows(fwd, second, out);
}

void
fwd_screen_show(const struct fwd *fwd, const struct fwd_stats *now, bool live, FILE *out)
{
	struct fwd_canvas canvas;

	if (live) {
		fwd_canvas_size(&canvas, STDOUT_FILENO);
		fwd_screen_draw(fwd, now, &canvas, out);
	} else {
		show_plain(fwd, now, out);
	}
	fflush(out);
}
