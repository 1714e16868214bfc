/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_CELL_H
#define TIDEI_MAGAZINE_CELL_H

/* Entering and leaving cells. Private to lib/magazine; layout.h says why it is right. */

#include "barrier.h"
#include "layout.h"
#include "self.h"

/* How a thread came to hold a cell, and thus how it leaves it. */
enum tidei_hold {
	HOLD_OWN, /* It owns the cell. */
	HOLD_GUEST, /* It owns the cell for one operation: it cannot use its own, or this is the last. */
	HOLD_BORROWED, /* It revoked the cell of another: all cells have owners. */
};

struct tidei_entry {
	struct tidei_cell *cell;
	enum tidei_hold hold;
	uint16_t caller; /* HOLD_BORROWED: the owner's, to be put back. */
};

/* Enter a cell that the calling thread owns. False: a thief has it, or this thread is inside. */
static inline bool
cell_enter(struct tidei_cell *cell)
{
	/* Relaxed: only this thread writes it; set when a signal handler interrupts its own thread. */
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

/* Release: pairs with the acquire of the next thief. */
static inline void
cell_leave(struct tidei_cell *cell)
{
	STEP();
	atomic_store_explicit(&cell->busy, 0, memory_order_release);
}

/*
 * Find a cell for the calling thread when the one it used last will not do. Always finds one; waits
 * while all are in use: see tidei_magazines_get().
 */
struct tidei_entry tidei_cell_find(struct tidei_magazines *mags);

/* Say in a cell just claimed that the calling thread is the owner. */
void tidei_cell_sign(struct tidei_cell *cell);

/* Leave a cell that tidei_cell_find() gave. */
void tidei_cell_give_up(struct tidei_entry entry);

/*
 * Take a cell away from its owner for a while. thief: 1 + cell of the caller. False: another thief
 * has it, its owner is inside, or the owner cannot be ordered against the caller.
 */
bool tidei_cell_revoke(struct tidei_cell *cell, uint32_t thief);

/*
 * Take over a cell from the dead borrower that a mark in it names. False: another did, or the owner
 * is inside or cannot be ordered; the mark is as it was.
 */
bool tidei_cell_inherit(struct tidei_cell *cell, uint32_t mark);

/* Release: pairs with the acquire of the owner's next entry and of the next thief. */
static inline void
cell_restore(struct tidei_cell *cell)
{
	STEP();
	atomic_store_explicit(&cell->revoked, 0, memory_order_release);
}

/* The cell that the calling thread used last in this allocator, if it still owns it; else NULL. */
static inline struct tidei_cell *
cell_hinted(struct tidei_magazines *mags)
{
	/* Masked: the hint can be about another allocator, with more cells. */
	struct tidei_cell *cell =
		&mags->cell[tidei_self.hint[mags->hint_at] & (mags->nb_cells - 1)];
	/* Relaxed: only this thread can make it its own, and only when it is dead is it taken away. */
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
		tidei_cell_give_up(entry);
}

#endif /* TIDEI_MAGAZINE_CELL_H */
