/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The functions of wide.h in vectors. A source includes this file once. Before, it defines WIDE, the
 * name of its table, BITS, the width of a register, and the macros that wide_vector.h lists.
 *
 * The functions split bursts into chunks of RUN objects. A whole chunk of consecutive objects is handled
 * as a run (wide_run.h), any other chunk object by object (wide_burst.h).
 */

#include "cell.h"
#include "get.h"
#include "ledger.h"
#include "put.h"
#include "segment.h"
#include "wide.h"
#include "wide_burst.h"
#include "wide_ledger.h"
#include "wide_run.h"

/* Fetch the words of n numbers, a chunk at most, which the thread updates soon. */
TARGET static __attribute__((noinline)) void
prefetch_chunk(const struct tidei_magazines *mags, const uint32_t *number, unsigned int n)
{
	uint32_t slot[RUN];

	if (mags->mode != TIDEI_LEDGER_FULL)
		return;
	slots(mags, mags->segments.segment, number, slot, n);
	prefetch_words(mags->ledger, slot, n);
}

/*
 * Record a get of n objects, a chunk at most: update their words from free to `to`. *run: whether the
 * numbers are those of a run.
 */
INLINE bool
record_chunk(const struct tidei_magazines *mags, struct tidei_cell *cell, const uint32_t *number,
	unsigned int n, uint32_t to, bool *run)
{
	const struct tidei_segment *s = mags->segments.segment;
	uint32_t slot[RUN];

	*run = n == RUN && mags->mode == TIDEI_LEDGER_FULL && numbers_in_order(mags, s, number);
	if (*run)
		return update_run(
			&mags->ledger[segment_slot(mags, s, number[0])], 0, to, &cell->remote);
	slots(mags, s, number, slot, n);
	return update_slots(mags, slot, n, 0, to, &cell->remote);
}

/* Record a get of n objects, a chunk at most, and write the objects. */
TARGET static __attribute__((noinline)) bool
get_chunk(const struct tidei_magazines *mags, struct tidei_cell *cell, const uint32_t *number,
	void **table, unsigned int n, uint32_t to)
{
	const struct tidei_segment *s = mags->segments.segment;
	bool run;

	if (!record_chunk(mags, cell, number, n, to, &run))
		return false;
	if (run)
		expand_run(mags, s, number[0], table);
	else
		expand_each(mags, s, number, table, n);
	return true;
}

/* Write the numbers of n objects, a chunk at most, and update their words from out to `to`. */
TARGET static __attribute__((noinline)) bool
put_chunk(const struct tidei_magazines *mags, struct tidei_cell *cell, void *const *table,
	uint32_t *number, unsigned int n, uint32_t to)
{
	const struct tidei_segment *s = mags->segments.segment;
	uint32_t slot[RUN], first;

	if (n == RUN && mags->mode == TIDEI_LEDGER_FULL && objects_in_order(mags, table)) {
		first = segment_number(mags, s, (uintptr_t)table[0]);
		if (first != NO_NUMBER && one_run(mags, s, first)) {
			if (!update_run(&mags->ledger[segment_slot(mags, s, first)], LEDGER_OUT, to,
				    &cell->remote))
				return false;
			number_run(mags, first, number);
			return true;
		}
	}
	return compress_each(mags, s, table, number, slot, n) &&
	       update_slots(mags, slot, n, LEDGER_OUT, to, &cell->remote);
}

static inline unsigned int
chunk_of(unsigned int n)
{
	return n < RUN ? n : RUN;
}

/* See struct tidei_wide. */
TARGET static bool
record_get(const struct tidei_magazines *mags, struct tidei_cell *cell, const uint32_t *number,
	unsigned int n, uint32_t to)
{
	unsigned int done, chunk;
	bool run;

	if (mags->mode == TIDEI_LEDGER_OFF)
		return true;
	for (done = 0; done < n; done += chunk) {
		chunk = chunk_of(n - done);
		if (cell->remote && n - done > RUN)
			prefetch_chunk(mags, number + done + RUN, chunk_of(n - done - RUN));
		if (__builtin_expect(!record_chunk(mags, cell, number + done, chunk, to, &run), 0))
			break;
	}
	if (__builtin_expect(done >= n, 1))
		return true;
	/* Free these again; the callers and times of their words are lost. */
	while (done-- > 0)
		ledger_update_one(
			mags, mags->segments.segment, number[done], LEDGER_OUT, to & ~LEDGER_OUT);
	return false;
}

