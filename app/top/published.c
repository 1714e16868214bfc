/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Asks a program for what it publishes, and makes tables of it. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "blocks.h"
#include "published.h"

const enum tide_metric_scope top_published_scopes[] = {TIDE_SCOPE_ARENA, TIDE_SCOPE_FLOWS};
_Static_assert(RTE_DIM(top_published_scopes) == TOP_PUBLISHED_SCOPES, "the number of scopes");

static bool
add(struct top_sample *sample, enum tide_metric_scope scope, const char *name, const json_t *answer)
{
	struct top_thing *more =
		realloc(sample->things, (sample->nb_things + 1) * sizeof(*sample->things));
	struct top_thing *thing;

	if (more == NULL)
		return false;
	sample->things = more;
	thing = &more[sample->nb_things++];
	thing->scope = scope;
	snprintf(thing->name, sizeof(thing->name), "%s", name);
	top_figures_read(scope, answer, thing->value, thing->rate);
	return true;
}

/* Add the things of an answer. false: out of memory. */
static bool
add_all(struct top_sample *sample, enum tide_metric_scope scope, json_t *answer)
{
	const char *name;
	json_t *figures;

	json_object_foreach (answer, name, figures) {
		/* Beside them there can be the number of those that did not fit. */
		if (!json_is_object(figures) || strlen(name) >= TOP_NAME_LEN ||
			sample->nb_things == TOP_THINGS_MAX)
			continue;
		if (!add(sample, scope, name, figures))
			return false;
	}
	return true;
}

static enum app_telemetry_result
ask(struct app_telemetry *client, enum tide_metric_scope scope, struct top_sample *sample,
	struct app_error *err)
{
	enum app_telemetry_result result;
	json_t *answer = NULL;
	char command[32];

	snprintf(command, sizeof(command), "/tide/%s", tide_telemetry_scope_name(scope));
	result = app_telemetry_ask(client, command, NULL, APP_TELEMETRY_TIMEOUT_MS, &answer, err);
	if (result == APP_TELEMETRY_ANSWERED && !add_all(sample, scope, answer)) {
		app_fail(err, APP_EXIT_RUN, "out of memory");
		result = APP_TELEMETRY_LOST;
	}
	json_decref(answer);
	return result == APP_TELEMETRY_LOST ? result : APP_TELEMETRY_ANSWERED;
}

enum app_telemetry_result
top_published_ask(struct app_telemetry *client, struct top_sample *sample, struct app_error *err)
{
	enum app_telemetry_result result = APP_TELEMETRY_ANSWERED;

	for (unsigned int i = 0; i < TOP_PUBLISHED_SCOPES && result == APP_TELEMETRY_ANSWERED; i++)
		result = ask(client, top_published_scopes[i], sample, err);
	return result;
}

static const struct top_thing *
find(const struct top_sample *sample, const struct top_thing *thing)
{
	for (unsigned int i = 0; i < sample->nb_things; i++) {
		const struct top_thing *other = &sample->things[i];

		if (other->scope == thing->scope && strcmp(other->name, thing->name) == 0)
			return other;
	}
	return NULL;
}

void
top_published_rates(const struct top_sample *before, struct top_sample *now)
{
	for (unsigned int i = 0; i < now->nb_things; i++) {
		struct top_thing *thing = &now->things[i];
		const struct top_thing *old = find(before, thing);

		if (old != NULL)
			top_figures_rates(
				thing->scope, old->value, thing->value, now->seconds, thing->rate);
	}
}

static void
add_table(const struct top_sample *sample, enum tide_metric_scope scope, struct top_lines *lines)
{
	bool shown[TOP_METRICS_MAX] = {false};
	struct top_table table;

	for (unsigned int i = 0; i < sample->nb_things; i++) {
		if (sample->things[i].scope == scope)
			top_figures_show(sample->things[i].value, shown);
	}
	top_table_init(&table);
	top_table_column(&table, tide_telemetry_scope_name(scope), true, 0);
	top_figures_columns(scope, shown, &table);
	for (unsigned int i = 0; i < sample->nb_things; i++) {
		const struct top_thing *thing = &sample->things[i];

		if (thing->scope != scope || !top_table_row(&table))
			continue;
		top_table_cell(&table, 0, "%.31s", thing->name);
		top_figures_cells(scope, shown, thing->value, thing->rate, &table, 1);
	}
	top_table_add(&table, lines);
	top_table_fini(&table);
}

void
top_block_published(const struct top_sample *sample, struct top_lines *lines)
{
	for (unsigned int s = 0; s < TOP_PUBLISHED_SCOPES; s++) {
		unsigned int i = 0;

		while (i < sample->nb_things && sample->things[i].scope != top_published_scopes[s])
			i++;
		if (i == sample->nb_things)
			continue;
		top_lines_add(lines, TOP_PLAIN, "%s", "");
		add_table(sample, top_published_scopes[s], lines);
	}
}
