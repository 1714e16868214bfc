/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Puts the cells of dead owners in order: it finishes thefts, frees the victims of dead thieves, gives
 * magazines back that were in dead hands, and makes the cells free to be claimed.
 *
 * Whoever swaps the owner word of a dead owner's cell has the cell. While `busy` is set, as the dead
 * left it, thieves keep off. Each step can be made twice: a reclaimer that dies here leaves a cell
 * with a dead owner again.
 */

#include "cell.h"
#include "depot.h"
#include "ledger.h"
#include "reclaim.h"
#include "steal.h"

/* Milliseconds between looks into /proc for dead owners whose thread ids live again. */
#define LOOK_MS 1000

/* Whether this is the time to look into /proc as well. */
static bool
time_to_look(struct tidei_magazines *mags)
{
	uint32_t now = ledger_now();
	uint32_t before = atomic_load_explicit(&mags->looked_ms, memory_order_relaxed);

	return now - before >= LOOK_MS &&
	       atomic_compare_exchange_strong(&mags->looked_ms, &before, now);
}

/* Let the victims of the dead owner of a cell go. */
static void
free_victims(struct tidei_magazines *mags, const struct tidei_cell *thief)
{
	uint32_t used = cells_used(mags), index = cell_index(mags, thief);

	for (uint32_t i = 0; i < used; i++)
		if (atomic_load_explicit(&mags->cell[i].revoked, memory_order_acquire) == 1 + index)
			cell_restore(&mags->cell[i]);
}

/* Give back what is held for a cell and is not in its pair. */
static void
give_back_hands(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint32_t index = cell_index(mags, cell);
	uint64_t pair = cell_pair(cell);

	for (uint32_t m = 0; m < mags->nb_magazines; m++) {
		uint32_t state = atomic_load_explicit(&mags->state[m], memory_order_acquire);

		if ((state & STATE_HELD) && state_of(state) == index && m != loaded(pair) &&
			m != previous(pair))
			tidei_depot_give(mags, cell, m, state & (STATE_FULL | STATE_EMPTY));
	}
}

/* A pair has two magazines: replace the one that its owner had given away. */
static void
complete_pair(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint64_t pair = cell_pair(cell);
	uint32_t empty;

	if (previous(pair) != NO_MAGAZINE)
		return;
	empty = tidei_depot_take_empty(mags, cell);
	cell_set_pair(cell, make_pair(loaded(pair), loaded_count(pair), empty, 0));
}

/*
 * The mark of a borrower that may be at work in a dead owner's cell that is busy, or 0: the owner can have
 * died on its way out, when it found its cell borrowed. No other borrower comes while busy is set.
 */
static uint32_t
borrower_of(const struct tidei_cell *cell)
{
	uint32_t mark;

	/* Acquire: if a borrower saw busy as 0, its store of revoked before is read here. */
	if (atomic_load_explicit(&cell->busy, memory_order_acquire) == 0)
		return 0;
	mark = atomic_load_explicit(&cell->revoked, memory_order_relaxed);
	return mark & BORROWER ? mark : 0;
}

/* Finish what the dead began in a cell. */
static void
finish(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	tidei_steal_finish(mags, cell);
	free_victims(mags, cell);
	give_back_hands(mags, cell);
	complete_pair(mags, cell);
	atomic_fetch_add_explicit(&mags->reclaims, 1, memory_order_relaxed);
}

/* Put in order a cell that is the caller's by its owner word. */
static void
put_in_order(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	if (atomic_load_explicit(&cell->busy, memory_order_acquire) == 0)
		return;
	finish(mags, cell);
	cell_leave(cell);
}

/* Let a cell go whose borrower is dead. The caller's mark is in it. */
static void
end_loan(struct tidei_cell *cell)
{
	if (cell->caller == CALLER_UNKNOWN)
		cell->caller = cell->lender;
	cell->until = 1;
	cell_restore(cell);
}

/* Put a cell in order whose borrower is dead, unless its owner is inside, or died there. */
static bool
reclaim_loan(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint32_t mark = atomic_load_explicit(&cell->revoked, memory_order_acquire);

	if (!tidei_borrower_dead(mark) || !tidei_cell_inherit(cell, mark))
		return false;
	STEP();
	finish(mags, cell);
	end_loan(cell);
	return true;
}

