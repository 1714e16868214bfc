/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Writes samples as text for Prometheus, which wants all figures of a metric together. Names, types and help are those
 * of the library's table.
 */

#include <limits.h>
#include <string.h>

#include <rte_common.h>

#include "error.h"
#include "export.h"
#include "published.h"

/* Labels of a figure; the values are UTF-8, as one that is not would spoil the whole scrape. */
struct labels {
	char text[5][NAME_MAX + 1];
	struct tide_metric_label label[5];
	unsigned int nb;
};

static void
add(struct labels *labels, const char *name, const char *value)
{
	char *text = labels->text[labels->nb];

	snprintf(text, sizeof(labels->text[0]), "%s", value);
	labels->label[labels->nb++] = (struct tide_metric_label){.name = name, .value = text};
	app_clean(text);
}

static void
begin(struct labels *labels, const struct top_exported *program)
{
	char pid[16];

	labels->nb = 0;
	/* In another PID namespace programs have PIDs of their own. */
	snprintf(pid, sizeof(pid), "%d",
		(int)(program->peer.pid != 0 ? program->peer.pid : program->peer.own_pid));
	add(labels, "program", program->peer.program);
	add(labels, "prefix", program->peer.prefix);
	add(labels, "pid", pid);
}

/* Write one figure, after the lines about its metric if it is the first. */
static void
put(const struct tide_metric *m, const struct labels *labels, struct tide_metric_value value,
	bool *headed, FILE *out)
{
	if (value.state != TIDE_METRIC_KNOWN)
		return;
	if (!*headed)
		tide_telemetry_prometheus_head(m, out);
	*headed = true;
	tide_telemetry_prometheus_value(m, labels->label, labels->nb, value, out);
}

static void
put_pools(unsigned int metric, const struct top_export *export, FILE *out)
{
	struct labels labels;
	bool headed = false;

	for (int i = 0; i < export->nb; i++) {
		const struct top_sample *sample = &export->programs[i].sample;

		for (unsigned int p = 0; p < sample->nb_pools; p++) {
			begin(&labels, &export->programs[i]);
			add(&labels, "pool", sample->pools[p].name);
			put(top_metric(metric), &labels, sample->pools[p].value[metric], &headed,
				out);
		}
	}
}

static void
put_published(const struct tide_metric *m, unsigned int metric, const struct top_export *export,
	FILE *out)
{
	const char *scope = tide_telemetry_scope_name(m->scope);
	struct labels labels;
	bool headed = false;

	for (int i = 0; i < export->nb; i++) {
		const struct top_sample *sample = &export->programs[i].sample;

		for (unsigned int t = 0; t < sample->nb_things; t++) {
			const struct top_thing *thing = &sample->things[t];

			if (thing->scope != m->scope)
				continue;
			begin(&labels, &export->programs[i]);
			add(&labels, scope, thing->name);
			put(m, &labels, thing->value[metric], &headed, out);
		}
	}
}

static void
put_ports(const struct tide_metric *m, const struct top_export *export, FILE *out)
{
	struct labels labels;
	bool headed = false;
	char id[16];

	for (int i = 0; i < export->nb; i++) {
		const struct top_sample *sample = &export->programs[i].sample;

		for (unsigned int p = 0; p < sample->nb_ports; p++) {
			const struct top_port *port = &sample->ports[p];

			begin(&labels, &export->programs[i]);
			snprintf(id, sizeof(id), "%u", port->id);
			add(&labels, "port", id);
			add(&labels, "device", port->name);
			put(m, &labels, tide_telemetry_read(m, &port->counters), &headed, out);
		}
	}
}

/* Metrics of programs themselves, which the table of the library has no scope for. */
static void
put_programs(const struct top_export *export, FILE *out)
{
	/* clang-format off */
	static const struct tide_metric up = {
		.scope = TIDE_SCOPE_PROCESS, .name = "up", .kind = TIDE_METRIC_GAUGE,
		.help = "1: the program answers; 0: it has no endpoints of tidepool, is stopped or hangs."};
	static const struct tide_metric start = {
		.scope = TIDE_SCOPE_PROCESS, .name = "start_time_seconds", .kind = TIDE_METRIC_GAUGE,
		.help = "Start of the program in seconds since 1970."};
	/* clang-format on */
	struct labels labels;
	bool up_headed = false, start_headed = false;

	for (int i = 0; i < export->nb; i++) {
		begin(&labels, &export->programs[i]);
		put(&up, &labels,
			(struct tide_metric_value){
				.state = TIDE_METRIC_KNOWN, .count = export->programs[i].up},
			&up_headed, out);
	}
	for (int i = 0; i < export->nb; i++) {
		begin(&labels, &export->programs[i]);
		put(&start, &labels,
			(struct tide_metric_value){.state = export->programs[i].started > 0
		                                                    ? TIDE_METRIC_KNOWN
		                                                    : TIDE_METRIC_NONE,
				.count = (uint64_t) export->programs[i].started},
			&start_headed, out);
	}
}

void
top_export_text(const struct top_export *export, FILE *out)
{
	const struct tide_metric *m;

	if (export->note[0] != '\0')
		fprintf(out, "# tide-top: %s\n", export->note);
	put_programs(export, out);
	for (unsigned int i = 0; top_metric(i) != NULL; i++)
		put_pools(i, export, out);
	for (unsigned int s = 0; s < TOP_PUBLISHED_SCOPES; s++) {
		enum tide_metric_scope scope = top_published_scopes[s];

		for (unsigned int i = 0; (m = top_figures_metric(scope, i)) != NULL; i++)
			put_published(m, i, export, out);
	}
	for (unsigned int i = 0; (m = tide_telemetry_metric(TIDE_SCOPE_PORT, i)) != NULL; i++) {
		/* Prometheus computes rates from counters. */
		if (m->get == NULL)
			put_ports(m, export, out);
	}
}
