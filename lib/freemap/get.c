/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Takes slots out of the map: the block opened last, else a ready one near it, else any. */

#include <errno.h>

#include "origin.h"
#include "span.h"
#include "wide.h"
#include "word.h"

/* Blocks a get visits before it goes on in a frame of its own; a bulk of 64 never needs a second. */
#define VISITS 64

/* Groups a get that failed looks through for slots that a killed thread left unknown. */
#define HEAL_GROUPS 4

/* Slots taken from one block. */
struct visit {
	struct taken taken;
	uint32_t block;
};

/*
 * The bits of a group in the order of a walk round all groups that starts in the middle of the first:
 * round 0 sees the part from `start` on, the last round the part before it.
 */
static uint64_t
walk_part(uint64_t bits, uint32_t round, uint32_t groups, uint32_t start)
{
	uint64_t below = (UINT64_C(1) << start) - 1;

	if (round == 0)
		return bits & ~below;
	return round == groups ? bits & below : bits;
}

/* Take up to n slots of a block that many came back to, the nearest after `from`. */
static struct visit
take_ready(struct tidei_freemap *map, uint32_t from, unsigned int n)
{
	uint32_t group = from / GROUP_BLOCKS;

	for (uint32_t round = 0; round <= map->groups; round++) {
		uint64_t bits =
			atomic_load_explicit(&map->group[group].ready, memory_order_relaxed);

		bits = walk_part(bits, round, map->groups, from % GROUP_BLOCKS);
		for (; bits != 0; bits &= bits - 1) {
			uint32_t block = group * GROUP_BLOCKS + (uint32_t)__builtin_ctzll(bits);
			struct visit v = {.block = block};

			STEP();
			if (ready_claim(map, block)) {
				STEP();
				v.taken = word_take(map, block, n, 1);
			}
			if (v.taken.mask != 0)
				return v;
		}
		group = group + 1 == map->groups ? 0 : group + 1;
	}
	return (struct visit){.block = NO_BLOCK};
}

/* Take up to n slots of any block that has one, the nearest after `from`. */
static struct visit
take_some(struct tidei_freemap *map, uint32_t from, unsigned int n)
{
	uint32_t group = from / GROUP_BLOCKS;

	for (uint32_t round = 0; round <= map->groups; round++) {
		/* Relaxed: the word of the block is what counts, and taking acquires it. */
		uint64_t bits = atomic_load_explicit(&map->group[group].some, memory_order_relaxed);

		bits = walk_part(bits & SOME_BITS, round, map->groups, from % GROUP_BLOCKS);
		for (; bits != 0; bits &= bits - 1) {
			uint32_t block = group * GROUP_BLOCKS + (uint32_t)__builtin_ctzll(bits);
			struct visit v = {.block = block};

			STEP();
			v.taken = word_take(map, block, n, 1);
			if (v.taken.mask != 0)
				return v;
			tidei_some_clear(map, block);
		}
		group = group + 1 == map->groups ? 0 : group + 1;
	}
	return (struct visit){.block = NO_BLOCK};
}

/*
 * Where a thread begins to look for a block, always: so it comes back to the blocks it has just used,
 * and the set it works on stays small and warm. Homes are spread by the golden ratio, which keeps any
 * number of them apart (Knuth, "The Art of Computer Programming", volume 3, section 6.4).
 */
static uint32_t
home_block(const struct tidei_freemap *map, const struct tidei_cell *cell)
{
	uint32_t fraction = (uint32_t)(cell - map->cell) * UINT32_C(2654435769);

	return (uint32_t)((uint64_t)fraction * map->blocks >> 32);
}

/* A block that is left with many free slots is there for all again. */
static void
leave_block(struct tidei_freemap *map, uint32_t block)
{
	const struct tidei_block *b = &map->block[block];
	/* Relaxed: decides on a hint. */
	uint64_t free = atomic_load_explicit(&b->free, memory_order_relaxed);

	if ((uint32_t)__builtin_popcountll(free) >= b->many)
		ready_set(map, block);
}

