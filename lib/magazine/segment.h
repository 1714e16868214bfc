/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_SEGMENT_H
#define TIDEI_MAGAZINE_SEGMENT_H

/*
 * From a pointer to its number and back. Private to lib/magazine.
 *
 * With x the distance from the segment's base in units and stride = odd * unit, x modulo the period is
 * the start of an object if and only if it is j * odd with j below the objects of a run. One
 * multiplication by the inverse of odd modulo 2^32 answers that: it is a bijection of 32-bit words and
 * sends j * odd to j, so nothing else can land below the count (exact division: Granlund and
 * Montgomery, "Division by Invariant Integers using Multiplication", PLDI 1994, section 9).
 */

#include "layout.h"

/* The number of an object of this segment; NO_NUMBER: no object begins there. */
static inline uint32_t
segment_number(const struct tidei_magazines *mags, const struct tidei_segment *s, uintptr_t address)
{
	uint64_t offset = address - s->base;
	uint64_t x = offset >> mags->shift;

	if (x >= s->units || offset != x << mags->shift ||
		((uint32_t)x & s->mask) * mags->inverse >= s->per)
		return NO_NUMBER;
	return s->first + (uint32_t)x;
}

static inline void *
segment_object(const struct tidei_magazines *mags, const struct tidei_segment *s, uint32_t number)
{
	return (void *)(s->base + ((uint64_t)(number - s->first) << mags->shift));
}

/* The segment that an address is in; NULL: none. */
const struct tidei_segment *tidei_segment_at(const struct tidei_magazines *mags, uintptr_t address);

/* The segment of a number that exists. */
const struct tidei_segment *tidei_segment_of(const struct tidei_magazines *mags, uint32_t number);

/* Write the objects of n numbers to a table. */
void tidei_expand_many(
	const struct tidei_magazines *mags, const uint32_t *number, void **table, unsigned int n);

/* Write the numbers of n objects. Returns false when one of them is no object. */
bool tidei_compress_many(
	const struct tidei_magazines *mags, void *const *table, uint32_t *number, unsigned int n);

/* The number of the object that begins in a granule; NO_NUMBER: none does. */
uint32_t tidei_segment_slot_number(const struct tidei_magazines *mags, uint32_t slot);

#endif /* TIDEI_MAGAZINE_SEGMENT_H */
