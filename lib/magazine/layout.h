/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_LAYOUT_H
#define TIDEI_MAGAZINE_LAYOUT_H

/*
 * The layout of an allocator in memory and the protocol on it. Private to lib/magazine.
 *
 * Numbers. A free object is a 32-bit number: its distance from the start of its segment in units of
 * the largest power of two that divides the stride, plus the number of that start. A slot is an index
 * without gaps: the ledger has a word per slot. segment.h converts.
 *
 * Magazines. A magazine is an array of M numbers. Its state word says where it is: in the depot and
 * full, in the depot and empty, or with a cell. Only the state word is authoritative: the thread that
 * changes it from "in the depot" with a compare-and-swap has the magazine. The hints and the two
 * bitmaps, one for full and one for empty magazines, only shorten the search. A thread that puts a
 * magazine into the depot stores the state and then sets the bit, unless the bit is set. A search that
 * finds no magazine behind a bit clears the bit. So a bit can be set without a magazine behind it. It
 * can also be clear although there is one, because that store and the load of the bit are not ordered.
 * A search that finds nothing by the bits reads all states. No step relies on a link between
 * magazines, so there is no ABA problem.
 *
 * Cells. Each thread owns a cell with a pair of magazines, loaded and previous (Bonwick and Adams,
 * "Magazines and Vmem", USENIX 2001, section 3.1). The pair, two magazines and their counts, is one
 * word. Every step of the work on a cell is one store, so a cell is consistent at any step at which
 * its owner dies. Numbers beyond a count have no meaning. The last cell is owned for one get or put at a
 * time, so that threads without a cell can use it (see tidei_magazines_get()).
 *
 * Entry. The owner stores busy = 1 and then loads `revoked`. If it loads 0, the pair is the owner's
 * until it stores busy = 0. A thief sets `revoked` with a compare-and-swap, makes each CPU that runs
 * the owner's process pass a full barrier (membarrier(2), see barrier.h) and then loads `busy`. If it
 * loads 0, the pair is the thief's until it stores revoked = 0.
 * The owner has only a compiler barrier between its store and its load. Suppose that it loaded 0. If
 * it loaded before the barrier, its store was before the barrier too, and the thief sees busy = 1. It
 * cannot have loaded after the barrier, because it would have seen `revoked`. The side that sees the
 * other backs off: the thief leaves the cell alone, the owner works in another cell. A process that
 * cannot register with membarrier(2) has a full fence between store and load and says so in its cells.
 * A thief that cannot make the owner's CPU pass a barrier leaves that cell alone.
 * (This is the asymmetric fence of liburcu's "memb" flavour and of C++ P1202.)
 *
 * Orders. The store of busy = 0 or revoked = 0 is a release, the load of that 0 an acquire. So the
 * next thread that has the pair sees the numbers, and the contents that objects had when they were
 * put. The state word does the same for magazines that pass through the depot.
 *
 * Room. There are two magazines per cell and one for each M objects, rounded down. A full magazine
 * contains M objects, so while a cell has one magazine too few, the depot has an empty one: a put that
 * puts a full magazine into the depot always finds an empty one. tests/model counts them.
 *
 * Death. A cell names its owner. A get that would fail searches for cells that are busy or revoked and
 * whose owner is dead; reclaim.c finishes the work that the owner began. A detached magazine belongs
 * to a cell and is not in its pair; its state word names the cell and says whether it is full. A dead
 * thread loses only the objects that its get had taken or its put had not yet stored.
 * The mark of a borrower in `revoked` names the borrower, which works in the cell like its owner. A
 * reclaimer that finds the borrower dead swaps in its own mark, finishes the borrower's work and
 * restores the cell. The cell stays revoked while another thread has the thread id of the dead one.
 */

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "magazine.h"

/* Change it with the layout: a library and a plugin of different builds must not share an allocator. */
#define LAYOUT UINT64_C(0x7469646500000005)

#define LINE       64 /* Bytes of a cache line. */
#define CELL_ALIGN 128 /* Two lines: CPUs prefetch the next one. */
#define STRIDE_MAX (UINT64_C(1) << 31)

#define MAGAZINE_MIN 32 /* Numbers in a magazine of the smallest pools. */
#define MAGAZINE_MAX 256
#define CELLS_MAX    128

#define SEGMENTS_INLINE 4 /* Segments that fit before the caller supplies memory. */

/*
 * STEP() is between any two atomic steps of get and put. A stress build defines TIDEI_STEP_HOOK and
 * supplies tidei_step(), which pauses, stops or ends threads; in other builds STEP() does nothing.
 */
#ifdef TIDEI_STEP_HOOK
void tidei_step(void);
#define STEP() tidei_step()
#else
#define STEP() ((void)0)
#endif

