/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: order statistics. */

#include <stdlib.h>
#include <string.h>

#include "frame/stats.h"

static int
ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct stats
stats_of(const double *v, unsigned int n)
{
	double sorted[STATS_MAX];

	memcpy(sorted, v, n * sizeof(*v));
	qsort(sorted, n, sizeof(*sorted), ascending);
	return (struct stats){
		.median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2,
		.min = sorted[0],
		.max = sorted[n - 1],
	};
}

double
stats_median_ratio(const double *a, const double *b, unsigned int n)
{
	double ratio[STATS_MAX];

	for (unsigned int i = 0; i < n; i++)
		ratio[i] = a[i] / b[i];
	return stats_of(ratio, n).median;
}

static int
ascending_calls(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void
stats_sort(uint32_t *v, size_t n)
{
	qsort(v, n, sizeof(*v), ascending_calls);
}

uint32_t
stats_percentile(const uint32_t *sorted, size_t n, unsigned int per_mille)
{
	return sorted[((uint64_t)n * per_mille + 999) / 1000 - 1];
}
