/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

/* Order statistics of a few measurements, and of many single calls. This file does not use DPDK. */

#include <stddef.h>
#include <stdint.h>

/* Rounds a run can have, and so the values of one series. */
#define STATS_MAX 1000

struct stats {
	double median; /* Of an even number of values: the mean of the middle two. */
	double min;
	double max;
};

/* Compute all three of n values, 1 to STATS_MAX. v is not changed. */
struct stats stats_of(const double *v, unsigned int n);

/* Compute the median of the n quotients a[i] / b[i]; n as above. */
double stats_median_ratio(const double *a, const double *b, unsigned int n);

/* Sort n values, the smallest first. */
void stats_sort(uint32_t *v, size_t n);

/*
 * The value that at least per_mille thousandths of n sorted values do not exceed: the smallest such,
 * by nearest rank. n is at least 1; per_mille is 1 to 1000.
 */
uint32_t stats_percentile(const uint32_t *sorted, size_t n, unsigned int per_mille);

#endif /* BENCH_STATS_H */
