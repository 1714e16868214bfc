/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: the periodic statistics as lines; screen_live.c has the live screen. */

#include <limits.h>
#include <unistd.h>

#include "canvas.h"
#include "metrics.h"
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
		fprintf(out, ": its interface %s is gone", port->interface->name);
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
	static const enum tide_metric_scope scopes[] = {TIDE_SCOPE_PORT, TIDE_SCOPE_LCORE,
		TIDE_SCOPE_POOL, TIDE_SCOPE_ARENA, TIDE_SCOPE_PROCESS};
	double second = (double)(now->ns - fwd->start.ns) / 1e9;
	struct fwd_subject subject;

	for (unsigned int i = 0; i < RTE_DIM(scopes); i++) {
		enum tide_metric_scope scope = scopes[i];

		for (unsigned int n = 0; fwd_subject_at(fwd, &fwd->last, now, scope, n, &subject);
			n++) {
			fprintf(out, "%.1f s %s: ", second, subject.name);
			fwd_metrics_line(&subject, out);
			fputc('\n', out);
		}
	}
	plain_flows(fwd, second, out);
}

void
fwd_screen_print(const struct fwd *fwd, const struct fwd_stats *now, bool live, FILE *out)
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
