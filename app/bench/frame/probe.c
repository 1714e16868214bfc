/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: tries mempool ops in another process and reads the outcome. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_lcore.h>

#include "frame/probe.h"
#include "frame/probe_protocol.h"

#define ARGS_MAX    64
#define STAGE_MAX   96
#define REFUSAL_MAX 160

/* The arguments of the trial: no devices, no huge pages, and the drivers that this process loaded. */
struct arguments {
	char *argv[ARGS_MAX];
	int argc;
	char lcores[32];
	char prefix[32];
};

static void
push(struct arguments *a, const char *text)
{
	if (a->argc < ARGS_MAX - 1)
		a->argv[a->argc++] = (char *)(uintptr_t)text;
	a->argv[a->argc] = NULL;
}

static void
push_drivers(struct arguments *a, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "-d", 2) != 0)
			continue;
		push(a, argv[i]);
		if (argv[i][2] == '\0' && i + 1 < argc)
			push(a, argv[++i]);
	}
}

static void
arguments(struct arguments *a, const char *ops, int argc, char **argv)
{
	static const char *const fixed[] = {"--no-huge", "--no-shconf", "--no-pci",
		"--no-telemetry", "-m", "64", "--log-level=*:error"};

	snprintf(a->lcores, sizeof(a->lcores), "0@%d", rte_lcore_to_cpu_id((int)rte_lcore_id()));
	snprintf(a->prefix, sizeof(a->prefix), "tide_probe_%d", (int)getpid());
	push(a, "tide-bench");
	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		push(a, fixed[i]);
	push(a, "--lcores");
	push(a, a->lcores);
	push(a, "--file-prefix");
	push(a, a->prefix);
	push_drivers(a, argc, argv);
	push(a, "--");
	push(a, "--probe");
	push(a, ops);
}

static int
start(const struct arguments *a, int out, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int ret;

	ret = posix_spawn_file_actions_init(&actions);
	if (ret != 0)
		return ret;
	ret = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (ret == 0)
		ret = posix_spawn_file_actions_addopen(
			&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (ret == 0)
		ret = posix_spawn(pid, "/proc/self/exe", &actions, NULL, a->argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return ret;
}

/* What the trial printed: the last line of each kind. */
struct outcome {
	char stage[STAGE_MAX];
	char refusal[REFUSAL_MAX];
	bool works;
};

static void
read_outcome(int in, struct outcome *o)
{
	FILE *f = fdopen(in, "r");
	char line[256];

	if (f == NULL) {
		close(in);
		return;
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, PROBE_STAGE, strlen(PROBE_STAGE)) == 0)
			snprintf(o->stage, STAGE_MAX, "%.*s", STAGE_MAX - 1,
				line + strlen(PROBE_STAGE));
		else if (strncmp(line, PROBE_REFUSAL, strlen(PROBE_REFUSAL)) == 0)
			snprintf(o->refusal, REFUSAL_MAX, "%.*s", REFUSAL_MAX - 1,
				line + strlen(PROBE_REFUSAL));
		else if (strcmp(line, PROBE_WORKS) == 0)
			o->works = true;
	}
	fclose(f);
}

static int
evaluate(int status, const struct outcome *o, char *reason, size_t len)
{
	if (o->works)
		return 0;
	if (o->refusal[0] != '\0')
		snprintf(reason, len, "%s", o->refusal);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		snprintf(reason, len, "it did not return within %d seconds while %s", PROBE_SECONDS,
			o->stage);
	else if (WIFSIGNALED(status))
		snprintf(reason, len, "it crashed (%s) while %s", strsignal(WTERMSIG(status)),
			o->stage);
	else
		snprintf(reason, len, "it ended the process while %s", o->stage);
	return -1;
}

/* Remove the run-time directory of a trial that crashed; it is beside that of this process. */
static void
remove_runtime_dir(const struct arguments *a)
{
	char path[512];
	const char *own = rte_eal_get_runtime_dir(), *slash = strrchr(own, '/');

	if (slash == NULL)
		return;
	snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - own), own, a->prefix);
	rmdir(path);
}

int
probe_run(const char *ops, int argc, char **argv, char *reason, size_t len)
{
	struct outcome outcome = {.stage = "starting EAL"};
	struct arguments a = {.argc = 0};
	int pipefd[2], status, ret;
	pid_t pid;

	arguments(&a, ops, argc, argv);
	if (pipe2(pipefd, O_CLOEXEC) != 0) {
		snprintf(reason, len, "it could not be tried: %s", strerror(errno));
		return -1;
	}
	ret = start(&a, pipefd[1], &pid);
	close(pipefd[1]);
	if (ret != 0) {
		close(pipefd[0]);
		snprintf(reason, len, "it could not be tried: %s", strerror(ret));
		return -1;
	}
	read_outcome(pipefd[0], &outcome);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	remove_runtime_dir(&a);
	return evaluate(status, &outcome, reason, len);
}
