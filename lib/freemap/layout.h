/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_FREEMAP_LAYOUT_H
#define TIDEI_FREEMAP_LAYOUT_H

/*
 * What a map looks like in memory, and the protocol on it. Private to lib/freemap.
 *
 * The truth is in the blocks: slot s is free if and only if bit s % 64 of the word of block s / 64
 * is set. Taking is one compare-and-swap, giving back is one atomic or; what the old word holds tells
 * each thread exactly which slots it moved. All else only helps to find a block:
 *
 * - `ready`: the block has many free slots and nobody has it open. A pure hint: nothing depends on
 *   it, and it is set and cleared freely.
 *
 * - `some`: the block has a free slot. What a get has found empty in `some` it reports as a failure,
 *   so no block with a slot that was given back may be missing in it, even when a thread stops for
 *   ever between any two steps. Rules:
 *     1. Who gives back looks at the summary afterwards. Unless the bit is set and the summary is
 *        not closing, it sets the bit, ends the closing and moves the version that a summary word
 *        carries, all at once.
 *     2. Who empties a word clears the bit: it marks the summary as closing, looks that the word is
 *        zero, and swaps the summary for one with the bit clear and the closing over, if it is still
 *        the one of before the look. If the word is not zero, bit and mark stay.
 *     3. Nothing else ends the closing. So a swap that succeeds had no set since before its look, by
 *        the version, and the summary was closing all the while: who gave back after the look finds
 *        it closing or cleared, and sets; who gave back and found the bit set and no closing did so
 *        before the mark, and the look sees the slot.
 *     4. Who has set the bit looks at the word again, and if it has become zero clears as in 2: the
 *        thread that emptied it may have done its clearing before the set.
 *     5. Who finds a bit set and the word zero clears as in 2: the thread that should have may be
 *        stopped.
 *   No thread relies on another to set the bit for it, however long that one stops. So a bit is never
 *   missing but for slots whose giver is still inside put, and at rest the summary is exact. The
 *   model in tests/model checks all this. A giver that was killed there leaves a bit missing for
 *   good: a get that fails looks for such blocks and sets theirs as in 1.
 *
 * Orders: a taker's acquire on a word pairs with the release of whoever gave those slots back
 * (read-modify-writes in between keep the release sequence), so what was written to an object before
 * put is seen after get. In 1, 2 and 4 a thread writes one of word and summary and then reads the
 * other, against a thread that does the reverse: one of the two must see the other's write, which only
 * sequential consistency gives.
 */

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "freemap.h"

/* Changes with the layout: a library and a plugin of different builds must not mix them up. */
#define LAYOUT UINT64_C(0x7469646500000001)

#define STRIDE_MAX   (UINT32_C(1) << 31) /* Bytes from slot to slot. */
#define LINE         64 /* Bytes that no two busy words should share. */
#define BLOCK_SLOTS  64 /* Slots in a block: bits in its word. */
#define GROUP_BLOCKS 32 /* Blocks in a group: in the low half of its words. */
#define SOME_BITS    UINT64_C(0xffffffff)
#define SOME_CLOSING (UINT64_C(1) << 32) /* Somebody is about to clear a bit of this word. */
#define SOME_VERSION (UINT64_C(1) << 33) /* The rest is the version: what a set adds. */

#define CELLS_MIN    8 /* Hint cells by lcore id, a power of two; ids beyond share. */
#define CELLS_MAX    128 /* The same of a map of many blocks. */
#define CELLS_BY_TID 4 /* Threads that are not lcores have a cell for so many of lcores. */

#define SPANS_INLINE   4 /* Spans before the table needs memory of the caller's. */
#define SPAN_ALIGN_MIN 256 /* Slots from which on a span begins with a block of its own. */

/*
 * Between any two atomic steps of get and put. A stress build defines TIDEI_STEP_HOOK and supplies the
 * function, which pauses, stops or ends threads there; otherwise it is nothing.
 */
#ifdef TIDEI_STEP_HOOK
void tidei_step(void);
#define STEP() tidei_step()
#else
#define STEP() ((void)0)
#endif

#define NO_BLOCK UINT32_MAX
#define NO_SLOT  UINT32_MAX

