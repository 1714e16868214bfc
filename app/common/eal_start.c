/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Starts EAL without surprises. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "eal_rundir.h"
#include "eal_start.h"
#include "tide_eal.h"

int
app_eal_end(int argc, char *const argv[])
{
	int i = 1;

	while (i < argc && strcmp(argv[i], "--") != 0)
		i++;
	return i;
}

bool
app_eal_asks_for_secondary(int argc, char *const argv[])
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
 * Return the exit code for an rte_errno of rte_eal_init(). EAL has EINVAL for arguments that it does not know or
 * take, and ENODEV for devices (-a, -b, --vdev) whose names it cannot read or has no driver for.
 */
static int
exit_code(int error)
{
	return error == EINVAL || error == ENODEV ? APP_EXIT_USAGE : APP_EXIT_RUN;
}

static int
not_started(const char *program, int error, struct app_error *err)
{
	return app_fail(err, exit_code(error),
		"EAL did not start%s%s, its lines above say why; its arguments go before --, "
		"options of %s after it",
		error == 0 ? "" : ": ", error == 0 ? "" : rte_strerror(error), program);
}

/* The name of the program while rte_eal_init() runs, else NULL. */
static const char *starting;

/* The exit code, if rte_eal_init() called exit() because of an error. */
static int code_of_exit;

/*
 * EAL calls exit() in rte_eal_init(): with 0 after it printed help, and from DPDK 25.11 on with a negative errno for
 * an argument that it does not know or take. This handler prints the error then. As app_eal_start() registers it, it
 * runs before the handlers that the program registered, which may write what it printed.
 */
static void
report_exit(int status, void *arg)
{
	struct app_error err;

	if (starting == NULL || status == 0)
		return;
	not_started(starting, status < 0 ? -status : 0, &err);
	fprintf(stderr, "%s: %s\n", starting, err.text);
	code_of_exit = err.code;
	/* Every call of app_eal_start() registers this handler. */
	starting = NULL;
}

/* This handler runs after those of the program, because a handler cannot call exit() to change the exit code. */
static void
replace_exit_code(int status, void *arg)
{
	if (code_of_exit == 0)
		return;
	fflush(stdout);
	_exit(code_of_exit);
}

RTE_INIT(register_first)
{
	on_exit(replace_exit_code, NULL);
}

static int
init(const char *program, int n, char **args, struct app_error *err)
{
	int ret;

	starting = program;
	on_exit(report_exit, NULL);
	ret = rte_eal_init(n, args);
	starting = NULL;
	if (ret < 0)
		return not_started(program, rte_errno, err);
	if (ret + 1 < n) {
		app_fail(err, APP_EXIT_USAGE, "'%s' is no EAL argument; options of %s go after --",
			args[ret + 1], program);
		rte_eal_cleanup();
		return -1;
	}
	return 0;
}

/* EAL takes this argument several times, and the last one for a log counts. */
static bool
is_log_level(const char *arg)
{
	return strncmp(arg, "--log-level=", strlen("--log-level=")) == 0;
}

/* Append an argument of ours, unless it is there: from DPDK 25.11 on EAL refuses one that is given twice. */
static void
add(char **args, int *n, char *arg)
{
	size_t len = strcspn(arg, "=");

	for (int i = 1; i < *n; i++)
		if (strcspn(args[i], "=") == len && strncmp(args[i], arg, len) == 0)
			return;
	args[(*n)++] = arg;
}

/*
 * EAL's notices and warnings would drown the one sentence that matters. EAL keeps the strings it needs
 * and puts back the order of the table, which is ours.
 */
int
app_eal_start(const char *program, int argc, char *const argv[], char *const first[],
	struct app_error *err)
{
	static char quiet[] = "--log-level=lib.eal:error",
		    quiet_telemetry[] = "--log-level=lib.telemetry:error";
	struct tide_eal_memory memory;
	int n = 0, nb_first = 0, ret;
	char **args;

	if (tide_eal_memory(argc, argv, &memory) < 0)
		return app_fail(err, APP_EXIT_RUN, "%s: %s", memory.reason, memory.hint);
	while (first != NULL && first[nb_first] != NULL)
		nb_first++;
	args = calloc((size_t)(nb_first + argc) + 4, sizeof(*args));
	if (args == NULL)
		return app_fail(err, APP_EXIT_RUN, "out of memory");
	args[n++] = argv[0];
	args[n++] = quiet;
	args[n++] = quiet_telemetry;
	for (int i = 0; i < nb_first; i++)
		if (is_log_level(first[i]))
			args[n++] = first[i];
	for (int i = 1; i < argc; i++)
		args[n++] = argv[i];
	for (int i = 0; i < nb_first; i++)
		if (!is_log_level(first[i]))
			add(args, &n, first[i]);
	if (memory.argument[0] != '\0') {
		printf("memory: EAL runs with %s: %s\n", memory.argument, memory.reason);
		add(args, &n, memory.argument);
	}
	app_eal_rundir_remove_at_exit(memory.keeps_files);
	ret = init(program, n, args, err);
	free(args);
	return ret;
}
