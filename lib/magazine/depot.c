/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The depot: full and empty magazines that no cell holds. */

#include "depot.h"

#define ONE_MOVE  (UINT64_C(1) << 32)
#define WORD_BITS 64

/* A search for a full magazine that others disturb is made again so often. */
#define SEARCHES 4

/* The bitmap of magazines that are full or empty. */
static inline _Atomic uint64_t *
bits_of(const struct tidei_magazines *mags, uint32_t as)
{
	return mags->bits[as == STATE_EMPTY];
}

void
tidei_depot_show(struct tidei_magazines *mags, uint32_t magazine, uint32_t as)
{
	/* Relaxed: a hint; whoever follows it swaps the state word. */
	atomic_fetch_or_explicit(&bits_of(mags, as)[magazine / WORD_BITS],
		UINT64_C(1) << magazine % WORD_BITS, memory_order_relaxed);
}

/* Keep the fewest free objects the depot ever had; whether these are. Relaxed: a figure. */
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

/* After a magazine was won: it is not to be found any more. */
static void
took(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t magazine, uint32_t as)
{
	uint64_t before;

	STEP();
	atomic_fetch_and_explicit(&bits_of(mags, as)[magazine / WORD_BITS],
		~(UINT64_C(1) << magazine % WORD_BITS), memory_order_relaxed);
	STEP();
	if (as == STATE_EMPTY) {
		cell->empty_hint = magazine;
		return;
	}
	cell->full_hint = magazine;
	/* Relaxed: the moves only tell searches that they were disturbed. */
	before = atomic_fetch_add_explicit(
		&mags->depot, ONE_MOVE - magazine_size(mags), memory_order_relaxed);
	if (note_low(mags, (uint32_t)before - magazine_size(mags)))
		cell->sank = true;
}

/* Try to win a magazine that a bit speaks of. */
static bool
win(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t magazine, uint32_t as)
{
	uint32_t state = as;

	STEP();
	/* Acquire: pairs with the release in give(); the numbers of the magazine are seen. */
	if (atomic_load_explicit(&mags->state[magazine], memory_order_relaxed) != as ||
		!atomic_compare_exchange_strong_explicit(&mags->state[magazine], &state,
			state_held(cell_index(mags, cell), as), memory_order_acquire,
			memory_order_relaxed))
		return false;
	took(mags, cell, magazine, as);
	return true;
}

/* Look through all words once, from the magazine moved last on. */
static uint32_t
search(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t as)
{
	uint32_t hint = as == STATE_EMPTY ? cell->empty_hint : cell->full_hint;
	const _Atomic uint64_t *bits = bits_of(mags, as);
	uint32_t word = hint / WORD_BITS;

	if (atomic_load_explicit(&mags->state[hint], memory_order_relaxed) == as &&
		win(mags, cell, hint, as))
		return hint;
	for (uint32_t i = 0; i < mags->nb_words; i++) {
		/* Relaxed: the state word is what counts. */
		uint64_t left = atomic_load_explicit(&bits[word], memory_order_relaxed);

		for (; left != 0; left &= left - 1) {
			uint32_t magazine = word * WORD_BITS + (uint32_t)__builtin_ctzll(left);

			if (win(mags, cell, magazine, as))
				return magazine;
		}
		word = word + 1 == mags->nb_words ? 0 : word + 1;
	}
	return NO_MAGAZINE;
}

uint32_t
tidei_depot_take(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t as)
{
	for (unsigned int i = 0; i < SEARCHES; i++) {
		/* Relaxed: a search that missed what moves just now may be made again, or fail. */
		uint64_t moves = atomic_load_explicit(&mags->depot, memory_order_relaxed);
		uint32_t magazine = search(mags, cell, as);

		if (magazine != NO_MAGAZINE)
			return magazine;
		if (atomic_load_explicit(&mags->depot, memory_order_relaxed) == moves)
			break;
	}
	return NO_MAGAZINE;
}

void
tidei_depot_give(
	struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t magazine, uint32_t as)
{
	STEP();
	/*
	 * Counted before it can be taken, so that the count never falls below 0; a thread that is
	 * killed here leaves it too high by one magazine.
	 */
	if (as == STATE_FULL)
		atomic_fetch_add_explicit(
			&mags->depot, ONE_MOVE + magazine_size(mags), memory_order_relaxed);
	STEP();
	/* Release: pairs with the acquire in win(). */
	atomic_store_explicit(&mags->state[magazine], as, memory_order_release);
	STEP();
	tidei_depot_show(mags, magazine, as);
	*(as == STATE_FULL ? &cell->full_hint : &cell->empty_hint) = magazine;
}

/* Put the previous magazine of a cell into its hands, to be given away as `as` says. */
static uint32_t
drop_previous(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t as)
{
	uint64_t pair = cell_pair(cell);
	uint32_t magazine = previous(pair);

	/* Before the pair forgets it: a reclaimer then knows what to do with it. Relaxed: see there. */
	atomic_store_explicit(&mags->state[magazine], state_held(cell_index(mags, cell), as),
		memory_order_relaxed);
	cell_set_pair(cell, make_pair(loaded(pair), loaded_count(pair), NO_MAGAZINE, 0));
	return magazine;
}

bool
tidei_depot_exchange(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t as)
{
	uint32_t other = as == STATE_FULL ? STATE_EMPTY : STATE_FULL, got = NO_MAGAZINE, given;
	uint32_t count = as == STATE_FULL ? 0 : magazine_size(mags);
	uint64_t pair;

	if (as == STATE_EMPTY) {
		got = tidei_depot_take(mags, cell, other);
		if (got == NO_MAGAZINE)
			return false;
	}
	given = drop_previous(mags, cell, as);
	tidei_depot_give(mags, cell, given, as);
	/* An empty one is there, by count; a search can miss it while others move theirs. */
	while (got == NO_MAGAZINE)
		got = tidei_depot_take(mags, cell, other);
	pair = cell_pair(cell);
	cell_set_pair(cell, make_pair(got, count, loaded(pair), loaded_count(pair)));
	return true;
}
