/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_FREEMAP_SUMMARY_H
#define TIDEI_FREEMAP_SUMMARY_H

/* The two summaries, by the rules in layout.h. Private to lib/freemap. */

#include "layout.h"

static inline uint64_t
some_bit(uint32_t block)
{
	return UINT64_C(1) << (block % SOME_BLOCKS);
}

/*
 * The two functions below talk to each other through a word and its summary, each writing the one
 * and then reading the other: all of that is sequentially consistent, in word.h too.
 */

/* Rules 2 and 5: clear the bit unless a slot came back. */
static inline void
some_clear(struct tidei_freemap *map, uint32_t block)
{
	_Atomic uint64_t *some = &map->some[block / SOME_BLOCKS];
	uint64_t bit = some_bit(block), old = atomic_load(some);

	while (old & bit) {
		STEP();
		if (!(old & SOME_CLOSING)) {
			if (atomic_compare_exchange_weak(some, &old, old | SOME_CLOSING))
				old |= SOME_CLOSING;
			continue;
		}
		if (atomic_load(&map->block[block].free) != 0)
			return;
		STEP();
		if (atomic_compare_exchange_weak(some, &old, old & ~(bit | SOME_CLOSING)))
			return;
	}
}

/* Rules 1 and 4: after slots came back, see that the bit is set and will stay. */
static inline void
some_set(struct tidei_freemap *map, uint32_t block)
{
	_Atomic uint64_t *some = &map->some[block / SOME_BLOCKS];
	uint64_t bit = some_bit(block), old = atomic_load(some);

	while ((old & (bit | SOME_CLOSING)) != bit) {
		STEP();
		if (!atomic_compare_exchange_weak(
			    some, &old, ((old | bit) & ~SOME_CLOSING) + SOME_VERSION))
			continue;
		STEP();
		if (atomic_load(&map->block[block].free) == 0)
			some_clear(map, block);
		return;
	}
}

static inline uint64_t
ready_bit(uint32_t block)
{
	return UINT64_C(1) << (block % READY_BLOCKS);
}

/* Relaxed throughout: `ready` is a hint, and the word itself orders what matters. */
static inline void
ready_set(struct tidei_freemap *map, uint32_t block)
{
	_Atomic uint64_t *ready = &map->ready[block / READY_BLOCKS];

	/* Most often it is set already, and a look leaves the line shared. */
	if (!(atomic_load_explicit(ready, memory_order_relaxed) & ready_bit(block)))
		atomic_fetch_or_explicit(ready, ready_bit(block), memory_order_relaxed);
}

/* Clear the bit; whether it was set: then the caller, and nobody else, opens the block. */
static inline bool
ready_claim(struct tidei_freemap *map, uint32_t block)
{
	return atomic_fetch_and_explicit(
		       &map->ready[block / READY_BLOCKS], ~ready_bit(block), memory_order_relaxed) &
	       ready_bit(block);
}

#endif /* TIDEI_FREEMAP_SUMMARY_H */
