/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_CELL_H
#define TIDEI_MAGAZINE_CELL_H

/* Entering and leaving cells: see "Entry" in layout.h. Private to lib/magazine. */

#include "barrier.h"
#include "layout.h"
#include "self.h"

/* How a thread got its cell, which decides how the thread leaves it. */
enum tidei_hold {
	HOLD_OWN, /* It owns the cell. */
	HOLD_GUEST, /* It owns the cell for one operation: it cannot enter its own, or this is the last. */
	HOLD_BORROWED, /* It revoked the cell of another owner because all cells have owners. */
};

struct tidei_entry {
	struct tidei_cell *cell;
	enum tidei_hold hold;
	uint16_t
		caller; /* With HOLD_BORROWED, `caller` of the owner, which the borrower restores. */
};

/* Enter a cell that the calling thread owns. Returns false if a thief has it or this thread is inside. */
static inline bool
cell_enter(struct tidei_cell *cell)
{
	/* Relaxed: only this thread writes it. It is 1 if a signal handler interrupted get or put. */
	if (__builtin_expect(atomic_load_explicit(&cell->busy, memory_order_relaxed), 0))
		return false;
	atomic_store_explicit(&cell->busy, 1, memory_order_relaxed);
	STEP();
	barrier_light();
	/* Acquire: pairs with the release of the thief that had the cell last. */
	if (__builtin_expect(atomic_load_explicit(&cell->revoked, memory_order_acquire) == 0, 1))
		return true;
	STEP();
	atomic_store_explicit(&cell->busy, 0, memory_order_release);
	return false;
}

/* Leave a cell. Release: pairs with the acquire of the next thief. */
static inline void
cell_leave(struct tidei_cell *cell)
{
	STEP();
	atomic_store_explicit(&cell->busy, 0, memory_order_release);
}

/*
 * Find and enter a cell when the calling thread cannot enter the one that it used last. Always
 * succeeds, and waits while all cells are in use: see tidei_magazines_get().
 */
struct tidei_entry tidei_cell_find(struct tidei_magazines *mags);

/* Write the signature of the calling thread into a cell that it has just claimed. */
void tidei_cell_sign(struct tidei_cell *cell);

/* Leave a cell that tidei_cell_find() returned. */
void tidei_cell_release(struct tidei_entry entry);

/*
 * Revoke a cell until cell_restore(). thief: 1 + cell of the caller, or the mark of a borrower.
 * Returns false if another thief has the cell, its owner is inside, or no barrier reaches the owner.
 */
bool tidei_cell_revoke(struct tidei_cell *cell, uint32_t thief);

/*
 * Take over a cell from the dead borrower that a mark in it names. Returns false, with the mark as
 * before, if another thread took it over, the owner is inside, or no barrier reaches the owner.
 */
bool tidei_cell_inherit(struct tidei_cell *cell, uint32_t mark);

/* End a revocation. Release: pairs with the acquire of the owner's next entry and of the next thief. */
static inline void
cell_restore(struct tidei_cell *cell)
{
	STEP();
	atomic_store_explicit(&cell->revoked, 0, memory_order_release);
}

/* Return the cell that the calling thread used last in this allocator if it still owns it, else NULL. */
static inline struct tidei_cell *
cell_hinted(struct tidei_magazines *mags)
{
	/* Masked, because the hint can be that of another allocator with more cells. */
	struct tidei_cell *cell =
		&mags->cell[tidei_self.hint[mags->hint_index] & (mags->nb_cells - 1)];
	/* Relaxed: only this thread writes its identity there, and others replace it only after its death. */
	uint64_t owner = atomic_load_explicit(&cell->owner, memory_order_relaxed);

	return __builtin_expect(owner == tidei_self.id, 1) ? cell : NULL;
}

static inline struct tidei_entry
cell_begin(struct tidei_magazines *mags)
{
	struct tidei_cell *cell = cell_hinted(mags);

	if (__builtin_expect(cell != NULL && cell_enter(cell), 1))
		return (struct tidei_entry){cell, HOLD_OWN, CALLER_UNKNOWN};
	return tidei_cell_find(mags);
}

static inline void
cell_end(struct tidei_entry entry)
{
	if (__builtin_expect(entry.hold == HOLD_OWN, 1))
		cell_leave(entry.cell);
	else
		tidei_cell_release(entry);
}

#endif /* TIDEI_MAGAZINE_CELL_H */
