/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info plan --from: asks a running program for its pools and ports, many times. */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "monotonic.h"
#include "observe.h"
#include "telemetry_client.h"
#include "telemetry_find.h"
#include "telemetry_json.h"

/* Time between samples. It has no common factor with the ticks of the ledger's clock. */
#define PAUSE_NS 37000000

/* The program being asked. */
struct asking {
	struct app_telemetry *client;
	struct observed *seen;
	struct app_error *err;
};

/* Ask one command. NULL: no answer; the connection is lost if *lost. The caller frees the answer. */
static json_t *
ask(const struct asking *a, const char *command, const char *params, bool *lost)
{
	struct app_error ignored;
	json_t *answer = NULL;
	enum app_telemetry_result result = app_telemetry_ask(a->client, command, params,
		APP_TELEMETRY_TIMEOUT_MS, &answer, *lost ? &ignored : a->err);

	*lost = result == APP_TELEMETRY_LOST;
	return result == APP_TELEMETRY_ANSWERED ? answer : NULL;
}

static uint64_t
number(const json_t *object, const char *key)
{
	uint64_t count = 0;

	app_telemetry_count(json_object_get(object, key), &count);
	return count;
}

static int
add_pool(struct observed *seen, const char *name)
{
	struct observed_pool *pool;

	if (name == NULL || seen->nb_pools == OBSERVE_POOLS_MAX ||
		strlen(name) >= sizeof(pool->name))
		return 0;
	pool = &seen->pool[seen->nb_pools++];
	memset(pool, 0, sizeof(*pool));
	snprintf(pool->name, sizeof(pool->name), "%s", name);
	return 0;
}

/* List the pools; they need the endpoints of tidepool. */
static int
list_pools(const struct asking *a)
{
	bool lost = false;
	json_t *names = ask(a, "/tide/pools", NULL, &lost), *name;
	size_t i;

	if (!json_is_array(names)) {
		json_decref(names);
		return app_fail(a->err, APP_EXIT_RUN,
			"the program does not answer /tide/pools: start it with -d "
			"librte_mempool_tide.so, or link the library");
	}
	json_array_foreach (names, i, name)
		add_pool(a->seen, json_string_value(name));
	json_decref(names);
	if (a->seen->nb_pools == 0)
		return app_fail(a->err, APP_EXIT_RUN, "the program has no mempool yet");
	a->err->code = 0;
	return 0;
}

/* List the ports; a program without ethdev has none. */
static int
list_ports(const struct asking *a)
{
	bool lost = false;
	json_t *ids = ask(a, "/ethdev/list", NULL, &lost), *id;
	size_t i;

	json_array_foreach (ids, i, id) {
		struct observed_port *port = &a->seen->port[a->seen->nb_ports];

		if (a->seen->nb_ports == OBSERVE_PORTS_MAX)
			break;
		*port = (struct observed_port){
			.id = (unsigned int)json_integer_value(id), .node = -1};
		a->seen->nb_ports++;
	}
	json_decref(ids);
	if (!lost)
		a->err->code = 0;
	return lost ? -1 : 0;
}

static void
take_owners(struct observed_pool *pool, json_t *owners, uint64_t now_ms)
{
	const char *name;
	json_t *owner;

	json_object_foreach (owners, name, owner)
		observe_owner(pool, name, now_ms, number(owner, "buffers"),
			number(owner, "oldest_min_ms"), number(owner, "oldest_max_ms"));
}

static void
take_pool(struct observed_pool *pool, const json_t *answer)
{
	const char *ops = json_string_value(json_object_get(answer, "ops"));
	uint64_t in_use = number(answer, "in_use"), cached = number(answer, "cached");

	pool->tide = ops != NULL && strcmp(ops, "tide") == 0;
	pool->node = (int)json_integer_value(json_object_get(answer, "socket_id"));
	pool->size = number(answer, "size");
	pool->peak = number(answer, "peak");
	pool->failures = number(answer, "failures");
	pool->cache_size = (uint32_t)number(answer, "cache_size");
	pool->in_use_max = in_use > pool->in_use_max ? in_use : pool->in_use_max;
	pool->cached_max = cached > pool->cached_max ? cached : pool->cached_max;
	pool->in_use_sum += in_use;
	pool->samples++;
}

