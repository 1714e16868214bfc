/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Takes slots out of the map: the block opened last, else a ready one near it, else any. */

#include <errno.h>
#include <time.h>

#include "word.h"
#include "span.h"
#include "wide.h"

/* Blocks a get visits before it goes on in a frame of its own; a bulk of 64 never needs a second. */
#define VISITS 64

/* Slots taken from one block. */
struct visit {
	uint64_t mask;
	uint32_t block;
};

static void
stamp(struct tidei_freemap *map, struct tidei_cell *cell, uint32_t who, uint32_t block)
{
	struct tidei_block *b = &map->block[block];
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	/* Relaxed: a stamp is read racily and says so. */
	atomic_store_explicit(&b->who, who, memory_order_relaxed);
	atomic_store_explicit(&b->when_ms,
		(uint32_t)((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000),
		memory_order_relaxed);
	atomic_store_explicit(&b->epoch, atomic_load_explicit(&b->epoch, memory_order_relaxed) + 1,
		memory_order_relaxed);
	/* Relaxed: a hint. */
	atomic_store_explicit(&cell->block, block, memory_order_relaxed);
}

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
			uint64_t mask = 0;

			STEP();
			if (ready_claim(map, block)) {
				STEP();
				mask = word_take(map, block, n, 1);
			}

			if (mask != 0)
				return (struct visit){mask, block};
		}
		word = word + 1 == words ? 0 : word + 1;
	}
	return (struct visit){0, NO_BLOCK};
}

/* Take up to n slots of any block that has one, the nearest after `from`. */
static struct visit
take_some(struct tidei_freemap *map, uint32_t from, unsigned int n)
{
	uint32_t words = some_words(map), word = from / SOME_BLOCKS;

	for (uint32_t round = 0; round <= words; round++) {
		/* Relaxed: the word of the block is what counts, and taking acquires it. */
		uint64_t bits = atomic_load_explicit(&map->some[word], memory_order_relaxed);

		bits = walk_part(bits % SOME_VERSION, round, words, from % SOME_BLOCKS);
		for (; bits != 0; bits &= bits - 1) {
			uint32_t block = word * SOME_BLOCKS + (uint32_t)__builtin_ctzll(bits);
			uint64_t mask;

			STEP();
			mask = word_take(map, block, n, 1);
			if (mask != 0)
				return (struct visit){mask, block};
			some_clear(map, block);
		}
		word = word + 1 == words ? 0 : word + 1;
	}
	return (struct visit){0, NO_BLOCK};
}

/* Where a thread that has opened no block yet begins: apart from its neighbours. */
static uint32_t
first_block(const struct tidei_freemap *map, const struct tidei_cell *cell)
{
	return (uint32_t)(cell - map->cell) * 61 % map->blocks;
}

/* Take up to n slots of one block; mask is 0 when the map has none. */
static struct visit
take(struct tidei_freemap *map, struct tidei_cell *cell, uint32_t who, unsigned int n)
{
	uint32_t from = atomic_load_explicit(&cell->block, memory_order_relaxed);
	struct visit v = {0, from};

	if (from != NO_BLOCK)
		v.mask = word_take(map, from, n, 1);
	else
		from = first_block(map, cell);
	if (v.mask != 0)
		return v;
	v = take_ready(map, from, n);
	if (v.mask == 0)
		v = take_some(map, from, n);
	if (v.mask != 0)
		stamp(map, cell, who, v.block);
	return v;
}

/* Write the objects of a visit to a table; where the next one goes. */
static void **
emit(const struct tidei_freemap *map, struct visit v, void **table)
{
	const struct tidei_block *b = &map->block[v.block];
	unsigned int low = __builtin_ctzll(v.mask);
	uint64_t run = v.mask >> low;

	if (b->split < BLOCK_SLOTS && v.mask >> b->split != 0) {
		for (; v.mask != 0; v.mask &= v.mask - 1)
			*table++ = tidei_freemap_object(
				map, v.block * BLOCK_SLOTS + (uint32_t)__builtin_ctzll(v.mask));
	} else if ((run & (run + 1)) == 0) {
		/* A run, as in a fresh block: a bump. */
		uintptr_t object = b->base + low * map->stride;
		unsigned int n = (unsigned int)__builtin_popcountll(run);

		if (n >= WIDE_MIN)
			wide()->run(object, map->stride, table, n);
		else
			for (unsigned int i = 0; i < n; i++)
				table[i] = (void *)(object + i * map->stride);
		table += n;
	} else {
		for (; v.mask != 0; v.mask &= v.mask - 1)
			*table++ = (void *)(b->base +
					    (unsigned int)__builtin_ctzll(v.mask) * map->stride);
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
		if (visit[nb].mask == 0)
			goto give_back;
		got += (unsigned int)__builtin_popcountll(visit[nb++].mask);
	}
	if (got < n && !get_all(map, cell, who, table + got, n - got))
		goto give_back;
	for (unsigned int i = 0; i < nb; i++)
		table = emit(map, visit[i], table);
	return true;

give_back:
	while (nb-- > 0)
		word_give(map, visit[nb].block, visit[nb].mask, NO_BLOCK);
	return false;
}

/* Most gets: the block opened last has enough. Nothing is taken when it has not. */
static inline bool
get_open(struct tidei_freemap *map, struct tidei_cell *cell, void **table, unsigned int n)
{
	/* Relaxed: a hint. */
	struct visit v = {0, atomic_load_explicit(&cell->block, memory_order_relaxed)};

	if (n - 1 >= BLOCK_SLOTS || v.block == NO_BLOCK)
		return false;
	v.mask = word_take(map, v.block, n, n);
	if (v.mask == 0)
		return false;
	emit(map, v, table);
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
