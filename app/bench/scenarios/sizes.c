/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: draws a mix of sizes. */

#include "scenarios/sizes.h"

/* Marsaglia's xorshift of 32 bits (Journal of Statistical Software 8, 14). */
static uint32_t
next(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

void
sizes_mix(uint16_t *size, unsigned int n)
{
	uint32_t x = 1;

	for (unsigned int i = 0; i < n; i++) {
		/* Draw a limit first, from twice the least size up to the largest. */
		uint32_t limit = (2 * SIZES_MIN) << next(&x) % 5;

		size[i] = (uint16_t)(SIZES_MIN + next(&x) % (limit - SIZES_MIN));
	}
}
