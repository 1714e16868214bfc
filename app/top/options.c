/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-top: the table of options. */

#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include "options.h"
#include "view.h"

static int
store(char *to, size_t room, const char *value, char *reason, size_t len)
{
	if (value[0] == '\0') {
		snprintf(reason, len, "the value is empty");
		return -1;
	}
	if (strlen(value) >= room) {
		snprintf(reason, len, "%zu bytes, %zu are the most", strlen(value), room - 1);
		return -1;
	}
	strcpy(to, value);
	return 0;
}

static int
parse_prefix(void *options, const char *value, char *reason, size_t len)
{
	struct top_options *opt = options;

	if (strchr(value, '/') != NULL) {
		snprintf(reason, len, "a file prefix has no '/'; --socket takes a path");
		return -1;
	}
	return store(opt->prefix, sizeof(opt->prefix), value, reason, len);
}

static int
parse_socket(void *options, const char *value, char *reason, size_t len)
{
	struct top_options *opt = options;

	return store(opt->socket, sizeof(opt->socket), value, reason, len);
}

static int
parse_pool(void *options, const char *value, char *reason, size_t len)
{
	struct top_options *opt = options;

	return store(opt->pool, sizeof(opt->pool), value, reason, len);
}

static int
parse_prometheus(void *options, const char *value, char *reason, size_t len)
{
	struct top_options *opt = options;

	return top_address_parse(value, &opt->prometheus, reason, len);
}

/* List the metrics that --sort takes, those of a group left out as the help is of one screen. */
static void
list_metrics(char *text, size_t len)
{
	const struct tide_metric *m;
	size_t used = (size_t)snprintf(text, len, "no such column; give name");

	for (unsigned int i = 0; (m = top_metric(i)) != NULL && used < len; i++) {
		if (m->group == NULL)
			used += (size_t)snprintf(text + used, len - used, ", %s", m->name);
	}
}

static int
parse_sort(void *options, const char *value, char *reason, size_t len)
{
	struct top_options *opt = options;

	opt->sort = strcmp(value, "name") == 0 ? -1 : top_metric_find(value);
	if (opt->sort >= 0 || strcmp(value, "name") == 0)
		return 0;
	list_metrics(reason, len);
	return -1;
}

static const struct app_option table[] = {
	{.name = "pid",
		.arg = "N",
		.at = offsetof(struct top_options, pid),
		.min = 1,
		.max = 4194304,
		.help = "Observe the process with this PID.",
		.usual = "none"},
	{.name = "prefix",
		.arg = "NAME",
		.parse = parse_prefix,
		.help = "Observe the program that was started with --file-prefix `NAME`; "
			"without that option its prefix is `rte`.",
		.usual = "none"},
	{.name = "socket",
		.arg = "PATH",
		.parse = parse_socket,
		.help = "Observe the program that listens on this telemetry socket, such as "
			"`/var/run/dpdk/rte/dpdk_telemetry.v2`.",
		.usual = "none"},
	{.name = "interval",
		.arg = "SECONDS",
		.at = offsetof(struct top_options, interval),
		.min = 1,
		.max = TOP_INTERVAL_MAX,
		.help = "Seconds between two samples, 1 to 3600.",
		.usual = "1"},
	{.name = "count",
		.arg = "N",
		.at = offsetof(struct top_options, count),
		.max = 1000000000,
		.help = "End after so many samples; 0: never.",
		.usual = "0"},
	{.name = "once",
		.at = offsetof(struct top_options, once),
		.help = "Print one sample as text and end; needs no terminal.",
		.more = "There are no rates then, as these need two samples.",
		.usual = "off"},
	{.name = "json",
		.at = offsetof(struct top_options, json),
		.help = "Print each sample as one line of JSON; with --once only one.",
		.more = "Each line has the program, the pools with their metrics and rates, and "
			"the "
			"ports; with --pool the owners of that pool.",
		.usual = "off"},
	{.name = "pool",
		.arg = "NAME",
		.parse = parse_pool,
		.help = "Select this pool; --once and --json show the owners of its buffers.",
		.usual = "none"},
	{.name = "scan",
		.at = offsetof(struct top_options, scan),
		.help = "With --once or --json: scan for the outstanding buffers of --pool and "
			"show "
			"their places.",
		.more = "The program scans its own memory in a control thread, which takes about "
			"a second for each gigabyte.",
		.usual = "off"},
	{.name = "audit",
		.at = offsetof(struct top_options, audit),
		.help = "With --once or --json: show what the audit of the program finds.",
		.usual = "off"},
	{.name = "prometheus",
		.arg = "[ADDRESS:]PORT",
		.parse = parse_prometheus,
		.help = "Serve metrics for Prometheus at this port; without an address only to "
			"this machine.",
		.more = "They are at /metrics. Without --pid, --prefix and --socket they are those "
			"of "
			"all programs that run when they are scraped.",
		.usual = "none"},
	{.name = "sort",
		.arg = "COLUMN",
		.parse = parse_sort,
		.help = "Sort pools by `name`, or by a metric, the largest first.",
		.usual = "name"},
};

const struct app_program top_program = {
	.name = "tide-top",
	.usage = "usage: tide-top [options]\n\n"
		 "Shows the packet pools of a running DPDK program: sizes, rates, the owners of\n"
		 "the buffers and their ages; on request where they are, and what the audit\n"
		 "finds. The program needs no change: start it with -d librte_mempool_tide.so.\n",
	.notes = "On the screen the key h lists the keys.\n\n"
		 "exit code: 0 it ended by itself, a key or a signal; 1 there is no such program "
		 "or\n"
		 "pool, it does not answer, or the output was not all written; 2 wrong use, or\n"
		 "several programs run and none was chosen; 3 the observed program has ended\n",
	.options = table,
	.nb_options = RTE_DIM(table),
	.help_at = offsetof(struct top_options, help),
	.version_at = offsetof(struct top_options, version),
};

void
top_options_init(struct top_options *options)
{
	*options = (struct top_options){.interval = 1, .sort = -1};
}

int
top_options_check(const struct top_options *options, struct app_error *err)
{
	int targets =
		(options->pid != 0) + (options->prefix[0] != '\0') + (options->socket[0] != '\0');

	if (targets > 1)
		return app_fail(err, APP_EXIT_USAGE,
			"one program is observed: give one of --pid, --prefix and --socket");
	if (options->prometheus.len != 0 && (options->once || options->json))
		return app_fail(err, APP_EXIT_USAGE,
			"--prometheus prints nothing: give it without --once and --json");
	if (options->prometheus.len != 0 && options->pool[0] != '\0')
		return app_fail(err, APP_EXIT_USAGE,
			"--prometheus serves all pools: give it without --pool");
	if ((options->scan || options->audit) && !options->once && !options->json)
		return app_fail(err, APP_EXIT_USAGE,
			"--scan and --audit are for --once and --json; on the screen press s or a");
	if (options->scan && options->pool[0] == '\0')
		return app_fail(
			err, APP_EXIT_USAGE, "--scan needs the name of a pool: give --pool");
	return 0;
}

int
top_options_check_pool(
	const struct top_options *options, const struct top_sample *sample, struct app_error *err)
{
	if (options->pool[0] == '\0' || top_sample_pool(sample, options->pool) != NULL)
		return 0;
	return app_fail(err, APP_EXIT_RUN,
		"the program has no pool %.60s; tide-top --once lists those it has, which are %u",
		options->pool, sample->nb_pools);
}
