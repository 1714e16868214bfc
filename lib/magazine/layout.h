/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_LAYOUT_H
#define TIDEI_MAGAZINE_LAYOUT_H

/*
 * What an allocator looks like in memory, and the protocol on it. Private to lib/magazine.
 *
 * Numbers. A free object is a 32-bit number: its distance from the start of its segment in units of
 * the largest power of two that divides the stride, plus the number of that start. A slot is a number
 * without holes: the ledger has a word per slot. segment.h converts.
 *
 * Magazines. A magazine is an array of M numbers. Its state word says where it is: in the depot and
 * full, in the depot and empty, or held by a cell. The state word is the truth: whoever changes it from
 * "in the depot" with a compare-and-swap holds the magazine. Where to look first, and a bitmap for the full
 * and one for the empty magazines, only help to find one. The giver sets the bit after the state unless
 * it is set; a search that finds nothing behind a bit clears it. A bit can thus be set without a magazine
 * behind it, and, as the giver's store and load are not ordered, be cleared although there is one: a search
 * that the bits lead nowhere reads the states. No step relies on a link between magazines, hence no ABA.
 *
 * Cells. Each thread owns a cell with a pair of magazines, loaded and previous (Bonwick and Adams,
 * "Magazines and Vmem", USENIX 2001, section 3.1). The pair, two magazines and their counts, is one
 * word: every step of the work on a cell is one store, so a cell is in order whenever its owner dies.
 * Numbers beyond a count mean nothing. The last cell is owned for one get or put at a time, so that it
 * is free for threads that find no other (see tidei_magazines_get()).
 *
 * Entry. The owner stores busy = 1 and then loads `revoked`; 0 means that the pair is the owner's until
 * it stores busy = 0. A thief sets `revoked` with a compare-and-swap, makes each CPU that runs
 * the owner's process pass a full barrier (membarrier(2), see barrier.h) and then loads `busy`; 0
 * means that the pair is the thief's until it stores revoked = 0. Between the owner's store and load
 * stands only a compiler barrier: if the owner loaded 0, either it did so before the barrier, and then
 * the thief sees busy = 1, or after it, and then it could not have loaded 0. Each side that sees the
 * other backs off: the thief leaves the cell alone, the owner works in another cell. A process that
 * cannot register with membarrier stores and loads with a full fence between, and says so in its
 * cells; a thief that cannot make the owner's CPU pass a barrier leaves that cell alone.
 * (The asymmetric fence of liburcu's "memb" flavour and of C++ P1202.)
 *
 * Orders. Whoever stores busy = 0 or revoked = 0 releases, whoever loads 0 there acquires: so the next
 * holder of the pair sees the numbers, and what was written to the objects before they were put. The
 * state word does the same for magazines that pass through the depot.
 *
 * Room. There are two magazines per cell and one for each M objects, rounded down. A full magazine
 * takes M objects with it, so as long as a cell is one short, an empty magazine is in the depot: a put
 * that gives away a full magazine always finds an empty one. tests/model counts them.
 *
 * Death. A cell names its owner. When a get would fail, it looks for cells that are busy or revoked and
 * whose owner is dead; reclaim.c finishes what the owner began. The state word of a magazine in the
 * hands of a dead thread says whose hands and whether it is full. Objects that a get had taken, and
 * those that a put had not yet given, are lost with the thread, no others. A thread that borrowed a cell
 * names itself in the mark, and works there as the owner would: so who finds it dead puts its own mark
 * there, finishes what the borrower began, and lets the cell go. It stays revoked while another thread has
 * the thread id of the dead.
 */

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "magazine.h"

/* Changes with the layout: a library and a plugin of different builds must not mix them up. */
#define LAYOUT UINT64_C(0x7469646500000005)

#define LINE       64 /* Bytes that no two busy words should share. */
#define CELL_ALIGN 128 /* Two lines: CPUs prefetch the neighbour. */
#define STRIDE_MAX (UINT64_C(1) << 31)

#define MAGAZINE_MIN 32 /* Numbers in a magazine of the smallest pools. */
#define MAGAZINE_MAX 256
#define CELLS_MAX    128

#define SEGMENTS_INLINE 4 /* Segments before the table needs memory of the caller's. */

/*
 * Between any two atomic steps of get and put. A stress build defines TIDEI_STEP_HOOK and supplies
 * the function, which pauses, stops or ends threads there; otherwise it is nothing.
 */
#ifdef TIDEI_STEP_HOOK
void tidei_step(void);
#define STEP() tidei_step()
#else
#define STEP() ((void)0)
#endif

/*
 * The state word of a magazine: in its three lowest bits STATE_FULL or STATE_EMPTY, as it is or, while a cell
 * holds it, how to give it back; and STATE_HELD. Above them the cell that holds it, or in the depot the
 * magazine that the giver's cell gave before it, where its next search begins.
 */
#define STATE_FULL  UINT32_C(1) /* M numbers. */
#define STATE_EMPTY UINT32_C(2) /* No numbers. */
#define STATE_HELD  UINT32_C(4)
#define STATE_BITS  3

#define NO_MAGAZINE UINT32_C(0xfffff) /* As many bits as a pair has for one. */
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
 * The mark of a borrower in `revoked`, a thief without a cell of its own: this bit, a tag of its PID
 * namespace (9 bits) and its thread id (22 bits).
 */
#define BORROWER UINT32_C(0x80000000)

