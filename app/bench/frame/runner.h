/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_RUNNER_H
#define BENCH_RUNNER_H

/* Takes the samples of a run. */

#include "frame/bench.h"

/*
 * Run all scenarios that the user asked for and keep the results.
 *
 * report: called with each result as soon as it is complete.
 * Returns 0; -1 with *err filled when a signal stopped the run, or a candidate was found wrong. What was
 * measured until then is kept.
 */
int runner_run(struct bench *bench,
	void (*report)(const struct bench *bench, const struct result *result),
	struct app_error *err);

/* End the run after the current sample. Safe in a signal handler. */
void runner_stop(void);

/* Free the results and the notes. */
void runner_fini(struct bench *bench);

#endif /* BENCH_RUNNER_H */
