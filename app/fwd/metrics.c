/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: metrics as lines and as JSON. */

#include <inttypes.h>
#include <string.h>

#include "metrics.h"

static const char *
spaced(const char *name, char text[FWD_FIGURE_LEN])
{
	snprintf(text, FWD_FIGURE_LEN, "%s", name);
	for (char *c = text; *c != '\0'; c++) {
		if (*c == '_')
			*c = ' ';
	}
	return text;
}

const char *
fwd_metric_label(const struct tide_metric *metric, char text[FWD_FIGURE_LEN])
{
	return spaced(metric->name, text);
}

const char *
fwd_metric_text(
	const struct tide_metric *metric, struct tide_metric_value value, char text[FWD_FIGURE_LEN])
{
	if (value.state == TIDE_METRIC_UNKNOWN)
		return "unknown";
	if (value.state == TIDE_METRIC_NONE)
		return "-";
	if (!value.is_real)
		snprintf(text, FWD_FIGURE_LEN, "%" PRIu64, value.count);
	else if (strcmp(metric->unit, TIDE_UNIT_RATIO) == 0)
		snprintf(text, FWD_FIGURE_LEN, "%.1f%%", value.real * 100);
	else
		snprintf(text, FWD_FIGURE_LEN, "%.1f", value.real);
	return text;
}

static bool
same_group(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

void
fwd_metrics_line(const struct fwd_subject *subject, FILE *out)
{
	const char *group = NULL, *before = "";
	const struct tide_metric *m;
	char label[FWD_FIGURE_LEN], text[FWD_FIGURE_LEN];

	for (unsigned int i = 0; (m = tide_telemetry_metric(subject->scope, i)) != NULL; i++) {
		struct tide_metric_value value = tide_telemetry_read(m, &subject->sample);

		if (value.state == TIDE_METRIC_NONE)
			continue;
		if (!same_group(group, m->group)) {
			fprintf(out, "%s%s%s", *before == '\0' ? "" : "; ",
				m->group == NULL ? "" : spaced(m->group, label),
				m->group == NULL ? "" : ": ");
			group = m->group;
			before = "";
		}
		fprintf(out, "%s%s ", before, fwd_metric_label(m, label));
		fputs(fwd_metric_text(m, value, text), out);
		before = ", ";
	}
}

static void
json_figure(const struct tide_metric *metric, struct tide_metric_value value, struct app_json *json)
{
	if (value.state != TIDE_METRIC_KNOWN)
		app_json_null(json, metric->name);
	else if (value.is_real)
		app_json_real(json, metric->name, "%.4f", value.real);
	else
		app_json_uint(json, metric->name, value.count);
}

void
fwd_metrics_json(const struct fwd_subject *subject, const char *group, struct app_json *json)
{
	const struct tide_metric *m;

	for (unsigned int i = 0; (m = tide_telemetry_metric(subject->scope, i)) != NULL; i++) {
		if (same_group(m->group, group))
			json_figure(m, tide_telemetry_read(m, &subject->sample), json);
	}
}

void
fwd_metrics_json_all(const struct fwd_subject *subject, struct app_json *json)
{
	const char *group = NULL;
	const struct tide_metric *m;

	fwd_metrics_json(subject, NULL, json);
	for (unsigned int i = 0; (m = tide_telemetry_metric(subject->scope, i)) != NULL; i++) {
		if (m->group == NULL || same_group(m->group, group))
			continue;
		group = m->group;
		app_json_object(json, group);
		fwd_metrics_json(subject, group, json);
		app_json_object_end(json);
	}
}
