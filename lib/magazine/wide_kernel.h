/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The helpers of wide.h in vectors of the compiler, eight numbers at a time. A source includes this once
 * and defines before: TARGET, the attribute that says for which CPU; WIDE, the name of its table; BITS, of
 * a register; ANY(v), whether a bit of 32 bytes is set; WIDEN(p), four numbers as 64-bit words; PACK(a, b),
 * the low halves of eight such words; MOST(a, b), the larger numbers; STORE(p, v), of 32 bytes; FETCH(p), a
 * line for writing.
 *
 * A whole burst whose objects follow each other in memory, as while they come back in order, is handled
 * as one run: its first object says all. Other bursts are handled object by object.
 */

#include "cell.h"
#include "get.h"
#include "ledger.h"
#include "put.h"
#include "segment.h"
#include "wide.h"

#define LANES  8
#define RUN    LEDGER_CHUNK
#define INLINE TARGET static inline __attribute__((always_inline))

typedef uint32_t numbers_t __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
/* Four pointers or offsets. */
typedef uint64_t half_t __attribute__((vector_size(LANES * 4), aligned(8), may_alias));

static const numbers_t steps = {0, 1, 2, 3, 4, 5, 6, 7};

/* Ledger words. */

/* Turn the words of RUN slots that follow each other. */
INLINE bool
turn_run(_Atomic uint32_t *ledger, uint32_t out, uint32_t to)
{
	/* A vector is written word by word as far as readers can tell. */
	numbers_t *words = (numbers_t *)(uintptr_t)ledger, wrong = {0};

	for (unsigned int i = 0; i < RUN / LANES; i++)
		wrong |= words[i] ^ out;
	if (__builtin_expect(ANY(wrong & LEDGER_OUT), 0))
		return false;
	for (unsigned int i = 0; i < RUN / LANES; i++)
		STORE(words + i, (numbers_t){0} + to);
	return true;
}

/*
 * Words that another CPU wrote last are fetched for writing, many at once, before they are used one after
 * the other: to be read first and then written costs two transfers between the CPUs.
 */
INLINE void
fetch_words(_Atomic uint32_t *ledger, const uint32_t *slot, unsigned int n)
{
	for (size_t i = 0; i < n; i++)
		FETCH((uint32_t *)(uintptr_t)&ledger[slot[i]]);
}

/* Turn n words, wherever they are. *foreign: see struct tidei_cell. */
INLINE bool
turn_each(_Atomic uint32_t *ledger, const uint32_t *slot, unsigned int n, uint32_t out, uint32_t to,
	uint8_t *foreign)
{
	uint32_t before[RUN], seen = out;

	if (out != 0 && __builtin_expect(*foreign, 0))
		fetch_words(ledger, slot, n);

#pragma GCC unroll 8
	for (size_t i = 0; i < n; i++) {
		_Atomic uint32_t *word = &ledger[slot[i]];

		/* Relaxed: whoever holds an object has its word. */
		before[i] = atomic_load_explicit(word, memory_order_relaxed);
		atomic_store_explicit(word, to, memory_order_relaxed);
		seen = out == 0 ? seen | before[i] : seen & before[i];
	}
	if (n != 0)
		*foreign = ((before[0] ^ to) & CALLER_MASK) != 0;
	if (__builtin_expect(((seen ^ out) & LEDGER_OUT) == 0, 1))
		return true;
	while (n-- > 0)
		atomic_store_explicit(&ledger[slot[n]], before[n], memory_order_relaxed);
	return false;
}

INLINE bool
turn_slots(const struct tidei_magazines *mags, uint32_t *slot, unsigned int n, uint32_t out,
	uint32_t to, uint8_t *foreign)
{
	if (__builtin_expect(mags->mode == TIDEI_LEDGER_SAMPLED, 0))
		n = tidei_ledger_sample(slot, n);
	return turn_each(mags->ledger, slot, n, out, to, foreign);
}

/* Runs. */

/* Whether RUN objects from a number on lie in one run of a segment. */
INLINE bool
one_run(const struct tidei_magazines *mags, const struct tidei_segment *s, uint32_t number)
{
	return (number & s->mask) * mags->inverse + RUN <= s->per &&
	       number + (RUN - 1) * mags->odd < s->units;
}

/* Whether RUN numbers are those of objects that follow each other. */
INLINE bool
numbers_in_order(
	const struct tidei_magazines *mags, const struct tidei_segment *s, const uint32_t *number)
{
	const numbers_t want = steps * mags->odd + number[0];
	numbers_t wrong = {0};

	/* Numbers in any other order hardly get past this. */
	if (number[RUN - 1] != number[0] + (RUN - 1) * mags->odd || !one_run(mags, s, number[0]))
		return false;
	for (unsigned int i = 0; i < RUN; i += LANES)
		wrong |= *(const numbers_t *)(number + i) ^ (want + i * mags->odd);
	return !ANY(wrong);
}

