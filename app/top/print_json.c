/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Prints a sample as JSON; metrics have the names and groups of the library's table. */

#include <math.h>
#include <string.h>

#include "json_writer.h"
#include "print.h"
#include "published.h"

static void
add_value(struct app_json *json, const char *name, struct tide_metric_value value)
{
	if (value.state == TIDE_METRIC_UNKNOWN)
		app_json_null(json, name);
	else if (value.is_real)
		app_json_real(json, name, "%.3f", value.real);
	else
		app_json_uint(json, name, value.count);
}

/* Open and close the objects of groups: metrics of a group follow each other. */
static void
change_group(struct app_json *json, const char **group, const char *next)
{
	if (*group == next || (*group != NULL && next != NULL && strcmp(*group, next) == 0))
		return;
	if (*group != NULL)
		app_json_object_end(json);
	if (next != NULL)
		app_json_object(json, next);
	*group = next;
}

static void
add_metrics(struct app_json *json, enum tide_metric_scope scope,
	struct tide_metric_value (*read)(const void *thing, unsigned int i), const void *thing)
{
	const struct tide_metric *m;
	const char *group = NULL;

	for (unsigned int i = 0; (m = tide_telemetry_metric(scope, i)) != NULL; i++) {
		struct tide_metric_value value = read(thing, i);

		if (value.state == TIDE_METRIC_NONE)
			continue;
		change_group(json, &group, m->group);
		add_value(json, m->name, value);
	}
	change_group(json, &group, NULL);
}

/* thing is the array of its values. */
static struct tide_metric_value
read_value(const void *thing, unsigned int i)
{
	return i < TOP_METRICS_MAX ? ((const struct tide_metric_value *)thing)[i]
	                           : (struct tide_metric_value){.state = TIDE_METRIC_NONE};
}

static struct tide_metric_value
read_port(const void *thing, unsigned int i)
{
	return top_port_read(tide_telemetry_metric(TIDE_SCOPE_PORT, i), thing);
}

/* Counters per second, by the names of the counters. */
static void
add_rates(struct app_json *json, enum tide_metric_scope scope,
	const struct tide_metric_value *value, const double *rate)
{
	char name[TIDE_METRIC_NAME_MAX];
	const struct tide_metric *m;

	app_json_object(json, "per_second");
	for (unsigned int i = 0; (m = top_figures_metric(scope, i)) != NULL; i++) {
		if (m->kind != TIDE_METRIC_COUNTER || value[i].state != TIDE_METRIC_KNOWN)
			continue;
		tide_telemetry_metric_name(m, name);
		if (isnan(rate[i]))
			app_json_null(json, name);
		else
			app_json_real(json, name, "%.3f", rate[i]);
	}
	app_json_object_end(json);
}

static void
add_pools(struct app_json *json, const struct top_sample *sample)
{
	app_json_array(json, "pools");
	for (unsigned int i = 0; i < sample->nb_pools; i++) {
		const struct top_pool *pool = &sample->pools[i];

		app_json_object(json, NULL);
		app_json_text(json, "name", pool->name);
		app_json_text(json, "ops", pool->ops);
		app_json_int(json, "node", pool->node);
		app_json_uint(json, "cache_size", pool->cache_size);
		add_metrics(json, TIDE_SCOPE_POOL, read_value, pool->value);
		add_rates(json, TIDE_SCOPE_POOL, pool->value, pool->rate);
		app_json_bool(json, "alarm", top_pool_alarm(pool));
		app_json_object_end(json);
	}
	app_json_array_end(json);
}

/* An array for each scope, by its name. */
static void
add_published(struct app_json *json, const struct top_sample *sample)
{
	for (unsigned int s = 0; s < TOP_PUBLISHED_SCOPES; s++) {
		enum tide_metric_scope scope = top_published_scopes[s];

		app_json_array(json, tide_telemetry_scope_name(scope));
		for (unsigned int i = 0; i < sample->nb_things; i++) {
			const struct top_thing *thing = &sample->things[i];

			if (thing->scope != scope)
				continue;
			app_json_object(json, NULL);
			app_json_text(json, "name", thing->name);
			add_metrics(json, scope, read_value, thing->value);
			add_rates(json, scope, thing->value, thing->rate);
			app_json_object_end(json);
		}
		app_json_array_end(json);
	}
}

