/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_FIGURES_H
#define TOP_FIGURES_H

/*
 * The figures of one thing, such as a pool or an arena: values and rates in the order of the metrics of its scope, in arrays of
 * TOP_METRICS_MAX.
 */

#include <jansson.h>
#include <stdbool.h>

#include "table.h"
#include "tide_telemetry.h"

/* Metrics of a scope that there is room for; the table has fewer. */
#define TOP_METRICS_MAX 48

/* The i-th metric of a scope; NULL: there is none. */
const struct tide_metric *top_figures_metric(enum tide_metric_scope scope, unsigned int i);

/* Read the values from an answer; no rate is known. */
void top_figures_read(enum tide_metric_scope scope, const json_t *answer,
	struct tide_metric_value *value, double *rate);

/* Compute the rates of counters from the values that the thing had so many seconds before. */
void top_figures_rates(enum tide_metric_scope scope, const struct tide_metric_value *before,
	const struct tide_metric_value *now, double seconds, double *rate);

/* Set shown[] for the metrics that have a value. */
void top_figures_show(const struct tide_metric_value *value, bool *shown);

/* Add the columns of the metrics that are shown, counters with their rates. */
void top_figures_columns(enum tide_metric_scope scope, const bool *shown, struct top_table *table);

/* Set the cells of these columns, from `column` on. */
void top_figures_cells(enum tide_metric_scope scope, const bool *shown,
	const struct tide_metric_value *value, const double *rate, struct top_table *table,
	unsigned int column);

#endif /* TOP_FIGURES_H */
