/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_FREEMAP_WORD_H
#define TIDEI_FREEMAP_WORD_H

/* Moving bits into and out of a block's word. Private to lib/freemap. */

#include "summary.h"

/* The lowest n set bits of a word, or all of them. */
static inline uint64_t
word_lowest(uint64_t word, unsigned int n)
{
	uint64_t rest = word;

	if (n >= (unsigned int)__builtin_popcountll(word))
		return word;
	/* n is below 64 now. A run of ones, the common case, needs no loop. */
	unsigned int low = __builtin_ctzll(word);
	uint64_t run = ((UINT64_C(1) << n) - 1) << low;

	if ((word & run) == run && n + low <= BLOCK_SLOTS)
		return run;
	while (n-- > 0)
		rest &= rest - 1;
	return word ^ rest;
}

/* What a take moved: the bits taken, 0 for none, and the word before. */
struct taken {
	uint64_t mask;
	uint64_t before;
};

/* Swap a word for one with fewer bits; *old is what it holds when that fails. */
static inline bool
word_swap(struct tidei_block *b, uint64_t *old, uint64_t rest)
{
	/* Its acquire pairs with the release in word_give(); the rest is for tidei_some_clear(). */
	return atomic_compare_exchange_weak_explicit(
		&b->free, old, rest, memory_order_seq_cst, memory_order_relaxed);
}

/* After a swap that left `rest` in the word. */
static inline void
word_taken(struct tidei_freemap *map, uint32_t block, uint64_t rest)
{
	STEP();
	if (rest == 0)
		tidei_some_clear(map, block);
}

/* Take up to n free slots of a block, nothing when it has fewer than `least`, which is 1 or more. */
static inline struct taken
word_take(struct tidei_freemap *map, uint32_t block, unsigned int n, unsigned int least)
{
	struct tidei_block *b = &map->block[block];
	uint64_t old = atomic_load_explicit(&b->free, memory_order_relaxed), want;

	do {
		if ((unsigned int)__builtin_popcountll(old) < least)
			return (struct taken){0, old};
		want = word_lowest(old, n);
		STEP();
	} while (!word_swap(b, &old, old & ~want));
	word_taken(map, block, old & ~want);
	return (struct taken){want, old};
}

/*
 * Give slots of a block back; the bits that were free already, unharmed. `open` is the block the
 * caller takes from: it needs no `ready` to find that one again.
 */
static inline uint64_t
word_give(struct tidei_freemap *map, uint32_t block, uint64_t mask, uint32_t open)
{
	struct tidei_block *b = &map->block[block];
	/* Its release pairs with the acquire in word_swap(); the rest is for tidei_some_set(). */
	uint64_t old = atomic_fetch_or(&b->free, mask);

	STEP();
	some_ensure(map, block);
	STEP();
	if (block != open && (uint32_t)__builtin_popcountll(old) < b->many &&
		(uint32_t)__builtin_popcountll(old | mask) >= b->many)
		ready_set(map, block);
	return old & mask;
}

#endif /* TIDEI_FREEMAP_WORD_H */
