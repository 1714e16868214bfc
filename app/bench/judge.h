/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_JUDGE_H
#define BENCH_JUDGE_H

#include "bars.h"
#include "bench.h"

/* One bar at one work. */
struct verdict {
	const struct bar *bar;
	const struct work *work; /* NULL: no work that the bar speaks of was measured. */
	const char *against; /* Name of what the figure was compared with. */
	unsigned int rounds;
	bool measured; /* The figure is there; else why says what was missing. */
	bool reached;
	double figure;
	const char *why;
};

/*
 * Compare the results with all bars of the scenarios that were wanted, and call `tell` with each
 * verdict, which is valid during the call.
 */
void judge(const struct bench *bench, void (*tell)(const struct verdict *v, void *arg), void *arg);

/* The verdicts as a text table. */
void judge_print(FILE *out, const struct bench *bench);

#endif /* BENCH_JUDGE_H */