/*
 * The state word of a magazine. The three lowest bits are STATE_FULL or STATE_EMPTY, and STATE_HELD
 * while a cell has the magazine. With STATE_HELD, full or empty says how a reclaimer returns it to the
 * depot, and the bits above name the cell. In the depot, the bits above name the magazine that the
 * same cell put into the depot before; the next search of the cell that gets this one begins there.
 */
#define STATE_FULL  UINT32_C(1) /* M numbers. */
#define STATE_EMPTY UINT32_C(2) /* No numbers. */
#define STATE_HELD  UINT32_C(4)
#define STATE_BITS  3

#define NO_MAGAZINE UINT32_C(0xfffff) /* All 20 bits that a pair has for a magazine. */
#define NO_NUMBER   UINT32_MAX

/*
 * A pair in one word, from bit 0: numbers in the loaded magazine (10 bits), numbers in the previous
 * one (10), the loaded magazine (20), the previous one (20).
 */
#define COUNT_BITS     10
#define COUNT_MASK     UINT64_C(0x3ff)
#define PREVIOUS_ONE   (UINT64_C(1) << COUNT_BITS)
#define LOADED_SHIFT   20
#define PREVIOUS_SHIFT 40
static_assert(MAGAZINE_MAX <= COUNT_MASK, "a count fits");

/*
 * The mark in `revoked` of a borrower, which is a thief without a cell of its own: this bit, a tag of
 * its PID namespace (9 bits) and its thread id (22 bits).
 */
#define BORROWER UINT32_C(0x80000000)

/* The cell of one thread. */
struct tidei_cell {
	alignas(CELL_ALIGN) _Atomic uint64_t
		pair; /* Written by the owner while it is inside, or by a thief. */
	_Atomic uint64_t
		owner; /* Identity of a thread, see self.h; 0: none. Claimed by compare-and-swap. */
	_Atomic uint32_t busy; /* Written by the owner only. */
	_Atomic uint32_t revoked; /* 1 + cell of the thief, or mark of a borrower; 0: none. */
	/* Read and written by the thread inside only. */
	uint32_t record; /* Ledger word of the objects that move now, see ledger.h. */
	uint32_t clock_ms; /* Last reading of the clock. */
	uint16_t clock_left; /* Gets and puts until the next reading. */
	uint16_t clock_every; /* Gets and puts between readings. */
	uint16_t caller; /* Index in the table of callers. */
	uint8_t peak_due; /* The get measures the peak before it leaves. */
	uint8_t remote; /* Another caller wrote the ledger words of the last burst. */
	uint32_t full_hint, empty_hint; /* Magazines that searches try first. */
	_Atomic uint64_t failures, steals;

	/* The signature of the owner, by which others find out whether it is dead. Written by the owner. */
	alignas(LINE) _Atomic uint64_t signed_by; /* Identity of the owner that signed. */
	_Atomic uint64_t start, ns, process; /* See struct tidei_self. */
	_Atomic uint32_t pid, tid;
	_Atomic uint32_t fenced; /* The owner enters with a full fence. */
	uint16_t lender; /* `caller` of the owner while a borrower has set it to CALLER_UNKNOWN. */
	/* The theft that the owner of this cell has begun; 0: none. See steal.c. */
	_Atomic uint64_t journal;
};
static_assert(sizeof(struct tidei_cell) == CELL_ALIGN, "a cell is two lines");

/* A caller; ledger words hold its index in the table. Written by the thread that claims a cell. */
struct tidei_caller {
	_Atomic uint32_t id; /* Lcore id or thread id. */
	_Atomic uint32_t pid; /* Bit 31: id is an lcore id. */
};
#define CALLER_LCORE   (UINT32_C(1) << 31)
#define CALLER_UNKNOWN 0 /* Index of callers without a cell. */

/*
 * Objects at regular distances: runs of `per` objects, a stride from object to object and a period
 * from run to run. Written by add only.
 */
struct tidei_segment {
	uintptr_t base; /* The first object. */
	uint32_t first; /* Its number. */
	uint32_t first_slot; /* Its slot. */
	uint32_t units; /* 1 + number of the last object - `first`. */
	uint32_t mask; /* The period in units, a power of two, less 1; all ones for a single run. */
	uint32_t per; /* Objects in a run; the last can have fewer. */
	uint32_t run_shift; /* log2 of the period; 31 for a single run. */
	uint32_t run_slots; /* `per`; 0 for a single run. */
	uint32_t runs, last; /* Number of runs, and objects in the last one. */
};

/* Segments by ascending number; order[] lists them by address. Written by add and grow only. */
struct tidei_segments {
	uint32_t capacity;
	uint32_t nb;
	struct tidei_segment *segment;
	uint32_t *order;
};

