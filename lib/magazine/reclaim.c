/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Recovers the cells of dead threads: finishes thefts, restores the victims of dead thieves, returns
 * detached magazines to the depot, and makes the cells free to be claimed.
 *
 * The thread that swaps the owner word of a dead owner's cell has the cell. While `busy` is set, which
 * the dead owner left behind, thieves leave the cell alone. Each step can be repeated: a reclaimer that
 * dies here leaves a cell with a dead owner again.
 */

#include "cell.h"
#include "depot.h"
#include "ledger.h"
#include "reclaim.h"
#include "steal.h"

/* Milliseconds between reads of /proc for dead owners whose thread ids exist. */
#define PROC_SCAN_MS 1000

/* Tell whether this reclaim is to read /proc as well. */
static bool
proc_scan_due(struct tidei_magazines *mags)
{
	uint32_t now = ledger_now();
	uint32_t before = atomic_load_explicit(&mags->proc_scanned_ms, memory_order_relaxed);

	return now - before >= PROC_SCAN_MS &&
	       atomic_compare_exchange_strong(&mags->proc_scanned_ms, &before, now);
}

/* Restore the victims of the dead owner of a cell. */
static void
release_victims(struct tidei_magazines *mags, const struct tidei_cell *thief)
{
	uint32_t used = cells_used(mags), index = cell_index(mags, thief);

	for (uint32_t i = 0; i < used; i++)
		if (atomic_load_explicit(&mags->cell[i].revoked, memory_order_acquire) == 1 + index)
			cell_restore(&mags->cell[i]);
}

/* Put the detached magazines of a cell into the depot. */
static void
return_detached(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint32_t index = cell_index(mags, cell);
	uint64_t pair = cell_pair(cell);

	for (uint32_t m = 0; m < mags->nb_magazines; m++) {
		uint32_t state = atomic_load_explicit(&mags->state[m], memory_order_acquire);

		if ((state & STATE_HELD) && state_of(state) == index && m != loaded(pair) &&
			m != previous(pair))
			tidei_depot_put(mags, cell, m, state & (STATE_FULL | STATE_EMPTY));
	}
}

/* Replace the magazine of a pair that its owner had detached. */
static void
complete_pair(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint64_t pair = cell_pair(cell);
	uint32_t empty;

	if (previous(pair) != NO_MAGAZINE)
		return;
	empty = tidei_depot_get_empty(mags, cell);
	cell_set_pair(cell, make_pair(loaded(pair), loaded_count(pair), empty, 0));
}

/*
 * Return the mark of a borrower in the cell of a dead owner that is busy, or 0. The owner can have died
 * when it backed off because its cell was borrowed. No other borrower enters while busy is set.
 */
static uint32_t
borrower_of(const struct tidei_cell *cell)
{
	uint32_t mark;

	/* Acquire: if a borrower read busy as 0, this thread reads the earlier store of its mark. */
	if (atomic_load_explicit(&cell->busy, memory_order_acquire) == 0)
		return 0;
	mark = atomic_load_explicit(&cell->revoked, memory_order_relaxed);
	return mark & BORROWER ? mark : 0;
}

/* Finish the work that a dead thread began in a cell. */
static void
finish(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	tidei_steal_finish(mags, cell);
	release_victims(mags, cell);
	return_detached(mags, cell);
	complete_pair(mags, cell);
	atomic_fetch_add_explicit(&mags->reclaims, 1, memory_order_relaxed);
}

/* Recover a cell whose owner word is that of the caller. */
static void
recover(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	if (atomic_load_explicit(&cell->busy, memory_order_acquire) == 0)
		return;
	finish(mags, cell);
	cell_leave(cell);
}

/* Restore a cell whose borrower is dead and in which the caller has put its own mark. */
static void
end_loan(struct tidei_cell *cell)
{
	if (cell->caller == CALLER_UNKNOWN)
		cell->caller = cell->lender;
	cell->clock_left = 1;
	cell_restore(cell);
}

/* Recover a cell whose borrower is dead, unless its owner is inside or died there. */
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
 * Swap the owner word of a dead owner's cell. *mark: the mark of a borrower that died there too, which
 * the mark of the caller has replaced, or 0. The mark is swapped first, so that the same reclaimer
 * has both mark and owner word.
 */
static bool
take_over(struct tidei_cell *dead, uint64_t owner, uint64_t reclaimer, uint32_t *mark)
{
	uint32_t before = borrower_of(dead), seen = before;

	*mark = before;
	if (before != 0 &&
		(!tidei_borrower_dead(before) ||
			!atomic_compare_exchange_strong(&dead->revoked, &seen, borrower_mark())))
		return false;
	STEP();
	/* Acquire: makes the stores of the dead owner, and of a reclaimer that died, visible. */
	if (atomic_compare_exchange_strong(&dead->owner, &owner, reclaimer))
		return true;
	if (before != 0)
		atomic_store_explicit(&dead->revoked, before, memory_order_release);
	return false;
}

/* Recover the cell of a dead owner. cell: the caller is inside it. */
static bool
reclaim_dead(struct tidei_magazines *mags, const struct tidei_cell *cell, struct tidei_cell *dead,
	uint64_t owner)
{
	uint32_t mark;

	if (!take_over(dead, owner, reclaimer_of(mags, cell, tidei_self.reclaimed++), &mark))
		return false;
	STEP();
	recover(mags, dead);
	if (mark != 0)
		end_loan(dead);
	STEP();
	atomic_store_explicit(&dead->owner, 0, memory_order_release);
	return true;
}

unsigned int
tidei_reclaim(struct tidei_magazines *mags, struct tidei_cell *cell, unsigned int n)
{
	/* Cells in use are always checked: detached magazines are counted neither in cells nor in the depot. */
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

		/* An idle cell can have objects left, because no barrier of the thief reached its owner. */
		if (owner == 0 || (atomic_load_explicit(&dead->busy, memory_order_relaxed) == 0 &&
					  (!idle_too || count_pair(cell_pair(dead)) == 0)))
			continue;
		if (thorough < 0)
			thorough = proc_scan_due(mags);
		if (tidei_owner_dead(mags, dead, owner, thorough == 1))
			done += reclaim_dead(mags, cell, dead, owner);
	}
	return done;
}

struct tidei_cell *
tidei_reclaim_cell(struct tidei_magazines *mags)
{
	uint32_t used = cells_used(mags);
	bool thorough = proc_scan_due(mags);
	uint32_t mark;

	for (uint32_t i = 0; i < used; i++) {
		struct tidei_cell *dead = &mags->cell[i];
		uint64_t owner = atomic_load_explicit(&dead->owner, memory_order_relaxed);

		if (!tidei_owner_dead(mags, dead, owner, thorough) ||
			!take_over(dead, owner, tidei_self.id, &mark))
			continue;
		STEP();
		tidei_cell_sign(dead);
		recover(mags, dead);
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
