/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: results as text tables. */

#include <inttypes.h>

#include <rte_cycles.h>

#include "frame/result.h"
#include "report/table.h"

static void
heading(FILE *out, const struct result *result)
{
	const struct workload *w = &result->workload;

	fprintf(out, "\n%s: %s\n  %s; ", w->scenario->name, w->scenario->summary, w->label);
	if (w->bulk > 0)
		fprintf(out, "bulk %u, ", w->bulk);
	if (w->buffers > 0)
		fprintf(out, "%u buffers of %u bytes, ", w->buffers, w->object);
	fprintf(out, "%u round%s; %s, %s is better\n", result->rounds,
		result->rounds == 1 ? "" : "s", w->unit, w->more_is_better ? "more" : "less");
}

static void
columns(FILE *out, bool stalls, bool percentiles)
{
	fprintf(out, "  %-16s %10s %10s %10s %8s %9s", "", "median", "min", "max", "ratio",
		"by round");
	if (stalls)
		fprintf(out, " %10s", "stall, ms");
	if (percentiles)
		fprintf(out, " %10s %10s %10s", "p99", "p99.9", "longest");
	fputc('\n', out);
}

static const char *
remark(const struct bench *bench, const struct result *result, unsigned int i)
{
	const struct candidate *c = &bench->candidate[i];

	if (result->best == (int)i)
		return "  best peer";
	if (c->single_consumer && c->single_producer)
		return "  one consumer, one producer: no peer";
	if (c->single_consumer)
		return "  one consumer: no peer";
	if (c->single_producer)
		return "  one producer: no peer";
	return "";
}

static void
line(FILE *out, const struct bench *bench, const struct result *result, unsigned int i, bool stalls,
	bool percentiles)
{
	const struct row *row = &result->row[i];

	fprintf(out, "  %-16s ", bench->candidate[i].name);
	if (!row_valid(row)) {
		fprintf(out, "%10s  %s\n", "-", row->wrong);
		return;
	}
	fprintf(out, "%10.4g %10.4g %10.4g", row->stats.median, row->stats.min, row->stats.max);
	if (result->best >= 0)
		fprintf(out, " %8.3f %9.3f", row->ratio, row->round_ratio);
	if (stalls)
		fprintf(out, " %10.2f", row->stall_ms.median);
	if (percentiles)
		fprintf(out, " %10.4g %10.4g %10.4g", row->percentiles[PERCENTILE_99].median,
			row->percentiles[PERCENTILE_999].median,
			row->percentiles[PERCENTILE_MAX].max);
	fputs(remark(bench, result, i), out);
	if (row->failed > 0)
		fprintf(out, "  %" PRIu64 " gets failed", row->failed);
	fputc('\n', out);
}

/* Print the percentiles in cycles; the unit of the workload is nanoseconds. */
static void
in_cycles(FILE *out, const struct bench *bench, const struct result *result)
{
	const double cycles = (double)rte_get_tsc_hz() / 1e9;

	fprintf(out, "  %-16s %10s %51s %10s %10s\n", "in cycles", "median", "p99", "p99.9",
		"longest");
	for (unsigned int i = 0; i < bench->nb_candidates; i++) {
		const struct row *row = &result->row[i];

		if (row_valid(row))
			fprintf(out, "  %-16s %10.4g %51.4g %10.4g %10.4g\n",
				bench->candidate[i].name, cycles * row->stats.median,
				cycles * row->percentiles[PERCENTILE_99].median,
				cycles * row->percentiles[PERCENTILE_999].median,
				cycles * row->percentiles[PERCENTILE_MAX].max);
	}
}

void
table_print(FILE *out, const struct bench *bench, const struct result *result)
{
	bool stalls = false, percentiles = false;

	for (unsigned int i = 0; i < bench->nb_candidates; i++) {
		const struct row *row = &result->row[i];

		stalls |= row_valid(row) && row->stall_ms.max > 0;
		percentiles |= row_valid(row) && row->percentiles[PERCENTILE_MAX].max > 0;
	}
	heading(out, result);
	columns(out, stalls, percentiles);
	for (unsigned int i = 0; i < bench->nb_candidates; i++)
		if (result->row[i].takes_part)
			line(out, bench, result, i, stalls, percentiles);
	if (percentiles)
		in_cycles(out, bench, result);
	fflush(out);
}