/* The same for pointers. */
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

INLINE void
number_run(const struct tidei_magazines *mags, uint32_t first, uint32_t *number)
{
	const numbers_t run = steps * mags->odd + first;

	for (unsigned int i = 0; i < RUN; i += LANES)
		STORE(number + i, run + i * mags->odd);
}

/* Bursts in any order. */

INLINE void
expand_each(const struct tidei_magazines *mags, const struct tidei_segment *s,
	const uint32_t *number, void **table, unsigned int n)
{
	const uint8_t shift = mags->shift;
	const uintptr_t base = s->base;

	for (; n >= LANES; n -= LANES, number += LANES, table += LANES) {
		STORE(table, (WIDEN(number) << shift) + base);
		STORE(table + LANES / 2, (WIDEN(number + LANES / 2) << shift) + base);
	}
	if (n > 0)
		tidei_expand_many(mags, number, table, n);
}

/* Write the slots of n numbers. */
INLINE void
slots(const struct tidei_magazines *mags, const struct tidei_segment *s, const uint32_t *number,
	uint32_t *slot, unsigned int n)
{
	const uint32_t mask = s->mask, inverse = mags->inverse, run_slots = s->run_slots;
	const uint32_t run_shift = s->run_shift;

	/* The one segment begins with number 0 and slot 0. */
	for (; n >= LANES; n -= LANES, number += LANES, slot += LANES) {
		numbers_t x = *(const numbers_t *)number;

		STORE(slot, (x & mask) * inverse + (x >> run_shift) * run_slots);
	}
	if (n > 0)
		tidei_slots_many(mags, number, slot, n);
}

/*
 * Write the numbers of n objects, and their slots unless slot is NULL. False: one is none of the segment.
 * Bits that an offset must not have, and the largest numbers, are gathered and looked at in the end.
 */
INLINE bool
compress_each(const struct tidei_magazines *mags, const struct tidei_segment *s, void *const *table,
	uint32_t *number, uint32_t *slot, unsigned int n)
{
	const uintptr_t base = s->base;
	const uint32_t mask = s->mask, inverse = mags->inverse;
	const uint32_t run_shift = s->run_shift, run_slots = s->run_slots;
	const uint8_t shift = mags->shift;
	/* 0 in each multiple of the unit below 2^32 units. */
	const uint64_t zeros = ~(UINT64_C(0xffffffff) << shift);
	half_t offsets = {0};
	numbers_t most = {0}, most_nth = {0}, bad;

	for (; n >= LANES; n -= LANES, table += LANES, number += LANES) {
		half_t a = *(const half_t *)table - base;
		half_t b = *(const half_t *)(table + LANES / 2) - base;
		numbers_t narrow = PACK(a >> shift, b >> shift);
		numbers_t nth = (narrow & mask) * inverse;

		STORE(number, narrow);
		offsets |= a | b;
		most = MOST(most, narrow);
		most_nth = MOST(most_nth, nth);
		if (slot != NULL) {
			STORE(slot, nth + (narrow >> run_shift) * run_slots);
			slot += LANES;
		}
	}
	if (n > 0 && !tidei_compress_few(mags, s, table, number, slot, n))
		return false;
	bad = (numbers_t)(most >= s->units) | (numbers_t)(most_nth >= s->per);
	return !ANY((numbers_t)(offsets & zeros) | bad);
}

/* Turn words of n numbers from free to `to` and write their objects. */
TARGET static __attribute__((noinline)) bool
take_noted(const struct tidei_magazines *mags, struct tidei_cell *cell, const uint32_t *number,
	void **table, unsigned int n, uint32_t to)
{
	const struct tidei_segment *s = mags->segments.segment;
	uint32_t slot[RUN];

	if (n == RUN && mags->mode == TIDEI_LEDGER_FULL && numbers_in_order(mags, s, number)) {
		if (!turn_run(&mags->ledger[segment_slot(mags, s, number[0])], 0, to))
			return false;
		expand_run(mags, s, number[0], table);
		return true;
	}
	slots(mags, s, number, slot, n);
	if (!turn_slots(mags, slot, n, 0, to, &cell->foreign))
		return false;
	expand_each(mags, s, number, table, n);
	return true;
}

/* Write numbers of n objects and turn their words from out to `to`. */
TARGET static __attribute__((noinline)) bool
give_noted(const struct tidei_magazines *mags, struct tidei_cell *cell, void *const *table,
	uint32_t *number, unsigned int n, uint32_t to)
{
	const struct tidei_segment *s = mags->segments.segment;
	uint32_t slot[RUN], first;

	if (n == RUN && mags->mode == TIDEI_LEDGER_FULL && objects_in_order(mags, table)) {
		first = segment_number(mags, s, (uintptr_t)table[0]);
		if (first != NO_NUMBER && one_run(mags, s, first)) {
			if (!turn_run(&mags->ledger[segment_slot(mags, s, first)], LEDGER_OUT, to))
				return false;
			number_run(mags, first, number);
			return true;
		}
	}
	return compress_each(mags, s, table, number, slot, n) &&
	       turn_slots(mags, slot, n, LEDGER_OUT, to, &cell->foreign);
}

