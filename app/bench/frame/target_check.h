/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_TARGET_CHECK_H
#define BENCH_TARGET_CHECK_H

/* Compares the results of a run with the targets of its scenarios. */

#include "frame/bench.h"

/* One target at one workload. */
struct target_check {
	const struct scenario *scenario;
	const struct target *target;
	const char *subject; /* Name of the candidate that the target is about. */
	const struct workload
		*workload; /* NULL: no workload that the target applies to was measured. */
	const char *against; /* Name of the candidate that the subject was compared with. */
	unsigned int rounds;
	bool measured; /* There is a figure; otherwise reason says what is missing. */
	bool reached;
	double figure;
	const char *reason;
};

/*
 * Compare the results with all targets of the scenarios that the user asked for, and call report with
 * each comparison, which is valid during the call.
 */
void target_check(const struct bench *bench,
	void (*report)(const struct target_check *check, void *arg), void *arg);

#endif /* BENCH_TARGET_CHECK_H */
