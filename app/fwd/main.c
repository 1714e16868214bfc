/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-fwd: packets from port to port, each buffer on the node of the NIC that fills it.
 *
 * Own options are read before EAL starts, so that a slip costs no huge page; EAL is always cleaned
 * up.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_version.h>

#include "fwd.h"
#include "output.h"
#include "eal_memory.h"
#include "eal_rundir.h"
#include "settle.h"
#include "signals.h"

/* Where EAL's arguments end: the index of "--", or argc. */
static int
eal_end(int argc, char *const argv[])
{
	int i = 1;

	while (i < argc && strcmp(argv[i], "--") != 0)
		i++;
	return i;
}

/* Help and version are answered on either side of "--", without EAL. */
static void
look_for_help(int argc, char *const argv[], struct fwd_options *opts)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			opts->help = true;
		if (strcmp(argv[i], "--version") == 0)
			opts->version = true;
	}
}

/* A secondary process would wait in EAL for a primary that may never come. */
static bool
asks_for_secondary(int argc, char *const argv[])
{
	static const char option[] = "--proc-type";
	size_t len = strlen(option);

	for (int i = 1; i < argc; i++) {
		const char *value = argv[i] + len + 1;

		if (strncmp(argv[i], option, len) != 0)
			continue;
		if (argv[i][len] == '\0' && i + 1 < argc)
			value = argv[i + 1];
		else if (argv[i][len] != '=')
			continue;
		if (strcmp(value, "secondary") == 0)
			return true;
	}
	return false;
}

/*
 * EAL's notices and warnings would drown the one sentence that matters, so its logs begin at
 * errors; a --log-level of the user comes later and wins.
 */
static int
start_eal(int argc, char *const argv[])
{
	char quiet[] = "--log-level=lib.eal:error",
	     quiet_telemetry[] = "--log-level=lib.telemetry:error";
	const char *memory = app_eal_memory_argument(argc, argv);
	char **args = calloc(argc + 4, sizeof(*args));
	char memory_arg[16];
	int n = 0, rc;

	if (args == NULL)
		return -1;
	args[n++] = argv[0];
	args[n++] = quiet;
	args[n++] = quiet_telemetry;
	for (int i = 1; i < argc; i++)
		args[n++] = argv[i];
	if (memory != NULL) {
		printf("memory: EAL runs with %s\n", memory);
		snprintf(memory_arg, sizeof(memory_arg), "%s", memory);
		args[n++] = memory_arg;
	}
	rc = rte_eal_init(n, args);
	/* EAL keeps the strings it needs and puts back the order of the table, which is ours. */
	free(args);
	return rc;
}

int
main(int argc, char *argv[])
{
	struct fwd_options opts;
	struct app_error err;
	int end = eal_end(argc, argv);
	int rc;

	app_output_begin();
	fwd_options_init(&opts);
	look_for_help(argc, argv, &opts);
	if (opts.help) {
		fwd_options_help(stdout);
		return app_output_end("tide-fwd", 0);
	}
	if (opts.version) {
		printf("tide-fwd %s, %s\n", TIDE_VERSION, rte_version());
		return app_output_end("tide-fwd", 0);
	}
	if (end < argc && fwd_options_parse(&opts, argc - end, argv + end, &err) < 0) {
		fprintf(stderr, "tide-fwd: %s\n", err.text);
		return err.code;
	}
	if (asks_for_secondary(end, argv)) {
		fprintf(stderr, "tide-fwd: " FWD_PRIMARY_ONLY "\n");
		return APP_EXIT_USAGE;
	}
	fwd_signals_block();
	app_eal_rundir_remove_at_exit();
	if (start_eal(end, argv) < 0) {
		fprintf(stderr,
			"tide-fwd: EAL did not start%s%s, its lines above say why; its arguments "
			"stand before --, options of tide-fwd after it\n",
			rte_errno == 0 ? "" : ": ", rte_errno == 0 ? "" : rte_strerror(rte_errno));
		return APP_EXIT_RUN;
	}
	rc = fwd_run(&opts);
	fwd_settle();
	rte_eal_cleanup();
	return app_output_end("tide-fwd", rc);
}
