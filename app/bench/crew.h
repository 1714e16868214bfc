/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_CREW_H
#define BENCH_CREW_H

/*
 * Several threads that take and give back, each as fast as it can, from one common start to one common
 * end: bursts from one pool, or what their scenario has them do.
 */

#include <stdatomic.h>

#include "source.h"

/*
 * Bursts a thread holds before it gives them back. With bursts of 32 that is 128 objects, the middle of
 * what DPDK's mempool_perf_autotest keeps (32, 128, 512).
 */
#define CREW_HELD 4

struct crew {
	const struct turn *turn;
	unsigned int threads;
	uint64_t ticks;
	/* Written by members once as they come; who sees all of them there starts the clock. */
	atomic_uint arrived;
	_Atomic uint64_t start; /* TSC; 0: not yet. Written once by the last to arrive. */
	struct tally tally; /* Sums; the longest stall. Under lock. */
	uint64_t end; /* TSC of the last to end. Under lock. */
	atomic_flag lock;
};

/* Wait for all members; when they began, in TSC cycles. */
uint64_t crew_begin(struct crew *crew);
/* Add up what a member did until now. */
void crew_end(struct crew *crew, const struct tally *t);

/* The work of one member on a mempool, between these two. Flushes its cache. */
void crew_work(struct crew *crew);

/* Turn the sums into the sample: million objects per second, and the longest stall. */
int crew_sample(const struct crew *crew, struct turn *turn);

#endif /* BENCH_CREW_H */