struct tidei_magazines {
	/* Read by all; written by init, add and grow only. */
	alignas(CELL_ALIGN) uint64_t layout; /* LAYOUT. */
	uint64_t stride;
	uint32_t inverse; /* Of the odd part of the stride, modulo 2^32. */
	uint32_t odd; /* The stride in units. */
	uint8_t shift; /* log2 of the unit. */
	uint8_t mode; /* enum tidei_ledger_mode. */
	uint8_t log_size; /* log2 of the numbers in a magazine. */
	uint32_t nb_magazines, nb_words; /* nb_words: 64-bit words of each bitmap. */
	uint32_t nb_cells, nb_callers; /* nb_cells: a power of two. */
	uint32_t capacity; /* The most objects that can be added. */
	uint32_t objects;
	uint32_t hint_index; /* Index of this allocator in tidei_self.hint. */
	struct tidei_cell *cell;
	uint32_t *number; /* Those of magazine m begin at m << log_size. */
	_Atomic uint32_t *state;
	_Atomic uint64_t *bits[2]; /* Bitmaps of full and of empty magazines in the depot. */
	struct tidei_caller *caller;
	_Atomic uint32_t *ledger; /* NULL: mode off. */
	struct tidei_segments segments;
	struct tidei_segment inline_segment[SEGMENTS_INLINE];
	uint32_t inline_order[SEGMENTS_INLINE];
	void *grown; /* Memory of the caller that `segments` is in; NULL: none. */

	/* Written when a magazine enters or leaves the depot. */
	alignas(CELL_ALIGN) _Atomic uint64_t
		depot; /* High half: moves of full magazines; low half: free objects in them. */
	_Atomic uint32_t low; /* Fewest free objects that the depot ever had. */
	_Atomic uint32_t peak; /* Most objects out whenever a get measured it. */

	/* Written rarely. */
	alignas(CELL_ALIGN) _Atomic uint32_t
		cells_used; /* Cells from this index on never had an owner. */
	_Atomic uint32_t callers_used;
	_Atomic uint32_t
		proc_scanned_ms; /* When /proc was last read for owners whose thread ids exist. */
	_Atomic uint64_t reclaims;
	_Atomic uint64_t misuse[TIDEI_MISUSE_KINDS];
};

static inline uint32_t
loaded_count(uint64_t pair)
{
	return pair & COUNT_MASK;
}

static inline uint32_t
previous_count(uint64_t pair)
{
	return pair >> COUNT_BITS & COUNT_MASK;
}

static inline uint32_t
loaded(uint64_t pair)
{
	return pair >> LOADED_SHIFT & NO_MAGAZINE;
}

static inline uint32_t
previous(uint64_t pair)
{
	return pair >> PREVIOUS_SHIFT & NO_MAGAZINE;
}

static inline uint64_t
make_pair(uint32_t l, uint32_t l_count, uint32_t p, uint32_t p_count)
{
	return (uint64_t)p << PREVIOUS_SHIFT | (uint64_t)l << LOADED_SHIFT |
	       (uint64_t)p_count << COUNT_BITS | l_count;
}

static inline uint64_t
swap_pair(uint64_t pair)
{
	return make_pair(previous(pair), previous_count(pair), loaded(pair), loaded_count(pair));
}

static inline uint32_t
count_pair(uint64_t pair)
{
	return loaded_count(pair) + previous_count(pair);
}

/* Relaxed: entry to the cell orders the pair for the thread inside; others read it as a hint. */
static inline uint64_t
cell_pair(const struct tidei_cell *cell)
{
	return atomic_load_explicit(&cell->pair, memory_order_relaxed);
}

/* Release: a reclaimer that finds the owner dead sees the numbers below the counts. */
static inline void
cell_set_pair(struct tidei_cell *cell, uint64_t pair)
{
	STEP();
	atomic_store_explicit(&cell->pair, pair, memory_order_release);
	STEP();
}

static inline uint32_t
magazine_size(const struct tidei_magazines *mags)
{
	return UINT32_C(1) << mags->log_size;
}

static inline uint32_t *
magazine_numbers(const struct tidei_magazines *mags, uint32_t magazine)
{
	return mags->number + ((size_t)magazine << mags->log_size);
}

static inline uint32_t
cell_index(const struct tidei_magazines *mags, const struct tidei_cell *cell)
{
	return (uint32_t)(cell - mags->cell);
}

/* Tell whether a state says that its magazine is in the depot; as: STATE_FULL or STATE_EMPTY. */
static inline bool
state_in_depot(uint32_t state, uint32_t as)
{
	return (state & ((UINT32_C(1) << STATE_BITS) - 1)) == as;
}

/* Extract from a state the cell that has the magazine or, in the depot, the magazine to try next. */
static inline uint32_t
state_of(uint32_t state)
{
	return state >> STATE_BITS;
}

/* Return how many cells ever had an owner. Acquire: pairs with the release of claim(). */
static inline uint32_t
cells_used(const struct tidei_magazines *mags)
{
	return atomic_load_explicit(&mags->cells_used, memory_order_acquire);
}

#endif /* TIDEI_MAGAZINE_LAYOUT_H */
