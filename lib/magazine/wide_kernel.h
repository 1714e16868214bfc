/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The helpers of wide.h in vectors of the compiler, eight numbers at a time. A source includes this once
 * and defines before: TARGET, the attribute that says for which CPU; WIDE, the name of its table; BITS, of
 * a register; SET(v), a bit for each lane that is all ones; ANY(v), whether a bit of 32 bytes is set; WIDEN(p), four numbers as 64-bit words; PACK(a, b),
 * the low halves of eight such words; MOST(a, b), the larger numbers; LOAD(p) and
 * STORE(p, v), of 32 bytes at any multiple of 4; FETCH(p), a line for writing.
 *
 * Bursts are handled in chunks of the ledger. A whole chunk whose objects follow each other in memory, as
 * while they come back in order, is handled as one run: its first object says all. Other chunks are handled
 * object by object.
 */

#include "cell.h"
#include "get.h"
#include "ledger.h"
#include "put.h"
#include "segment.h"
#include "wide.h"

#define LANES 8
#define RUN   LEDGER_CHUNK
static_assert(RUN <= 32, "a word has a bit for each of a chunk");
#define INLINE TARGET static inline __attribute__((always_inline))

typedef uint32_t numbers_t __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
/* Four pointers or offsets. */
typedef uint64_t half_t __attribute__((vector_size(LANES * 4), aligned(8), may_alias));
/* The same where numbers are written. */
typedef uint64_t bytes_t __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

static const numbers_t steps = {0, 1, 2, 3, 4, 5, 6, 7};

/* Ledger words. */

