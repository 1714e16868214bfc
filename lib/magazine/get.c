/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Takes objects: from the loaded magazine, the previous one, the depot, and the cells of others. */

#include <errno.h>
#include <string.h>

#include "cell.h"
#include "depot.h"
#include "get.h"
#include "ledger.h"
#include "put.h"
#include "reclaim.h"
#include "refuse.h"
#include "segment.h"
#include "steal.h"
#include "wide.h"

void
tidei_gather(struct tidei_magazines *mags, struct tidei_cell *cell)
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
			tidei_gather(mags, cell);
		/* Where the loaded magazine is short now, the previous one is empty. */
		if (loaded_count(cell_pair(cell)) >= n ||
			tidei_depot_exchange(mags, cell, STATE_EMPTY) || tidei_steal(mags, cell, n))
			return true;
	} while (tidei_reclaim(mags, cell, n) != 0);
	return false;
}

/* Whether a number is among n others. */
static bool
among(const uint32_t *number, uint32_t n, uint32_t one)
{
	for (uint32_t i = 0; i < n; i++)
		if (number[i] == one)
			return true;
	return false;
}

/*
 * Drop from the loaded magazine what the ledger says is out, or what is there twice: objects that two
 * threads gave back in the same few nanoseconds. No ledger word changes, and until the count is set
 * each number that stays is in the magazine, so a thread that is killed here loses none.
 */
static __attribute__((cold, noinline)) void
drop_duplicates(
	struct tidei_magazines *mags, struct tidei_entry *entry, const struct tidei_listener *l)
{
	uint64_t pair = cell_pair(entry->cell);
	uint32_t *number = magazine_numbers(mags, loaded(pair)), kept = 0, nb = 0;
	const void *dropped[MAGAZINE_MAX];

	for (uint32_t i = 0; i < loaded_count(pair); i++) {
		const struct tidei_segment *s = tidei_segment_of(mags, number[i]);

		if (ledger_says_out(mags, s, number[i]) || among(number, kept, number[i]))
			dropped[nb++] = segment_object(mags, s, number[i]);
		else
			number[kept++] = number[i];
		STEP();
	}
	cell_set_pair(
		entry->cell, make_pair(loaded(pair), kept, previous(pair), previous_count(pair)));
	/* Outside the cell: a listener that blocks, or never returns, keeps no free objects. */
	if (l != NULL)
		cell_end(*entry);
	for (uint32_t i = 0; i < nb; i++)
		refuse(mags, l, TIDEI_MISUSE_DOUBLE_FREE, dropped[i]);
	if (l != NULL)
		*entry = cell_begin(mags);
}

/*
 * Take the last n numbers of the loaded magazine, which has them, away from it: write them to `kept`. False:
 * there were duplicates; they are gone, nothing was taken, and the entry can be into another cell.
 */
static bool
take(struct tidei_magazines *mags, struct tidei_entry *entry, uint32_t *kept, unsigned int n,
	const struct tidei_listener *l)
{
	struct tidei_cell *cell = entry->cell;
	uint64_t pair = cell_pair(cell);
	const uint32_t *number = magazine_numbers(mags, loaded(pair)) + loaded_count(pair) - n;
	uint32_t word = ledger_word(cell) | LEDGER_OUT;

	/* First: a thread that is killed behind this has the objects, one before it has not. */
	cell_set_pair(cell, pair - n);
	if (mags->segments.nb == 1 ? wide()->take(mags, cell, number, n, word)
				   : tidei_ledger_turn(mags, number, n, 0, word)) {
		memcpy(kept, number, n * sizeof(*kept));
		return true;
	}
	cell_set_pair(cell, pair);
	drop_duplicates(mags, entry, l);
	return false;
}

