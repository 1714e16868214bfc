/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Gets objects: from the loaded magazine, the previous one, the depot, and the cells of others. */

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
tidei_merge_pair(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint64_t pair = cell_pair(cell);
	uint32_t room = magazine_size(mags) - loaded_count(pair), rest = previous_count(pair);
	uint32_t moved = rest < room ? rest : room;

	memcpy(magazine_numbers(mags, loaded(pair)) + loaded_count(pair),
		magazine_numbers(mags, previous(pair)) + rest - moved, moved * sizeof(uint32_t));
	cell_set_pair(cell, pair + moved - moved * PREVIOUS_ONE);
}

/*
 * Bring n numbers, at most a magazine, into the loaded magazine. Returns false if there are too few.
 * The loop is bounded: it repeats only after the reclaim of a dead owner's cell.
 */
static __attribute__((noinline)) bool
fill(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t n)
{
	do {
		uint64_t pair = cell_pair(cell);

		if (previous_count(pair) >= n || loaded_count(pair) == 0)
			cell_set_pair(cell, swap_pair(pair));
		else if (previous_count(pair) != 0)
			tidei_merge_pair(mags, cell);
		/* Where the loaded magazine is short now, the previous one is empty. */
		if (loaded_count(cell_pair(cell)) >= n ||
			tidei_depot_exchange(mags, cell, STATE_EMPTY) || tidei_steal(mags, cell, n))
			return true;
	} while (tidei_reclaim(mags, cell, n) != 0);
	return false;
}

/* Tell whether n numbers contain one. */
static bool
contains(const uint32_t *number, uint32_t n, uint32_t one)
{
	for (uint32_t i = 0; i < n; i++)
		if (number[i] == one)
			return true;
	return false;
}

/*
 * Drop from the loaded magazine the numbers that are out by the ledger or occur twice. They come from
 * objects that two threads put in the same few nanoseconds. No ledger word changes. Until the count is
 * set each number that stays is in the magazine, so a thread that is killed here loses none.
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

		if (ledger_is_out(mags, s, number[i]) || contains(number, kept, number[i]))
			dropped[nb++] = segment_object(mags, s, number[i]);
		else
			number[kept++] = number[i];
		STEP();
	}
	cell_set_pair(
		entry->cell, make_pair(loaded(pair), kept, previous(pair), previous_count(pair)));
	/* Outside the cell, because a listener that blocks or never returns would keep its free objects. */
	if (l != NULL)
		cell_end(*entry);
	for (uint32_t i = 0; i < nb; i++)
		refuse(mags, l, TIDEI_MISUSE_DOUBLE_FREE, dropped[i]);
	if (l != NULL)
		*entry = cell_begin(mags);
}

/*
 * Move the last n numbers of the loaded magazine, which has as many, to `kept`. Returns false if there
 * were duplicates: then they are dropped, nothing is taken, and the entry can be that of another cell.
 */
static bool
get_loaded(struct tidei_magazines *mags, struct tidei_entry *entry, uint32_t *kept, unsigned int n,
	const struct tidei_listener *l)
{
	struct tidei_cell *cell = entry->cell;
	uint64_t pair = cell_pair(cell);
	const uint32_t *number = magazine_numbers(mags, loaded(pair)) + loaded_count(pair) - n;
	uint32_t word = ledger_record(cell) | LEDGER_OUT;

	/* First, so that a thread that is killed later loses these objects but leaves no copy of them. */
	cell_set_pair(cell, pair - n);
	if (mags->segments.nb == 1 ? wide()->record_get(mags, cell, number, n, word)
				   : tidei_ledger_update(mags, number, n, 0, word)) {
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

/* Measure the objects that are out, and raise the peak. Relaxed: a statistic. */
static void
note_peak(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint64_t free = depot_free(mags) + tidei_cells_count(mags);
	uint32_t out = free < mags->objects ? mags->objects - (uint32_t)free : 0;
	uint32_t peak = atomic_load_explicit(&mags->peak, memory_order_relaxed);

	cell->peak_due = false;
	while (out > peak && !atomic_compare_exchange_weak_explicit(&mags->peak, &peak, out,
				     memory_order_relaxed, memory_order_relaxed))
		;
}

/*
 * Reset the record of the fewest free objects after a get failed: the objects that it took and put
 * back must not hide a later peak. Relaxed: a statistic.
 */
static void
forget_low(struct tidei_magazines *mags)
{
	atomic_store_explicit(&mags->low, depot_free(mags), memory_order_relaxed);
}

/* Tell whether fewer than n objects are free, before a get takes any that other gets would miss. */
static bool
too_few(struct tidei_magazines *mags, struct tidei_cell *cell, unsigned int n)
{
	return depot_free(mags) + count_pair(cell_pair(cell)) < n &&
	       depot_free(mags) + tidei_cells_count(mags) < n && tidei_reclaim(mags, cell, n) == 0;
}

/* Put back the objects that a get took before it failed. */
static __attribute__((cold, noinline)) void
put_back(
	struct tidei_magazines *mags, struct tidei_cell *cell, const uint32_t *kept, unsigned int n)
{
	void *table[TIDEI_GET_EXACT];

	expand(mags, kept, table, n);
	tidei_put_back(mags, cell, table, n);
	forget_low(mags);
}

static inline unsigned int
min(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/*
 * Get n objects magazine by magazine, and write the table after the last. A thread that is killed
 * meanwhile loses the objects that it took so far.
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
		if (loaded_count(cell_pair(entry->cell)) == 0 &&
			!fill(mags, entry->cell, min(n - got, magazine_size(mags)))) {
			put_back(mags, entry->cell, kept, got);
			return -ENOBUFS;
		}
		piece = min(n - got, loaded_count(cell_pair(entry->cell)));
		if (get_loaded(mags, entry, kept + got, piece, l))
			got += piece;
	}
	expand(mags, kept, table, n);
	return 0;
}

/* Get up to a magazine of objects. The loaded magazine has all before the get takes any. */
static int
get_few(struct tidei_magazines *mags, struct tidei_entry *entry, void **table, unsigned int n,
	const struct tidei_listener *l)
{
	uint32_t kept[MAGAZINE_MAX];

	do {
		if (loaded_count(cell_pair(entry->cell)) < n && !fill(mags, entry->cell, n))
			return -ENOBUFS;
	} while (!get_loaded(mags, entry, kept, n, l));
	expand(mags, kept, table, n);
	return 0;
}

/* Count a failed get. Relaxed: a counter that only the thread inside the cell writes. */
static void
count_failure(struct tidei_cell *cell)
{
	atomic_store_explicit(&cell->failures,
		atomic_load_explicit(&cell->failures, memory_order_relaxed) + 1,
		memory_order_relaxed);
}

/* Get up to TIDEI_GET_EXACT objects from inside a cell, and leave it. */
static __attribute__((noinline)) int
get_inside(struct tidei_magazines *mags, struct tidei_entry entry, void **table, unsigned int n,
	const struct tidei_listener *l)
{
	int ret = n <= magazine_size(mags) ? get_few(mags, &entry, table, n, l)
	                                   : get_pieces(mags, &entry, table, n, l);

	if (ret != 0)
		count_failure(entry.cell);
	if (entry.cell->peak_due)
		note_peak(mags, entry.cell);
	cell_end(entry);
	return ret;
}

/* Get more than TIDEI_GET_EXACT objects, piece by piece into the table. */
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
		piece = min(n - got, TIDEI_GET_EXACT);
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
