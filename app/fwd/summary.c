/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: the summary for people. */

#include <inttypes.h>
#include <string.h>

#include "metrics.h"
#include "placement.h"
#include "pool_state.h"
#include "summary.h"
#include "tide_pool_query.h"

bool
fwd_summary_all_back(const struct fwd *fwd)
{
	for (unsigned int i = 0; i < tide_pool_nb_nodes(fwd->pool); i++) {
		if (fwd->pool_state[i].sample.stats.in_use != 0)
			return false;
	}
	return true;
}

bool
fwd_summary_accounted(const struct fwd *fwd)
{
	for (unsigned int i = 0; i < tide_pool_nb_nodes(fwd->pool); i++) {
		if (fwd->pool_state[i].sample.stats.in_use != fwd_pool_kept(fwd, i))
			return false;
	}
	return true;
}

uint64_t
fwd_summary_pages_elsewhere(const struct fwd *fwd)
{
	uint64_t pages = 0;

	for (unsigned int i = 0; i < tide_pool_nb_nodes(fwd->pool); i++) {
		const struct tide_placement *made = fwd_pool_place(fwd, i)->made;

		pages += made->pages - made->local - made->unknown;
	}
	return pages;
}

uint64_t
fwd_summary_pages_unknown(const struct fwd *fwd)
{
	uint64_t pages = 0;

	for (unsigned int i = 0; i < tide_pool_nb_nodes(fwd->pool); i++)
		pages += fwd_pool_place(fwd, i)->made->unknown;
	return pages;
}

unsigned int
fwd_summary_lcores_elsewhere(const struct fwd *fwd)
{
	unsigned int lcores = 0;

	for (unsigned int i = 0; i < fwd->plan.nb_lcores; i++)
		lcores += fwd_lcore_place(fwd, i)->away &&
		          fwd_lcore_place(fwd, i)->node != fwd->plan.lcore[i].node;
	return lcores;
}

/* Silent when no lcore ever left its CPU. */
static void
print_lcore_moved(const struct fwd *fwd, unsigned int i, FILE *out)
{
	const struct tide_monitor_lcore *place = fwd_lcore_place(fwd, i);

	if (place->away) {
		fprintf(out, "  ");
		fwd_lcore_print_place(fwd, i, out);
		fputc('\n', out);
	} else if (place->moves != 0) {
		fprintf(out, "  it was on other CPUs for a while and is back\n");
	}
}

static void
print_elsewhere(const struct fwd *fwd, FILE *out)
{
	unsigned int ports = fwd_plan_elsewhere(&fwd->plan);
	uint64_t pages = fwd_summary_pages_elsewhere(fwd);
	uint64_t unknown = fwd_summary_pages_unknown(fwd);

	if (ports != 0)
		fprintf(out, "%u port(s) drew buffers of another node\n", ports);
	if (pages != 0)
		fprintf(out,
			"%" PRIu64 " page(s) of buffers were not made on the node of their pool\n",
			pages);
	if (unknown != 0)
		fprintf(out,
			"%" PRIu64 " page(s) of buffers may be on the node of their pool: the "
			"kernel did not say\n",
			unknown);
}

static void
print_end(const struct fwd *fwd, double seconds, FILE *out)
{
	fprintf(out, "\nforwarded for %.1f s, ended by ", seconds);
	if (fwd->ended == FWD_END_SIGNAL)
		fprintf(out, "SIG%s\n", sigabbrev_np(fwd->signal));
	else if (fwd->ended == FWD_END_OUTPUT)
		fprintf(out, "a closed output\n");
	else
		fprintf(out, "--duration\n");
	if (fwd->nb_stuck != 0)
		fprintf(out, "%u lcore(s) did not stop: all ports stay open\n", fwd->nb_stuck);
}

/* Write all figures of a thing from start to end in one line. */
static void
print_figures(const struct fwd_subject *subject, const char *before, FILE *out)
{
	fputs(before, out);
	fwd_metrics_line(subject, out);
	fputc('\n', out);
}

static void
print_port(const struct fwd *fwd, const struct fwd_subject *subject, FILE *out)
{
	const struct tide_plan_port *port = &fwd->plan.port[subject->index];

	fprintf(out, "port %u %s: ", port->facts->id, port->facts->name);
	print_figures(subject, "", out);
}

static void
print_lcore(const struct fwd *fwd, const struct fwd_subject *subject, FILE *out)
{
	fprintf(out, "%s: ", subject->name);
	print_figures(subject, "", out);
	print_lcore_moved(fwd, subject->index, out);
}

