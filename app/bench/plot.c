/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: results as pictures. A chart of lines over the pool size, of bars per candidate, or of groups
 * of bars: the works of spread with one pool and cache, the percentiles of a work of tail.
 */

#include <ctype.h>
#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plot.h"
#include "reckon.h"
#include "scenarios.h"

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

/* A file name out of words: what is no letter or digit becomes a dash, one for many. */
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

static bool
over_size(const struct work *w)
{
	return w->scenario == &scenario_sweep || w->scenario == &scenario_memory;
}

static bool
is_spread(const struct work *w)
{
	return w->scenario == &scenario_spread;
}

/* Whether a chart shows several works. */
static bool
of_many(const struct work *w)
{
	return over_size(w) || is_spread(w);
}

static bool
same_chart(const struct work *a, const struct work *b)
{
	return a->scenario == b->scenario && a->cache == b->cache &&
	       (!is_spread(a) || a->buffers == b->buffers);
}

static void
script_head(FILE *f, const struct work *w, const char *stem, const char *label)
{
	char objects[32] = "";

	if (w->buffers > 0)
		snprintf(objects, sizeof(objects), ", objects of %u bytes", w->object);
	fprintf(f,
		"set terminal svg size 900,540 background rgb 'white'\n"
		"set output '%s.svg'\n"
		"set title '%s, %s%s' noenhanced\n"
		"set ylabel '%s, %s is better'\n"
		"set yrange [0:*]\n"
		"set grid y\n",
		stem, w->scenario->name, label, objects, w->unit,
		w->more_is_better ? "more" : "less");
}

static void
bars_data(FILE *f, const struct bench *bench, const struct result *result)
{
	fputs("# candidate median min max\n", f);
	for (unsigned int i = 0; i < bench->nb_candidates; i++) {
		const struct stats *s = &result->row[i].stats;

		if (reckon_valid(&result->row[i]))
			fprintf(f, "%s %.6g %.6g %.6g\n", bench->candidate[i].name, s->median,
				s->min, s->max);
	}
}

static void
bars_script(FILE *f, const struct result *result, const char *stem)
{
	script_head(f, &result->work, stem, result->work.label);
	fprintf(f,
		"set style fill solid 0.5\n"
		"set xtics rotate by -30 noenhanced\n"
		"plot '%s.dat' using 0:2:3:4:(0.6):xtic(1) with boxerrorbars notitle\n",
		stem);
}

static void
columns_head(FILE *f, const struct bench *bench, const char *first)
{
	fputs(first, f);
	for (unsigned int i = 0; i < bench->nb_candidates; i++)
		fprintf(f, " %s", bench->candidate[i].name);
	fputc('\n', f);
}

/* The label of a work without pool and cache, which the title has. */
static void
put_kind(FILE *f, const struct work *w)
{
	char rest[32];
	const char *end;

	snprintf(rest, sizeof(rest), ", %u, cache", w->buffers);
	end = strstr(w->label, rest);
	fprintf(f, "\"%.*s\"", (int)(end != NULL ? end - w->label : BENCH_LABEL_MAX), w->label);
}

/* A row per pool size or kind of work, a column per candidate. */
static void
many_data(FILE *f, const struct bench *bench, const struct work *w)
{
	columns_head(f, bench, is_spread(w) ? "work" : "buffers");
	for (unsigned int r = 0; r < bench->nb_results; r++) {
		const struct result *result = &bench->result[r];

		if (!same_chart(&result->work, w))
			continue;
		if (is_spread(w))
			put_kind(f, &result->work);
		else
			fprintf(f, "%u", result->work.buffers);
		for (unsigned int i = 0; i < bench->nb_candidates; i++)
			if (reckon_valid(&result->row[i]))
				fprintf(f, " %.6g", result->row[i].stats.median);
			else
				fputs(" ?", f);
		fputc('\n', f);
	}
}

/* A row per percentile, a column per candidate. */
static void
tail_data(FILE *f, const struct bench *bench, const struct result *result)
{
	static const char *const name[] = {"median", "p99", "p99.9", "longest"};

	columns_head(f, bench, "percentile");
	for (unsigned int k = 0; k <= TAIL_NB; k++) {
		fputs(name[k], f);
		for (unsigned int i = 0; i < bench->nb_candidates; i++) {
			const struct row *row = &result->row[i];

			if (!reckon_valid(row))
				fputs(" ?", f);
			else if (k == 0)
				fprintf(f, " %.6g", row->stats.median);
			else
				fprintf(f, " %.6g",
					k - 1 == TAIL_MAX ? row->tails[k - 1].max
							  : row->tails[k - 1].median);
		}
		fputc('\n', f);
	}
}

/* Whether a candidate was measured in any work of a chart. */
static bool
has_line(const struct bench *bench, const struct work *w, unsigned int i)
{
	for (unsigned int r = 0; r < bench->nb_results; r++)
		if (same_chart(&bench->result[r].work, w) && reckon_valid(&bench->result[r].row[i]))
			return true;
	return false;
}