/* Fetch the words of the burst that is taken next: `left` numbers lie below this one. */
TARGET static __attribute__((noinline)) void
fetch_next(const struct tidei_magazines *mags, const uint32_t *number, uint32_t left)
{
	uint32_t slot[RUN], n = left < RUN ? left : RUN;

	if (mags->mode != TIDEI_LEDGER_FULL)
		return;
	slots(mags, mags->segments.segment, number - n, slot, n);
	fetch_words(mags->ledger, slot, n);
}

/* The functions of struct tidei_wide. */

TARGET static bool
take(const struct tidei_magazines *mags, struct tidei_cell *cell, const uint32_t *number,
	void **table, unsigned int n, uint32_t to)
{
	if (mags->mode != TIDEI_LEDGER_OFF)
		return take_noted(mags, cell, number, table, n, to);
	expand_each(mags, mags->segments.segment, number, table, n);
	return true;
}

TARGET static bool
give(const struct tidei_magazines *mags, struct tidei_cell *cell, void *const *table,
	uint32_t *number, unsigned int n, uint32_t to)
{
	if (mags->mode != TIDEI_LEDGER_OFF)
		return give_noted(mags, cell, table, number, n, to);
	return compress_each(mags, mags->segments.segment, table, number, NULL, n);
}

TARGET static int
get(struct tidei_magazines *mags, void **table, unsigned int n, const struct tidei_listener *l)
{
	struct tidei_cell *cell = cell_hinted(mags);
	const uint32_t *number;
	uint64_t pair;
	bool taken;

	if (__builtin_expect(cell == NULL || !cell_enter(cell), 0))
		return tidei_get_slowly(mags, NULL, table, n, l);
	pair = cell_pair(cell);
	if (__builtin_expect(n > RUN, 0) || __builtin_expect(n > loaded_count(pair), 0) ||
		__builtin_expect(mags->segments.nb != 1, 0))
		return tidei_get_slowly(mags, cell, table, n, l);
	number = magazine_numbers(mags, loaded(pair)) + loaded_count(pair) - n;
	/* First: a thread that is killed behind this has the objects, one before it has not. */
	cell_set_pair(cell, pair - n);
	if (n == 1) {
		const struct tidei_segment *s = mags->segments.segment;

		taken = ledger_turn_one(mags, s, *number, 0, ledger_word(cell) | LEDGER_OUT);
		if (__builtin_expect(taken, 1))
			*table = segment_object(mags, s, *number);
	} else {
		taken = take(mags, cell, number, table, n, ledger_word(cell) | LEDGER_OUT);
	}
	if (__builtin_expect(!taken, 0)) {
		cell_set_pair(cell, pair);
		return tidei_get_slowly(mags, cell, table, n, l);
	}
	if (__builtin_expect(cell->foreign, 0))
		fetch_next(mags, number, loaded_count(pair) - n);
	cell_leave(cell);
	return 0;
}

TARGET static unsigned int
put(struct tidei_magazines *mags, void *const *table, unsigned int n,
	const struct tidei_listener *l)
{
	struct tidei_cell *cell = cell_hinted(mags);
	uint32_t count, *number;
	uint64_t pair;
	bool given;

	if (__builtin_expect(cell == NULL || !cell_enter(cell), 0))
		return tidei_put_slowly(mags, NULL, table, n, l);
	pair = cell_pair(cell);
	count = loaded_count(pair);
	number = magazine_numbers(mags, loaded(pair)) + count;
	if (__builtin_expect(
		    n > RUN || n > magazine_size(mags) - count || mags->segments.nb != 1, 0))
		return tidei_put_slowly(mags, cell, table, n, l);
	if (n == 1) {
		const struct tidei_segment *s = mags->segments.segment;

		*number = segment_number(mags, s, (uintptr_t)*table);
		given = *number != NO_NUMBER &&
		        ledger_turn_one(mags, s, *number, LEDGER_OUT, ledger_word(cell));
	} else {
		given = give(mags, cell, table, number, n, ledger_word(cell));
	}
	if (__builtin_expect(!given, 0))
		return tidei_put_slowly(mags, cell, table, n, l);
	/* The ledger first: the objects can be had as soon as the magazine has them. */
	cell_set_pair(cell, pair + n);
	cell_leave(cell);
	return 0;
}

const struct tidei_wide WIDE = {BITS, get, put, take, give};