static void
add_ports(struct app_json *json, const struct top_sample *sample)
{
	app_json_array(json, "ports");
	for (unsigned int i = 0; i < sample->nb_ports; i++) {
		app_json_object(json, NULL);
		app_json_uint(json, "id", sample->ports[i].id);
		app_json_text(json, "name", sample->ports[i].name);
		add_metrics(json, TIDE_SCOPE_PORT, read_port, &sample->ports[i]);
		app_json_object_end(json);
	}
	app_json_array_end(json);
}

static void
add_owners(struct app_json *json, const struct top_sample *sample)
{
	if (sample->owners_of[0] == '\0')
		return;
	app_json_object(json, "owners");
	app_json_text(json, "pool", sample->owners_of);
	if (sample->no_owners[0] != '\0')
		app_json_text(json, "error", sample->no_owners);
	app_json_array(json, "owners");
	for (unsigned int i = 0; i < sample->nb_owners; i++) {
		const struct top_owner *owner = &sample->owners[i];

		app_json_object(json, NULL);
		app_json_text(json, "name", owner->name);
		app_json_uint(json, "buffers", owner->buffers);
		if (owner->aged) {
			app_json_uint(json, "oldest_min_ms", owner->oldest_min_ms);
			app_json_uint(json, "oldest_max_ms", owner->oldest_max_ms);
		}
		app_json_object_end(json);
	}
	app_json_array_end(json);
	app_json_object_end(json);
}

/* Write a value that the program answered. DPDK's answers are two levels deep; deeper ones become null. */
static void
add_answer(struct app_json *json, const char *key, json_t *value, unsigned int depth)
{
	const char *name;
	json_t *member;
	size_t i;

	if (json_is_object(value) && depth > 0) {
		app_json_object(json, key);
		json_object_foreach (value, name, member)
			add_answer(json, name, member, depth - 1);
		app_json_object_end(json);
	} else if (json_is_array(value) && depth > 0) {
		app_json_array(json, key);
		json_array_foreach (value, i, member)
			add_answer(json, NULL, member, depth - 1);
		app_json_array_end(json);
	} else if (json_is_string(value)) {
		app_json_text(json, key, json_string_value(value));
	} else if (json_is_integer(value)) {
		app_json_int(json, key, json_integer_value(value));
	} else if (json_is_real(value)) {
		app_json_real(json, key, "%.17g", json_real_value(value));
	} else if (json_is_boolean(value)) {
		app_json_bool(json, key, json_is_true(value));
	} else {
		app_json_null(json, key);
	}
}

static void
add_asked(struct app_json *json, const char *key, json_t *answer, const char *failure)
{
	if (answer != NULL) {
		add_answer(json, key, answer, 4);
	} else if (failure[0] != '\0') {
		app_json_object(json, key);
		app_json_text(json, "error", failure);
		app_json_object_end(json);
	}
}

static void
add_program(struct app_json *json, const struct top_print *print)
{
	const struct top_facts *facts = print->facts;

	app_json_object(json, "program");
	app_json_text(json, "name", facts->program);
	app_json_int(json, "pid", facts->pid);
	app_json_text(json, "prefix", facts->prefix);
	app_json_text(json, "socket", print->socket);
	app_json_text(json, "version", facts->version);
	if (facts->started > 0)
		app_json_real(json, "started", "%.2f", facts->started);
	app_json_object_end(json);
}

void
top_print_json(const struct top_print *print, FILE *out)
{
	struct app_json json;

	app_json_init(&json, out, 0);
	app_json_object(&json, NULL);
	app_json_real(&json, "time", "%.3f", print->sample->time);
	app_json_real(&json, "seconds", "%.3f", print->sample->seconds);
	add_program(&json, print);
	add_ports(&json, print->sample);
	add_pools(&json, print->sample);
	app_json_uint(&json, "pools_unanswered", print->sample->nb_unanswered);
	app_json_bool(&json, "pools_cut", print->sample->cut);
	add_published(&json, print->sample);
	add_owners(&json, print->sample);
	add_asked(&json, "scan", print->scan, print->no_scan);
	add_asked(&json, "audit", print->audit, print->no_audit);
	app_json_object_end(&json);
}