static void
lines_script(FILE *f, const struct bench *bench, const struct work *w, const char *stem)
{
	char label[32];

	snprintf(label, sizeof(label), "cache %u", w->cache);
	script_head(f, w, stem, label);
	fputs("set logscale x 2\n"
	      "set xlabel 'buffers in the pool'\n"
	      "set datafile missing '?'\n"
	      "set key outside noenhanced\n"
	      "plot ",
		f);
	for (unsigned int i = 0; i < bench->nb_candidates; i++)
		if (has_line(bench, w, i))
			fprintf(f, "'%s.dat' using 1:%u with linespoints title columnheader(%u), ",
				stem, i + 2, i + 2);
	fputc('\n', f);
}

/* Groups of bars, a bar per candidate. */
static void
groups_script(FILE *f, const struct bench *bench, const struct work *w, const char *stem)
{
	char label[BENCH_LABEL_MAX];

	if (is_spread(w))
		snprintf(label, sizeof(label), "pool of %u, cache %u", w->buffers, w->cache);
	else
		snprintf(label, sizeof(label), "%s", w->label);
	script_head(f, w, stem, label);
	/* The slowest single get can take a thousand times the median. */
	if (!is_spread(w))
		fputs("set logscale y\n"
		      "set yrange [*:*]\n",
			f);
	fputs("set style data histogram\n"
	      "set style histogram clustered gap 1\n"
	      "set style fill solid 0.6\n"
	      "set datafile missing '?'\n"
	      "set xtics rotate by -20 noenhanced\n"
	      "set key outside noenhanced\n"
	      "plot ",
		f);
	for (unsigned int i = 0; i < bench->nb_candidates; i++)
		if (has_line(bench, w, i))
			fprintf(f, "'%s.dat' using %u:xtic(1) title columnheader(%u), ", stem,
				i + 2, i + 2);
	fputc('\n', f);
}

/* Have gnuplot draw. Returns 0, or the errno of a gnuplot that is not there. */
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
chart_data(FILE *f, const struct bench *bench, const struct result *result)
{
	if (of_many(&result->work))
		many_data(f, bench, &result->work);
	else if (result->work.scenario == &scenario_tail)
		tail_data(f, bench, result);
	else
		bars_data(f, bench, result);
}

static void
chart_script(FILE *f, const struct bench *bench, const struct result *result, const char *stem)
{
	const struct work *w = &result->work;

	if (over_size(w))
		lines_script(f, bench, w, stem);
	else if (is_spread(w) || w->scenario == &scenario_tail)
		groups_script(f, bench, w, stem);
	else
		bars_script(f, result, stem);
}

static void
chart_stem(char stem[STEM_MAX], const struct work *w)
{
	if (is_spread(w))
		make_stem(stem, "%s %u cache %u", w->scenario->name, w->buffers, w->cache);
	else if (over_size(w))
		make_stem(stem, "%s cache %u", w->scenario->name, w->cache);
	else
		make_stem(stem, "%s %s", w->scenario->name, w->label);
}

static int
chart(const struct bench *bench, const struct result *result, const char *dir, int *drawn,
	struct app_error *err)
{
	char stem[STEM_MAX];
	FILE *f;

	chart_stem(stem, &result->work);
	f = create(dir, stem, "dat", err);
	if (f == NULL)
		return -1;
	chart_data(f, bench, result);
	if (finish(f, dir, err) != 0)
		return -1;
	f = create(dir, stem, "gp", err);
	if (f == NULL)
		return -1;
	chart_script(f, bench, result, stem);
	if (finish(f, dir, err) != 0)
		return -1;
	if (*drawn == 0)
		*drawn = draw(dir, stem);
	return 0;
}

/* A chart of several works takes all their results at once: with the first of them. */
static bool
is_first(const struct bench *bench, unsigned int r)
{
	for (unsigned int i = 0; i < r; i++)
		if (of_many(&bench->result[r].work) &&
			same_chart(&bench->result[i].work, &bench->result[r].work))
			return false;
	return true;
}

int
plot_try(const char *dir, struct app_error *err)
{
	if (mkdir(dir, 0777) != 0 && errno != EEXIST)
		return app_fail(err, APP_EXIT_RUN, "--plot: cannot make the folder %.300s: %s", dir,
			strerror(errno));
	return 0;
}

int
plot_write(const struct bench *bench, const char *dir, struct app_error *err)
{
	int drawn = 0;

	for (unsigned int r = 0; r < bench->nb_results; r++)
		if (is_first(bench, r) && chart(bench, &bench->result[r], dir, &drawn, err) != 0)
			return -1;
	if (drawn == ENOENT)
		printf("note: gnuplot is not there: %s holds data and scripts, no pictures\n", dir);
	else if (drawn != 0)
		printf("note: gnuplot drew no pictures in %s: %s\n", dir, strerror(drawn));
	return 0;
}
