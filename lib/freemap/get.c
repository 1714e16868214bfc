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

/* Slots taken from one block. */
struct visit {
	struct taken taken;
	uint32_t block;
};

/*
 * The bits of a circular bitmap word in the order of a walk that starts in the middle of its first
 * word: round 0 sees the part from `start` on, the last round the part before it.
 */
static uint64_t
walk_part(uint64_t bits, uint32_t round, uint32_t words, uint32_t start)
{
	uint64_t below = (UINT64_C(1) << start) - 1;

	if (round == 0)
		return bits & ~below;
	return round == words ? bits & below : bits;
}

/* Take up to n slots of a block that many came back to, the nearest after `from`. */
static struct visit
take_ready(struct tidei_freemap *map, uint32_t from, unsigned int n)
{
	uint32_t words = ready_words(map), word = from / READY_BLOCKS;

	for (uint32_t round = 0; round <= words; round++) {
		uint64_t bits = atomic_load_explicit(&map->ready[word], memory_order_relaxed);

		bits = walk_part(bits, round, words, from % READY_BLOCKS);
		for (; bits != 0; bits &= bits - 1) {
			uint32_t block = word * READY_BLOCKS + (uint32_t)__builtin_ctzll(bits);
			struct visit v = {.block = block};

			STEP();
			if (ready_claim(map, block)) {
				STEP();
				v.taken = word_take(map, block, n, 1);
			}
			if (v.taken.mask != 0)
				return v;
		}
		word = word + 1 == words ? 0 : word + 1;
	}
	return (struct visit){.block = NO_BLOCK};
}

/* Take up to n slots of any block that has one, the nearest after `from`. */
static struct visit
take_some(struct tidei_freemap *map, uint32_t from, unsigned int n)
{
	uint32_t words = some_words(map), word = from / SOME_BLOCKS;

	for (uint32_t round = 0; round <= words; round++) {
		/* Relaxed: the word of the block is what counts, and taking acquires it. */
		uint64_t bits = atomic_load_explicit(&map->some[word], memory_order_relaxed);

		bits = walk_part(bits & SOME_BITS, round, words, from % SOME_BLOCKS);
		for (; bits != 0; bits &= bits - 1) {
			uint32_t block = word * SOME_BLOCKS + (uint32_t)__builtin_ctzll(bits);
			struct visit v = {.block = block};

			STEP();
			v.taken = word_take(map, block, n, 1);
			if (v.taken.mask != 0)
				return v;
			some_clear(map, block);
		}
		word = word + 1 == words ? 0 : word + 1;
	}
	return (struct visit){.block = NO_BLOCK};
}

/* Where a thread that has opened no block yet begins: apart from its neighbours. */
static uint32_t
first_block(const struct tidei_freemap *map, const struct tidei_cell *cell)
{
	return (uint32_t)(cell - map->cell) * 61 % map->blocks;
}

/* Open a block: take up to n slots of it and remember it; the mask is 0 when the map has none. */
static struct visit
take_opening(struct tidei_freemap *map, struct tidei_cell *cell, uint32_t who, unsigned int n)
{
	uint32_t from = atomic_load_explicit(&cell->block, memory_order_relaxed);
	struct visit v;

	if (from == NO_BLOCK)
		from = first_block(map, cell);
	v = take_ready(map, from, n);
	if (v.taken.mask == 0)
		v = take_some(map, from, n);
	if (v.taken.mask == 0)
		return v;
	stamp(&map->block[v.block], who, v.taken.before);
	/* Relaxed: a hint. */
	atomic_store_explicit(&cell->block, v.block, memory_order_relaxed);
	return v;
}

/* Take up to n slots of one block; the mask is 0 when the map has none. */
static struct visit
take(struct tidei_freemap *map, struct tidei_cell *cell, uint32_t who, unsigned int n)
{
	struct visit v = {.block = atomic_load_explicit(&cell->block, memory_order_relaxed)};

	if (v.block != NO_BLOCK)
		v.taken = word_take(map, v.block, n, 1);
	return v.taken.mask != 0 ? v : take_opening(map, cell, who, n);
}

/* Write the objects of a mask of one block to a table; where the next one goes. */
static void **
emit(const struct tidei_freemap *map, uint32_t block, uint64_t mask, void **table)
{
	const struct tidei_block *b = &map->block[block];
	unsigned int low = (unsigned int)__builtin_ctzll(mask);
	uint64_t run = mask >> low;

	if (b->split < BLOCK_SLOTS && mask >> b->split != 0) {
		for (; mask != 0; mask &= mask - 1)
			*table++ = tidei_freemap_object(
				map, block * BLOCK_SLOTS + (uint32_t)__builtin_ctzll(mask));
	} else if ((run & (run + 1)) == 0) {
		/* A run, as in a fresh block: a bump. */
		unsigned int n = (unsigned int)__builtin_popcountll(run);
		uintptr_t object = b->base + low * map->stride;

		if (n < WIDE_MIN)
			for (unsigned int i = 0; i < n; i++)
				table[i] = (void *)(object + i * map->stride);
		else
			wide()->run(object, map->stride, table, n);
		table += n;
	} else {
		for (; mask != 0; mask &= mask - 1)
			*table++ = (void *)(b->base +
					    (unsigned int)__builtin_ctzll(mask) * map->stride);
	}
	return table;
}

/*
 * Take n slots, block by block, and write the table once all are taken. What was taken is kept on
 * the stack, VISITS blocks to a frame; only a get of more than VISITS slots from a map of crumbs
 * needs another frame.
 */
static bool
get_all(struct tidei_freemap *map, struct tidei_cell *cell, uint32_t who, void **table,
	unsigned int n)
{
	struct visit visit[VISITS];
	unsigned int nb = 0, got = 0;

	while (got < n && nb < VISITS) {
		visit[nb] = take(map, cell, who, n - got);
		if (visit[nb].taken.mask == 0)
			goto give_back;
		got += (unsigned int)__builtin_popcountll(visit[nb++].taken.mask);
	}
	if (got < n && !get_all(map, cell, who, table + got, n - got))
		goto give_back;
	for (unsigned int i = 0; i < nb; i++)
		table = emit(map, visit[i].block, visit[i].taken.mask, table);
	return true;

give_back:
	while (nb-- > 0)
		word_give(map, visit[nb].block, visit[nb].taken.mask, NO_BLOCK);
	return false;
}

/* Most gets: the block opened last has enough. Nothing is taken when it has not. */
static inline bool
get_open(struct tidei_freemap *map, const struct tidei_cell *cell, void **table, unsigned int n)
{
	/* Relaxed: a hint. */
	uint32_t block = atomic_load_explicit(&cell->block, memory_order_relaxed);
	struct taken taken;

	if (n - 1 >= BLOCK_SLOTS || block == NO_BLOCK)
		return false;
	taken = word_take(map, block, n, n);
	if (taken.mask == 0)
		return false;
	emit(map, block, taken.mask, table);
	return true;
}

int
tidei_freemap_get(struct tidei_freemap *map, uint32_t who, void **table, unsigned int n)
{
	struct tidei_cell *cell = cell_of(map, who);

	if (get_open(map, cell, table, n) || get_all(map, cell, who, table, n))
		return 0;
	/* Relaxed: a counter. */
	atomic_fetch_add_explicit(&cell->failures, 1, memory_order_relaxed);
	return -ENOBUFS;
}
