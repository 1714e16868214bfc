/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_SEGMENT_H
#define TIDEI_MAGAZINE_SEGMENT_H

/*
 * Converts pointers to numbers and back. Private to lib/magazine.
 *
 * Let x be the distance from the segment's base in units, and stride = odd * unit. An object begins at
 * x if and only if x modulo the period is j * odd with j below the objects of a run. One multiplication
 * by the inverse of odd modulo 2^32 decides that. It is a bijection of 32-bit words that maps j * odd
 * to j, so no other word maps to a value below the objects of a run. (This is exact division: Granlund
 * and Montgomery, "Division by Invariant Integers using Multiplication", PLDI 1994, section 9.)
 */

#include "layout.h"

/* Compute the number of an object of this segment; NO_NUMBER: no object begins there. */
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

/* Compute the slot of a number of this segment. */
static inline uint32_t
segment_slot(const struct tidei_magazines *mags, const struct tidei_segment *s, uint32_t number)
{
	uint32_t x = number - s->first;

	return s->first_slot + (x & s->mask) * mags->inverse + (x >> s->run_shift) * s->run_slots;
}

/* Compute the address of the object of a number of this segment. */
static inline void *
segment_object(const struct tidei_magazines *mags, const struct tidei_segment *s, uint32_t number)
{
	return (void *)(s->base + ((uint64_t)(number - s->first) << mags->shift));
}

/* Find the segment that contains an address; NULL: none. */
const struct tidei_segment *tidei_segment_at(const struct tidei_magazines *mags, uintptr_t address);

/* Find the segment of a number, which must be that of an object. */
const struct tidei_segment *tidei_segment_of(const struct tidei_magazines *mags, uint32_t number);

/* Write the objects of n numbers to a table. */
void tidei_expand_many(
	const struct tidei_magazines *mags, const uint32_t *number, void **table, unsigned int n);

/* Write the slots of n numbers. */
void tidei_slots_many(
	const struct tidei_magazines *mags, const uint32_t *number, uint32_t *slot, unsigned int n);

/*
 * Write the numbers of n objects one by one, and their slots unless slot is NULL. Returns false if one
 * is no object of the segment.
 */
bool tidei_compress_few(const struct tidei_magazines *mags, const struct tidei_segment *s,
	void *const *table, uint32_t *number, uint32_t *slot, unsigned int n);

/* Write the numbers of n objects of any segments. Returns false if one is no object. */
bool tidei_compress_many(
	const struct tidei_magazines *mags, void *const *table, uint32_t *number, unsigned int n);

/* Compute the number of a slot, which must be below tidei_magazines_objects(). */
uint32_t tidei_segment_slot_number(const struct tidei_magazines *mags, uint32_t slot);

#endif /* TIDEI_MAGAZINE_SEGMENT_H */
