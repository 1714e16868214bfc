/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_WIDE_BURST_H
#define TIDEI_MAGAZINE_WIDE_BURST_H

/*
 * Bursts of objects in any order. Private to lib/magazine, for wide_kernel.h.
 *
 * If n is no multiple of LANES, the last vector overlaps the one before and repeats a part of its work.
 */

#include "segment.h"
#include "wide_vector.h"

/* Constants of the computation: a copy, because the compiler assumes that stores change the original. */
struct terms {
	uintptr_t base;
	uint32_t mask, inverse, run_shift, run_slots;
	uint8_t shift;
};

INLINE struct terms
terms_of(const struct tidei_magazines *mags, const struct tidei_segment *s)
{
	return (struct terms){
		s->base, s->mask, mags->inverse, s->run_shift, s->run_slots, mags->shift};
}

INLINE void
expand_at(struct terms t, const uint32_t *number, void **table)
{
	STORE(table, (WIDEN(number) << t.shift) + t.base);
	STORE(table + LANES / 2, (WIDEN(number + LANES / 2) << t.shift) + t.base);
}

/* Write the objects of n numbers to a table. */
INLINE void
expand_each(const struct tidei_magazines *mags, const struct tidei_segment *s,
	const uint32_t *number, void **table, unsigned int n)
{
	const struct terms t = terms_of(mags, s);
	size_t i = 0;

	if (__builtin_expect(n < LANES, 0)) {
		tidei_expand_many(mags, number, table, n);
		return;
	}
	for (; i + LANES <= n; i += LANES)
		expand_at(t, number + i, table + i);
	if (i < n)
		expand_at(t, number + n - LANES, table + n - LANES);
}

INLINE void
slots_at(struct terms t, const uint32_t *number, uint32_t *slot)
{
	numbers_t x = *(const numbers_t *)number;

	/* The one segment begins with number 0 and slot 0. */
	STORE(slot, (x & t.mask) * t.inverse + (x >> t.run_shift) * t.run_slots);
}

/* Write the slots of n numbers. */
INLINE void
slots(const struct tidei_magazines *mags, const struct tidei_segment *s, const uint32_t *number,
	uint32_t *slot, unsigned int n)
{
	const struct terms t = terms_of(mags, s);
	size_t i = 0;

	if (__builtin_expect(n < LANES, 0)) {
		tidei_slots_many(mags, number, slot, n);
		return;
	}
	for (; i + LANES <= n; i += LANES)
		slots_at(t, number + i, slot + i);
	if (i < n)
		slots_at(t, number + n - LANES, slot + n - LANES);
}

/* Values that compress_each() collects in its loop and checks once at the end. */
struct gathered {
	half_t offsets; /* All offsets, combined by OR. */
	numbers_t most, most_nth; /* The largest number, and index in a run, of each lane. */
};

INLINE void
compress_at(
	struct terms t, void *const *table, uint32_t *number, uint32_t *slot, struct gathered *g)
{
	half_t a = LOAD(table) - t.base;
	half_t b = LOAD(table + LANES / 2) - t.base;
	numbers_t narrow = PACK(a >> t.shift, b >> t.shift);
	numbers_t nth = (narrow & t.mask) * t.inverse;

	STORE(number, narrow);
	g->offsets |= a | b;
	g->most = MOST(g->most, narrow);
	g->most_nth = MOST(g->most_nth, nth);
	if (slot != NULL)
		STORE(slot, nth + (narrow >> t.run_shift) * t.run_slots);
}

/*
 * Write the numbers of n objects, and their slots unless slot is NULL. Returns false if one is no object
 * of the segment.
 */
INLINE bool
compress_each(const struct tidei_magazines *mags, const struct tidei_segment *s, void *const *table,
	uint32_t *number, uint32_t *slot, unsigned int n)
{
	/* These bits are 0 in each multiple of the unit below 2^32 units. */
	const uint64_t zeros = ~(UINT64_C(0xffffffff) << mags->shift);
	const struct terms t = terms_of(mags, s);
	struct gathered g = {.offsets = {0}};
	size_t i = 0;
	numbers_t bad;

	if (__builtin_expect(n < LANES, 0))
		return tidei_compress_few(mags, s, table, number, slot, n);
	for (; i + LANES <= n; i += LANES)
		compress_at(t, table + i, number + i, slot == NULL ? NULL : slot + i, &g);
	if (i < n)
		compress_at(t, table + n - LANES, number + n - LANES,
			slot == NULL ? NULL : slot + n - LANES, &g);
	bad = (numbers_t)(g.most >= s->units) | (numbers_t)(g.most_nth >= s->per);
	return !ANY((numbers_t)(g.offsets & zeros) | bad);
}

#endif /* TIDEI_MAGAZINE_WIDE_BURST_H */