/* Remember the block of a visit as the open one, in place of `before`, and stamp it. */
static struct visit
open_block(struct tidei_freemap *map, struct tidei_cell *cell, uint32_t who, uint32_t before,
	struct visit v)
{
	if (before != NO_BLOCK && before != v.block)
		leave_block(map, before);
	stamp(&map->block[v.block], who, v.taken.before);
	/* Relaxed: a hint. */
	atomic_store_explicit(&cell->block, v.block, memory_order_relaxed);
	return v;
}

/*
 * Take up to n slots of one block; the mask is 0 when the map has none.
 *
 * The open block comes first if it has all n, or what n is above whole blocks; then a ready one.
 * Otherwise what is left over in the open block waits there for its mates, so that a burst comes from
 * one block and goes back to it in one step. Left-overs are for when nothing is ready.
 */
static struct visit
take(struct tidei_freemap *map, struct tidei_cell *cell, uint32_t who, unsigned int n)
{
	/* Relaxed: a hint. */
	uint32_t open = atomic_load_explicit(&cell->block, memory_order_relaxed);
	uint32_t home = home_block(map, cell);
	unsigned int part = n % BLOCK_SLOTS == 0 ? BLOCK_SLOTS : n % BLOCK_SLOTS;
	struct visit v = {.block = open};

	if (open != NO_BLOCK)
		v.taken = word_take(map, open, part, part);
	if (v.taken.mask != 0)
		return v;
	v = take_ready(map, home, n);
	if (v.taken.mask != 0)
		return open_block(map, cell, who, open, v);
	v.block = open;
	if (open != NO_BLOCK)
		v.taken = word_take(map, open, n, 1);
	if (v.taken.mask != 0)
		return v;
	v = take_some(map, home, n);
	return v.taken.mask != 0 ? open_block(map, cell, who, open, v) : v;
}

/* Write the objects of a mask of one block, some of which lie in a later span, to a table. */
static __attribute__((noinline)) void
emit_split(const struct tidei_freemap *map, uint32_t block, uint64_t mask, void **table)
{
	while (mask != 0) {
		uint32_t slot = block * BLOCK_SLOTS + (uint32_t)__builtin_ctzll(mask);
		const struct tidei_span *span = tidei_span_of_slot(map, slot);

		/* All of the mask that lies in this span. */
		do {
			*table++ = (void *)(span->base + (slot - span->first) * map->stride);
			mask &= mask - 1;
			slot = block * BLOCK_SLOTS +
			       (uint32_t)__builtin_ctzll(mask | UINT64_C(1) << 63);
		} while (mask != 0 && slot - span->first < span->slots);
	}
}

/* Write the objects of a mask of one block to a table. */
static inline void
emit(const struct tidei_freemap *map, uint32_t block, uint64_t mask, void **table)
{
	const struct tidei_block *b = &map->block[block];
	unsigned int n = (unsigned int)__builtin_popcountll(mask);
	unsigned int low = (unsigned int)__builtin_ctzll(mask);
	uintptr_t first = b->base + low * map->stride;

	if (__builtin_expect(b->split < BLOCK_SLOTS && mask >> b->split != 0, 0)) {
		emit_split(map, block, mask, table);
	} else if (n == 1) {
		*table = (void *)first;
	} else if (mask >> low == UINT64_MAX >> (BLOCK_SLOTS - n)) {
		/* A run, as in a fresh block: a bump. */
		wide()->run(first, map->stride, table, n);
	} else {
		for (; mask != 0; mask &= mask - 1)
			*table++ = (void *)(b->base +
					    (unsigned int)__builtin_ctzll(mask) * map->stride);
	}
}

/*
 * Take n slots, block by block, and write the table once all are taken. What was taken is kept on
 * the stack, VISITS blocks to a frame of about a kilobyte: one frame for up to VISITS slots, at most
 * TIDEI_FREEMAP_EXACT / VISITS for the largest get that comes here.
 */
