/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: finds the figures for each target and compares them. */

#include <string.h>

#include "frame/result.h"
#include "frame/target_check.h"

typedef void report_fn(const struct target_check *check, void *arg);

static bool
applies(const struct target *target, const struct workload *workload)
{
	return target_fits(target, workload->label) &&
	       (target->cache == TARGET_ANY_CACHE ||
		       (unsigned int)target->cache == workload->cache) &&
	       (target->bulk == 0 || target->bulk == workload->bulk) &&
	       workload->buffers >= target->buffers && target->fresh == workload->fresh;
}

static const struct row *
row_of(const struct bench *bench, const struct result *result, const char *name)
{
	for (unsigned int i = 0; i < bench->nb_candidates; i++)
		if (strcmp(bench->candidate[i].name, name) == 0 && row_valid(&result->row[i]))
			return &result->row[i];
	return NULL;
}

/* Find what the subject is compared with, and name it in check->against. NULL: it has no figure. */
static const struct row *
find_reference(const struct bench *bench, const struct result *result, struct target_check *check)
{
	if (check->target->against == TARGET_NAMED) {
		check->against = check->target->peer;
		return row_of(bench, result, check->against);
	}
	check->against = "best peer";
	if (result->best < 0)
		return NULL;
	check->against = bench->candidate[result->best].name;
	return &result->row[result->best];
}

static void
check_result(const struct bench *bench, const struct result *result, struct target_check check,
	report_fn *report, void *arg)
{
	const struct target *target = check.target;
	const struct row *subject = row_of(bench, result, check.subject), *reference = NULL;

	check.workload = &result->workload;
	check.rounds = result->rounds;
	check.against = "itself";
	if (target->against != TARGET_NOTHING)
		reference = find_reference(bench, result, &check);
	if (subject == NULL) {
		check.reason = "it took no part";
	} else if (reference == NULL && target->against != TARGET_NOTHING) {
		check.reason = "there is nothing to compare with";
	} else {
		check.measured = true;
		check.figure = target_figure(target, result->workload.more_is_better,
			subject->stats.median, reference != NULL ? reference->stats.median : 0);
		check.reached = target_reached(target, check.figure);
	}
	report(&check, arg);
}

static void
check_one(const struct bench *bench, const struct scenario *scenario, const struct target *target,
	report_fn *report, void *arg)
{
	struct target_check check = {
		.scenario = scenario,
		.target = target,
		.subject = target->subject != NULL ? target->subject : BENCH_SUBJECT,
		.against = target->peer != NULL ? target->peer : "best peer",
		.reason = "no such workload was measured",
	};
	bool found = false;

	for (unsigned int i = 0; i < bench->nb_results; i++) {
		const struct result *result = &bench->result[i];

		if (result->workload.scenario != scenario || !applies(target, &result->workload))
			continue;
		check_result(bench, result, check, report, arg);
		found = true;
	}
	if (!found)
		report(&check, arg);
}

void
target_check(const struct bench *bench, report_fn *report, void *arg)
{
	const struct scenario *const *all = scenarios();

	for (unsigned int i = 0; all[i] != NULL; i++)
		for (unsigned int k = 0; k < all[i]->nb_targets && bench_runs(bench, i); k++)
			if (target_counts(&all[i]->targets[k], bench->ledger))
				check_one(bench, all[i], &all[i]->targets[k], report, arg);
}
