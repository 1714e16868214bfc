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
	_Atomic uint64_t *word = &bits_of(mags, as)[magazine / WORD_BITS];
	uint64_t bit = UINT64_C(1) << magazine % WORD_BITS;

	/* Relaxed: a hint; whoever follows it swaps the state word. */
	if ((atomic_load_explicit(word, memory_order_relaxed) & bit) == 0)
		atomic_fetch_or_explicit(word, bit, memory_order_relaxed);
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

/* The magazine that a cell's searches try first. */
static inline uint32_t *
hint_of(struct tidei_cell *cell, uint32_t as)
{
	return as == STATE_FULL ? &cell->full_hint : &cell->empty_hint;
}

/* Count a full magazine that was won. */
static void
count_out(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint64_t before;

	STEP();
	/* Release: who acquires the moves with this one among them sees the magazine as held; see too_many(). */
	before = atomic_fetch_add_explicit(
		&mags->depot, ONE_MOVE - magazine_size(mags), memory_order_release);
	if (note_low(mags, (uint32_t)before - magazine_size(mags)))
		cell->sank = true;
}

/* Try to win a magazine that may be in the depot. */
static bool
win(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t magazine, uint32_t as)
{
	uint32_t state = atomic_load_explicit(&mags->state[magazine], memory_order_relaxed);

	STEP();
	/* Acquire: pairs with the release in give(); the numbers of the magazine are seen. */
	if (!state_in_depot(state, as) ||
		!atomic_compare_exchange_strong_explicit(&mags->state[magazine], &state,
			state_held(cell_index(mags, cell), as), memory_order_acquire,
			memory_order_relaxed))
		return false;
	*hint_of(cell, as) = state_of(state);
	if (as == STATE_FULL)
		count_out(mags, cell);
	return true;
}

/* Try to win a magazine, and clear its bit if it is not in the depot. */
static bool
win_or_clear(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t magazine, uint32_t as)
{
	if (win(mags, cell, magazine, as))
		return true;
	STEP();
	/* It can have come into the depot just before the bit was cleared. */
	atomic_fetch_and(
		&bits_of(mags, as)[magazine / WORD_BITS], ~(UINT64_C(1) << magazine % WORD_BITS));
	return win(mags, cell, magazine, as);
}

/* Look through all bits once, from the magazine to be tried first on. */
static uint32_t
search_bits(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t as)
{
	uint32_t hint = *hint_of(cell, as);
	const _Atomic uint64_t *bits = bits_of(mags, as);
	uint32_t word = hint / WORD_BITS;

	if (win(mags, cell, hint, as))
		return hint;
	for (uint32_t i = 0; i < mags->nb_words; i++) {
		/* Relaxed: the state word is what counts. */
		uint64_t left = atomic_load_explicit(&bits[word], memory_order_relaxed);

		for (; left != 0; left &= left - 1) {
			uint32_t magazine = word * WORD_BITS + (uint32_t)__builtin_ctzll(left);

			if (win_or_clear(mags, cell, magazine, as))
				return magazine;
		}
		word = word + 1 == mags->nb_words ? 0 : word + 1;
	}
	return NO_MAGAZINE;
}

/* Look through the states once: a bit can be missing. */
static __attribute__((noinline)) uint32_t
search_states(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t as)
{
	/* Whoever gives a full magazine counts it first. */
	if (as == STATE_FULL && depot_free(mags) < magazine_size(mags))
		return NO_MAGAZINE;
	for (uint32_t m = 0; m < mags->nb_magazines; m++)
		if (win(mags, cell, m, as))
			return m;
	return NO_MAGAZINE;
}

uint32_t
tidei_depot_take(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t as)
{
	for (unsigned int i = 0; i < SEARCHES; i++) {
		/* Relaxed: a search that missed what moves just now may be made again, or fail. */
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
	atomic_store_explicit(&mags->state[magazine], as | *hint_of(cell, as) << STATE_BITS,
		memory_order_release);
	STEP();
	tidei_depot_show(mags, magazine, as);
	*hint_of(cell, as) = magazine;
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

/*
 * Whether there are more numbers than objects: copies that undetected double frees left. `held`: numbers of the
 * caller's. As long as no full magazine moves, those that are seen full are so at once; a thread that took one
 * meanwhile counts it before it does anything with it. Acquire: one that was taken and counted before is not
 * seen full any more; without that its numbers could be seen once more in another.
 */
static bool
too_many(const struct tidei_magazines *mags, uint32_t held)
{
	uint64_t moves = atomic_load_explicit(&mags->depot, memory_order_acquire);
	uint64_t numbers = held;

	for (uint32_t m = 0; m < mags->nb_magazines; m++)
		if (state_in_depot(atomic_load_explicit(&mags->state[m], memory_order_acquire),
			    STATE_FULL))
			numbers += magazine_size(mags);
	return numbers > mags->objects && atomic_load(&mags->depot) == moves;
}

/* Take a full magazine and drop what is in it: double frees that no ledger word showed. */
static __attribute__((cold, noinline)) uint32_t
drop_full(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint32_t magazine = tidei_depot_take(mags, cell, STATE_FULL);

	if (magazine == NO_MAGAZINE)
		return NO_MAGAZINE;
	/* Relaxed: as in tidei_depot_exchange(), and a counter. */
	atomic_store_explicit(&mags->state[magazine],
		state_held(cell_index(mags, cell), STATE_EMPTY), memory_order_relaxed);
	atomic_fetch_add_explicit(
		&mags->misuse[TIDEI_MISUSE_DOUBLE_FREE], magazine_size(mags), memory_order_relaxed);
	return magazine;
}

/*
 * One is there, by count, unless there are too many numbers. A search can miss it when a cell gives one behind it
 * and another takes the one before it. Both counted a full one first, so once no full magazine moves each cell gives
 * one empty one more at most: of one search more than there are cells, one would have found it. too_many() is
 * faster, but does not see the numbers of full magazines that stopped threads have in their hands.
 */
uint32_t
tidei_depot_take_empty(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint64_t moves = atomic_load(&mags->depot), now;
	uint32_t got, quiet = 0;

	while ((got = tidei_depot_take(mags, cell, STATE_EMPTY)) == NO_MAGAZINE) {
		now = atomic_load(&mags->depot);
		quiet = now == moves ? quiet + 1 : 0;
		moves = now;
		if (quiet > mags->nb_cells || too_many(mags, count_pair(cell_pair(cell))))
			got = drop_full(mags, cell);
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
		got = tidei_depot_take(mags, cell, STATE_FULL);
		if (got == NO_MAGAZINE)
			return false;
	}
	tidei_depot_give(mags, cell, drop_previous(mags, cell, as), as);
	if (as == STATE_FULL)
		got = tidei_depot_take_empty(mags, cell);
	pair = cell_pair(cell);
	cell_set_pair(cell, make_pair(got, count, loaded(pair), loaded_count(pair)));
	return true;
}
