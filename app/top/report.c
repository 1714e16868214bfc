/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Prints samples without a screen. */

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <rte_common.h>

#include "live.h"
#include "monotonic.h"
#include "print.h"
#include "report.h"
#include "stop.h"
#include "watch.h"

static unsigned int
terminal_columns(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col;
}

/* Ask for a scan or an audit. A refusal is part of the report; -1: the connection is lost, with err filled. */
static int
ask(struct app_telemetry *client, const char *command, const char *params, json_t **answer,
	char failure[512], struct app_error *err)
{
	enum app_telemetry_result result =
		app_telemetry_ask(client, command, params, APP_TELEMETRY_SCAN_MS, answer, err);

	if (result == APP_TELEMETRY_LOST)
		return -1;
	if (result != APP_TELEMETRY_ANSWERED)
		snprintf(failure, 512, "%.511s", err->text);
	err->code = 0;
	return 0;
}

static int
ask_all(const struct top_options *options, struct app_telemetry *client, struct top_print *print,
	struct app_error *err)
{
	if (options->scan &&
		ask(client, "/tide/scan", options->pool, &print->scan, print->no_scan, err) < 0)
		return -1;
	if (options->audit &&
		ask(client, "/tide/audit", NULL, &print->audit, print->no_audit, err) < 0)
		return -1;
	return 0;
}

static int
print_one(const struct top_options *options, struct app_telemetry *client, struct top_print *print,
	struct app_error *err)
{
	int rc;

	print->scan = NULL;
	print->audit = NULL;
	print->no_scan[0] = '\0';
	print->no_audit[0] = '\0';
	rc = ask_all(options, client, print, err);
	if (rc == 0 && options->json)
		top_print_json(print, stdout);
	else if (rc == 0)
		top_print_text(print, terminal_columns(), stdout);
	/* The end of the program finds out whether it was written. */
	if (fflush(stdout) != 0)
		rc = rc == 0 ? 1 : rc;
	json_decref(print->scan);
	json_decref(print->audit);
	return rc;
}

static int
ended(const struct app_telemetry_peer *peer, const struct top_facts *facts, struct app_error *err)
{
	/* A program that runs hangs; err says so. */
	if (top_program_runs(peer))
		return -1;
	return app_fail(
		err, TOP_EXIT_ENDED, "%s, pid %d, has ended", facts->program, (int)facts->pid);
}

/* A series of samples. */
struct series {
	const struct top_options *options;
	struct app_telemetry *client;
	struct top_sample before, now;
	uint32_t nb; /* Number of samples so far. */
	bool lost; /* The connection is. */
};

static int
take_and_print(struct series *series, struct top_print *print, struct app_error *err)
{
	struct top_sample *now = &series->now;
	int rc;

	rc = top_sample_take(series->client, series->options->pool, now, &series->lost, err);
	if (rc < 0)
		return -1;
	if (series->nb > 0)
		top_sample_rates(&series->before, now);
	else
		rc = top_options_check_pool(series->options, now, err);
	if (rc == 0) {
		rc = print_one(series->options, series->client, print, err);
		series->lost = rc < 0;
	}
	series->nb += rc == 0;
	top_sample_fini(&series->before);
	series->before = *now;
	return rc;
}

int
top_report(const struct top_options *options, const struct app_telemetry_peer *peer,
	const struct top_facts *facts, struct app_telemetry *client, struct app_error *err)
{
	uint64_t interval_ns = UINT64_C(1000000000) * options->interval, due_ns = app_now_ns();
	struct series series = {.options = options, .client = client};
	struct top_print print = {
		.facts = facts, .socket = peer->path, .sort = options->sort, .sample = &series.now};
	uint32_t most = options->once ? 1 : options->count;
	struct top_stop stop;
	int rc;

	if (top_stop_start(&stop, client, err) < 0)
		return -1;
	do {
		rc = take_and_print(&series, &print, err);
		/* Samples that were missed, as while the job was stopped, are not made up for. */
		due_ns = RTE_MAX(due_ns + interval_ns, app_now_ns());
	} while (rc == 0 && series.nb != most && !top_stop_wait(&stop, due_ns));
	if (rc < 0 && atomic_load_explicit(&stop.came, memory_order_acquire)) {
		series.lost = false;
		err->code = 0;
		rc = 0;
		if (series.nb == 0)
			rc = app_fail(err, APP_EXIT_RUN,
				"a signal came before the first sample was complete");
	}
	top_stop_end(&stop);
	top_sample_fini(&series.before);
	if (rc < 0 && series.lost)
		return ended(peer, facts, err);
	return rc < 0 ? -1 : 0;
}
