/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Asks a program for the counters of its ports. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "ports.h"
#include "telemetry_json.h"

/* DPDK has ids of 16 bits, and few ports. */
#define TOP_PORTS_MAX 1024U

static uint64_t
counter(const json_t *stats, const char *name)
{
	uint64_t count = TIDE_COUNT_NONE;

	app_telemetry_count(json_object_get(stats, name), &count);
	return count;
}

static void
fill_port(struct top_port *port, const json_t *stats)
{
	port->counters.now = (struct tide_port_counters){
		.rx = counter(stats, "ipackets"),
		.tx = counter(stats, "opackets"),
		.rx_bytes = counter(stats, "ibytes"),
		.tx_bytes = counter(stats, "obytes"),
		.no_buffer = counter(stats, "rx_nombuf"),
		.missed = counter(stats, "imissed"),
		.rx_error = counter(stats, "ierrors"),
		.tx_error = counter(stats, "oerrors"),
		/* Only the program itself could count these. */
		.runts = TIDE_COUNT_NONE,
		.tx_full = TIDE_COUNT_NONE,
		.malformed = TIDE_COUNT_NONE,
		.at_stop = TIDE_COUNT_NONE,
	};
}

/* Read the id of a port; false: it is none. */
static bool
read_id(const json_t *value, unsigned int *id)
{
	uint64_t count;

	if (!app_telemetry_count(value, &count) || count > UINT16_MAX)
		return false;
	*id = (unsigned int)count;
	return true;
}

static enum app_telemetry_result
ask(struct app_telemetry *client, const char *command, unsigned int id, json_t **answer,
	struct app_error *err)
{
	char params[16];

	snprintf(params, sizeof(params), "%u", id);
	return app_telemetry_ask(client, command, params, APP_TELEMETRY_TIMEOUT_MS, answer, err);
}

static bool
is_known(const struct top_sample *sample, unsigned int id)
{
	for (unsigned int i = 0; i < sample->nb_ports; i++) {
		if (sample->ports[i].id == id)
			return true;
	}
	return false;
}

static enum app_telemetry_result
ask_port(struct app_telemetry *client, unsigned int id, struct top_sample *sample,
	struct app_error *err)
{
	struct top_port *port = &sample->ports[sample->nb_ports];
	json_t *stats = NULL, *info = NULL;
	enum app_telemetry_result result = ask(client, "/ethdev/stats", id, &stats, err);
	const char *name;

	/* A port can go at any time. */
	if (result != APP_TELEMETRY_ANSWERED)
		return result == APP_TELEMETRY_LOST ? result : APP_TELEMETRY_ANSWERED;
	result = ask(client, "/ethdev/info", id, &info, err);
	name = json_string_value(json_object_get(info, "name"));
	port->id = id;
	snprintf(port->name, sizeof(port->name), "%s", name != NULL ? name : "?");
	fill_port(port, stats);
	sample->nb_ports++;
	json_decref(stats);
	json_decref(info);
	return result == APP_TELEMETRY_LOST ? result : APP_TELEMETRY_ANSWERED;
}

enum app_telemetry_result
top_ports_ask(struct app_telemetry *client, struct top_sample *sample, struct app_error *err)
{
	enum app_telemetry_result result;
	json_t *list = NULL, *entry;
	unsigned int id;
	size_t i;

	result = app_telemetry_ask(
		client, "/ethdev/list", NULL, APP_TELEMETRY_TIMEOUT_MS, &list, err);
	if (result != APP_TELEMETRY_ANSWERED)
		return result == APP_TELEMETRY_LOST ? result : APP_TELEMETRY_ANSWERED;
	sample->ports = calloc(
		RTE_MIN(json_array_size(list), (size_t)TOP_PORTS_MAX) + 1, sizeof(*sample->ports));
	json_array_foreach (list, i, entry) {
		if (!read_id(entry, &id) || is_known(sample, id))
			continue;
		if (sample->ports == NULL || sample->nb_ports == TOP_PORTS_MAX)
			break;
		result = ask_port(client, id, sample, err);
		if (result == APP_TELEMETRY_LOST)
			break;
	}
	json_decref(list);
	return result;
}

struct tide_metric_value
top_port_read(const struct tide_metric *m, const struct top_port *port)
{
	/* Rates are functions of the table. */
	if (m->get != NULL && port->counters.ns == 0)
		return (struct tide_metric_value){.state = TIDE_METRIC_UNKNOWN};
	return tide_telemetry_read(m, &port->counters);
}

/* A counter that is missing in one of two samples makes no progress between them. */
static void
keep_known(uint64_t now, uint64_t *before)
{
	if (now == TIDE_COUNT_NONE || *before == TIDE_COUNT_NONE)
		*before = now;
}

static void
set_before(struct top_port *port, const struct top_port *old)
{
	struct tide_port_counters *before = &port->counters.before;
	const struct tide_port_counters *now = &port->counters.now;

	*before = old->counters.now;
	keep_known(now->rx, &before->rx);
	keep_known(now->tx, &before->tx);
	keep_known(now->rx_bytes, &before->rx_bytes);
	keep_known(now->tx_bytes, &before->tx_bytes);
}

void
top_ports_rates(const struct top_sample *before, struct top_sample *now)
{
	for (unsigned int i = 0; i < now->nb_ports; i++) {
		struct top_port *port = &now->ports[i];

		for (unsigned int n = 0; n < before->nb_ports; n++) {
			const struct top_port *old = &before->ports[n];

			if (old->id != port->id || strcmp(old->name, port->name) != 0)
				continue;
			set_before(port, old);
			port->counters.ns = now->ns - before->ns;
		}
	}
}
