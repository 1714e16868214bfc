/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

/* The cost of reading the time-stamp counter before and after a call. */

#include <stdint.h>

/* Measure the cycles between two readings with no call in between: the median of many. */
uint64_t clock_cost(void);

/* Subtract that cost from the cycles of a call; the result is never below 0. */
static inline uint64_t
clock_less(uint64_t cycles, uint64_t cost)
{
	return cycles > cost ? cycles - cost : 0;
}

#endif /* BENCH_CLOCK_H */
