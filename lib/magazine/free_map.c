/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds the free objects by a walk through all magazines. */

#include <stdlib.h>

#include "free_map.h"
#include "segment.h"

static void
add_numbers(
	const struct tidei_magazines *mags, struct free_map *map, uint32_t magazine, uint32_t count)
{
	const uint32_t *number = magazine_numbers(mags, magazine);

	for (uint32_t i = 0; i < count; i++) {
		/* Volatile, because the owner may write meanwhile. */
		uint32_t n = *(const volatile uint32_t *)&number[i];
		uint32_t slot = segment_slot(mags, tidei_segment_of(mags, n), n);

		if (slot >= mags->objects || tidei_segment_slot_number(mags, slot) != n) {
			map->wrong = "a magazine has the number of no object";
			continue;
		}
		if (free_map_has(map, slot))
			map->wrong = "an object is free twice";
		map->bits[slot / 64] |= UINT64_C(1) << slot % 64;
		map->nb++;
	}
}

bool
tidei_free_map_make(const struct tidei_magazines *mags, struct free_map *map)
{
	*map = (struct free_map){.bits = calloc(mags->objects / 64 + 1, 8)};
	if (map->bits == NULL)
		return false;
	for (uint32_t m = 0; m < mags->nb_magazines; m++)
		/* Acquire: pairs with the release in tidei_depot_put(), so the numbers are visible. */
		if (state_in_depot(atomic_load_explicit(&mags->state[m], memory_order_acquire),
			    STATE_FULL))
			add_numbers(mags, map, m, magazine_size(mags));
	for (uint32_t c = 0; c < mags->nb_cells; c++) {
		uint64_t pair = atomic_load_explicit(&mags->cell[c].pair, memory_order_acquire);

		add_numbers(mags, map, loaded(pair), loaded_count(pair));
		add_numbers(mags, map, previous(pair), previous_count(pair));
	}
	return true;
}
