/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Sets and clears bits of the summary `some`, by the rules in layout.h.
 *
 * The two functions talk to each other through a word and its summary, each writing the one and then
 * reading the other: all of that is sequentially consistent, in word.h too.
 */

#include "summary.h"

void
tidei_some_clear(struct tidei_freemap *map, uint32_t block)
{
	_Atomic uint64_t *some = &group_of(map, block)->some;
	uint64_t bit = group_bit(block), old = atomic_load(some);

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

void
tidei_some_set(struct tidei_freemap *map, uint32_t block)
{
	_Atomic uint64_t *some = &group_of(map, block)->some;
	uint64_t bit = group_bit(block), old = atomic_load(some);

	while ((old & (bit | SOME_CLOSING)) != bit) {
		STEP();
		if (!atomic_compare_exchange_weak(
			    some, &old, ((old | bit) & ~SOME_CLOSING) + SOME_VERSION))
			continue;
		STEP();
		if (atomic_load(&map->block[block].free) == 0)
			tidei_some_clear(map, block);
		return;
	}
}
