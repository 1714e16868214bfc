/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds a cell for a thread: its own, a free one for one operation, or one borrowed from its owner. */

#include <sched.h>

#include "cell.h"
#include "ledger.h"
#include "reclaim.h"

static uint32_t (*lcore_id_of_thread)(void);

void
tidei_magazines_name_lcores(uint32_t (*lcore_id)(void))
{
	lcore_id_of_thread = lcore_id;
}

/*
 * Make the owner of a cell see that the caller has set `revoked`. Returns false if that is impossible.
 * A thread that claims the cell after the load of `owner` needs no barrier: it finds the cell revoked.
 */
static bool
order_owner(const struct tidei_cell *cell)
{
	uint64_t owner = atomic_load(&cell->owner);
	bool has_signed, own;

	if (owner == 0)
		return true;
	/* Acquire: pairs with the release in tidei_cell_sign(). Unsigned: treat it as of another process. */
	has_signed = atomic_load_explicit(&cell->signed_by, memory_order_acquire) == owner;
	if (has_signed && atomic_load(&cell->fenced))
		return true;
	own = has_signed && tidei_self.process != 0 &&
	      atomic_load_explicit(&cell->process, memory_order_relaxed) == tidei_self.process;
	return tidei_barrier_heavy(own);
}

/* Exchange `revoked` of a cell. If the owner is inside, restore it and return false. */
static bool
revoke_from(struct tidei_cell *cell, const uint32_t before, uint32_t thief)
{
	uint32_t mark = before;

	/* Acquire: pairs with the release of the thief that had the cell before. */
	if (!atomic_compare_exchange_strong_explicit(
		    &cell->revoked, &mark, thief, memory_order_seq_cst, memory_order_relaxed))
		return false;
	STEP();
	/* Order the swap above before the load of busy below also where order_owner() makes no barrier. */
	atomic_thread_fence(memory_order_seq_cst);
	if (!order_owner(cell))
		goto back;
	STEP();
	/* Acquire: pairs with the release of the owner that left. */
	if (atomic_load_explicit(&cell->busy, memory_order_acquire) == 0)
		return true;
back:
	STEP();
	atomic_store_explicit(&cell->revoked, before, memory_order_release);
	return false;
}

bool
tidei_cell_revoke(struct tidei_cell *cell, uint32_t thief)
{
	return revoke_from(cell, 0, thief);
}

bool
tidei_cell_inherit(struct tidei_cell *cell, uint32_t mark)
{
	return revoke_from(cell, mark, borrower_mark());
}

/* Return the index of the calling thread in the table of callers, and add it if it is missing. */
static uint16_t
caller_of(struct tidei_magazines *mags)
{
	uint32_t lcore = lcore_id_of_thread == NULL ? UINT32_MAX : lcore_id_of_thread();
	uint32_t id = lcore == UINT32_MAX ? tidei_self.tid : lcore;
	uint32_t pid = tidei_self.pid | (lcore == UINT32_MAX ? 0 : CALLER_LCORE);
	uint32_t used = atomic_load_explicit(&mags->callers_used, memory_order_relaxed), place;

	for (uint32_t i = 1; i < mags->nb_callers && i <= used; i++)
		if (atomic_load_explicit(&mags->caller[i].id, memory_order_relaxed) == id &&
			atomic_load_explicit(&mags->caller[i].pid, memory_order_relaxed) == pid)
			return (uint16_t)i;
	/* Index 0 is for callers without a cell. A full table overwrites its oldest entries. */
	place = atomic_fetch_add_explicit(&mags->callers_used, 1, memory_order_relaxed);
	place = 1 + place % (mags->nb_callers - 1);
	atomic_store_explicit(&mags->caller[place].id, id, memory_order_relaxed);
	atomic_store_explicit(&mags->caller[place].pid, pid, memory_order_relaxed);
	return (uint16_t)place;
}

void
tidei_cell_sign(struct tidei_cell *cell)
{
	const struct tidei_self *self = &tidei_self;

	/* Pairs with the fence in tidei_owner_dead(): see there. */
	atomic_thread_fence(memory_order_release);
	atomic_store_explicit(&cell->start, self->start, memory_order_relaxed);
	atomic_store_explicit(&cell->ns, self->ns, memory_order_relaxed);
	atomic_store_explicit(&cell->process, self->process, memory_order_relaxed);
	atomic_store_explicit(&cell->pid, self->pid, memory_order_relaxed);
	atomic_store_explicit(&cell->tid, self->tid, memory_order_relaxed);
	atomic_store(&cell->fenced, tidei_magazines_fenced());
	atomic_store_explicit(&cell->signed_by, self->id, memory_order_release);
}

/* Claim a cell that has no owner. Returns false if it has one. */
static bool
claim(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint32_t index = cell_index(mags, cell), used = cells_used(mags);
	uint64_t none = 0;

	if (atomic_load_explicit(&cell->owner, memory_order_relaxed) != 0)
		return false;
	/* First, so that thieves find the cell before it has objects. */
	while (used <= index && !atomic_compare_exchange_weak(&mags->cells_used, &used, index + 1))
		;
	STEP();
	/* Acquire: pairs with the release of the guest or reclaimer that owned the cell before. */
	if (!atomic_compare_exchange_strong(&cell->owner, &none, tidei_self.id))
		return false;
	STEP();
	tidei_cell_sign(cell);
	return true;
}