/*
 * Print the ports that can still have buffers of a pool: those that did not close, else the drivers of
 * those that did.
 */
static void
print_open_ports(const struct fwd *fwd, int node, FILE *out)
{
	const struct rte_mempool *mp = tide_pool_on(fwd->pool, node);
	bool stuck = false;

	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++) {
		const struct fwd_port *port = &fwd->port[i];
		const struct fwd_port *peer = &fwd->port[fwd->plan.port[i].peer];

		if (port->mp != mp && peer->mp != mp)
			continue;
		if (port->state == FWD_PORT_STUCK) {
			fprintf(out, "  port %u (%s) did not close: %s\n", port->plan->facts->id,
				port->plan->facts->driver, strerror(-port->close_error));
			stuck = true;
		} else if (port->state == FWD_PORT_STARTED) {
			fprintf(out, "  port %u (%s) is open\n", port->plan->facts->id,
				port->plan->facts->driver);
			stuck = true;
		}
	}
	for (unsigned int i = 0; i < fwd->plan.nb_ports && !stuck; i++) {
		const struct fwd_port *port = &fwd->port[i];

		if (port->mp == mp || fwd->port[fwd->plan.port[i].peer].mp == mp)
			fprintf(out, "  port %u (%s) closed and may have kept some\n",
				port->plan->facts->id, port->plan->facts->driver);
	}
}

/* Print the owners of buffers that are out, with their ages: the tide ops know them. */
static void
print_owners(const struct fwd *fwd, int node, FILE *out)
{
	struct tide_mempool_owner owners[8];
	int nb = tide_pool_owners(fwd->pool, node, owners, RTE_DIM(owners));

	for (int i = 0; i < nb; i++) {
		fputs("  ", out);
		tide_mempool_owner_dump(&owners[i], out);
		fputc('\n', out);
	}
}

/* Silent when no page ever left. */
static void
print_moved(const struct tide_monitor_pool *place, FILE *out)
{
	if (place->change.moved != 0) {
		fprintf(out, "  ");
		fwd_pool_print_pages(place, out);
		fputc('\n', out);
	} else if (place->worst != 0) {
		fprintf(out, "  %" PRIu64 " of its pages were elsewhere for a while and are back\n",
			place->worst);
	}
	if (place->change.thp_lost != 0)
		fprintf(out,
			"  %" PRIu64
			" MB of it lost their transparent huge pages: the kernel split "
			"them\n",
			place->change.thp_lost >> 20);
}

static void
print_pool(const struct fwd *fwd, const struct fwd_subject *subject, FILE *out)
{
	const struct tide_pool_stats *s = &subject->sample.pool.stats;
	unsigned int i = subject->index;

	fprintf(out, "%s: %u of %u buffers back\n", subject->name, s->free, s->size);
	print_figures(subject, "  ", out);
	print_moved(fwd_pool_place(fwd, i), out);
	if (s->in_use == 0)
		return;
	print_owners(fwd, s->node, out);
	if (fwd_pool_kept(fwd, i) != 0) {
		fputs("  ", out);
		fwd_pool_print_kept(fwd, i, out);
		fputc('\n', out);
	} else {
		print_open_ports(fwd, s->node, out);
	}
}

static void
print_other(const struct fwd *fwd, const struct fwd_subject *subject, FILE *out)
{
	fprintf(out, "%s: ", subject->name);
	print_figures(subject, "", out);
}

void
fwd_summary_print(const struct fwd *fwd, FILE *out)
{
	static const struct {
		enum tide_metric_scope scope;
		void (*print)(const struct fwd *, const struct fwd_subject *, FILE *);
	} parts[] = {
		{TIDE_SCOPE_PORT, print_port},
		{TIDE_SCOPE_LCORE, print_lcore},
		{TIDE_SCOPE_POOL, print_pool},
		{TIDE_SCOPE_ARENA, print_other},
		{TIDE_SCOPE_PROCESS, print_other},
	};
	struct fwd_subject subject;

	print_end(fwd, (double)(fwd->end.ns - fwd->start.ns) / 1e9, out);
	for (unsigned int i = 0; i < RTE_DIM(parts); i++) {
		for (unsigned int n = 0;
			fwd_subject_at(fwd, &fwd->start, &fwd->end, parts[i].scope, n, &subject);
			n++)
			parts[i].print(fwd, &subject, out);
	}
	print_elsewhere(fwd, out);
	if (fwd->flows != NULL)
		fwd_flows_print_end(fwd->flows, out);
}
