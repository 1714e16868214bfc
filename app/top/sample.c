/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Asks a program for its pools and their owners. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_common.h>
#include <rte_telemetry.h>

#include "monotonic.h"
#include "ports.h"
#include "published.h"
#include "sample.h"
#include "telemetry_json.h"

const struct tide_metric *
top_metric(unsigned int i)
{
	return top_figures_metric(TIDE_SCOPE_POOL, i);
}

int
top_metric_find(const char *name)
{
	char own[TIDE_METRIC_NAME_MAX];
	const struct tide_metric *m;

	for (int i = 0; (m = top_metric((unsigned int)i)) != NULL; i++) {
		tide_telemetry_metric_name(m, own);
		if (strcmp(own, name) == 0)
			return i;
	}
	return -1;
}

static uint64_t
count_of(const json_t *json, const char *name)
{
	uint64_t count = 0;

	app_telemetry_count(json_object_get(json, name), &count);
	return count;
}

static void
fill_pool(struct top_pool *pool, const char *name, const json_t *answer)
{
	const char *ops = json_string_value(json_object_get(answer, "ops"));
	const json_t *node = json_object_get(answer, "socket_id");

	*pool = (struct top_pool){.node = json_is_integer(node) ? json_integer_value(node) : -1};
	snprintf(pool->name, sizeof(pool->name), "%s", name);
	snprintf(pool->ops, sizeof(pool->ops), "%s", ops != NULL ? ops : "?");
	pool->cache_size = count_of(answer, "cache_size");
	top_figures_read(TIDE_SCOPE_POOL, answer, pool->value, pool->rate);
}

/* A name that can be asked, and was not: names are unique, except in a program that answers as it likes. */
static const char *
new_name(const json_t *json, const struct top_sample *sample)
{
	const char *name = json_string_value(json);

	return name != NULL && strlen(name) < TOP_NAME_LEN && sample->nb_pools < TOP_POOLS_MAX &&
	                       top_sample_pool(sample, name) == NULL
	               ? name
	               : NULL;
}

/* Ask for each pool of the array. The result of the last question; APP_TELEMETRY_REFUSED is none of its own. */
static enum app_telemetry_result
ask_pools(struct app_telemetry *client, const json_t *names, struct top_sample *sample,
	struct app_error *err)
{
	size_t i;
	json_t *entry;

	json_array_foreach (names, i, entry) {
		const char *name = new_name(entry, sample);
		enum app_telemetry_result result;
		json_t *answer = NULL;

		if (name == NULL)
			continue;
		result = app_telemetry_ask(
			client, "/tide/pool", name, APP_TELEMETRY_TIMEOUT_MS, &answer, err);
		if (result == APP_TELEMETRY_LOST || result == APP_TELEMETRY_UNKNOWN)
			return result;
		/* It was freed since it was listed, or the list has its name in ASCII. */
		if (result == APP_TELEMETRY_ANSWERED)
			fill_pool(&sample->pools[sample->nb_pools++], name, answer);
		else
			sample->nb_unanswered++;
		json_decref(answer);
	}
	sample->cut = json_array_size(names) >= RTE_TEL_MAX_ARRAY_ENTRIES;
	return APP_TELEMETRY_ANSWERED;
}

static void
fill_owners(struct top_sample *sample, json_t *answer)
{
	const char *name;
	json_t *entry;

	sample->owners = calloc(TOP_OWNERS_MAX, sizeof(*sample->owners));
	if (sample->owners == NULL)
		return;
	json_object_foreach (answer, name, entry) {
		struct top_owner *owner = &sample->owners[sample->nb_owners];

		if (!json_is_object(entry) || sample->nb_owners == TOP_OWNERS_MAX)
			continue;
		snprintf(owner->name, sizeof(owner->name), "%s", name);
		owner->buffers = count_of(entry, "buffers");
		owner->aged = json_object_get(entry, "oldest_max_ms") != NULL;
		owner->oldest_min_ms = count_of(entry, "oldest_min_ms");
		owner->oldest_max_ms = count_of(entry, "oldest_max_ms");
		sample->nb_owners++;
	}
}

