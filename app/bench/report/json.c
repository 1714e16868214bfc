/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: results as JSON. doc/benchmarks.md describes the members. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_version.h>

#include "frame/result.h"
#include "frame/target_check.h"
#include "json_string.h"
#include "report/json.h"

/* Write a member whose value is a string; further members follow. */
static void
member(FILE *out, const char *name, const char *value)
{
	app_json_string(out, name);
	fputs(": ", out);
	app_json_string(out, value);
	fputs(", ", out);
}

static void
machine(FILE *out, const struct bench *bench)
{
	fputs("{", out);
	member(out, "version", TIDE_VERSION);
	member(out, "dpdk", rte_version());
	fprintf(out, "\"tsc_hz\": %" PRIu64 ", \"lcores\": %u, \"cpus\": %u, ", rte_get_tsc_hz(),
		rte_lcore_count(), bench->nb_cpus);
	fprintf(out, "\"huge_pages\": %s, ", rte_eal_has_hugepages() ? "true" : "false");
	fprintf(out, "\"iova\": \"%s\", ", rte_eal_iova_mode() == RTE_IOVA_PA ? "PA" : "VA");
	member(out, "ledger", ledger_mode_name(bench->ledger));
	fprintf(out, "\"clock_cycles\": %" PRIu64 ", ", bench->clock_cost);
	fprintf(out, "\"time_ms\": %u, \"threads\": %u}", bench->opt.time_ms, bench->opt.threads);
}

static void
statistics(FILE *out, const struct stats *stats)
{
	fprintf(out, "\"median\": %.6g, \"min\": %.6g, \"max\": %.6g", stats->median, stats->min,
		stats->max);
}

static void
samples(FILE *out, const double *v, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		fprintf(out, "%s%.6g", i > 0 ? ", " : "", v[i]);
}

static void
row(FILE *out, const struct bench *bench, const struct result *result, unsigned int i)
{
	const struct row *r = &result->row[i];

	fputs("      {", out);
	member(out, "name", bench->candidate[i].name);
	if (!row_valid(r)) {
		fputs("\"wrong\": ", out);
		app_json_string(out, r->wrong);
		fputs("}", out);
		return;
	}
	statistics(out, &r->stats);
	fputs(", \"samples\": [", out);
	samples(out, r->value, result->rounds);
	fprintf(out, "], \"failed_gets\": %" PRIu64, r->failed);
	if (result->best >= 0)
		fprintf(out, ", \"ratio\": %.6g, \"round_ratio\": %.6g", r->ratio, r->round_ratio);
	if (r->stall_ms.max > 0) {
		fputs(", \"stall_ms\": {", out);
		statistics(out, &r->stall_ms);
		fputs("}", out);
	}
	if (r->percentiles[PERCENTILE_MAX].max > 0)
		fprintf(out, ", \"p99\": %.6g, \"p999\": %.6g, \"longest\": %.6g",
			r->percentiles[PERCENTILE_99].median, r->percentiles[PERCENTILE_999].median,
			r->percentiles[PERCENTILE_MAX].max);
	fputs("}", out);
}

static void
result_json(FILE *out, const struct bench *bench, const struct result *result)
{
	const struct workload *w = &result->workload;
	const char *comma = "";

	fputs("    {", out);
	member(out, "scenario", w->scenario->name);
	member(out, "label", w->label);
	member(out, "unit", w->unit);
	fprintf(out, "\"more_is_better\": %s, ", w->more_is_better ? "true" : "false");
	fprintf(out, "\"threads\": %u, ", w->threads);
	fprintf(out, "\"cache\": %u, \"bulk\": %u, \"buffers\": %u, \"object\": %u, ", w->cache,
		w->bulk, w->buffers, w->object);
	fprintf(out, "\"rounds\": %u, ", result->rounds);
	if (result->best >= 0)
		member(out, "best_peer", bench->candidate[result->best].name);
	fputs("\"candidates\": [\n", out);
	for (unsigned int i = 0; i < bench->nb_candidates; i++) {
		if (!result->row[i].takes_part)
			continue;
		fputs(comma, out);
		row(out, bench, result, i);
		comma = ",\n";
	}
	fputs("\n    ]}", out);
}

struct targets_output {
	FILE *out;
	unsigned int n;
};

static void
target(const struct target_check *check, void *arg)
{
	struct targets_output *output = arg;
	FILE *out = output->out;

	fputs(output->n++ > 0 ? ",\n    {" : "    {", out);
	member(out, "scenario", check->scenario->name);
	member(out, "subject", check->subject);
	if (check->workload != NULL)
		member(out, "label", check->workload->label);
	member(out, "against", check->against);
	fprintf(out, "\"%s\": %.6g, ",
		check->target->kind == TARGET_TIMES  ? "at_least"
		: check->target->kind == TARGET_MORE ? "at_most_more"
						     : "at_most",
		check->target->limit);
	fprintf(out, "\"rounds\": %u, ", check->rounds);
	if (check->measured)
		fprintf(out, "\"figure\": %.6g, ", check->figure);
	else
		member(out, "reason", check->reason);
	fprintf(out, "\"verdict\": \"%s\"}",
		!check->measured ? "not measured"
		: check->reached ? "reached"
				 : "missed");
}

static void
document(FILE *out, const struct bench *bench)
{
	struct targets_output output = {.out = out};

	fputs("{\n  \"machine\": ", out);
	machine(out, bench);
	fputs(",\n  \"notes\": [", out);
	for (unsigned int i = 0; i < bench->nb_notes; i++) {
		fputs(i > 0 ? ",\n    " : "\n    ", out);
		app_json_string(out, bench->note[i]);
	}
	fputs("],\n  \"results\": [\n", out);
	for (unsigned int i = 0; i < bench->nb_results; i++) {
		if (i > 0)
			fputs(",\n", out);
		result_json(out, bench, &bench->result[i]);
	}
	fputs("\n  ],\n  \"targets\": [\n", out);
	target_check(bench, target, &output);
	fputs("\n  ]\n}\n", out);
}

static FILE *
open_file(const char *path, const char *how, struct app_error *err)
{
	FILE *out = fopen(path, how);

	if (out == NULL)
		app_fail(err, APP_EXIT_RUN, "--json: cannot write %.300s: %s", path,
			strerror(errno));
	return out;
}

int
json_try(const char *path, struct app_error *err)
{
	/* The present contents stay until there are results. */
	FILE *out = open_file(path, "a", err);

	if (out == NULL)
		return -1;
	fclose(out);
	return 0;
}

int
json_write(const struct bench *bench, const char *path, struct app_error *err)
{
	FILE *out = open_file(path, "w", err);
	bool failed;

	if (out == NULL)
		return -1;
	document(out, bench);
	failed = ferror(out);
	if (fclose(out) != 0 || failed)
		return app_fail(err, APP_EXIT_RUN, "--json: writing %.300s failed: %s", path,
			strerror(errno));
	return 0;
}