static __attribute__((noinline)) bool
get_all(struct tidei_freemap *map, struct tidei_cell *cell, uint32_t who, void **table,
	unsigned int n)
{
	struct {
		uint64_t mask;
		uint32_t block;
	} kept[VISITS];
	unsigned int nb = 0, got = 0;

	while (got < n && nb < VISITS) {
		struct visit v = take(map, cell, who, n - got);

		if (v.taken.mask == 0)
			goto give_back;
		kept[nb].mask = v.taken.mask;
		kept[nb++].block = v.block;
		got += (unsigned int)__builtin_popcountll(v.taken.mask);
	}
	if (got < n && !get_all(map, cell, who, table + got, n - got))
		goto give_back;
	for (unsigned int i = 0; i < nb; i++) {
		emit(map, kept[i].block, kept[i].mask, table);
		table += __builtin_popcountll(kept[i].mask);
	}
	return true;

give_back:
	while (nb-- > 0)
		word_give(map, kept[nb].block, kept[nb].mask, NO_BLOCK);
	return false;
}

/*
 * Most gets: the block opened last begins with a run of free slots that is long enough, as a fresh
 * block does: a bump. Nothing is taken when it has none.
 */
static inline bool
get_run(struct tidei_freemap *map, const struct tidei_cell *cell, void **table, unsigned int n)
{
	/* Relaxed: a hint. */
	uint32_t block = atomic_load_explicit(&cell->block, memory_order_relaxed);
	struct tidei_block *b;
	unsigned int low;
	uint64_t old, want;

	if (n - 1 >= BLOCK_SLOTS || block == NO_BLOCK)
		return false;
	b = &map->block[block];
	old = atomic_load_explicit(&b->free, memory_order_relaxed);
	do {
		if (old == 0)
			return false;
		low = (unsigned int)__builtin_ctzll(old);
		want = UINT64_MAX >> (BLOCK_SLOTS - n) << low;
		if (low + n > b->split || (old & want) != want)
			return false;
		STEP();
	} while (!word_swap(b, &old, old & ~want));
	word_taken(map, block, old & ~want);
	if (n == 1)
		*table = (void *)(b->base + low * map->stride);
	else
		wide()->run(b->base + low * map->stride, map->stride, table, n);
	return true;
}

/* Take more slots than get_all() keeps account of: piece by piece into the table. */
static bool
get_pieces(struct tidei_freemap *map, struct tidei_cell *cell, uint32_t who, void **table,
	unsigned int n)
{
	unsigned int got, piece;

	for (got = 0; got < n; got += piece) {
		piece = n - got < TIDEI_FREEMAP_EXACT ? n - got : TIDEI_FREEMAP_EXACT;
		if (!get_all(map, cell, who, table + got, piece))
			break;
	}
	if (got < n)
		tidei_freemap_put(map, who, table, got, NULL, NULL);
	return got >= n;
}

/*
 * A process that was killed inside put, after it gave slots back and before it said so in `some`,
 * left them free and unknown. A get that fails looks through a few groups, others each time, and makes
 * known what it finds: the cost is bounded, and after some failures all is found. Whether there was
 * any.
 */
static bool
heal(struct tidei_freemap *map, struct tidei_cell *cell)
{
	/* Relaxed: where to go on; any place will do. */
	uint32_t group = atomic_fetch_add_explicit(&cell->heal, HEAL_GROUPS, memory_order_relaxed);
	bool found = false;

	for (uint32_t i = 0; i < HEAL_GROUPS && i < map->groups; i++) {
		uint32_t first = (group + i) % map->groups * GROUP_BLOCKS;

		for (uint32_t block = first; block < first + GROUP_BLOCKS && block < map->blocks;
			block++) {
			if (atomic_load_explicit(&map->block[block].free, memory_order_relaxed) ==
				0)
				continue;
			found = found ||
			        !(atomic_load(&group_of(map, block)->some) & group_bit(block));
			some_ensure(map, block);
		}
	}
	return found;
}

int
tidei_freemap_get(struct tidei_freemap *map, uint32_t who, void **table, unsigned int n)
{
	struct tidei_cell *cell = cell_of(map, who);

	if (get_run(map, cell, table, n))
		return 0;
	do {
		if (n <= TIDEI_FREEMAP_EXACT ? get_all(map, cell, who, table, n)
					     : get_pieces(map, cell, who, table, n))
			return 0;
	} while (heal(map, cell));
	/* Relaxed: a counter. */
	atomic_fetch_add_explicit(&cell->failures, 1, memory_order_relaxed);
	return -ENOBUFS;
}
