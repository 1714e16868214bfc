/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Takes objects: from the loaded magazine, the previous one, the depot, and the cells of others. */

#include <errno.h>
#include <string.h>

#include "cell.h"
#include "depot.h"
#include "ledger.h"
#include "put.h"
#include "reclaim.h"
#include "refuse.h"
#include "segment.h"
#include "steal.h"
#include "wide.h"

/* Move numbers from the end of the previous magazine to the loaded one, as many as fit. */
static void
gather(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint64_t pair = cell_pair(cell);
	uint32_t room = magazine_size(mags) - loaded_count(pair), rest = previous_count(pair);
	uint32_t moved = rest < room ? rest : room;

	memcpy(magazine_numbers(mags, loaded(pair)) + loaded_count(pair),
		magazine_numbers(mags, previous(pair)) + rest - moved, moved * sizeof(uint32_t));
	cell_set_pair(cell, pair + moved - moved * PREVIOUS_ONE);
}

/*
 * Bring n numbers, at most a magazine, into the loaded magazine. Bounded: each reclaim that leads to
 * another try puts in order the cell of a dead owner, of which there are finitely many, and thefts are
 * tried once.
 */
static __attribute__((noinline)) bool
fill(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t n)
{
	do {
		uint64_t pair = cell_pair(cell);

		if (previous_count(pair) >= n || loaded_count(pair) == 0)
			cell_set_pair(cell, swap_pair(pair));
		else if (previous_count(pair) != 0)
			gather(mags, cell);
		/* Where the loaded magazine is short now, the previous one is empty. */
		if (loaded_count(cell_pair(cell)) >= n ||
			tidei_depot_exchange(mags, cell, STATE_EMPTY) || tidei_steal(mags, cell, n))
			return true;
	} while (tidei_reclaim(mags, cell) != 0);
	return false;
}

/*
 * Drop from the loaded magazine what the ledger says is out, or what is there twice: objects that two
 * threads gave back in the same few nanoseconds.
 */
static __attribute__((cold, noinline)) void
drop_duplicates(
	struct tidei_magazines *mags, struct tidei_cell *cell, const struct tidei_listener *l)
{
	uint64_t pair = cell_pair(cell);
	uint32_t *number = magazine_numbers(mags, loaded(pair)), kept = 0;
	uint32_t word = ledger_word(cell);

	for (uint32_t i = 0; i < loaded_count(pair); i++) {
		if (ledger_turn(mags, &number[i], 1, 0, word | LEDGER_OUT) == 1) {
			number[kept++] = number[i];
			continue;
		}
		refuse(mags, l, TIDEI_MISUSE_DOUBLE_FREE,
			segment_object(mags, tidei_segment_of(mags, number[i]), number[i]));
	}
	cell_set_pair(cell, make_pair(loaded(pair), kept, previous(pair), previous_count(pair)));
	ledger_turn(mags, number, kept, LEDGER_OUT, word);
}

/*
 * Take the last n numbers of the loaded magazine, which has them. NULL: there were duplicates; they
 * are gone, and nothing was taken. The numbers are valid until the cell is left.
 */
static inline const uint32_t *
take(struct tidei_magazines *mags, struct tidei_cell *cell, unsigned int n,
	const struct tidei_listener *l)
{
	uint64_t pair = cell_pair(cell);
	const uint32_t *number = magazine_numbers(mags, loaded(pair)) + loaded_count(pair) - n;
	uint32_t word, turned;

	/* First: a thread that is killed behind this has the objects, one before it has not. */
	cell_set_pair(cell, pair - n);
	atomic_signal_fence(memory_order_seq_cst);
	if (mags->mode == TIDEI_LEDGER_OFF)
		return number;
	ledger_tick(cell, n);
	word = ledger_word(cell);
	turned = ledger_turn(mags, number, n, 0, word | LEDGER_OUT);
	if (__builtin_expect(turned == n, 1))
		return number;
	ledger_turn(mags, number, turned, LEDGER_OUT, word);
	cell_set_pair(cell, pair);
	drop_duplicates(mags, cell, l);
	return NULL;
}

static inline void
expand(const struct tidei_magazines *mags, const uint32_t *number, void **table, unsigned int n)
{
	const struct tidei_segment *s = mags->segments.segment;

	if (__builtin_expect(mags->segments.nb != 1, 0))
		tidei_expand_many(mags, number, table, n);
	else if (n == 1)
		*table = segment_object(mags, s, *number);
	else
		wide()->expand(mags, s, number, table, n);
}

