/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* What must hold of an allocator between any two steps. */

#include <string.h>

#include "depot.h"
#include "look.h"
#include "segment.h"

/* Magazines in the hands of one thread: one it took and one it gives. */
#define HANDS_MAX 2

/* A journal, as steal.c writes it. */
#define JOURNAL_THIEF(j)    ((uint32_t)((j)&0x3ff))
#define JOURNAL_VICTIM(j)   ((uint32_t)((j) >> 10 & 0x3ff))
#define JOURNAL_MOVED(j)    ((uint32_t)((j) >> 20 & 0x3ff))
#define JOURNAL_CELL(j)     ((uint32_t)((j) >> 30 & 0xfff))
#define JOURNAL_PREVIOUS(j) ((j) >> 42 & 1)

/* Count the numbers from..to of a magazine as free. */
static const char *
count_numbers(const struct tidei_magazines *mags, struct look *l, uint32_t magazine, uint32_t from,
	uint32_t to)
{
	const uint32_t *number = magazine_numbers(mags, magazine);
	uint32_t bound = tidei_magazines_objects(mags);

	for (uint32_t i = from; i < to; i++) {
		uint32_t slot = segment_slot(mags, tidei_segment_of(mags, number[i]), number[i]);

		if (slot >= bound || tidei_segment_slot_number(mags, slot) != number[i])
			return "a magazine has the number of no object";
		if (l->times[slot]++ != 0)
			return "an object is free twice";
		l->free++;
	}
	return NULL;
}

/* Numbers that a victim has given and the thief has not received. */
static const char *
look_at_theft(const struct tidei_magazines *mags, struct look *l, const struct tidei_cell *thief)
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
	return count_numbers(mags, l, loaded(own), loaded_count(own),
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
look_at_cell(const struct tidei_magazines *mags, struct look *l, uint32_t index)
{
	const struct tidei_cell *cell = &mags->cell[index];
	uint64_t pair = cell_pair(cell);
	bool locked = atomic_load(&cell->busy) != 0 || atomic_load(&cell->revoked) != 0;
	const char *wrong;

	l->locked += locked;
	if (!holds(mags, index, loaded(pair)) || loaded_count(pair) > magazine_size(mags))
		return "the loaded magazine of a cell is not its own, or has too many";
	wrong = count_numbers(mags, l, loaded(pair), 0, loaded_count(pair));
	if (wrong == NULL)
		wrong = look_at_theft(mags, l, cell);
	if (wrong != NULL)
		return wrong;
	if (previous(pair) == NO_MAGAZINE)
		return locked && previous_count(pair) == 0 ? NULL
		                                           : "a cell at rest has one magazine";
	if (!holds(mags, index, previous(pair)) || previous_count(pair) > magazine_size(mags) ||
		previous(pair) == loaded(pair))
		return "the previous magazine of a cell is not its own, or has too many";
	return count_numbers(mags, l, previous(pair), 0, previous_count(pair));
}

/* A magazine in the depot, or in hands. */
static const char *
look_at_magazine(
	const struct tidei_magazines *mags, struct look *l, uint32_t magazine, uint8_t *hands)
{
	uint32_t state = atomic_load(&mags->state[magazine]);
	uint32_t index = state_of(state), as = state & (STATE_FULL | STATE_EMPTY);
	const struct tidei_cell *cell;
	uint64_t pair;

	if (as != STATE_FULL && as != STATE_EMPTY)
		return "a magazine is neither full nor empty by its state";
	if (!(state & STATE_HELD)) {
		l->full += as == STATE_FULL;
		l->unshown += !(atomic_load(&mags->bits[as == STATE_EMPTY][magazine / 64]) >>
					magazine % 64 &
				1);
		return index >= mags->nb_magazines ? "a magazine of the depot speaks of none"
		       : as == STATE_FULL ? count_numbers(mags, l, magazine, 0, magazine_size(mags))
		                          : NULL;
	}
	if (index >= mags->nb_cells)
		return "a magazine is held by no cell";
	cell = &mags->cell[index];
	pair = cell_pair(cell);
	if (magazine == loaded(pair) || magazine == previous(pair))
		return NULL;
	l->hands++;
	if (++hands[index] > HANDS_MAX)
		return "a cell holds too many magazines";
	if (atomic_load(&cell->busy) == 0 && atomic_load(&cell->revoked) == 0)
		return "a cell at rest holds a magazine that is not in its pair";
	return as == STATE_FULL ? count_numbers(mags, l, magazine, 0, magazine_size(mags)) : NULL;
}

const char *
look(const struct tidei_magazines *mags, struct look *l)
{
	uint8_t hands[CELLS_MAX] = {0};
	const char *wrong = NULL;

	*l = (struct look){.times = l->times};
	memset(l->times, 0, tidei_magazines_objects(mags));
	for (uint32_t c = 0; c < mags->nb_cells && wrong == NULL; c++)
		wrong = look_at_cell(mags, l, c);
	for (uint32_t m = 0; m < mags->nb_magazines && wrong == NULL; m++)
		wrong = look_at_magazine(mags, l, m, hands);
	return wrong;
}