static enum app_telemetry_result
ask_owners(struct app_telemetry *client, struct top_sample *sample, struct app_error *err)
{
	json_t *answer = NULL;
	enum app_telemetry_result result = app_telemetry_ask(
		client, "/tide/owners", sample->owners_of, APP_TELEMETRY_TIMEOUT_MS, &answer, err);

	if (result == APP_TELEMETRY_ANSWERED)
		fill_owners(sample, answer);
	else
		snprintf(sample->no_owners, sizeof(sample->no_owners), "%.255s", err->text);
	json_decref(answer);
	return result == APP_TELEMETRY_LOST ? result : APP_TELEMETRY_ANSWERED;
}

int
top_sample_owners(struct app_telemetry *client, const char *owners_of, struct top_sample *sample,
	struct app_error *err)
{
	free(sample->owners);
	sample->owners = NULL;
	sample->nb_owners = 0;
	sample->no_owners[0] = '\0';
	snprintf(sample->owners_of, sizeof(sample->owners_of), "%s", owners_of);
	if (owners_of[0] == '\0')
		return 0;
	return ask_owners(client, sample, err) == APP_TELEMETRY_LOST ? -1 : 0;
}

static enum app_telemetry_result
fill(struct app_telemetry *client, const char *owners_of, struct top_sample *sample,
	struct app_error *err)
{
	enum app_telemetry_result result;
	json_t *names = NULL;

	result = app_telemetry_ask(
		client, "/tide/pools", NULL, APP_TELEMETRY_TIMEOUT_MS, &names, err);
	if (result != APP_TELEMETRY_ANSWERED)
		return result;
	sample->pools = calloc(
		RTE_MIN(json_array_size(names), (size_t)TOP_POOLS_MAX) + 1, sizeof(*sample->pools));
	if (sample->pools == NULL) {
		json_decref(names);
		app_fail(err, APP_EXIT_RUN, "out of memory");
		return APP_TELEMETRY_LOST;
	}
	result = ask_pools(client, names, sample, err);
	json_decref(names);
	if (result == APP_TELEMETRY_ANSWERED)
		result = top_ports_ask(client, sample, err);
	if (result == APP_TELEMETRY_ANSWERED)
		result = top_published_ask(client, sample, err);
	if (result == APP_TELEMETRY_ANSWERED &&
		top_sample_owners(client, owners_of, sample, err) < 0)
		result = APP_TELEMETRY_LOST;
	return result;
}

int
top_sample_take(struct app_telemetry *client, const char *owners_of, struct top_sample *sample,
	bool *lost, struct app_error *err)
{
	struct top_sample now = {.ns = app_now_ns()};
	enum app_telemetry_result result;
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	now.time = (double)wall.tv_sec + (double)wall.tv_nsec / 1e9;
	app_telemetry_limit(client, TOP_SAMPLE_MS);
	result = fill(client, owners_of, &now, err);
	app_telemetry_limit(client, 0);
	*lost = result == APP_TELEMETRY_LOST;
	if (result == APP_TELEMETRY_ANSWERED) {
		/* Refusals of single questions are no failure. */
		err->code = 0;
		*sample = now;
		return 0;
	}
	top_sample_fini(&now);
	return -1;
}

void
top_sample_rates(const struct top_sample *before, struct top_sample *now)
{
	now->seconds = (double)(now->ns - before->ns) / 1e9;
	for (unsigned int p = 0; p < now->nb_pools && now->seconds > 0; p++) {
		struct top_pool *pool = &now->pools[p];
		const struct top_pool *old = top_sample_pool(before, pool->name);

		if (old != NULL)
			top_figures_rates(
				TIDE_SCOPE_POOL, old->value, pool->value, now->seconds, pool->rate);
	}
	top_ports_rates(before, now);
	if (now->seconds > 0)
		top_published_rates(before, now);
}

void
top_sample_fini(struct top_sample *sample)
{
	free(sample->pools);
	free(sample->ports);
	free(sample->things);
	free(sample->owners);
	*sample = (struct top_sample){0};
}

const struct top_pool *
top_sample_pool(const struct top_sample *sample, const char *name)
{
	for (unsigned int i = 0; i < sample->nb_pools; i++) {
		if (strcmp(sample->pools[i].name, name) == 0)
			return &sample->pools[i];
	}
	return NULL;
}