/*
 * Swap the owner word of a dead owner's cell. *mark: that of a borrower which died there too, or 0; the
 * caller's is in its place then. Marks are swapped first, so that two reclaimers never have the mark and
 * the owner word each.
 */
static bool
take_over(struct tidei_cell *dead, uint64_t owner, uint64_t caretaker, uint32_t *mark)
{
	uint32_t before = borrower_of(dead), seen = before;

	*mark = before;
	if (before != 0 &&
		(!tidei_borrower_dead(before) ||
			!atomic_compare_exchange_strong(&dead->revoked, &seen, borrower_mark())))
		return false;
	STEP();
	/* Acquire: the dead owner's stores are seen by now, and those of a dead reclaimer. */
	if (atomic_compare_exchange_strong(&dead->owner, &owner, caretaker))
		return true;
	if (before != 0)
		atomic_store_explicit(&dead->revoked, before, memory_order_release);
	return false;
}

/* Put the cell of a dead owner in order. cell: the caller is inside it. */
static bool
reclaim_dead(struct tidei_magazines *mags, const struct tidei_cell *cell, struct tidei_cell *dead,
	uint64_t owner)
{
	uint32_t mark;

	if (!take_over(dead, owner, caretaker_of(mags, cell, tidei_self.cared++), &mark))
		return false;
	STEP();
	put_in_order(mags, dead);
	if (mark != 0)
		end_loan(dead);
	STEP();
	atomic_store_explicit(&dead->owner, 0, memory_order_release);
	return true;
}

unsigned int
tidei_reclaim(struct tidei_magazines *mags, struct tidei_cell *cell, unsigned int n)
{
	/* What is in the hands of the dead is in no cell: those that are in use are always asked about. */
	bool idle_too = depot_free(mags) + tidei_cells_count(mags) >= n;
	uint32_t used = cells_used(mags);
	unsigned int done = 0;
	int thorough = -1;

	for (uint32_t i = 0; i < used; i++)
		done += reclaim_loan(mags, &mags->cell[i]);
	/* A borrower has no cell that its owner word in the cell of a dead owner could name. */
	if (atomic_load_explicit(&cell->owner, memory_order_relaxed) != tidei_self.id)
		return done;
	for (uint32_t i = 0; i < used; i++) {
		struct tidei_cell *dead = &mags->cell[i];
		uint64_t owner = atomic_load_explicit(&dead->owner, memory_order_relaxed);

		/* One that is not in use can have objects left too: no thief could order its owner. */
		if (owner == 0 || (atomic_load_explicit(&dead->busy, memory_order_relaxed) == 0 &&
					  (!idle_too || count_pair(cell_pair(dead)) == 0)))
			continue;
		if (thorough < 0)
			thorough = time_to_look(mags);
		if (tidei_owner_dead(mags, dead, owner, thorough == 1))
			done += reclaim_dead(mags, cell, dead, owner);
	}
	return done;
}

struct tidei_cell *
tidei_reclaim_cell(struct tidei_magazines *mags)
{
	uint32_t used = cells_used(mags);
	bool thorough = time_to_look(mags);
	uint32_t mark;

	for (uint32_t i = 0; i < used; i++) {
		struct tidei_cell *dead = &mags->cell[i];
		uint64_t owner = atomic_load_explicit(&dead->owner, memory_order_relaxed);

		if (!tidei_owner_dead(mags, dead, owner, thorough) ||
			!take_over(dead, owner, tidei_self.id, &mark))
			continue;
		STEP();
		tidei_cell_sign(dead);
		put_in_order(mags, dead);
		if (mark != 0)
			end_loan(dead);
		return dead;
	}
	return NULL;
}

unsigned int
tidei_magazines_reclaim(struct tidei_magazines *mags)
{
	struct tidei_entry entry = cell_begin(mags);
	unsigned int done = tidei_reclaim(mags, entry.cell, 0);

	cell_end(entry);
	return done;
}
