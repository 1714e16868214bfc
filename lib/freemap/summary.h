/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_FREEMAP_SUMMARY_H
#define TIDEI_FREEMAP_SUMMARY_H

/* The two summaries, by the rules in layout.h. Private to lib/freemap. */

#include "layout.h"

static inline struct tidei_group *
group_of(const struct tidei_freemap *map, uint32_t block)
{
	return &map->group[block / GROUP_BLOCKS];
}

static inline uint64_t
group_bit(uint32_t block)
{
	return UINT64_C(1) << (block % GROUP_BLOCKS);
}

/* Rules 2 and 5: clear the bit of a block unless a slot came back. */
void tidei_some_clear(struct tidei_freemap *map, uint32_t block);

/* Rules 1 and 4: set the bit of a block, end the closing, look again. */
void tidei_some_set(struct tidei_freemap *map, uint32_t block);

/* Rule 1: after slots came back to a block, see that its bit is set and will stay. */
static inline void
some_ensure(struct tidei_freemap *map, uint32_t block)
{
	uint64_t some = atomic_load(&group_of(map, block)->some);

	if (__builtin_expect((some & (group_bit(block) | SOME_CLOSING)) != group_bit(block), 0))
		tidei_some_set(map, block);
}

/* Relaxed throughout: `ready` is a hint, and the word itself orders what matters. */
static inline void
ready_set(struct tidei_freemap *map, uint32_t block)
{
	_Atomic uint64_t *ready = &group_of(map, block)->ready;

	/* Often it is set already, and a look leaves the line shared. */
	if (!(atomic_load_explicit(ready, memory_order_relaxed) & group_bit(block)))
		atomic_fetch_or_explicit(ready, group_bit(block), memory_order_relaxed);
}

/* Clear the bit; whether it was set: then the caller, and nobody else, opens the block. */
static inline bool
ready_claim(struct tidei_freemap *map, uint32_t block)
{
	return atomic_fetch_and_explicit(
		       &group_of(map, block)->ready, ~group_bit(block), memory_order_relaxed) &
	       group_bit(block);
}

#endif /* TIDEI_FREEMAP_SUMMARY_H */
