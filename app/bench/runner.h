/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_RUNNER_H
#define BENCH_RUNNER_H

#include "bench.h"

/*
 * Run all scenarios that are wanted, print the table of each work as it is done, keep the results.
 *
 * Returns 0; -1 with *err filled when the run was stopped, or an allocator was found wrong: what was
 * measured is kept all the same.
 */
int runner_run(struct bench *bench, struct app_error *err);

/* From a signal handler: end after the turn that is running. */
void runner_stop(void);

/* Free the results. */
void runner_fini(struct bench *bench);

#endif /* BENCH_RUNNER_H */
