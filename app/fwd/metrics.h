/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_METRICS_H
#define FWD_METRICS_H

/*
 * Walks the table of metrics for the outputs of tide-fwd. The names of the table are on each of them: with
 * spaces for people, as they are in JSON.
 */

#include <stdio.h>

#include "canvas.h"
#include "json_writer.h"
#include "subject.h"

/* Room for a name or a figure as text. */
#define FWD_FIGURE_LEN 40

/* Write the name of a metric for people: "no buffer". Returns text. */
const char *fwd_metric_label(const struct tide_metric *metric, char text[FWD_FIGURE_LEN]);

/* Write a figure for people: "1000", "25.0%", "unknown", or "-" where there is none. Returns text. */
const char *fwd_metric_text(const struct tide_metric *metric, struct tide_metric_value value,
	char text[FWD_FIGURE_LEN]);

/* Write all figures in one line, without a newline: "rx 1000, tx 0; drops: missed 0". */
void fwd_metrics_line(const struct fwd_subject *subject, FILE *out);

/* Add the metrics of one group, or those of none when it is NULL, to the object that is open. */
void fwd_metrics_json(const struct fwd_subject *subject, const char *group, struct app_json *json);

/* Add all metrics to the object that is open, each group as an object in it. */
void fwd_metrics_json_all(const struct fwd_subject *subject, struct app_json *json);

/* What a table of the screen has beside metrics. */
struct fwd_table {
	const struct fwd *fwd;
	const struct fwd_stats *now;
	enum tide_metric_scope scope;
	bool detail; /* Show the metrics that are details, not the others. */
	/* Write the first columns of the first table, and their heading for NULL; a short one else. */
	unsigned int (*lead)(
		const struct fwd *fwd, const struct fwd_subject *subject, bool first, FILE *out);
	/* Write the last column of the first table, with its heading for NULL; NULL: there is none. */
	void (*tail)(const struct fwd *fwd, const struct fwd_subject *subject, FILE *out);
	unsigned int tail_width; /* Columns that it takes. */
};

/* Draw as many tables as the metrics of a scope need, each of 79 columns at most. */
void fwd_metrics_table(const struct fwd_table *table, FILE *out);

#endif /* FWD_METRICS_H */