/* Take a sample of a pool; one that is gone meanwhile is left out. 0, or -1: the program is lost. */
static int
sample_pool(const struct asking *a, struct observed_pool *pool)
{
	bool lost = false;
	json_t *answer = ask(a, "/tide/pool", pool->name, &lost);

	if (json_is_object(answer))
		take_pool(pool, answer);
	json_decref(answer);
	if (lost || !pool->tide)
		return lost ? -1 : 0;
	answer = ask(a, "/tide/owners", pool->name, &lost);
	if (answer != NULL)
		take_owners(pool, answer, app_now_ns() / 1000000);
	json_decref(answer);
	return lost ? -1 : 0;
}

static int
sample_port(const struct asking *a, struct observed_port *port)
{
	bool lost = false, first = port->first_ms == 0;
	char id[16];
	json_t *answer;

	snprintf(id, sizeof(id), "%u", port->id);
	if (first) {
		answer = ask(a, "/ethdev/info", id, &lost);
		if (json_is_integer(json_object_get(answer, "numa_node")))
			port->node = (int)json_integer_value(json_object_get(answer, "numa_node"));
		json_decref(answer);
	}
	answer = lost ? NULL : ask(a, "/ethdev/stats", id, &lost);
	if (answer != NULL) {
		port->last_packets = number(answer, "ipackets");
		port->last_ms = app_now_ns() / 1000000;
		port->no_buffer = number(answer, "rx_nombuf");
		if (first) {
			port->first_packets = port->last_packets;
			port->first_ms = port->last_ms;
		}
	}
	json_decref(answer);
	return lost ? -1 : 0;
}

static int
take_sample(const struct asking *a)
{
	for (unsigned int i = 0; i < a->seen->nb_ports; i++) {
		if (sample_port(a, &a->seen->port[i]) != 0)
			return -1;
	}
	for (unsigned int i = 0; i < a->seen->nb_pools; i++) {
		if (sample_pool(a, &a->seen->pool[i]) != 0)
			return -1;
	}
	a->err->code = 0;
	return 0;
}

static int
observe_client(const struct asking *a, unsigned int seconds)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	uint64_t end = app_now_ns() + (uint64_t)seconds * 1000000000;

	if (list_pools(a) != 0 || list_ports(a) != 0)
		return -1;
	do {
		if (take_sample(a) != 0)
			return -1;
		nanosleep(&pause, NULL);
	} while (app_now_ns() < end);
	return 0;
}

/* A path is a socket, a number a process, and all else a file prefix. */
static void
choose(const char *who, struct app_telemetry_choice *choice)
{
	char *end;
	long pid = strtol(who, &end, 10);

	*choice = (struct app_telemetry_choice){0};
	if (strchr(who, '/') != NULL)
		choice->socket = who;
	else if (isdigit((unsigned char)who[0]) && *end == '\0' && pid > 0 && pid <= INT32_MAX)
		choice->pid = (pid_t)pid;
	else
		choice->prefix = who;
}

int
observe(struct observed *seen, const char *who, unsigned int seconds, struct app_error *err)
{
	struct asking a = {.seen = seen, .err = err};
	struct app_telemetry_choice choice;
	struct app_telemetry_peer peer;
	int rc;

	memset(seen, 0, sizeof(*seen));
	choose(who, &choice);
	if (app_telemetry_find(&choice, &peer, err) != 0)
		return -1;
	snprintf(seen->program, sizeof(seen->program), "%s", peer.program);
	seen->pid = peer.pid;
	a.client = app_telemetry_connect(peer.path, APP_TELEMETRY_TIMEOUT_MS, err);
	if (a.client == NULL)
		return -1;
	rc = observe_client(&a, seconds);
	app_telemetry_close(a.client);
	return rc;
}