/* Keep the most objects that were out. Relaxed: a figure. */
static void
note_peak(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint64_t free = depot_free(mags) + tidei_cells_count(mags);
	uint32_t out = free < mags->objects ? mags->objects - (uint32_t)free : 0;
	uint32_t peak = atomic_load_explicit(&mags->peak, memory_order_relaxed);

	cell->sank = false;
	while (out > peak && !atomic_compare_exchange_weak_explicit(&mags->peak, &peak, out,
				     memory_order_relaxed, memory_order_relaxed))
		;
}

/* Take up to a magazine. */
static int
get_few(struct tidei_magazines *mags, struct tidei_cell *cell, void **table, unsigned int n,
	const struct tidei_listener *l)
{
	const uint32_t *number;

	do {
		if (__builtin_expect(loaded_count(cell_pair(cell)) < n, 0) && !fill(mags, cell, n))
			return -ENOBUFS;
		number = take(mags, cell, n, l);
	} while (__builtin_expect(number == NULL, 0));
	expand(mags, number, table, n);
	return 0;
}

/* Whether n objects are not to be had: a look, before others miss what a get takes and gives back. */
static bool
too_few(struct tidei_magazines *mags, struct tidei_cell *cell, unsigned int n)
{
	return depot_free(mags) + tidei_cells_count(mags) < n && tidei_reclaim(mags, cell) == 0;
}

/*
 * Take more than a magazine, magazine by magazine, and write the table once all are there. A thread
 * that is killed meanwhile has what it took so far.
 */
static __attribute__((noinline)) int
get_many(struct tidei_magazines *mags, struct tidei_cell *cell, void **table, unsigned int n,
	const struct tidei_listener *l)
{
	uint32_t kept[TIDEI_GET_EXACT];
	unsigned int got, piece;

	if (too_few(mags, cell, n))
		return -ENOBUFS;
	for (got = 0; got < n;) {
		const uint32_t *number;

		piece = n - got < magazine_size(mags) ? n - got : magazine_size(mags);
		if (loaded_count(cell_pair(cell)) < piece && !fill(mags, cell, piece)) {
			tidei_put_numbers(mags, cell, kept, got);
			return -ENOBUFS;
		}
		number = take(mags, cell, piece, l);
		if (number == NULL)
			continue;
		memcpy(kept + got, number, piece * sizeof(*kept));
		got += piece;
	}
	expand(mags, kept, table, n);
	return 0;
}

/* Relaxed: a counter that only the holder of the cell writes. */
static void
count_failure(struct tidei_cell *cell)
{
	atomic_store_explicit(&cell->failures,
		atomic_load_explicit(&cell->failures, memory_order_relaxed) + 1,
		memory_order_relaxed);
}

static int
get_exact(
	struct tidei_magazines *mags, void **table, unsigned int n, const struct tidei_listener *l)
{
	struct tidei_entry entry = cell_begin(mags);
	struct tidei_cell *cell = entry.cell;
	int ret = n <= magazine_size(mags) ? get_few(mags, cell, table, n, l)
	                                   : get_many(mags, cell, table, n, l);

	if (__builtin_expect(ret != 0, 0))
		count_failure(cell);
	if (__builtin_expect(cell->sank, 0))
		note_peak(mags, cell);
	cell_end(entry);
	return ret;
}

/* Take more objects than the stack keeps numbers of: piece by piece into the table. */
static __attribute__((noinline)) int
get_pieces(
	struct tidei_magazines *mags, void **table, unsigned int n, const struct tidei_listener *l)
{
	struct tidei_entry entry = cell_begin(mags);
	bool few = too_few(mags, entry.cell, n);
	unsigned int got, piece;

	if (few)
		count_failure(entry.cell);
	cell_end(entry);
	if (few)
		return -ENOBUFS;
	for (got = 0; got < n; got += piece) {
		piece = n - got < TIDEI_GET_EXACT ? n - got : TIDEI_GET_EXACT;
		if (get_exact(mags, table + got, piece, l) != 0) {
			tidei_magazines_put(mags, table, got, NULL);
			return -ENOBUFS;
		}
	}
	return 0;
}

int
tidei_magazines_get(
	struct tidei_magazines *mags, void **table, unsigned int n, const struct tidei_listener *l)
{
	if (__builtin_expect(n - 1 >= TIDEI_GET_EXACT, 0))
		return n == 0 ? 0 : get_pieces(mags, table, n, l);
	return get_exact(mags, table, n, l);
}
