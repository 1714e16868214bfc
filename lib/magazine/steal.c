/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Steals numbers from the cells of other threads when the depot has no full magazine.
 *
 * A theft changes two pairs by two stores, and the thief can die between them. So the thief first
 * writes its plan into its journal, and keeps the victim revoked until both stores are done. A
 * reclaimer that finds the thief dead compares the counts with the journal and finishes the theft.
 */

#include <sched.h>
#include <string.h>

#include "cell.h"
#include "steal.h"

/*
 * A journal, from bit 0: numbers of the thief before the theft (10 bits), of the victim's magazine
 * before it (10), numbers that move (10), the victim's cell (12), and whether they come from the
 * victim's previous magazine (1).
 */
#define JOURNAL_VALID    (UINT64_C(1) << 63)
#define JOURNAL_PREVIOUS (UINT64_C(1) << 42)

/* The most passes of a get over all cells while owners are inside some of them. */
#define STEAL_ROUNDS 8

struct theft {
	struct tidei_cell *victim;
	uint32_t thief_count, victim_count, moved;
	bool previous;
};

static uint64_t
journal_of(const struct tidei_magazines *mags, const struct theft *t)
{
	return JOURNAL_VALID | (t->previous ? JOURNAL_PREVIOUS : 0) |
	       (uint64_t)cell_index(mags, t->victim) << 30 | (uint64_t)t->moved << 20 |
	       (uint64_t)t->victim_count << 10 | t->thief_count;
}

static struct theft
theft_of(const struct tidei_magazines *mags, uint64_t journal)
{
	return (struct theft){
		.victim = &mags->cell[journal >> 30 & 0xfff],
		.thief_count = journal & COUNT_MASK,
		.victim_count = journal >> 10 & COUNT_MASK,
		.moved = journal >> 20 & COUNT_MASK,
		.previous = journal & JOURNAL_PREVIOUS,
	};
}

/* Move numbers from the end of one of the victim's magazines to the end of the thief's loaded one. */
static void
move(struct tidei_magazines *mags, struct tidei_cell *cell, struct tidei_cell *victim,
	bool previous_one)
{
	uint64_t own = cell_pair(cell), theirs = cell_pair(victim);
	struct theft t = {
		.victim = victim,
		.thief_count = loaded_count(own),
		.victim_count = previous_one ? previous_count(theirs) : loaded_count(theirs),
		.previous = previous_one,
	};
	uint32_t room = magazine_size(mags) - t.thief_count;
	const uint32_t *from;

	t.moved = t.victim_count < room ? t.victim_count : room;
	if (t.moved == 0)
		return;
	from = magazine_numbers(mags, previous_one ? previous(theirs) : loaded(theirs));
	memcpy(magazine_numbers(mags, loaded(own)) + t.thief_count, from + t.victim_count - t.moved,
		t.moved * sizeof(*from));
	/* Release: pairs with the acquire in tidei_steal_finish(); a reclaimer sees the numbers. */
	atomic_store_explicit(&cell->journal, journal_of(mags, &t), memory_order_release);
	cell_set_pair(victim, theirs - (previous_one ? t.moved * PREVIOUS_ONE : t.moved));
	cell_set_pair(cell, own + t.moved);
	atomic_store_explicit(&cell->journal, 0, memory_order_release);
}

uint64_t
tidei_cells_count(const struct tidei_magazines *mags)
{
	uint32_t used = cells_used(mags);
	uint64_t count = 0;

	for (uint32_t i = 0; i < used; i++)
		count += count_pair(cell_pair(&mags->cell[i]));
	return count;
}

/* Tell whether a victim is cheap to try again: its owner is of this process, so it costs no grace period. */
static bool
cheap_to_retry(const struct tidei_cell *victim)
{
	return atomic_load_explicit(&victim->pid, memory_order_relaxed) == tidei_self.pid;
}

/* Steal from each cell once. *again: an owner that is cheap to try again was inside a cell with objects. */
static void
steal_once(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t n, bool *again)
{
	uint32_t used = cells_used(mags), self = cell_index(mags, cell);

	*again = false;
	for (uint32_t i = 1; i < used && loaded_count(cell_pair(cell)) < n; i++) {
		struct tidei_cell *victim = &mags->cell[(self + i) % used];

		if (count_pair(cell_pair(victim)) == 0)
			continue;
		if (!tidei_cell_revoke(victim, 1 + self)) {
			*again |= cheap_to_retry(victim);
			continue;
		}
		move(mags, cell, victim, false);
		move(mags, cell, victim, true);
		cell_restore(victim);
		atomic_fetch_add_explicit(&cell->steals, 1, memory_order_relaxed);
	}
}

bool
tidei_steal(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t n)
{
	bool again = true;

	/* A running owner leaves its cell soon; the bound makes no get wait for a stopped one. */
	for (unsigned int i = 0; i < STEAL_ROUNDS && again; i++) {
		/* Two thieves that stole the same few numbers from each other would both fail. */
		if (tidei_cells_count(mags) < n)
			return false;
		steal_once(mags, cell, n, &again);
		if (loaded_count(cell_pair(cell)) >= n) {
			/* A theft does not lower the depot's count, so this get measures the peak. */
			cell->peak_due = true;
			return true;
		}
		/* An owner that was preempted inside its cell may need this CPU. */
		if (again)
			sched_yield();
	}
	return false;
}

void
tidei_steal_finish(struct tidei_magazines *mags, struct tidei_cell *dead)
{
	uint64_t journal = atomic_load_explicit(&dead->journal, memory_order_acquire);
	struct theft t = theft_of(mags, journal);
	uint64_t theirs, own = cell_pair(dead);
	uint32_t count;

	if (journal == 0)
		return;
	theirs = cell_pair(t.victim);
	count = t.previous ? previous_count(theirs) : loaded_count(theirs);
	/* The numbers have left the victim and not reached the thief. */
	if (count != t.victim_count && loaded_count(own) == t.thief_count)
		cell_set_pair(dead, own + t.moved);
	atomic_store_explicit(&dead->journal, 0, memory_order_release);
}
