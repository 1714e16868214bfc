/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: the gnuplot scripts of charts. */

#include "frame/result.h"
#include "report/plot_chart.h"

static void
script_head(FILE *f, const struct workload *w, const char *stem, const char *label)
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

/* Draw a bar per candidate. */
static void
bars_script(FILE *f, const struct result *result, const char *stem)
{
	script_head(f, &result->workload, stem, result->workload.label);
	fprintf(f,
		"set style fill solid 0.5\n"
		"set xtics rotate by -30 noenhanced\n"
		"plot '%s.dat' using 0:2:3:4:(0.6):xtic(1) with boxerrorbars notitle\n",
		stem);
}

/* Whether a candidate was measured in any workload of a chart. */
static bool
has_line(const struct bench *bench, const struct workload *w, unsigned int i)
{
	for (unsigned int r = 0; r < bench->nb_results; r++)
		if (chart_is_same(&bench->result[r].workload, w) &&
			row_valid(&bench->result[r].row[i]))
			return true;
	return false;
}

/* Draw lines over the pool size, with a line per candidate. */
static void
lines_script(FILE *f, const struct bench *bench, const struct workload *w, const char *stem)
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

/* Draw groups of bars, with a bar per candidate. */
static void
groups_script(FILE *f, const struct bench *bench, const struct workload *w, const char *stem)
{
	const bool by_kind = w->scenario->chart == CHART_BY_KIND;
	char label[BENCH_LABEL_MAX];

	if (by_kind)
		snprintf(label, sizeof(label), "pool of %u, cache %u", w->buffers, w->cache);
	else
		snprintf(label, sizeof(label), "%s", w->label);
	script_head(f, w, stem, label);
	/* The slowest single get can take a thousand times the median. */
	if (!by_kind)
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

void
chart_script(FILE *f, const struct bench *bench, const struct result *result, const char *stem)
{
	switch (result->workload.scenario->chart) {
	case CHART_BY_SIZE:
		lines_script(f, bench, &result->workload, stem);
		break;
	case CHART_BY_KIND:
	case CHART_PERCENTILES:
		groups_script(f, bench, &result->workload, stem);
		break;
	default:
		bars_script(f, result, stem);
	}
}
