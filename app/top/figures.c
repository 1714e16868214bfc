/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Values and rates of the metrics of one thing, and their columns of a table. */

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "figures.h"
#include "telemetry_json.h"

/* Detail, and rates, are left out first where columns are few; groups before these. */
#define RANK_DETAIL 1
#define RANK_GROUP  3

const struct tide_metric *
top_figures_metric(enum tide_metric_scope scope, unsigned int i)
{
	return i < TOP_METRICS_MAX ? tide_telemetry_metric(scope, i) : NULL;
}

/* Each figure that is asked for is a whole number. */
static struct tide_metric_value
value_of(const json_t *json)
{
	struct tide_metric_value value = {.state = TIDE_METRIC_NONE};

	if (app_telemetry_count(json, &value.count))
		value.state = TIDE_METRIC_KNOWN;
	return value;
}

void
top_figures_read(enum tide_metric_scope scope, const json_t *answer,
	struct tide_metric_value *value, double *rate)
{
	char name[TIDE_METRIC_NAME_MAX];
	const struct tide_metric *m;

	for (unsigned int i = 0; i < TOP_METRICS_MAX; i++) {
		value[i] = (struct tide_metric_value){.state = TIDE_METRIC_NONE};
		rate[i] = NAN;
	}
	for (unsigned int i = 0; (m = top_figures_metric(scope, i)) != NULL; i++) {
		tide_telemetry_metric_name(m, name);
		value[i] = value_of(json_object_get(answer, name));
	}
}

void
top_figures_rates(enum tide_metric_scope scope, const struct tide_metric_value *before,
	const struct tide_metric_value *now, double seconds, double *rate)
{
	const struct tide_metric *m;

	for (unsigned int i = 0; (m = top_figures_metric(scope, i)) != NULL; i++) {
		if (m->kind != TIDE_METRIC_COUNTER || before[i].state != TIDE_METRIC_KNOWN ||
			now[i].state != TIDE_METRIC_KNOWN)
			continue;
		/* Another thing of the same name counts from 0. */
		if (now[i].count >= before[i].count)
			rate[i] = (double)(now[i].count - before[i].count) / seconds;
	}
}

void
top_figures_show(const struct tide_metric_value *value, bool *shown)
{
	for (unsigned int i = 0; i < TOP_METRICS_MAX; i++)
		shown[i] = shown[i] || value[i].state == TIDE_METRIC_KNOWN;
}

void
top_figures_columns(enum tide_metric_scope scope, const bool *shown, struct top_table *table)
{
	char name[TIDE_METRIC_NAME_MAX], rate[TIDE_METRIC_NAME_MAX + 2];
	const struct tide_metric *m;

	for (unsigned int i = 0; (m = top_figures_metric(scope, i)) != NULL; i++) {
		if (!shown[i])
			continue;
		tide_telemetry_metric_name(m, name);
		top_table_column(table, name, false,
			m->group != NULL ? RANK_GROUP
			: m->detail      ? RANK_DETAIL
					 : 0);
		if (m->kind != TIDE_METRIC_COUNTER)
			continue;
		snprintf(rate, sizeof(rate), "%s/s", name);
		top_table_column(table, rate, false, m->group != NULL ? RANK_GROUP : RANK_DETAIL);
	}
}

void
top_figures_cells(enum tide_metric_scope scope, const bool *shown,
	const struct tide_metric_value *value, const double *rate, struct top_table *table,
	unsigned int column)
{
	const struct tide_metric *m;

	for (unsigned int i = 0; (m = top_figures_metric(scope, i)) != NULL; i++) {
		if (!shown[i])
			continue;
		if (value[i].state != TIDE_METRIC_KNOWN)
			top_table_cell(table, column++, "-");
		else
			top_table_cell(table, column++, "%" PRIu64, value[i].count);
		if (m->kind != TIDE_METRIC_COUNTER)
			continue;
		if (isnan(rate[i]))
			top_table_cell(table, column++, "-");
		else
			top_table_cell(table, column++, "%.0f", rate[i]);
	}
}