/* What one thread works on. */
struct tidei_cell {
	alignas(CELL_ALIGN) _Atomic uint64_t pair; /* Written by the owner inside, or by a thief. */
	_Atomic uint64_t owner; /* Identity of a thread, see self.h; 0: none. Claimed by swap. */
	_Atomic uint32_t busy; /* Written by the owner only. */
	_Atomic uint32_t
		revoked; /* 1 + cell of the thief, or BORROWER...; 0: none. Claimed by swap. */
	/* Used by whoever is inside. */
	uint32_t word; /* What the ledger notes for objects that move now: see ledger.h. */
	uint32_t now; /* Milliseconds when the clock was read last. */
	uint16_t until, every; /* Gets and puts until it is read again, and in between. */
	uint16_t caller; /* Place in the table of callers. */
	/* The get notes the peak: the depot never had so few, or what it takes was not there. */
	uint8_t sank;
	uint8_t foreign; /* Another caller moved the objects of the last burst before. */
	uint32_t full_hint, empty_hint; /* Magazines that searches try first. */
	_Atomic uint64_t failures, steals;

	/* Who the owner is, for others to find out whether it is dead. Written by the owner. */
	alignas(LINE) _Atomic uint64_t signed_by; /* The owner these words are about. */
	_Atomic uint64_t start, ns, process; /* As in struct tidei_self. */
	_Atomic uint32_t pid, tid;
	_Atomic uint32_t fenced; /* The owner enters with a full fence. */
	uint16_t lender; /* `caller` of the owner while that says CALLER_UNKNOWN, for a borrower. */
	/* A theft that this cell's owner has begun; 0: none. See steal.c. */
	_Atomic uint64_t journal;
};
static_assert(sizeof(struct tidei_cell) == CELL_ALIGN, "a cell is two lines");

/* A caller that ledger words name by its place in the table. Written once by who claims a cell. */
struct tidei_caller {
	_Atomic uint32_t id; /* Lcore id or thread id. */
	_Atomic uint32_t pid; /* Bit 31: id is an lcore id. */
};
#define CALLER_LCORE   (UINT32_C(1) << 31)
#define CALLER_UNKNOWN 0 /* The place of callers without a cell. */

/*
 * Objects at regular places: runs of `per` objects, each a stride after the other, the runs a period
 * apart. Written by add only.
 */
struct tidei_segment {
	uintptr_t base; /* The first object. */
	uint32_t first; /* Its number. */
	uint32_t first_slot; /* Its slot. */
	uint32_t units; /* One above the number of the last object, from `first`. */
	uint32_t mask; /* The period in units, a power of two, less 1; all ones for a single run. */
	uint32_t per; /* Objects in a run; the last can have fewer. */
	uint32_t run_shift; /* log2 of the period; 31 for a single run. */
	uint32_t run_slots; /* `per`; 0 for a single run. */
	uint32_t runs, last; /* Runs, and objects in the last of them. */
};

/* Segments by number; order[] lists them by address. Written by add and grow only. */
struct tidei_segments {
	uint32_t capacity;
	uint32_t nb;
	struct tidei_segment *segment;
	uint32_t *order;
};

struct tidei_magazines {
	/* Read by all; written by init, add and grow only. */
	alignas(CELL_ALIGN)
		uint64_t layout; /* LAYOUT: that this is an allocator as laid out here. */
	uint64_t stride;
	uint32_t inverse; /* Of the odd part of the stride, modulo 2^32. */
	uint32_t odd; /* The stride in units. */
	uint8_t shift; /* log2 of the unit. */
	uint8_t mode; /* enum tidei_ledger_mode. */
	uint8_t log_size; /* log2 of the numbers in a magazine. */
	uint32_t nb_magazines, nb_words; /* nb_words: of each bitmap. */
	uint32_t nb_cells, nb_callers; /* nb_cells: a power of two. */
	uint32_t capacity; /* Objects the allocator was made for. */
	uint32_t objects;
	uint32_t hint_at; /* Where threads keep their cell: see self.h. */
	struct tidei_cell *cell;
	uint32_t *number; /* Of magazine m from m << log_size on. */
	_Atomic uint32_t *state;
	_Atomic uint64_t *bits[2]; /* Of full and of empty magazines: see depot.h. */
	struct tidei_caller *caller;
	_Atomic uint32_t *ledger; /* NULL: mode off. */
	struct tidei_segments segments;
	struct tidei_segment inline_segment[SEGMENTS_INLINE];
	uint32_t inline_order[SEGMENTS_INLINE];
	void *grown; /* Caller's memory below segments; NULL: none. */

	/* Written when a magazine enters or leaves the depot. */
	alignas(CELL_ALIGN) _Atomic uint64_t
		depot; /* Moves in the high half, free objects in the low. */
	_Atomic uint32_t low; /* Fewest free objects the depot ever had. */
	_Atomic uint32_t peak; /* Most objects out when `low` sank. */

	/* Written rarely. */
	alignas(CELL_ALIGN) _Atomic uint32_t
		cells_used; /* Cells from here on never had an owner. */
	_Atomic uint32_t callers_used;
	_Atomic uint32_t looked_ms; /* When /proc was last read for owners that look alive. */
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

/* Relaxed: exclusive use of the cell orders the pair; others only look. */
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

/* Whether a state says that a magazine is in the depot, full or empty as `as` says. */
static inline bool
state_in_depot(uint32_t state, uint32_t as)
{
	return (state & ((UINT32_C(1) << STATE_BITS) - 1)) == as;
}

/* The cell that holds a magazine, by its state, or the magazine that it speaks of. */
static inline uint32_t
state_of(uint32_t state)
{
	return state >> STATE_BITS;
}

/* Cells that ever had an owner. Acquire: pairs with the release of whoever raised it. */
static inline uint32_t
cells_used(const struct tidei_magazines *mags)
{
	return atomic_load_explicit(&mags->cells_used, memory_order_acquire);
}

#endif /* TIDEI_MAGAZINE_LAYOUT_H */