struct tidei_block {
	alignas(LINE) _Atomic uint64_t free; /* Written by all threads. */
	uintptr_t base; /* Address of slot 0. Written by add_span only, as the next three. */
	uint64_t slots; /* Bits that stand for slots. */
	uint32_t split; /* Slots that follow at base; those above lie in later spans. */
	uint32_t many; /* Free slots that make the block worth opening. */
	/* The stamps: written by who opens the block, read by who asks. See origin.h. */
	_Atomic uint32_t epoch; /* Times it was opened. */
	_Atomic uint32_t who, when_ms; /* Who opened it last, and when. */
	_Atomic uint32_t older_who,
		older_when_ms; /* The same of the opening that `older` goes back to. */
	_Atomic uint64_t older; /* Slots that were out already when it was opened last. */
};
static_assert(sizeof(struct tidei_block) == LINE, "a block is one line");

/*
 * The summaries of a group of blocks. A line for each group: threads have their homes apart, and what
 * one sets and clears in its group does not slow the others.
 */
struct tidei_group {
	alignas(LINE) _Atomic uint64_t
		some; /* Bits, closing and version. Written by all threads. */
	_Atomic uint64_t ready; /* Bits. Written by all threads. */
};

/* What one thread, or a few, remember and count. */
struct tidei_cell {
	alignas(LINE) _Atomic uint32_t block; /* Hint: the block opened last; NO_BLOCK: none yet. */
	_Atomic uint32_t span; /* Hint: the span that objects were given back to last. */
	_Atomic uint32_t heal; /* Groups looked through for unknown slots: see heal() in get.c. */
	_Atomic uint64_t failures; /* Gets that failed. */
};

/* A run of slots. Written by add_span only. */
struct tidei_span {
	uintptr_t base;
	uint32_t first; /* Slot number of the slot at base. */
	uint32_t slots;
};

/* Spans by slot number; order[] lists them by address. Written by add_span and grow_spans only. */
struct tidei_spans {
	uint32_t capacity;
	uint32_t nb;
	struct tidei_span *span;
	uint32_t *order;
};

/*
 * How to divide by the stride, d * 2^shift with d odd. Written by init only. See span.h, and wide.h
 * for `near` and `strange`.
 */
struct tidei_divisor {
	uint64_t inverse; /* Of d, modulo 2^64. */
	uint64_t near; /* Bytes in a block; 0 when 64 * d does not stay below 2^32. */
	uint64_t strange; /* Bits that no offset of a slot in its block has, when near is not 0. */
	uint32_t shift;
};

struct tidei_freemap {
	/* Read by all; written by init, add_span and grow_spans only. */
	alignas(LINE) uint64_t stride;
	uint64_t layout; /* LAYOUT: that this is a map, and laid out as here. */
	struct tidei_divisor divisor;
	uint32_t capacity; /* Slots the map was made for. */
	uint32_t slots; /* Slots in all spans. */
	uint32_t bound; /* One above the highest slot number. */
	uint32_t cells; /* Hint cells of lcores; behind them are those of other threads. */
	uint32_t blocks; /* Blocks there are, those to spare included. */
	uint32_t groups; /* Groups that takes. */
	struct tidei_block *block;
	struct tidei_group *group;
	struct tidei_spans spans;
	void *spans_table; /* Caller's memory below spans; NULL while inline. */
	struct tidei_span inline_span[SPANS_INLINE];
	uint32_t inline_order[SPANS_INLINE];

	alignas(LINE) _Atomic uint64_t misuse[TIDEI_MISUSE_KINDS];

	struct tidei_cell cell[];
};

/* The hint cell of a caller. */
static inline struct tidei_cell *
cell_of(struct tidei_freemap *map, uint32_t who)
{
	if (who & TIDEI_WHO_TID)
		return &map->cell[map->cells + (who & (map->cells / CELLS_BY_TID - 1))];
	return &map->cell[who & (map->cells - 1)];
}

/* Hint cells of a map, all together. */
static inline uint32_t
cells_in_all(const struct tidei_freemap *map)
{
	return map->cells + map->cells / CELLS_BY_TID;
}

#endif /* TIDEI_FREEMAP_LAYOUT_H */