/* See struct tidei_wide. */
TARGET static void
expand(const struct tidei_magazines *mags, const uint32_t *number, void **table, unsigned int n)
{
	expand_each(mags, mags->segments.segment, number, table, n);
}

/* See struct tidei_wide. */
TARGET static unsigned int
compress_put(const struct tidei_magazines *mags, struct tidei_cell *cell, void *const *table,
	uint32_t *number, unsigned int n, uint32_t to)
{
	unsigned int done, chunk;

	if (mags->mode == TIDEI_LEDGER_OFF)
		return compress_each(mags, mags->segments.segment, table, number, NULL, n) ? n : 0;
	for (done = 0; done < n; done += chunk) {
		chunk = chunk_of(n - done);
		if (!put_chunk(mags, cell, table + done, number + done, chunk, to))
			break;
	}
	return done;
}

/* Record a get of n numbers from the end of a loaded magazine, and write their objects. */
INLINE bool
get_burst(const struct tidei_magazines *mags, struct tidei_cell *cell, const uint32_t *number,
	void **table, unsigned int n)
{
	const struct tidei_segment *s = mags->segments.segment;
	uint32_t to = ledger_record(cell) | LEDGER_OUT;

	if (n == 1) {
		if (!ledger_update_one(mags, s, *number, 0, to))
			return false;
		*table = segment_object(mags, s, *number);
		return true;
	}
	if (n <= RUN && mags->mode != TIDEI_LEDGER_OFF)
		return get_chunk(mags, cell, number, table, n, to);
	if (mags->mode != TIDEI_LEDGER_OFF && !record_get(mags, cell, number, n, to))
		return false;
	expand_each(mags, s, number, table, n);
	return true;
}

/*
 * Write the numbers of n objects behind those of a loaded magazine, and record the put. Returns how many
 * it accepted from the start of the table.
 */
INLINE unsigned int
put_burst(const struct tidei_magazines *mags, struct tidei_cell *cell, void *const *table,
	uint32_t *number, unsigned int n)
{
	const struct tidei_segment *s = mags->segments.segment;
	uint32_t to = ledger_record(cell);

	if (n == 1) {
		*number = segment_number(mags, s, (uintptr_t)*table);
		return *number != NO_NUMBER && ledger_update_one(mags, s, *number, LEDGER_OUT, to);
	}
	if (mags->mode == TIDEI_LEDGER_OFF)
		return compress_each(mags, s, table, number, NULL, n) ? n : 0;
	if (n <= RUN)
		return put_chunk(mags, cell, table, number, n, to) ? n : 0;
	return compress_put(mags, cell, table, number, n, to);
}

/* The fast path of tidei_magazines_get(). */
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
	/* First, so that a thread that is killed later loses these objects but leaves no copy of them. */
	cell_set_pair(cell, pair - n);
	if (__builtin_expect(!get_burst(mags, cell, number, table, n), 0)) {
		cell_set_pair(cell, pair);
		return tidei_get_slowly(mags, cell, table, n, l);
	}
	/* Fetch the words of the next burst. After a get of one object that rarely pays. */
	if (__builtin_expect(cell->remote, 0) && n > 1) {
		unsigned int next = chunk_of(loaded_count(pair) - n);

		prefetch_chunk(mags, number - next, next);
	}
	cell_leave(cell);
	return 0;
}

/* The fast path of tidei_magazines_put(). */
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
	given = put_burst(mags, cell, table, magazine_numbers(mags, loaded(pair)) + count, n);
	/* After the ledger: others can get the objects as soon as the magazine has them. */
	cell_set_pair(cell, pair + given);
	if (__builtin_expect(given < n, 0))
		return tidei_put_slowly(mags, cell, table + given, n - given, l);
	cell_leave(cell);
	return 0;
}

const struct tidei_wide WIDE = {BITS, get, put, record_get, expand, compress_put};
