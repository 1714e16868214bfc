/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The depot: full and empty magazines that no cell has. */

#include "depot.h"

#define ONE_MOVE  (UINT64_C(1) << 32)
#define WORD_BITS 64

/* Searches for a magazine while others move full ones. */
#define SEARCHES 4

/* Return the bitmap of the full or of the empty magazines. */
static inline _Atomic uint64_t *
bits_of(const struct tidei_magazines *mags, uint32_t as)
{
	return mags->bits[as == STATE_EMPTY];
}

void
tidei_depot_set_bit(struct tidei_magazines *mags, uint32_t magazine, uint32_t as)
{
	_Atomic uint64_t *word = &bits_of(mags, as)[magazine / WORD_BITS];
	uint64_t bit = UINT64_C(1) << magazine % WORD_BITS;

	/* Relaxed: a hint; a thread that follows it swaps the state word. */
	if ((atomic_load_explicit(word, memory_order_relaxed) & bit) == 0)
		atomic_fetch_or_explicit(word, bit, memory_order_relaxed);
}

/* Lower the record of the fewest free objects; returns whether it did. Relaxed: a statistic. */
static bool
note_low(struct tidei_magazines *mags, uint32_t free)
{
	uint32_t low = atomic_load_explicit(&mags->low, memory_order_relaxed);

	while (free < low)
		if (atomic_compare_exchange_weak_explicit(
			    &mags->low, &low, free, memory_order_relaxed, memory_order_relaxed))
			return true;
	return false;
}

/* Return the magazine that searches of a cell try first. */
static inline uint32_t *
hint_of(struct tidei_cell *cell, uint32_t as)
{
	return as == STATE_FULL ? &cell->full_hint : &cell->empty_hint;
}

/* Count a full magazine that has left the depot. */
static void
count_full_get(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint64_t before;

	STEP();
	/* Release: an acquire of this move sees the magazine with the cell; see too_many_numbers(). */
	before = atomic_fetch_add_explicit(
		&mags->depot, ONE_MOVE - magazine_size(mags), memory_order_release);
	if (note_low(mags, (uint32_t)before - magazine_size(mags)))
		cell->peak_due = true;
}

/* Try to get one magazine out of the depot. Returns false if it is not there. */
static bool
try_get(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t magazine, uint32_t as)
{
	uint32_t state = atomic_load_explicit(&mags->state[magazine], memory_order_relaxed);

	STEP();
	/* Acquire: pairs with the release in tidei_depot_put(), so the numbers are visible. */
	if (!state_in_depot(state, as) ||
		!atomic_compare_exchange_strong_explicit(&mags->state[magazine], &state,
			state_held(cell_index(mags, cell), as), memory_order_acquire,
			memory_order_relaxed))
		return false;
	*hint_of(cell, as) = state_of(state);
	if (as == STATE_FULL)
		count_full_get(mags, cell);
	return true;
}

/* Try to get one magazine, and clear its bit if it is not in the depot. */
static bool
try_get_or_clear(
	struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t magazine, uint32_t as)
{
	if (try_get(mags, cell, magazine, as))
		return true;
	STEP();
	/* Afterwards try again: it can have come into the depot just before the bit was cleared. */
	atomic_fetch_and(
		&bits_of(mags, as)[magazine / WORD_BITS], ~(UINT64_C(1) << magazine % WORD_BITS));
	return try_get(mags, cell, magazine, as);
}

/* Search by all bits once, from the hint on. */
static uint32_t
search_bits(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t as)
{
	uint32_t hint = *hint_of(cell, as);
	const _Atomic uint64_t *bits = bits_of(mags, as);
	uint32_t word = hint / WORD_BITS;

	if (try_get(mags, cell, hint, as))
		return hint;
	for (uint32_t i = 0; i < mags->nb_words; i++) {
		/* Relaxed: the state word decides. */
		uint64_t left = atomic_load_explicit(&bits[word], memory_order_relaxed);

		for (; left != 0; left &= left - 1) {
			uint32_t magazine = word * WORD_BITS + (uint32_t)__builtin_ctzll(left);

			if (try_get_or_clear(mags, cell, magazine, as))
				return magazine;
		}
		word = word + 1 == mags->nb_words ? 0 : word + 1;
	}
	return NO_MAGAZINE;
}

/* Search by all states once, because a bit can be clear although its magazine is there. */
static __attribute__((noinline)) uint32_t
search_states(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t as)
{
	/* A thread counts a full magazine before it puts it into the depot. */
	if (as == STATE_FULL && depot_free(mags) < magazine_size(mags))
		return NO_MAGAZINE;
	for (uint32_t m = 0; m < mags->nb_magazines; m++)
		if (try_get(mags, cell, m, as))
			return m;
	return NO_MAGAZINE;
}

