/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: writes charts and has gnuplot draw them. */

#include <ctype.h>
#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/plot.h"
#include "report/plot_chart.h"

#define STEM_MAX 96

static FILE *
create(const char *dir, const char *stem, const char *suffix, struct app_error *err)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.%s", dir, stem, suffix);
	f = fopen(path, "w");
	if (f == NULL)
		app_fail(err, APP_EXIT_RUN, "--plot: cannot write %.300s: %s", path,
			strerror(errno));
	return f;
}

static int
finish(FILE *f, const char *dir, struct app_error *err)
{
	int failed = ferror(f);

	if (fclose(f) != 0 || failed)
		return app_fail(err, APP_EXIT_RUN, "--plot: writing into %.300s failed", dir);
	return 0;
}

/* Make a file name from text: each run of characters other than letters and digits becomes a dash. */
static void
make_stem(char stem[STEM_MAX], const char *fmt, ...)
{
	unsigned int n = 0;
	char text[STEM_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	for (const char *p = text; *p != '\0'; p++)
		if (isalnum((unsigned char)*p))
			stem[n++] = *p;
		else if (n > 0 && stem[n - 1] != '-')
			stem[n++] = '-';
	stem[n] = '\0';
}

/* Run gnuplot on a script. Returns 0, or an errno: ENOENT when gnuplot is not installed. */
static int
draw(const char *dir, const char *stem)
{
	char script[STEM_MAX + 4], name[] = "gnuplot";
	char *argv[] = {name, script, NULL};
	posix_spawn_file_actions_t actions;
	int ret, status;
	pid_t pid;

	snprintf(script, sizeof(script), "%s.gp", stem);
	ret = posix_spawn_file_actions_init(&actions);
	if (ret != 0)
		return ret;
	ret = posix_spawn_file_actions_addchdir_np(&actions, dir);
	if (ret == 0)
		ret = posix_spawnp(&pid, name, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (ret != 0)
		return ret;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : EIO;
}

static void
chart_stem(char stem[STEM_MAX], const struct workload *w)
{
	if (w->scenario->chart == CHART_BY_KIND)
		make_stem(stem, "%s %u cache %u", w->scenario->name, w->buffers, w->cache);
	else if (w->scenario->chart == CHART_BY_SIZE)
		make_stem(stem, "%s cache %u", w->scenario->name, w->cache);
	else
		make_stem(stem, "%s %s", w->scenario->name, w->label);
}

typedef void
write_fn(FILE *f, const struct bench *bench, const struct result *result, const char *stem);

static void
write_data(FILE *f, const struct bench *bench, const struct result *result, const char *stem)
{
	chart_data(f, bench, result);
}

/* Write one file of a chart. */
static int
write_file(const struct bench *bench, const struct result *result, const char *dir,
	const char *suffix, write_fn *fn, struct app_error *err)
{
	char stem[STEM_MAX];
	FILE *f;

	chart_stem(stem, &result->workload);
	f = create(dir, stem, suffix, err);
	if (f == NULL)
		return -1;
	fn(f, bench, result, stem);
	return finish(f, dir, err);
}

/* Write a chart and draw it, unless gnuplot failed before. */
static int
chart(const struct bench *bench, const struct result *result, const char *dir, int *failed,
	struct app_error *err)
{
	char stem[STEM_MAX];

	if (write_file(bench, result, dir, "dat", write_data, err) != 0 ||
		write_file(bench, result, dir, "gp", chart_script, err) != 0)
		return -1;
	chart_stem(stem, &result->workload);
	if (*failed == 0)
		*failed = draw(dir, stem);
	return 0;
}

/* A combined chart is written with the first of its results. */
static bool
is_first(const struct bench *bench, unsigned int r)
{
	for (unsigned int i = 0; i < r; i++)
		if (chart_is_combined(&bench->result[r].workload) &&
			chart_is_same(&bench->result[i].workload, &bench->result[r].workload))
			return false;
	return true;
}

int
plot_try(const char *dir, struct app_error *err)
{
	if (mkdir(dir, 0777) != 0 && errno != EEXIST)
		return app_fail(err, APP_EXIT_RUN, "--plot: cannot make the directory %.300s: %s",
			dir, strerror(errno));
	return 0;
}

int
plot_write(const struct bench *bench, const char *dir, struct app_error *err)
{
	int failed = 0;

	for (unsigned int r = 0; r < bench->nb_results; r++)
		if (is_first(bench, r) && chart(bench, &bench->result[r], dir, &failed, err) != 0)
			return -1;
	if (failed == ENOENT)
		printf("note: gnuplot is not installed: %s has data and scripts, but no pictures\n",
			dir);
	else if (failed != 0)
		printf("note: gnuplot drew no pictures in %s: %s\n", dir, strerror(failed));
	return 0;
}
