/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_WIDE_RUN_H
#define TIDEI_MAGAZINE_WIDE_RUN_H

/*
 * Runs: chunks of RUN objects that are consecutive in memory, like after puts in order. The first object
 * determines all numbers, pointers and slots of the others. Private to lib/magazine, for wide_kernel.h.
 */

#include "segment.h"
#include "wide_vector.h"

/* Tell whether the RUN objects from a number on are in one run of the segment. */
INLINE bool
one_run(const struct tidei_magazines *mags, const struct tidei_segment *s, uint32_t number)
{
	return (number & s->mask) * mags->inverse + RUN <= s->per &&
	       number + (RUN - 1) * mags->odd < s->units;
}

/* Tell whether RUN numbers are those of consecutive objects. */
INLINE bool
numbers_in_order(
	const struct tidei_magazines *mags, const struct tidei_segment *s, const uint32_t *number)
{
	const numbers_t want = steps * mags->odd + number[0];
	numbers_t wrong = {0};

	/* Numbers in another order rarely pass this first test. */
	if (number[RUN - 1] != number[0] + (RUN - 1) * mags->odd || !one_run(mags, s, number[0]))
		return false;
	for (unsigned int i = 0; i < RUN; i += LANES)
		wrong |= *(const numbers_t *)(number + i) ^ (want + i * mags->odd);
	return !ANY(wrong);
}

/* Tell whether RUN pointers are a stride apart. */
INLINE bool
objects_in_order(const struct tidei_magazines *mags, void *const *table)
{
	const uint64_t stride = mags->stride;
	const half_t want = (half_t){0, stride, 2 * stride, 3 * stride} + (uintptr_t)table[0];
	half_t wrong = {0};

	if ((uintptr_t)table[RUN - 1] != (uintptr_t)table[0] + (RUN - 1) * stride)
		return false;
	for (unsigned int i = 0; i < RUN; i += LANES / 2)
		wrong |= *(const half_t *)(table + i) ^ (want + i * stride);
	return !ANY(wrong);
}

/* Write the RUN objects from a number on to a table. */
INLINE void
expand_run(const struct tidei_magazines *mags, const struct tidei_segment *s, uint32_t number,
	void **table)
{
	const uint64_t stride = mags->stride;
	half_t objects = (half_t){0, stride, 2 * stride, 3 * stride} +
	                 (s->base + ((uint64_t)number << mags->shift));

	for (unsigned int i = 0; i < RUN; i += LANES / 2)
		STORE(table + i, objects + i * stride);
}

/* Write the numbers of the RUN objects from the one with number `first` on. */
INLINE void
number_run(const struct tidei_magazines *mags, uint32_t first, uint32_t *number)
{
	const numbers_t run = steps * mags->odd + first;

	for (unsigned int i = 0; i < RUN; i += LANES)
		STORE(number + i, run + i * mags->odd);
}

#endif /* TIDEI_MAGAZINE_WIDE_RUN_H */
