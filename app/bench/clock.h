/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

/* What reading the time-stamp counter around a call costs by itself. */

#include <stdint.h>

/* Cycles between two readings with nothing in between: the median of many. */
uint64_t clock_cost(void);

/* What is left of a reading without that cost; never below 0. */
static inline uint64_t
clock_less(uint64_t cycles, uint64_t cost)
{
	return cycles > cost ? cycles - cost : 0;
}

#endif /* BENCH_CLOCK_H */
