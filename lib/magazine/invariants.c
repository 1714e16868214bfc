/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Checks the invariants of an allocator at rest. */

#include <stdlib.h>

#include "depot.h"
#include "ledger.h"
#include "free_map.h"
#include "segment.h"

/* Check that segments ascend by number and by address and do not overlap. */
static const char *
check_segments(const struct tidei_magazines *mags)
{
	const struct tidei_segments *segments = &mags->segments;
	uint64_t objects = 0, next = 0;

	for (uint32_t i = 0; i < segments->nb; i++) {
		const struct tidei_segment *s = &segments->segment[i];

		if (s->first < next)
			return "two segments share a number";
		next = (uint64_t)s->first + s->units;
		objects += (uint64_t)(s->runs - 1) * s->per + s->last;
	}
	if (objects != mags->objects || objects > mags->capacity)
		return "the segments do not have as many objects as the allocator";
	for (uint32_t i = 1; i < segments->nb; i++)
		if (segments->segment[segments->order[i - 1]].base >=
			segments->segment[segments->order[i]].base)
			return "the segments are not in order of address";
	return NULL;
}

/* Check that each magazine is in the depot or in the pair of the cell that its state names. */
static const char *
check_magazines(const struct tidei_magazines *mags)
{
	uint32_t held = 0;

	for (uint32_t m = 0; m < mags->nb_magazines; m++) {
		uint32_t state = atomic_load(&mags->state[m]), cell = state_of(state);
		uint64_t pair;

		if (state_in_depot(state, STATE_FULL) || state_in_depot(state, STATE_EMPTY))
			continue;
		if (!(state & STATE_HELD) || cell >= mags->nb_cells)
			return "a magazine has an invalid state";
		pair = cell_pair(&mags->cell[cell]);
		if (m != loaded(pair) && m != previous(pair))
			return "a magazine is not in the pair of the cell that its state names";
		held++;
	}
	return held == 2 * mags->nb_cells ? NULL : "the cells do not have two magazines each";
}

/* Check that no thread is inside a cell, and that each pair is two magazines. */
static const char *
check_cells(const struct tidei_magazines *mags)
{
	for (uint32_t c = 0; c < mags->nb_cells; c++) {
		const struct tidei_cell *cell = &mags->cell[c];
		uint64_t pair = cell_pair(cell);

		if (loaded(pair) == previous(pair) || loaded_count(pair) > magazine_size(mags) ||
			previous_count(pair) > magazine_size(mags))
			return "the pair of a cell is not two magazines";
		if (atomic_load(&cell->busy) != 0 || atomic_load(&cell->revoked) != 0)
			return "a thread is inside a cell, or died there";
	}
	return NULL;
}

/* Check that each object is either free once or out, and that the ledger agrees. */
static const char *
check_objects(const struct tidei_magazines *mags, const struct free_map *map)
{
	uint32_t lost = 0;

	if (map->wrong != NULL)
		return map->wrong;
	if (map->nb > mags->objects)
		return "more objects are free than exist";
	for (uint32_t slot = 0; slot < mags->objects; slot++) {
		const _Atomic uint32_t *word = ledger_at(mags, slot);
		bool out = word != NULL && (atomic_load(word) & LEDGER_OUT);

		if (free_map_has(map, slot) && out)
			return "an object is both free and out";
		if (!free_map_has(map, slot) && !out && word != NULL)
			lost++;
	}
	/* A thread that was killed inside get or put lost the objects that it was moving. */
	return lost == 0 || atomic_load(&mags->reclaims) != 0 ? NULL
	                                                      : "an object is neither free nor out";
}

const char *
tidei_magazines_check(const struct tidei_magazines *mags)
{
	const char *wrong = check_segments(mags);
	struct free_map map;

	if (wrong == NULL)
		wrong = check_cells(mags);
	if (wrong == NULL)
		wrong = check_magazines(mags);
	if (wrong != NULL)
		return wrong;
	if (!tidei_free_map_make(mags, &map))
		return "malloc failed, so the objects were not checked";
	wrong = check_objects(mags, &map);
	free(map.bits);
	return wrong;
}
