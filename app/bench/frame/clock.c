/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: measures what reading the clock costs. */

#include <stdlib.h>

#include <rte_cycles.h>

#include "frame/clock.h"

#define READINGS 1001

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

uint64_t
clock_cost(void)
{
	uint64_t cost[READINGS];

	for (unsigned int i = 0; i < READINGS; i++) {
		uint64_t start = rte_rdtsc();

		cost[i] = rte_rdtsc() - start;
	}
	qsort(cost, READINGS, sizeof(cost[0]), compare);
	return cost[READINGS / 2];
}
