/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: metrics as tables of the live screen. */

#include <inttypes.h>
#include <string.h>

#include "metrics.h"

/* A terminal of 80 columns takes so many without a surprise. */
#define COLUMNS 79

/* Columns of a figure that is a field of the sample, and of a rate or other computed one; a space included. */
#define WIDTH_FIELD    10
#define WIDTH_COMPUTED 9

/* Write a count in at most `width` columns: whole, or in thousands, millions and so on. */
static const char *
short_count(char text[FWD_FIGURE_LEN], uint64_t value, unsigned int width)
{
	static const char units[] = "kMGTPE";
	int n = snprintf(text, FWD_FIGURE_LEN, "%" PRIu64, value);

	for (const char *unit = units; n > (int)width && *unit != '\0'; unit++) {
		value /= 1000;
		n = snprintf(text, FWD_FIGURE_LEN, "%" PRIu64 "%c", value, *unit);
	}
	return text;
}

static const char *
figure(const struct tide_metric *metric, struct tide_metric_value value, unsigned int width,
	char text[FWD_FIGURE_LEN])
{
	const char *found = fwd_metric_text(metric, value, text);

	if (value.state != TIDE_METRIC_KNOWN || strlen(found) <= width)
		return found;
	return short_count(text, value.is_real ? (uint64_t)(value.real + 0.5) : value.count, width);
}

static unsigned int
width_of(const struct tide_metric *metric)
{
	unsigned int label = (unsigned int)strlen(metric->name) + 1;
	unsigned int least = metric->get == NULL ? WIDTH_FIELD : WIDTH_COMPUTED;

	return label > least ? label : least;
}

/* Metrics from..to of a scope are one table. */
struct span {
	unsigned int from, to;
};

static bool
shown(const struct fwd_table *table, const struct tide_metric *metric)
{
	return metric->detail == table->detail;
}

/* Count the metrics that fit beside `used` columns; at least one. */
static void
fit(const struct fwd_table *table, struct span *span, unsigned int used)
{
	const struct tide_metric *m;
	bool any = false;

	span->to = span->from;
	while ((m = tide_telemetry_metric(table->scope, span->to)) != NULL) {
		if (shown(table, m)) {
			used += width_of(m);
			if (used > COLUMNS && any)
				return;
			any = true;
		}
		span->to++;
	}
}

static void
heading(const struct fwd_table *table, const struct span *span, FILE *out)
{
	char label[FWD_FIGURE_LEN];

	for (unsigned int i = span->from; i < span->to; i++) {
		const struct tide_metric *m = tide_telemetry_metric(table->scope, i);

		if (shown(table, m))
			fprintf(out, "%*s", (int)width_of(m), fwd_metric_label(m, label));
	}
}

static void
figures(const struct fwd_table *table, const struct span *span, const struct fwd_subject *subject,
	FILE *out)
{
	char text[FWD_FIGURE_LEN];

	for (unsigned int i = span->from; i < span->to; i++) {
		const struct tide_metric *m = tide_telemetry_metric(table->scope, i);
		struct tide_metric_value value = tide_telemetry_read(m, &subject->sample);

		if (shown(table, m))
			fprintf(out, "%*s", (int)width_of(m),
				figure(m, value, width_of(m) - 1, text));
	}
}

static void
end_row(const struct fwd_table *table, const struct fwd_subject *subject, bool first, FILE *out)
{
	if (first && table->tail != NULL)
		table->tail(table->fwd, subject, out);
	fputc('\n', out);
}

/* Draw one table; where it ended, the next begins. */
static void
draw(const struct fwd_table *table, struct span *span, bool first, FILE *out)
{
	struct fwd_subject subject;
	unsigned int used;

	fputc('\n', out);
	used = table->lead(table->fwd, NULL, first, out);
	fit(table, span, used + (first ? table->tail_width : 0));
	heading(table, span, out);
	end_row(table, NULL, first, out);
	for (unsigned int i = 0; fwd_subject_at(
		     table->fwd, &table->fwd->last, table->now, table->scope, i, &subject);
		i++) {
		table->lead(table->fwd, &subject, first, out);
		figures(table, span, &subject, out);
		end_row(table, &subject, first, out);
	}
	span->from = span->to;
}

static bool
any_left(const struct fwd_table *table, unsigned int from)
{
	const struct tide_metric *m;

	for (; (m = tide_telemetry_metric(table->scope, from)) != NULL; from++) {
		if (shown(table, m))
			return true;
	}
	return false;
}

void
fwd_metrics_table(const struct fwd_table *table, FILE *out)
{
	struct span span = {0, 0};
	struct fwd_subject subject;
	bool first = !table->detail;

	if (!fwd_subject_at(table->fwd, &table->fwd->last, table->now, table->scope, 0, &subject))
		return;
	while (any_left(table, span.from)) {
		draw(table, &span, first, out);
		first = false;
	}
}
