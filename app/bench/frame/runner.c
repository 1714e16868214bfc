/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: takes the samples of all candidates in turn. */

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "frame/memory.h"
#include "frame/result.h"
#include "frame/runner.h"
#include "frame/schedule.h"

typedef void report_fn(const struct bench *bench, const struct result *result);

static volatile sig_atomic_t stopped;

void
runner_stop(void)
{
	stopped = 1;
}

static int
measure(struct sample *sample)
{
	const struct scenario *s = sample->workload->scenario;

	if (s->setup(sample) != 0)
		return -1;
	/* A failure stays in sample->err, where teardown finds it. */
	s->run(sample);
	s->teardown(sample);
	return sample->err.code == 0 ? 0 : -1;
}

static void
one_sample(const struct bench *bench, struct result *result, unsigned int i, unsigned int round)
{
	struct row *row = &result->row[i];
	struct sample sample = {
		.bench = bench,
		.workload = &result->workload,
		.candidate = &bench->candidate[i],
	};

	if (measure(&sample) == 0)
		result_store(row, round, &sample.figures);
	else
		snprintf(row->wrong, sizeof(row->wrong), "%.*s", (int)sizeof(row->wrong) - 1,
			sample.err.text);
}

static void
progress(const struct result *result, unsigned int round, unsigned int rounds)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%s, %s: round %u of %u \033[K", result->workload.scenario->name,
			result->workload.label, round + 1, rounds);
}

static void
progress_end(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
}

/* Take one sample of each candidate; each round starts with the next candidate. */
static void
one_round(const struct bench *bench, struct result *result, unsigned int round)
{
	for (unsigned int k = 0; k < bench->nb_candidates && !stopped; k++) {
		unsigned int i = (k + round) % bench->nb_candidates;

		if (row_valid(&result->row[i]))
			one_sample(bench, result, i, round);
	}
}

static void
find_participants(const struct bench *bench, struct result *result)
{
	const char *reason;

	for (unsigned int i = 0; i < bench->nb_candidates; i++)
		result->row[i].takes_part =
			schedule_takes_part(&bench->candidate[i], &result->workload, &reason);
}

/* Fail the run when a candidate was found wrong; the other candidates keep their figures. */
static void
fail_for_wrong(const struct bench *bench, const struct result *result, struct app_error *err)
{
	for (unsigned int i = 0; i < bench->nb_candidates; i++)
		if (result->row[i].wrong[0] != '\0')
			app_fail(err, APP_EXIT_RUN, "%s, %s: %.300s",
				result->workload.scenario->name, result->workload.label,
				result->row[i].wrong);
}

static int
one_workload(struct bench *bench, const struct workload *workload, report_fn *report,
	struct app_error *err)
{
	const unsigned int rounds = workload->scenario->exact ? 1 : bench->opt.rounds;
	struct result *result = result_append(bench, workload, rounds);

	if (result == NULL)
		return app_fail(err, APP_EXIT_RUN, "out of memory for the results");
	find_participants(bench, result);
	for (unsigned int round = 0; round < rounds && !stopped; round++) {
		progress(result, round, rounds);
		one_round(bench, result, round);
		result->rounds += !stopped;
	}
	progress_end();
	if (result->rounds == 0) {
		result_close(result);
		return 0;
	}
	bench->nb_results++;
	result_finish(bench, result);
	report(bench, result);
	fail_for_wrong(bench, result, err);
	return 0;
}

static int
one_scenario(
	struct bench *bench, const struct scenario *s, report_fn *report, struct app_error *err)
{
	struct workload workload[WORKLOADS_MAX];
	const unsigned int n = schedule_workloads(bench, s, workload);

	for (unsigned int i = 0; i < n && !stopped; i++) {
		if (!schedule_can_run(bench, &workload[i]))
			continue;
		if (workload[i].fresh)
			memory_release(&bench->memory);
		if (one_workload(bench, &workload[i], report, err) != 0)
			return -1;
	}
	return 0;
}

int
runner_run(struct bench *bench, report_fn *report, struct app_error *err)
{
	const struct scenario *const *all = scenarios();
	int ret = 0;

	for (unsigned int i = 0; all[i] != NULL && ret == 0 && !stopped; i++)
		if (bench_runs(bench, i))
			ret = one_scenario(bench, all[i], report, err);
	memory_release(&bench->memory);
	if (ret == 0 && stopped)
		return app_fail(err, APP_EXIT_RUN,
			"a signal stopped the run; what was measured until then is printed above");
	return err->code != 0 ? -1 : ret;
}

void
runner_fini(struct bench *bench)
{
	for (unsigned int i = 0; i < bench->nb_results; i++)
		result_close(&bench->result[i]);
	free(bench->result);
	free(bench->note);
}
