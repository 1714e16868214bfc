/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_SELF_H
#define TIDEI_MAGAZINE_SELF_H

/* Who a thread is, to itself and to others. Private to lib/magazine. */

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"

/* Places in which a thread remembers its cells, one per allocator; allocators can share a place. */
#define HINTS 64

/* The identity of a thread that has none yet: that of no owner. */
#define SELF_UNKNOWN 2

/* One per thread; a library and a plugin in one process have one each, which is harmless. */
struct tidei_self {
	uint64_t id; /* See identity_of(); SELF_UNKNOWN: not set yet. */
	uint64_t start; /* Start time of the thread in clock ticks since boot; 0: unknown. */
	uint64_t ns; /* Inode of its PID namespace; 0: unknown. */
	uint64_t process; /* Random, the same in all threads of a process. */
	uint32_t pid, tid; /* As the thread sees them. */
	uint32_t cared; /* Cells of the dead that it has put in order. */
	uint8_t hint[HINTS]; /* Cell used last, by hint_at of the allocator. */
};
static_assert(CELLS_MAX <= UINT8_MAX + 1, "a hint holds a cell");

/* Initial-exec: a plugin that is loaded later takes these few bytes from the spare static TLS. */
extern _Thread_local struct tidei_self tidei_self
	__attribute__((tls_model("initial-exec"), visibility("hidden")));

/*
 * An identity: 1, so that it is odd, 8 random bits, the thread id (22 bits), a tag of its PID namespace
 * (12), 21 random bits. It says whom to ask for while an owner has not signed its cell yet.
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

/* The mark of the calling thread in a cell that it borrows: see layout.h. */
static inline uint32_t
borrower_mark(void)
{
	return BORROWER | ((uint32_t)tidei_self.ns & BORROWER_NS_MASK) << BORROWER_NS_SHIFT |
	       (tidei_self.tid & (uint32_t)IDENTITY_TID_MASK);
}

/* Whether the borrower that a mark names is known to be dead; false: the mark names none. */
bool tidei_borrower_dead(uint32_t mark);

/* Fill in the identity of the calling thread. */
void tidei_self_make(void);

/*
 * Whether the owner of a cell is known to be dead: its process, its thread, or another took its id.
 * An owner in another PID namespace is never known to be. `thorough` reads /proc to tell an id that
 * was reused, or that a dead thread keeps because nobody waited for its process, or that lives on.
 */
bool tidei_owner_dead(const struct tidei_magazines *mags, const struct tidei_cell *cell,
	uint64_t owner, bool thorough);

/*
 * The owner word of a cell that the owner of another, `cell`, puts in order. It names that cell and
 * most bits of its owner's identity, so it needs no signature: identities are odd, these are even. In
 * the highest bits the thread counts the cells it puts in order: a word that another thread has seen
 * must not come back while that thread finds out whether its writer is dead.
 */
#define CARETAKER_CELL_MASK  UINT64_C(0xff) /* From bit 1. */
#define CARETAKER_NTH_SHIFT  48
#define CARETAKER_OWNER_MASK ((UINT64_C(1) << CARETAKER_NTH_SHIFT) - 0x200)

static inline uint64_t
caretaker_of(const struct tidei_magazines *mags, const struct tidei_cell *cell, uint32_t nth)
{
	return (uint64_t)nth << CARETAKER_NTH_SHIFT | (tidei_self.id & CARETAKER_OWNER_MASK) |
	       (uint64_t)cell_index(mags, cell) << 1;
}

#endif /* TIDEI_MAGAZINE_SELF_H */
