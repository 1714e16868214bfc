/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_WORKERS_H
#define BENCH_WORKERS_H

/*
 * Several threads that allocate and free at the same time, each as fast as it can, from a common start
 * to a common end.
 */

#include <stdatomic.h>

#include "frame/backend.h"

/*
 * Bursts that a worker holds before it puts them back. With bursts of 32 these are 128 objects, the
 * middle one of the three numbers that DPDK's mempool_perf_autotest keeps (32, 128, 512).
 */
#define WORKERS_HELD 4

struct workers {
	const struct sample *sample;
	unsigned int threads;
	uint64_t ticks;
	/* Each worker adds itself once; the last one starts the clock. */
	atomic_uint arrived;
	_Atomic uint64_t start; /* TSC; 0: not yet. Written once, by the last worker. */
	struct tally tally; /* Sums of all workers, and their longest stall. Under lock. */
	uint64_t end; /* TSC of the last worker to end. Under lock. */
	atomic_flag lock;
};

/* Wait for all workers to arrive. Returns the common start, in cycles of the TSC. */
uint64_t workers_begin(struct workers *workers);
/* Add the counters of one worker to the sums; it ends now. */
void workers_end(struct workers *workers, const struct tally *t);

/* Run one worker on the mempool of the sample, from workers_begin() to workers_end(). Flushes its cache. */
void workers_run(struct workers *workers);

/* Compute the figures from the sums: million objects per second, and the longest stall. */
int workers_figures(const struct workers *workers, struct sample *sample);

#endif /* BENCH_WORKERS_H */
