/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-top: shows the packet pools of a running program. */

#include <stdio.h>
#include <string.h>

#include "live.h"
#include "options.h"
#include "output.h"
#include "report.h"
#include "signals.h"

static void
read_facts(const struct app_telemetry_peer *peer, const struct app_telemetry *client,
	struct top_facts *facts)
{
	*facts = (struct top_facts){.pid = peer->pid, .started = top_started(peer->pid)};
	snprintf(facts->program, sizeof(facts->program), "%s", peer->program);
	snprintf(facts->prefix, sizeof(facts->prefix), "%s", peer->prefix);
	snprintf(facts->version, sizeof(facts->version), "%s",
		app_telemetry_greeting(client)->version);
}

/* Check, before a screen is begun, that the program has the endpoints and the pool. */
static int
check_program(
	const struct top_options *options, struct app_telemetry *client, struct app_error *err)
{
	struct top_sample sample;
	bool lost;
	int rc;

	if (top_sample_take(client, "", &sample, &lost, err) < 0)
		return -1;
	rc = top_options_check_pool(options, &sample, err);
	top_sample_fini(&sample);
	return rc;
}

static int
observe(const struct top_options *options, struct app_error *err)
{
	struct app_telemetry_choice choice = {
		.pid = (pid_t)options->pid,
		.prefix = options->prefix[0] != '\0' ? options->prefix : NULL,
		.socket = options->socket[0] != '\0' ? options->socket : NULL,
	};
	struct app_telemetry_peer peer;
	struct app_telemetry *client;
	struct top_facts facts;
	int rc;

	if (top_options_check(options, err) < 0)
		return -1;
	if (options->prometheus.len != 0)
		return top_export_serve(&options->prometheus, &choice, err);
	if (app_telemetry_find(&choice, &peer, err) < 0)
		return -1;
	client = app_telemetry_connect(peer.path, APP_TELEMETRY_TIMEOUT_MS, err);
	if (client == NULL)
		return -1;
	read_facts(&peer, client, &facts);
	if (options->once || options->json) {
		rc = top_report(options, &peer, &facts, client, err);
	} else {
		rc = check_program(options, client, err);
		if (rc == 0)
			return top_live(options, &peer, &facts, client, err);
	}
	app_telemetry_close(client);
	return rc;
}

int
main(int argc, char **argv)
{
	struct app_error err = {0};
	struct top_options options;

	app_output_begin();
	app_signals_block(0);
	top_options_init(&options);
	if (app_options_parse(&top_program, &options, argc, argv, &err) == 0 &&
		!app_options_answer(&top_program, &options, argc, argv))
		observe(&options, &err);
	if (err.code != 0)
		fprintf(stderr, "tide-top: %s\n", err.text);
	return app_output_end("tide-top", err.code);
}
