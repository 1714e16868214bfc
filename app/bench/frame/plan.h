/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_PLAN_H
#define BENCH_PLAN_H

/* Plans that several scenarios share. */

#include "frame/bench.h"

/*
 * Get cache size i: those of --cache, or else 0 and then `other`. Returns false when there is no such
 * size.
 */
bool plan_cache(const struct bench *bench, unsigned int i, unsigned int other, unsigned int *cache);

/* Plan a workload per cache size, on a small pool for one thread. Returns as plan of struct scenario. */
bool plan_small(const struct bench *bench, unsigned int i, struct workload *workload);

/* Compute the size of a pool that so many threads share: what they hold and cache, and spare buffers. */
unsigned int plan_shared(unsigned int threads, const struct workload *workload);

#endif /* BENCH_PLAN_H */
