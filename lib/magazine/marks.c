/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Marks what is free by a walk through all magazines. */

#include <stdlib.h>

#include "marks.h"
#include "segment.h"

static void
mark(const struct tidei_magazines *mags, struct marks *marks, uint32_t magazine, uint32_t count)
{
	const uint32_t *number = magazine_numbers(mags, magazine);

	for (uint32_t i = 0; i < count; i++) {
		/* Volatile: the owner may be at work. */
		uint32_t n = *(const volatile uint32_t *)&number[i];
		uint32_t slot = segment_slot(mags, tidei_segment_of(mags, n), n);

		if (slot >= mags->objects || tidei_segment_slot_number(mags, slot) != n) {
			marks->wrong = "a magazine has the number of no object";
			continue;
		}
		if (marks_get(marks, slot))
			marks->wrong = "an object is free twice";
		marks->bits[slot / 64] |= UINT64_C(1) << slot % 64;
		marks->nb++;
	}
}

bool
tidei_marks_free(const struct tidei_magazines *mags, struct marks *marks)
{
	*marks = (struct marks){.bits = calloc(mags->objects / 64 + 1, 8)};
	if (marks->bits == NULL)
		return false;
	for (uint32_t m = 0; m < mags->nb_magazines; m++)
		/* Acquire: the numbers of the magazine are seen. */
		if (state_in_depot(atomic_load_explicit(&mags->state[m], memory_order_acquire),
			    STATE_FULL))
			mark(mags, marks, m, magazine_size(mags));
	for (uint32_t c = 0; c < mags->nb_cells; c++) {
		uint64_t pair = atomic_load_explicit(&mags->cell[c].pair, memory_order_acquire);

		mark(mags, marks, loaded(pair), loaded_count(pair));
		mark(mags, marks, previous(pair), previous_count(pair));
	}
	return true;
}