uint32_t
tidei_depot_get(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t as)
{
	for (unsigned int i = 0; i < SEARCHES; i++) {
		/* Relaxed: a search that missed a magazine on its way may be repeated, or fail. */
		uint64_t moves = atomic_load_explicit(&mags->depot, memory_order_relaxed);
		uint32_t magazine = search_bits(mags, cell, as);

		if (magazine == NO_MAGAZINE)
			magazine = search_states(mags, cell, as);
		if (magazine != NO_MAGAZINE)
			return magazine;
		if (atomic_load_explicit(&mags->depot, memory_order_relaxed) == moves)
			break;
	}
	return NO_MAGAZINE;
}

void
tidei_depot_put(
	struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t magazine, uint32_t as)
{
	STEP();
	/*
	 * Counted before others can get it, so that the count never falls below 0. A thread that is
	 * killed here leaves the count too high by one magazine.
	 */
	if (as == STATE_FULL)
		atomic_fetch_add_explicit(
			&mags->depot, ONE_MOVE + magazine_size(mags), memory_order_relaxed);
	STEP();
	/* Release: pairs with the acquire in try_get(). */
	atomic_store_explicit(&mags->state[magazine], as | *hint_of(cell, as) << STATE_BITS,
		memory_order_release);
	STEP();
	tidei_depot_set_bit(mags, magazine, as);
	*hint_of(cell, as) = magazine;
}

/* Remove the previous magazine from a pair; as: whether the depot gets it as full or as empty. */
static uint32_t
detach_previous(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t as)
{
	uint64_t pair = cell_pair(cell);
	uint32_t magazine = previous(pair);

	/* First, so that a reclaimer knows how to return it. Relaxed: the store of the pair releases. */
	atomic_store_explicit(&mags->state[magazine], state_held(cell_index(mags, cell), as),
		memory_order_relaxed);
	cell_set_pair(cell, make_pair(loaded(pair), loaded_count(pair), NO_MAGAZINE, 0));
	return magazine;
}

/*
 * Tell whether there are more numbers than objects: copies that undetected double frees left.
 * held: numbers in the cell of the caller.
 *
 * If no full magazine moves during the loop, all that it saw as full were full at the same time. A
 * thread that gets one meanwhile counts the move before it uses the magazine. Acquire: a magazine
 * whose move was counted before the first load does not appear as full any more. Otherwise the loop
 * could count its numbers a second time in another magazine.
 */
static bool
too_many_numbers(const struct tidei_magazines *mags, uint32_t held)
{
	uint64_t moves = atomic_load_explicit(&mags->depot, memory_order_acquire);
	uint64_t numbers = held;

	for (uint32_t m = 0; m < mags->nb_magazines; m++)
		if (state_in_depot(atomic_load_explicit(&mags->state[m], memory_order_acquire),
			    STATE_FULL))
			numbers += magazine_size(mags);
	return numbers > mags->objects && atomic_load(&mags->depot) == moves;
}

/* Get a full magazine and drop its numbers: copies that undetected double frees left. */
static __attribute__((cold, noinline)) uint32_t
discard_full(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint32_t magazine = tidei_depot_get(mags, cell, STATE_FULL);

	if (magazine == NO_MAGAZINE)
		return NO_MAGAZINE;
	/* Relaxed: see detach_previous(), and a counter. */
	atomic_store_explicit(&mags->state[magazine],
		state_held(cell_index(mags, cell), STATE_EMPTY), memory_order_relaxed);
	atomic_fetch_add_explicit(
		&mags->misuse[TIDEI_MISUSE_DOUBLE_FREE], magazine_size(mags), memory_order_relaxed);
	return magazine;
}

/*
 * By count an empty magazine is there, unless there are too many numbers. A search misses it if one
 * cell puts an empty one behind the position of the search while another cell gets the one ahead.
 * Both cells counted a full magazine before. So while no full magazine moves, each cell puts one more
 * empty one at most, and one of nb_cells + 1 searches must find one. too_many_numbers() ends the loop
 * sooner, but misses the numbers in detached full magazines of stopped threads.
 */
uint32_t
tidei_depot_get_empty(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint64_t moves = atomic_load(&mags->depot), now;
	uint32_t got, quiet = 0;

	while ((got = tidei_depot_get(mags, cell, STATE_EMPTY)) == NO_MAGAZINE) {
		now = atomic_load(&mags->depot);
		quiet = now == moves ? quiet + 1 : 0;
		moves = now;
		if (quiet > mags->nb_cells || too_many_numbers(mags, count_pair(cell_pair(cell))))
			got = discard_full(mags, cell);
		if (got != NO_MAGAZINE)
			break;
	}
	return got;
}

bool
tidei_depot_exchange(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t as)
{
	uint32_t count = as == STATE_FULL ? 0 : magazine_size(mags), got = NO_MAGAZINE;
	uint64_t pair;

	if (as == STATE_EMPTY) {
		got = tidei_depot_get(mags, cell, STATE_FULL);
		if (got == NO_MAGAZINE)
			return false;
	}
	tidei_depot_put(mags, cell, detach_previous(mags, cell, as), as);
	if (as == STATE_FULL)
		got = tidei_depot_get_empty(mags, cell);
	pair = cell_pair(cell);
	cell_set_pair(cell, make_pair(got, count, loaded(pair), loaded_count(pair)));
	return true;
}
