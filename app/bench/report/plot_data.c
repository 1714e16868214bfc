/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: the data files of charts. */

#include "frame/result.h"
#include "report/plot_chart.h"

/* Write a row per candidate. */
static void
bars_data(FILE *f, const struct bench *bench, const struct result *result)
{
	fputs("# candidate median min max\n", f);
	for (unsigned int i = 0; i < bench->nb_candidates; i++) {
		const struct stats *s = &result->row[i].stats;

		if (row_valid(&result->row[i]))
			fprintf(f, "%s %.6g %.6g %.6g\n", bench->candidate[i].name, s->median,
				s->min, s->max);
	}
}

static void
columns_head(FILE *f, const struct bench *bench, const char *first)
{
	fputs(first, f);
	for (unsigned int i = 0; i < bench->nb_candidates; i++)
		fprintf(f, " %s", bench->candidate[i].name);
	fputc('\n', f);
}

/* Write a row per pool size or kind of workload, with a column per candidate. */
static void
combined_data(FILE *f, const struct bench *bench, const struct workload *w)
{
	const bool by_kind = w->scenario->chart == CHART_BY_KIND;

	columns_head(f, bench, by_kind ? "workload" : "buffers");
	for (unsigned int r = 0; r < bench->nb_results; r++) {
		const struct result *result = &bench->result[r];

		if (!chart_is_same(&result->workload, w))
			continue;
		if (by_kind)
			fprintf(f, "\"%s\"", result->workload.kind);
		else
			fprintf(f, "%u", result->workload.buffers);
		for (unsigned int i = 0; i < bench->nb_candidates; i++)
			if (row_valid(&result->row[i]))
				fprintf(f, " %.6g", result->row[i].stats.median);
			else
				fputs(" ?", f);
		fputc('\n', f);
	}
}

/* Write the value of one percentile; k is 0 for the median, else 1 more than that of enum percentile. */
static void
put_percentile(FILE *f, const struct row *row, unsigned int k)
{
	if (!row_valid(row))
		fputs(" ?", f);
	else if (k == 0)
		fprintf(f, " %.6g", row->stats.median);
	else
		fprintf(f, " %.6g",
			k - 1 == PERCENTILE_MAX ? row->percentiles[k - 1].max
						: row->percentiles[k - 1].median);
}

/* Write a row per percentile, with a column per candidate. */
static void
percentiles_data(FILE *f, const struct bench *bench, const struct result *result)
{
	static const char *const name[] = {"median", "p99", "p99.9", "longest"};

	columns_head(f, bench, "percentile");
	for (unsigned int k = 0; k <= PERCENTILE_NB; k++) {
		fputs(name[k], f);
		for (unsigned int i = 0; i < bench->nb_candidates; i++)
			put_percentile(f, &result->row[i], k);
		fputc('\n', f);
	}
}

void
chart_data(FILE *f, const struct bench *bench, const struct result *result)
{
	if (chart_is_combined(&result->workload))
		combined_data(f, bench, &result->workload);
	else if (result->workload.scenario->chart == CHART_PERCENTILES)
		percentiles_data(f, bench, result);
	else
		bars_data(f, bench, result);
}