/* Turn the words of RUN slots that follow each other. *foreign: see struct tidei_cell. */
INLINE bool
turn_run(_Atomic uint32_t *ledger, uint32_t out, uint32_t to, uint8_t *foreign)
{
	/* A vector is written word by word as far as readers can tell. */
	numbers_t *words = (numbers_t *)(uintptr_t)ledger, wrong = {0};

	*foreign = ((words[0][0] ^ to) & CALLER_MASK) != 0;
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

/* Keep, of n slots of a chunk, those that a sampled ledger watches, as indices of its words. How many. */
INLINE unsigned int
sample(uint32_t *slot, unsigned int n)
{
	unsigned int nb = 0, i = 0;
	uint32_t watched = 0;

	for (; i + LANES <= n; i += LANES)
		watched |= (uint32_t)SET(*(const numbers_t *)(slot + i) % TIDEI_LEDGER_SAMPLE == 0)
		           << i;
	for (; i < n; i++)
		watched |= (uint32_t)(slot[i] % TIDEI_LEDGER_SAMPLE == 0) << i;
	for (; watched != 0; watched &= watched - 1)
		slot[nb++] = slot[__builtin_ctz(watched)] / TIDEI_LEDGER_SAMPLE;
	return nb;
}

INLINE bool
turn_slots(const struct tidei_magazines *mags, uint32_t *slot, unsigned int n, uint32_t out,
	uint32_t to, uint8_t *foreign)
{
	if (__builtin_expect(mags->mode == TIDEI_LEDGER_SAMPLED, 0))
		n = sample(slot, n);
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

/*
 * Bursts in any order. Where n is no multiple of LANES, a last vector overlaps with the one before it, and
 * does again what that did.
 */

/* What the vectors are computed with: a copy, as each store could change the original. */
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

/* What compress_each() gathers to look at in the end. */
struct gathered {
	half_t offsets; /* The bits of all offsets. */
	numbers_t most, most_nth; /* The largest number, and place in a run, of each lane. */
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

/* Write the numbers of n objects, and their slots unless slot is NULL. False: one is none of the segment. */
INLINE bool
compress_each(const struct tidei_magazines *mags, const struct tidei_segment *s, void *const *table,
	uint32_t *number, uint32_t *slot, unsigned int n)
{
	/* 0 in each multiple of the unit below 2^32 units. */
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

/* Fetch the words of n numbers, a chunk at most, which are turned soon. */
TARGET static __attribute__((noinline)) void
fetch_chunk(const struct tidei_magazines *mags, const uint32_t *number, unsigned int n)
{
	uint32_t slot[RUN];

	if (mags->mode != TIDEI_LEDGER_FULL)
		return;
	slots(mags, mags->segments.segment, number, slot, n);
	fetch_words(mags->ledger, slot, n);
}

/* Turn the words of n numbers, a chunk at most, from free to `to`, and write their objects. */
TARGET static __attribute__((noinline)) bool
take_chunk(const struct tidei_magazines *mags, struct tidei_cell *cell, const uint32_t *number,
	void **table, unsigned int n, uint32_t to)
{
	const struct tidei_segment *s = mags->segments.segment;
	uint32_t slot[RUN];

	if (n == RUN && mags->mode == TIDEI_LEDGER_FULL && numbers_in_order(mags, s, number)) {
		if (!turn_run(
			    &mags->ledger[segment_slot(mags, s, number[0])], 0, to, &cell->foreign))
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

/* Turn the words of n numbers, a chunk at most, from free to `to`. */
INLINE bool
turn_chunk(const struct tidei_magazines *mags, struct tidei_cell *cell, const uint32_t *number,
	unsigned int n, uint32_t to)
{
	const struct tidei_segment *s = mags->segments.segment;
	uint32_t slot[RUN];

	if (n == RUN && mags->mode == TIDEI_LEDGER_FULL && numbers_in_order(mags, s, number))
		return turn_run(
			&mags->ledger[segment_slot(mags, s, number[0])], 0, to, &cell->foreign);
	slots(mags, s, number, slot, n);
	return turn_slots(mags, slot, n, 0, to, &cell->foreign);
}

/* Write numbers of n objects, a chunk at most, and turn their words from out to `to`. */
TARGET static __attribute__((noinline)) bool
give_chunk(const struct tidei_magazines *mags, struct tidei_cell *cell, void *const *table,
	uint32_t *number, unsigned int n, uint32_t to)
{
	const struct tidei_segment *s = mags->segments.segment;
	uint32_t slot[RUN], first;

	if (n == RUN && mags->mode == TIDEI_LEDGER_FULL && objects_in_order(mags, table)) {
		first = segment_number(mags, s, (uintptr_t)table[0]);
		if (first != NO_NUMBER && one_run(mags, s, first)) {
			if (!turn_run(&mags->ledger[segment_slot(mags, s, first)], LEDGER_OUT, to,
				    &cell->foreign))
				return false;
			number_run(mags, first, number);
			return true;
		}
	}
	return compress_each(mags, s, table, number, slot, n) &&
	       turn_slots(mags, slot, n, LEDGER_OUT, to, &cell->foreign);
}

static inline unsigned int
chunk_of(unsigned int n)
{
	return n < RUN ? n : RUN;
}

/* The functions of struct tidei_wide. */

TARGET static bool
take(const struct tidei_magazines *mags, struct tidei_cell *cell, const uint32_t *number,
	unsigned int n, uint32_t to)
{
	unsigned int done, chunk;

	if (mags->mode == TIDEI_LEDGER_OFF)
		return true;
	for (done = 0; done < n; done += chunk) {
		chunk = chunk_of(n - done);
		if (cell->foreign && n - done > RUN)
			fetch_chunk(mags, number + done + RUN, chunk_of(n - done - RUN));
		if (__builtin_expect(!turn_chunk(mags, cell, number + done, chunk, to), 0))
			break;
	}
	if (__builtin_expect(done >= n, 1))
		return true;
	/* What the words said of time and caller is lost. */
	while (done-- > 0)
		ledger_turn_one(
			mags, mags->segments.segment, number[done], LEDGER_OUT, to & ~LEDGER_OUT);
	return false;
}

TARGET static void
expand(const struct tidei_magazines *mags, const uint32_t *number, void **table, unsigned int n)
{
	expand_each(mags, mags->segments.segment, number, table, n);
}

TARGET static unsigned int
give(const struct tidei_magazines *mags, struct tidei_cell *cell, void *const *table,
	uint32_t *number, unsigned int n, uint32_t to)
{
	unsigned int done, chunk;

	if (mags->mode == TIDEI_LEDGER_OFF)
		return compress_each(mags, mags->segments.segment, table, number, NULL, n) ? n : 0;
	for (done = 0; done < n; done += chunk) {
		chunk = chunk_of(n - done);
		if (!give_chunk(mags, cell, table + done, number + done, chunk, to))
			break;
	}
	return done;
}

/* Take n numbers, which are at the end of a loaded magazine, into a table. */
INLINE bool
take_burst(const struct tidei_magazines *mags, struct tidei_cell *cell, const uint32_t *number,
	void **table, unsigned int n)
{
	const struct tidei_segment *s = mags->segments.segment;
	uint32_t to = ledger_word(cell) | LEDGER_OUT;

	if (n == 1) {
		if (!ledger_turn_one(mags, s, *number, 0, to))
			return false;
		*table = segment_object(mags, s, *number);
		return true;
	}
	if (n <= RUN && mags->mode != TIDEI_LEDGER_OFF)
		return take_chunk(mags, cell, number, table, n, to);
	if (mags->mode != TIDEI_LEDGER_OFF && !take(mags, cell, number, n, to))
		return false;
	expand_each(mags, s, number, table, n);
	return true;
}

/* Write the numbers of n objects behind those of a loaded magazine. How many of the first it could. */
INLINE unsigned int
give_burst(const struct tidei_magazines *mags, struct tidei_cell *cell, void *const *table,
	uint32_t *number, unsigned int n)
{
	const struct tidei_segment *s = mags->segments.segment;
	uint32_t to = ledger_word(cell);

	if (n == 1) {
		*number = segment_number(mags, s, (uintptr_t)*table);
		return *number != NO_NUMBER && ledger_turn_one(mags, s, *number, LEDGER_OUT, to);
	}
	if (mags->mode == TIDEI_LEDGER_OFF)
		return compress_each(mags, s, table, number, NULL, n) ? n : 0;
	if (n <= RUN)
		return give_chunk(mags, cell, table, number, n, to) ? n : 0;
	return give(mags, cell, table, number, n, to);
}

TARGET static int
get(struct tidei_magazines *mags, void **table, unsigned int n, const struct tidei_listener *l)
{
	struct tidei_cell *cell = cell_hinted(mags);
	const uint32_t *number;
	uint64_t pair;

	if (__builtin_expect(cell == NULL || !cell_enter(cell), 0))
		return tidei_get_slowly(mags, NULL, table, n, l);
	pair = cell_pair(cell);
	if (__builtin_expect(n > loaded_count(pair) || mags->segments.nb != 1, 0))
		return tidei_get_slowly(mags, cell, table, n, l);
	number = magazine_numbers(mags, loaded(pair)) + loaded_count(pair) - n;
	/* First: a thread that is killed behind this has the objects, one before it has not. */
	cell_set_pair(cell, pair - n);
	if (__builtin_expect(!take_burst(mags, cell, number, table, n), 0)) {
		cell_set_pair(cell, pair);
		return tidei_get_slowly(mags, cell, table, n, l);
	}
	/* The burst that is taken next. Of single objects none says whether that pays. */
	if (__builtin_expect(cell->foreign, 0) && n > 1) {
		unsigned int next = chunk_of(loaded_count(pair) - n);

		fetch_chunk(mags, number - next, next);
	}
	cell_leave(cell);
	return 0;
}

TARGET static unsigned int
put(struct tidei_magazines *mags, void *const *table, unsigned int n,
	const struct tidei_listener *l)
{
	struct tidei_cell *cell = cell_hinted(mags);
	unsigned int given;
	uint32_t count;
	uint64_t pair;

	if (__builtin_expect(cell == NULL || !cell_enter(cell), 0))
		return tidei_put_slowly(mags, NULL, table, n, l);
	pair = cell_pair(cell);
	count = loaded_count(pair);
	if (__builtin_expect(n > magazine_size(mags) - count || mags->segments.nb != 1, 0))
		return tidei_put_slowly(mags, cell, table, n, l);
	given = give_burst(mags, cell, table, magazine_numbers(mags, loaded(pair)) + count, n);
	/* The ledger first: the objects can be had as soon as the magazine has them. */
	cell_set_pair(cell, pair + given);
	if (__builtin_expect(given < n, 0))
		return tidei_put_slowly(mags, cell, table + given, n - given, l);
	cell_leave(cell);
	return 0;
}

const struct tidei_wide WIDE = {BITS, get, put, take, expand, give};