/* Enter a cell that the calling thread owns, or return NULL. *owned: a cell that it owns, or NULL. */
static struct tidei_cell *
find_own(struct tidei_magazines *mags, struct tidei_cell **owned)
{
	uint32_t used = cells_used(mags);

	*owned = NULL;
	for (uint32_t i = 0; i < used; i++) {
		struct tidei_cell *cell = &mags->cell[i];

		if (atomic_load_explicit(&cell->owner, memory_order_relaxed) != tidei_self.id)
			continue;
		*owned = cell;
		if (cell_enter(cell))
			return cell;
	}
	return NULL;
}

/* Set the caller of a cell that the calling thread has just claimed and entered. */
static void
set_caller(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	cell->caller = caller_of(mags);
	cell->clock_left = 1;
}

/*
 * Decide how long a thread owns a cell that it has claimed: for one operation if it owns another one.
 * The last cell is always owned for one operation. It serves processes that cannot borrow because no
 * barrier of theirs reaches the owners.
 */
static enum tidei_hold
hold_of(const struct tidei_magazines *mags, const struct tidei_cell *cell,
	const struct tidei_cell *owned)
{
	bool reserved = cell_index(mags, cell) == mags->nb_cells - 1;

	return owned != NULL || reserved ? HOLD_GUEST : HOLD_OWN;
}

/* Claim and enter the first cell that has no owner. */
static bool
find_spare(struct tidei_magazines *mags, const struct tidei_cell *owned, struct tidei_entry *entry)
{
	for (uint32_t i = 0; i < mags->nb_cells; i++) {
		struct tidei_cell *cell = &mags->cell[i];

		if (!claim(mags, cell))
			continue;
		if (!cell_enter(cell)) {
			/* A thief has revoked it. */
			atomic_store_explicit(&cell->owner, 0, memory_order_release);
			continue;
		}
		set_caller(mags, cell);
		*entry = (struct tidei_entry){cell, hold_of(mags, cell, owned), CALLER_UNKNOWN};
		return true;
	}
	return false;
}

/* Claim and enter the cell of a dead owner. */
static bool
find_dead(struct tidei_magazines *mags, const struct tidei_cell *owned, struct tidei_entry *entry)
{
	struct tidei_cell *cell = tidei_reclaim_cell(mags);
	enum tidei_hold hold;

	if (cell == NULL)
		return false;
	hold = hold_of(mags, cell, owned);
	if (!cell_enter(cell)) {
		/* A thief has revoked it. */
		if (hold == HOLD_GUEST)
			atomic_store_explicit(&cell->owner, 0, memory_order_release);
		return false;
	}
	set_caller(mags, cell);
	*entry = (struct tidei_entry){cell, hold, CALLER_UNKNOWN};
	return true;
}

/* Revoke the cell of an owner that is not inside, and work there. */
static bool
borrow(struct tidei_magazines *mags, struct tidei_entry *entry)
{
	uint32_t used = cells_used(mags), start = tidei_self.tid;

	for (uint32_t i = 0; i < used; i++) {
		struct tidei_cell *cell = &mags->cell[(start + i) % used];

		if (!tidei_cell_revoke(cell, borrower_mark()))
			continue;
		*entry = (struct tidei_entry){cell, HOLD_BORROWED, cell->caller};
		cell->lender = cell->caller;
		/* The owner must not be on record for the objects that the borrower moves. */
		cell->caller = CALLER_UNKNOWN;
		cell->clock_left = 1;
		return true;
	}
	return false;
}

struct tidei_entry
tidei_cell_find(struct tidei_magazines *mags)
{
	struct tidei_entry entry = {NULL, HOLD_OWN, CALLER_UNKNOWN};
	struct tidei_cell *owned;

	if (tidei_self.id == SELF_UNKNOWN)
		tidei_self_make();
	for (;;) {
		entry.cell = find_own(mags, &owned);
		if (entry.cell != NULL || find_spare(mags, owned, &entry))
			break;
		/* Every cell has an owner. */
		if (find_dead(mags, owned, &entry) || borrow(mags, &entry))
			break;
		/*
		 * Another thread is in the last cell, and all others are in use or cannot be borrowed:
		 * see tidei_magazines_get().
		 */
		sched_yield();
	}
	if (entry.hold == HOLD_OWN)
		tidei_self.hint[mags->hint_index] = (uint8_t)cell_index(mags, entry.cell);
	return entry;
}

void
tidei_cell_release(struct tidei_entry entry)
{
	if (entry.hold == HOLD_BORROWED) {
		entry.cell->caller = entry.caller;
		entry.cell->clock_left = 1;
		cell_restore(entry.cell);
		return;
	}
	cell_leave(entry.cell);
	STEP();
	/* Release: pairs with the acquire of the next claim. */
	if (entry.hold == HOLD_GUEST)
		atomic_store_explicit(&entry.cell->owner, 0, memory_order_release);
}
