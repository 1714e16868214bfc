/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_PLAN_H
#define BENCH_PLAN_H

/* Works that several scenarios plan alike. */

#include "bench.h"

/* The i-th cache size to measure: the user's, or 0 and then `other`. False: there is none. */
bool plan_cache(const struct bench *bench, unsigned int i, unsigned int other, unsigned int *cache);

/* One work per cache size, on a small pool for one thread. As the plan of struct scenario. */
bool plan_small(const struct bench *bench, unsigned int i, struct work *work);

/* Buffers that a pool for so many threads needs: what they may hold and cache, and room to spare. */
unsigned int plan_shared(unsigned int threads, const struct work *work);

#endif /* BENCH_PLAN_H */