/* Write the objects of n numbers to a table. */
static void
expand(const struct tidei_magazines *mags, const uint32_t *number, void **table, unsigned int n)
{
	if (mags->segments.nb == 1)
		wide()->expand(mags, number, table, n);
	else
		tidei_expand_many(mags, number, table, n);
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

/*
 * A get that failed has given back what it took: what was free meanwhile is no measure for what comes. Relaxed:
 * a figure.
 */
static void
forget_low(struct tidei_magazines *mags)
{
	atomic_store_explicit(&mags->low, depot_free(mags), memory_order_relaxed);
}

/* Whether n objects are not to be had: a look, before others miss what a get takes and gives back. */
static bool
too_few(struct tidei_magazines *mags, struct tidei_cell *cell, unsigned int n)
{
	return depot_free(mags) + count_pair(cell_pair(cell)) < n &&
	       depot_free(mags) + tidei_cells_count(mags) < n && tidei_reclaim(mags, cell, n) == 0;
}

/* Give back what a get took before it failed. */
static __attribute__((cold, noinline)) void
put_back(
	struct tidei_magazines *mags, struct tidei_cell *cell, const uint32_t *kept, unsigned int n)
{
	void *table[TIDEI_GET_EXACT];

	expand(mags, kept, table, n);
	tidei_put_back(mags, cell, table, n);
	forget_low(mags);
}

/* Bring a number into the loaded magazine, if n can be had: all, or a magazine of them. */
static bool
load(struct tidei_magazines *mags, struct tidei_cell *cell, unsigned int n)
{
	uint64_t pair = cell_pair(cell);

	if (loaded_count(pair) == 0 && previous_count(pair) != 0) {
		pair = swap_pair(pair);
		cell_set_pair(cell, pair);
	}
	if (loaded_count(pair) != 0)
		return true;
	return tidei_depot_exchange(mags, cell, STATE_EMPTY) ||
	       fill(mags, cell, n < magazine_size(mags) ? n : magazine_size(mags));
}

/*
 * Take n objects magazine by magazine, and write the table once all are there. A thread that is killed
 * meanwhile has what it took so far.
 */
static int
get_pieces(struct tidei_magazines *mags, struct tidei_entry *entry, void **table, unsigned int n,
	const struct tidei_listener *l)
{
	uint32_t kept[TIDEI_GET_EXACT];
	unsigned int got = 0, piece;

	if (too_few(mags, entry->cell, n))
		return -ENOBUFS;
	while (got < n) {
		if (!load(mags, entry->cell, n - got)) {
			put_back(mags, entry->cell, kept, got);
			return -ENOBUFS;
		}
		piece = loaded_count(cell_pair(entry->cell));
		piece = piece < n - got ? piece : n - got;
		if (take(mags, entry, kept + got, piece, l))
			got += piece;
	}
	expand(mags, kept, table, n);
	return 0;
}

/* Take up to a magazine: all are in the loaded one before any is taken. */
static int
get_few(struct tidei_magazines *mags, struct tidei_entry *entry, void **table, unsigned int n,
	const struct tidei_listener *l)
{
	uint32_t kept[MAGAZINE_MAX];

	do {
		if (loaded_count(cell_pair(entry->cell)) < n && !fill(mags, entry->cell, n))
			return -ENOBUFS;
	} while (!take(mags, entry, kept, n, l));
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

/* Take up to TIDEI_GET_EXACT objects from inside a cell, and leave it. */
static __attribute__((noinline)) int
get_inside(struct tidei_magazines *mags, struct tidei_entry entry, void **table, unsigned int n,
	const struct tidei_listener *l)
{
	int ret = n <= magazine_size(mags) ? get_few(mags, &entry, table, n, l)
	                                   : get_pieces(mags, &entry, table, n, l);

	if (ret != 0)
		count_failure(entry.cell);
	if (entry.cell->sank)
		note_peak(mags, entry.cell);
	cell_end(entry);
	return ret;
}

/* Take more objects than the stack has room for: piece by piece into the table. */
static int
get_many(struct tidei_magazines *mags, void **table, unsigned int n, const struct tidei_listener *l)
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
		if (get_inside(mags, cell_begin(mags), table + got, piece, l) != 0) {
			tidei_magazines_put(mags, table, got, NULL);
			forget_low(mags);
			return -ENOBUFS;
		}
	}
	return 0;
}

int
tidei_get_slowly(struct tidei_magazines *mags, struct tidei_cell *cell, void **table,
	unsigned int n, const struct tidei_listener *l)
{
	struct tidei_entry entry = {cell, HOLD_OWN, 0};

	if (n <= TIDEI_GET_EXACT)
		return get_inside(mags, cell == NULL ? tidei_cell_find(mags) : entry, table, n, l);
	if (cell != NULL)
		cell_end(entry);
	return get_many(mags, table, n, l);
}

int
tidei_magazines_get(
	struct tidei_magazines *mags, void **table, unsigned int n, const struct tidei_listener *l)
{
	return wide()->get(mags, table, n, l);
}
