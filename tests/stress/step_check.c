/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Checks the invariants of an allocator that hold between any two steps. */

#include <string.h>

#include "depot.h"
#include "step_check.h"
#include "segment.h"

/* Detached magazines of one thread: one from the depot and one for it. */
#define DETACHED_MAX 2

/* The fields of a journal, see steal.c. */
#define JOURNAL_THIEF(j)    ((uint32_t)((j)&0x3ff))
#define JOURNAL_VICTIM(j)   ((uint32_t)((j) >> 10 & 0x3ff))
#define JOURNAL_MOVED(j)    ((uint32_t)((j) >> 20 & 0x3ff))
#define JOURNAL_CELL(j)     ((uint32_t)((j) >> 30 & 0xfff))
#define JOURNAL_PREVIOUS(j) ((j) >> 42 & 1)

/* Count the numbers from..to of a magazine as free. */
static const char *
count_numbers(const struct tidei_magazines *mags, struct step_counts *counts, uint32_t magazine,
	uint32_t from, uint32_t to)
{
	const uint32_t *number = magazine_numbers(mags, magazine);
	uint32_t bound = tidei_magazines_objects(mags);

	for (uint32_t i = from; i < to; i++) {
		uint32_t slot = segment_slot(mags, tidei_segment_of(mags, number[i]), number[i]);

		if (slot >= bound || tidei_segment_slot_number(mags, slot) != number[i])
			return "a magazine has the number of no object";
		if (counts->times[slot]++ != 0)
			return "an object is free twice";
		counts->free++;
	}
	return NULL;
}

/* Count the numbers of a theft that have left the victim and not reached the thief. */
static const char *
check_theft(const struct tidei_magazines *mags, struct step_counts *counts,
	const struct tidei_cell *thief)
{
	uint64_t journal = atomic_load(&thief->journal), own = cell_pair(thief), theirs;
	uint32_t count;

	if (journal == 0)
		return NULL;
	if (JOURNAL_CELL(journal) >= mags->nb_cells)
		return "a journal names no cell";
	theirs = cell_pair(&mags->cell[JOURNAL_CELL(journal)]);
	count = JOURNAL_PREVIOUS(journal) ? previous_count(theirs) : loaded_count(theirs);
	if (count == JOURNAL_VICTIM(journal) || loaded_count(own) != JOURNAL_THIEF(journal))
		return NULL;
	return count_numbers(mags, counts, loaded(own), loaded_count(own),
		loaded_count(own) + JOURNAL_MOVED(journal));
}

static bool
holds(const struct tidei_magazines *mags, uint32_t cell, uint32_t magazine)
{
	return magazine < mags->nb_magazines &&
	       (atomic_load(&mags->state[magazine]) & STATE_HELD) &&
	       state_of(atomic_load(&mags->state[magazine])) == cell;
}

static const char *
check_cell(const struct tidei_magazines *mags, struct step_counts *counts, uint32_t index)
{
	const struct tidei_cell *cell = &mags->cell[index];
	uint64_t pair = cell_pair(cell);
	bool locked = atomic_load(&cell->busy) != 0 || atomic_load(&cell->revoked) != 0;
	const char *wrong;

	counts->locked += locked;
	if (!holds(mags, index, loaded(pair)) || loaded_count(pair) > magazine_size(mags))
		return "the loaded magazine of a cell is not its own, or has too many numbers";
	wrong = count_numbers(mags, counts, loaded(pair), 0, loaded_count(pair));
	if (wrong == NULL)
		wrong = check_theft(mags, counts, cell);
	if (wrong != NULL)
		return wrong;
	if (previous(pair) == NO_MAGAZINE)
		return locked && previous_count(pair) == 0 ? NULL
		                                           : "a cell at rest has one magazine";
	if (!holds(mags, index, previous(pair)) || previous_count(pair) > magazine_size(mags) ||
		previous(pair) == loaded(pair))
		return "the previous magazine of a cell is not its own, or has too many numbers";
	return count_numbers(mags, counts, previous(pair), 0, previous_count(pair));
}

/* Check a magazine that is in the depot or detached. */
static const char *
check_magazine(const struct tidei_magazines *mags, struct step_counts *counts, uint32_t magazine,
	uint8_t *detached)
{
	uint32_t state = atomic_load(&mags->state[magazine]);
	uint32_t index = state_of(state), as = state & (STATE_FULL | STATE_EMPTY);
	const struct tidei_cell *cell;
	uint64_t pair;

	if (as != STATE_FULL && as != STATE_EMPTY)
		return "a magazine is neither full nor empty by its state";
	if (!(state & STATE_HELD)) {
		counts->full += as == STATE_FULL;
		counts->unset += !(atomic_load(&mags->bits[as == STATE_EMPTY][magazine / 64]) >>
					   magazine % 64 &
				   1);
		return index >= mags->nb_magazines
		               ? "the state of a magazine in the depot names no magazine"
		       : as == STATE_FULL
		               ? count_numbers(mags, counts, magazine, 0, magazine_size(mags))
		               : NULL;
	}
	if (index >= mags->nb_cells)
		return "the state of a magazine names no cell";
	cell = &mags->cell[index];
	pair = cell_pair(cell);
	if (magazine == loaded(pair) || magazine == previous(pair))
		return NULL;
	counts->detached++;
	if (++detached[index] > DETACHED_MAX)
		return "a cell has too many magazines";
	if (atomic_load(&cell->busy) == 0 && atomic_load(&cell->revoked) == 0)
		return "a cell at rest has a detached magazine";
	return as == STATE_FULL ? count_numbers(mags, counts, magazine, 0, magazine_size(mags))
	                        : NULL;
}

const char *
step_check(const struct tidei_magazines *mags, struct step_counts *counts)
{
	uint8_t detached[CELLS_MAX] = {0};
	const char *wrong = NULL;

	*counts = (struct step_counts){.times = counts->times};
	memset(counts->times, 0, tidei_magazines_objects(mags));
	for (uint32_t c = 0; c < mags->nb_cells && wrong == NULL; c++)
		wrong = check_cell(mags, counts, c);
	for (uint32_t m = 0; m < mags->nb_magazines && wrong == NULL; m++)
		wrong = check_magazine(mags, counts, m, detached);
	return wrong;
}
