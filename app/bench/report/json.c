/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: results as JSON. doc/benchmarks.md describes the members. */

#include <errno.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_version.h>

#include "frame/result.h"
#include "frame/target_check.h"
#include "json_writer.h"
#include "report/json.h"

/* Candidates of a result have lines of their own. */
#define LINES 4

static void
real(struct app_json *json, const char *name, double value)
{
	app_json_real(json, name, "%.6g", value);
}

static void
machine(struct app_json *json, const struct bench *bench)
{
	app_json_object(json, "machine");
	app_json_text(json, "version", TIDE_VERSION);
	app_json_text(json, "dpdk", rte_version());
	app_json_uint(json, "tsc_hz", rte_get_tsc_hz());
	app_json_uint(json, "lcores", rte_lcore_count());
	app_json_uint(json, "cpus", bench->nb_cpus);
	app_json_bool(json, "huge_pages", rte_eal_has_hugepages());
	app_json_text(json, "iova", rte_eal_iova_mode() == RTE_IOVA_PA ? "PA" : "VA");
	app_json_text(json, "ledger", ledger_mode_name(bench->ledger));
	app_json_uint(json, "clock_cycles", bench->clock_cost);
	app_json_uint(json, "time_ms", bench->opt.time_ms);
	app_json_uint(json, "threads", bench->opt.threads);
	app_json_object_end(json);
}

static void
statistics(struct app_json *json, const struct stats *stats)
{
	real(json, "median", stats->median);
	real(json, "min", stats->min);
	real(json, "max", stats->max);
}

static void
figures(struct app_json *json, const struct result *result, const struct row *r)
{
	statistics(json, &r->stats);
	app_json_array(json, "samples");
	for (unsigned int i = 0; i < result->rounds; i++)
		real(json, NULL, r->value[i]);
	app_json_array_end(json);
	app_json_uint(json, "failed_gets", r->failed);
	if (result->best >= 0) {
		real(json, "ratio", r->ratio);
		real(json, "round_ratio", r->round_ratio);
	}
	if (r->stall_ms.max > 0) {
		app_json_object(json, "stall_ms");
		statistics(json, &r->stall_ms);
		app_json_object_end(json);
	}
	if (r->percentiles[PERCENTILE_MAX].max > 0) {
		real(json, "p99", r->percentiles[PERCENTILE_99].median);
		real(json, "p999", r->percentiles[PERCENTILE_999].median);
		real(json, "longest", r->percentiles[PERCENTILE_MAX].max);
	}
}

static void
row(struct app_json *json, const struct bench *bench, const struct result *result, unsigned int i)
{
	const struct row *r = &result->row[i];

	app_json_object(json, NULL);
	app_json_text(json, "name", bench->candidate[i].name);
	if (row_valid(r))
		figures(json, result, r);
	else
		app_json_text(json, "wrong", r->wrong);
	app_json_object_end(json);
}

static void
result_json(struct app_json *json, const struct bench *bench, const struct result *result)
{
	const struct workload *w = &result->workload;

	app_json_object(json, NULL);
	app_json_text(json, "scenario", w->scenario->name);
	app_json_text(json, "label", w->label);
	app_json_text(json, "unit", w->unit);
	app_json_bool(json, "more_is_better", w->more_is_better);
	app_json_uint(json, "threads", w->threads);
	app_json_uint(json, "cache", w->cache);
	app_json_uint(json, "bulk", w->bulk);
	app_json_uint(json, "buffers", w->buffers);
	app_json_uint(json, "object", w->object);
	app_json_uint(json, "rounds", result->rounds);
	if (result->best >= 0)
		app_json_text(json, "best_peer", bench->candidate[result->best].name);
	app_json_array(json, "candidates");
	for (unsigned int i = 0; i < bench->nb_candidates; i++) {
		if (result->row[i].takes_part)
			row(json, bench, result, i);
	}
	app_json_array_end(json);
	app_json_object_end(json);
}

static void
target(const struct target_check *check, void *arg)
{
	struct app_json *json = arg;
	const char *limit = check->target->kind == TARGET_TIMES  ? "at_least"
	                    : check->target->kind == TARGET_MORE ? "at_most_more"
	                                                         : "at_most";

	app_json_object(json, NULL);
	app_json_text(json, "scenario", check->scenario->name);
	app_json_text(json, "subject", check->subject);
	if (check->workload != NULL)
		app_json_text(json, "label", check->workload->label);
	app_json_text(json, "against", check->against);
	real(json, limit, check->target->limit);
	app_json_uint(json, "rounds", check->rounds);
	if (check->measured)
		real(json, "figure", check->figure);
	else
		app_json_text(json, "reason", check->reason);
	app_json_text(json, "verdict",
		!check->measured ? "not measured"
		: check->reached ? "reached"
				 : "missed");
	app_json_object_end(json);
}

static void
document(FILE *out, const struct bench *bench)
{
	struct app_json json;

	app_json_init(&json, out, LINES);
	app_json_object(&json, NULL);
	machine(&json, bench);
	app_json_array(&json, "notes");
	for (unsigned int i = 0; i < bench->nb_notes; i++)
		app_json_text(&json, NULL, bench->note[i]);
	app_json_array_end(&json);
	app_json_array(&json, "results");
	for (unsigned int i = 0; i < bench->nb_results; i++)
		result_json(&json, bench, &bench->result[i]);
	app_json_array_end(&json);
	app_json_array(&json, "targets");
	target_check(bench, target, &json);
	app_json_array_end(&json);
	app_json_object_end(&json);
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
