/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Runs each trial in a process of its own, and collects the results. */

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runner.h"

#define ARGS      64
#define TEXT      8192 /* Of a child's report. */
#define OUTPUT    65536 /* Of a child's last words. */
#define JOBS_MAX  16
#define DIRECTORY 256

/* Set by a signal. */
static volatile sig_atomic_t interrupted;

/* A child that runs. */
struct child {
	pid_t pid; /* 0: this place is free. */
	int report;
	int output;
	char text[TEXT];
	size_t length;
	double begin;
	double limit; /* The end of its time limit. */
	bool late;
	unsigned int claim, ops; /* Its place in the table. */
};

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

bool
list_has(const char *list, const char *name)
{
	size_t n = strlen(name);

	while (list != NULL) {
		if (strncmp(list, name, n) == 0 && (list[n] == ',' || list[n] == '\0'))
			return true;
		list = strchr(list, ',');
		list += list != NULL;
	}
	return false;
}

static void
become_child(const struct options *o, const char *try, const char *ops, unsigned int nth,
	int report, int output)
{
	char *argv[ARGS], prefix[48], seed[32];
	int argc = 0;

	snprintf(prefix, sizeof(prefix), "--prefix=conform_%d_%u", (int)getppid(), nth);
	snprintf(seed, sizeof(seed), "--seed=%" PRIu64, o->seed);
	for (int i = 0; i < o->eal_argc && argc < ARGS - 10; i++)
		argv[argc++] = o->eal_argv[i];
	argv[argc++] = strdup("--");
	argv[argc++] = strdup("--try");
	argv[argc++] = strdup(try);
	argv[argc++] = strdup("--ops");
	argv[argc++] = strdup(ops);
	argv[argc++] = prefix;
	argv[argc++] = seed;
	argv[argc] = NULL;
	/* Its own group, so that a second process ends with it. Both end with the runner. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0 ||
		dup2(report, REPORT_FD) < 0)
		_exit(126);
	execv("/proc/self/exe", argv);
	_exit(127);
}

static bool
start(const struct options *o, const char *try, const char *ops, unsigned int seconds,
	struct child *c)
{
	static unsigned int started;
	int ends[2];

	*c = (struct child){.begin = now()};
	c->limit = c->begin + (seconds != 0 ? seconds : LIMIT_SECONDS);
	c->output = memfd_create("output", MFD_CLOEXEC);
	if (c->output < 0 || pipe(ends) != 0)
		return false;
	c->report = ends[0];
	started++;
	c->pid = fork();
	if (c->pid == 0) {
		close(ends[0]);
		become_child(o, try, ops, started, ends[1], c->output);
	}
	close(ends[1]);
	if (c->pid > 0)
		setpgid(c->pid, c->pid);
	return c->pid > 0;
}

/* Read a part of the report. Returns false if the child has closed it. */
static bool
listen_to(struct child *c)
{
	ssize_t n = read(c->report, c->text + c->length, TEXT - 1 - c->length);

	if (n <= 0)
		return false;
	c->length += (size_t)n;
	return c->length < TEXT - 1;
}

/* Find the most useful line: that of a panic, else the last one. */
static void
last_words(int output, char *words, size_t room)
{
	static char text[OUTPUT];
	off_t size = lseek(output, 0, SEEK_END);
	char *save = NULL, *line;
	ssize_t n;

	words[0] = '\0';
	n = pread(output, text, OUTPUT - 1, size > OUTPUT - 1 ? size - (OUTPUT - 1) : 0);
	if (n <= 0)
		return;
	text[n] = '\0';
	for (line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		snprintf(words, room, "%s", line);
		if (strstr(line, "PANIC") != NULL)
			return;
	}
}

/* Remove EAL's run-time directory, which has no subdirectories. */
static void
remove_directory(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char name[DIRECTORY + 256];

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_type == DT_DIR)
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		unlink(name);
	}
	closedir(dir);
	rmdir(path);
}

static void
show_output(const struct child *c, const char *try, const char *ops)
{
	char text[4096];
	off_t at = 0;
	ssize_t n;

	fprintf(stderr, "--- %s on %s\n", try, ops);
	while ((n = pread(c->output, text, sizeof(text), at)) > 0) {
		fwrite(text, 1, (size_t)n, stderr);
		at += n;
	}
}

/* Read the lines of a report. Returns true if it has a verdict. */
static bool
read_report(struct child *c, struct result *r, char (*names)[OPS_NAME], unsigned int *n_names)
{
	char *save = NULL, *line;
	bool said = false;

	c->text[c->length] = '\0';
	for (line = strtok_r(c->text, "\n", &save); line != NULL;
		line = strtok_r(NULL, "\n", &save)) {
		switch (line[0]) {
		case REPORT_VERDICT:
			r->verdict = (enum verdict)(line[1] - '0');
			snprintf(r->reason, sizeof(r->reason), "%s", line + 3);
			said = true;
			break;
		case REPORT_CRASH:
			snprintf(r->reason, sizeof(r->reason), "%s", line + 1);
			break;
		case REPORT_DIRECTORY:
			remove_directory(line + 1);
			break;
		case REPORT_OPS:
			if (names != NULL && *n_names < OPS_MAX)
				snprintf(names[(*n_names)++], OPS_NAME, "%s", line + 1);
			break;
		}
	}
	return said;
}

