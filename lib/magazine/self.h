/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_SELF_H
#define TIDEI_MAGAZINE_SELF_H

/* The identity of a thread, and whether another thread is dead. Private to lib/magazine. */

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"

/* Hints of a thread: the cell used last, one per allocator. Allocators can share a hint. */
#define HINTS 64

/* The identity of a thread before tidei_self_make(). It is even, so no owner has it. */
#define SELF_UNKNOWN 2

/* One per thread and copy of the library; library and plugin in one process have one each. */
struct tidei_self {
	uint64_t id; /* See identity_of(); SELF_UNKNOWN: not set yet. */
	uint64_t start; /* Start time of the thread in clock ticks since boot; 0: unknown. */
	uint64_t ns; /* Inode of the PID namespace of the thread; 0: unknown. */
	uint64_t process; /* A random number that all threads of the process share. */
	uint32_t pid, tid; /* In its own PID namespace. */
	uint32_t reclaimed; /* Cells that the thread has recovered. */
	uint8_t hint[HINTS]; /* Cells used last, by hint_index of the allocator. */
};
static_assert(CELLS_MAX <= UINT8_MAX + 1, "a hint holds a cell");

/* Initial-exec: a plugin that is loaded later gets these few bytes from the surplus of static TLS. */
extern _Thread_local struct tidei_self tidei_self
	__attribute__((tls_model("initial-exec"), visibility("hidden")));

/*
 * An identity, from bit 0: 1, so that it is odd, 8 random bits, the thread id (22 bits), a tag of its
 * PID namespace (12 bits), 21 random bits. Others can tell by it whether an owner is dead that has not
 * signed its cell yet.
 */
#define IDENTITY_TID_SHIFT 9
#define IDENTITY_TID_MASK  UINT64_C(0x3fffff)
#define IDENTITY_NS_SHIFT  31
#define IDENTITY_NS_MASK   UINT64_C(0xfff)

#define BORROWER_NS_SHIFT 22
#define BORROWER_NS_MASK  UINT32_C(0x1ff)

static inline uint64_t
identity_of(uint32_t tid, uint64_t ns, uint64_t random)
{
	random &= ~(IDENTITY_NS_MASK << IDENTITY_NS_SHIFT);
	random &= ~(IDENTITY_TID_MASK << IDENTITY_TID_SHIFT);
	return random | (ns & IDENTITY_NS_MASK) << IDENTITY_NS_SHIFT |
	       (tid & IDENTITY_TID_MASK) << IDENTITY_TID_SHIFT | 1;
}

/* Compose the mark of the calling thread in a cell that it borrows: see layout.h. */
static inline uint32_t
borrower_mark(void)
{
	return BORROWER | ((uint32_t)tidei_self.ns & BORROWER_NS_MASK) << BORROWER_NS_SHIFT |
	       (tidei_self.tid & (uint32_t)IDENTITY_TID_MASK);
}

/* Tell whether the borrower that a mark names is known to be dead; false if it names none. */
bool tidei_borrower_dead(uint32_t mark);

/* Make the identity of the calling thread. */
void tidei_self_make(void);

/*
 * Tell whether the owner of a cell is known to be dead. Owners in other PID namespaces never are.
 *
 * thorough: read /proc, which shows a dead owner whose thread id is reused, and one that keeps its id
 * because no parent has waited for its process.
 */
bool tidei_owner_dead(const struct tidei_magazines *mags, const struct tidei_cell *cell,
	uint64_t owner, bool thorough);

/*
 * The owner word of a cell that a reclaimer recovers. It is even and has the cell of the reclaimer and
 * most bits of the reclaimer's identity, so it needs no signature. The highest bits count the cells
 * that the reclaimer has recovered: a word must not recur while another thread finds out
 * whether its writer is dead.
 */
#define RECLAIMER_CELL_MASK  UINT64_C(0xff) /* From bit 1. */
#define RECLAIMER_NTH_SHIFT  48
#define RECLAIMER_OWNER_MASK ((UINT64_C(1) << RECLAIMER_NTH_SHIFT) - 0x200)

/* Compose the owner word of the nth cell that the owner of `cell` recovers. */
static inline uint64_t
reclaimer_of(const struct tidei_magazines *mags, const struct tidei_cell *cell, uint32_t nth)
{
	return (uint64_t)nth << RECLAIMER_NTH_SHIFT | (tidei_self.id & RECLAIMER_OWNER_MASK) |
	       (uint64_t)cell_index(mags, cell) << 1;
}

#endif /* TIDEI_MAGAZINE_SELF_H */
