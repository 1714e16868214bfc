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

static inline bool
some_is_set(struct tidei_freemap *map, uint32_t block)
{
	/* Relaxed: whoever sets it on this answer does so by compare-and-swap. */
	return atomic_load_explicit(&map->some[block / SOME_BLOCKS], memory_order_relaxed) &
	       some_bit(block);
}

/* Rules 3 and 5: clear the bit unless a slot came back. */
static inline void
some_clear(struct tidei_freemap *map, uint32_t block)
{
	_Atomic uint64_t *some = &map->some[block / SOME_BLOCKS];
	/* Acquire: pairs with the release in some_set(), so that the look below is as fresh. */
	uint64_t old = atomic_load_explicit(some, memory_order_acquire);

	while (old & some_bit(block)) {
		STEP();
		/* Relaxed: only compared with zero; the swap fails if a set came in between. */
		if (atomic_load_explicit(&map->block[block].free, memory_order_relaxed) != 0)
			return;
		STEP();
		if (atomic_compare_exchange_weak_explicit(some, &old, old & ~some_bit(block),
			    memory_order_acq_rel, memory_order_acquire))
			return;
	}
}

/* Rules 1, 2 and 4: set the bit, move the version, look again. */
static inline void
some_set(struct tidei_freemap *map, uint32_t block)
{
	_Atomic uint64_t *some = &map->some[block / SOME_BLOCKS];
	uint64_t old = atomic_load_explicit(some, memory_order_relaxed);

	/* Release: pairs with the acquire in some_clear(): who sees the set sees the word. */
	while (!atomic_compare_exchange_weak_explicit(some, &old,
		(old | some_bit(block)) + SOME_VERSION, memory_order_acq_rel, memory_order_relaxed))
		STEP();
	STEP();
	if (atomic_load_explicit(&map->block[block].free, memory_order_relaxed) == 0)
		some_clear(map, block);
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