static struct result
finish(const struct options *o, struct child *c, const char *try, const char *ops,
	char (*names)[OPS_NAME], unsigned int *n_names)
{
	struct result r = {.verdict = VERDICT_CRASH};
	char words[240];
	siginfo_t ended;
	int status;
	bool said;

	if (c->late)
		kill(-c->pid, SIGKILL);
	/* A second process must not outlive the first, which keeps its number until it is reaped. */
	waitid(P_PID, (id_t)c->pid, &ended, WEXITED | WNOWAIT);
	kill(-c->pid, SIGKILL);
	waitpid(c->pid, &status, 0);
	while (listen_to(c))
		;
	said = read_report(c, &r, names, n_names);
	last_words(c->output, words, sizeof(words));
	if (!said && c->late) {
		r.verdict = VERDICT_HANG;
		snprintf(r.reason, sizeof(r.reason), "not done after %.0f s", now() - c->begin);
	} else if (WIFSIGNALED(status)) {
		r.verdict = VERDICT_CRASH;
		if (r.reason[0] == '\0')
			snprintf(r.reason, sizeof(r.reason), "%s: %s", strsignal(WTERMSIG(status)),
				words);
	} else if (!said && WEXITSTATUS(status) == EXIT_EAL) {
		r.verdict = VERDICT_FAIL;
		snprintf(r.reason, sizeof(r.reason), "EAL did not start: %s", words);
	} else if (!said) {
		snprintf(r.reason, sizeof(r.reason), "ended with code %d: %s", WEXITSTATUS(status),
			words);
	}
	if (o->verbose)
		show_output(c, try, ops);
	r.seconds = now() - c->begin;
	close(c->report);
	close(c->output);
	c->pid = 0;
	return r;
}

static int
milliseconds_left(const struct child *c)
{
	double left = c->limit - now();

	return left > 0 ? (int)(left * 1000) + 1 : 0;
}

/* Wait until one of the children has ended or exceeds its time limit. Returns its index. */
static unsigned int
next_done(struct child *c, unsigned int n)
{
	struct pollfd fds[JOBS_MAX];

	for (;;) {
		int timeout = 1000;

		for (unsigned int i = 0; i < n; i++) {
			fds[i] = (struct pollfd){c[i].pid != 0 ? c[i].report : -1, POLLIN, 0};
			if (c[i].pid == 0)
				continue;
			if (interrupted || milliseconds_left(&c[i]) == 0) {
				c[i].late = true;
				return i;
			}
			if (milliseconds_left(&c[i]) < timeout)
				timeout = milliseconds_left(&c[i]);
		}
		if (poll(fds, n, timeout) <= 0)
			continue;
		for (unsigned int i = 0; i < n; i++)
			if (c[i].pid != 0 && fds[i].revents != 0 && !listen_to(&c[i]))
				return i;
	}
}

static struct result
no_process(void)
{
	struct result r = {.verdict = VERDICT_CRASH};

	snprintf(r.reason, sizeof(r.reason), "no process for it: %s", strerror(errno));
	return r;
}

struct result
run_one(const struct options *o, const char *try, const char *ops, char (*names)[OPS_NAME],
	unsigned int *n_names)
{
	struct child c;

	if (!start(o, try, ops, 0, &c))
		return no_process();
	next_done(&c, 1);
	return finish(o, &c, try, ops, names, n_names);
}

/* Names of rings for one producer or consumer show it. */
static bool
is_serial(const struct options *o, const char *ops)
{
	static const char *const rings[] = {"ring_sp_sc", "ring_sp_mc", "ring_mp_sc"};

	for (size_t i = 0; i < sizeof(rings) / sizeof(rings[0]); i++)
		if (strcmp(ops, rings[i]) == 0)
			return true;
	return list_has(o->serial, ops);
}

static void
progress(unsigned int done, unsigned int all)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%u of %u tries%s", done, all, done == all ? "\r\033[K" : "");
}

static void
settle(const struct options *o, struct table *table, struct child *c)
{
	*table_at(table, c->claim, c->ops) =
		finish(o, c, table->claims[c->claim]->name, table->ops[c->ops], NULL, NULL);
}

/* Start the trial of a cell of the table. Returns false if it needs none. */
static bool
begin(const struct options *o, struct table *table, unsigned int place, struct child *c)
{
	unsigned int claim = place / table->n_ops, ops = place % table->n_ops;
	struct result *r = table_at(table, claim, ops);

	if (table->claims[claim]->threads && is_serial(o, table->ops[ops])) {
		*r = (struct result){.verdict = VERDICT_SKIP};
		snprintf(r->reason, sizeof(r->reason), "for one producer or one consumer only");
		return false;
	}
	if (!start(o, table->claims[claim]->name, table->ops[ops], table->claims[claim]->seconds,
		    c)) {
		*r = no_process();
		return false;
	}
	c->claim = claim;
	c->ops = ops;
	return true;
}

static void
on_signal(int signal)
{
	interrupted = 1;
}

void
runner_init(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

bool
run_table(const struct options *o, struct table *table)
{
	unsigned int all = table->n_claims * table->n_ops, place = 0, running = 0, slot = 0,
		     done = 0;
	struct child child[JOBS_MAX] = {{.pid = 0}};
	unsigned int jobs = o->jobs < JOBS_MAX ? o->jobs : JOBS_MAX;

	while ((place < all && !interrupted) || running > 0) {
		if (place < all && running < jobs && !interrupted) {
			for (slot = 0; child[slot].pid != 0; slot++)
				;
			if (begin(o, table, place++, &child[slot]))
				running++;
			else
				done++;
		} else {
			settle(o, table, &child[next_done(child, jobs)]);
			running--;
			done++;
		}
		progress(done, all);
	}
	return !interrupted;
}
