/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Checks the invariants of an arena at rest. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arena_internal.h"
#include "tide_log.h"

/* The check of one node. */
struct look {
	const struct tide_arena *arena;
	const struct tidei_arena_node *node;
	uint64_t *epoch_of; /* By chunk: epoch it is on a list of; 0: none. */
	uint32_t listed;
	bool sound;
};

#define WRONG(look, fmt, ...)                                                                    \
	do {                                                                                     \
		TIDE_LOG(arena, ERR, "%s: " fmt, (look)->node->objects.mp->name, ##__VA_ARGS__); \
		(look)->sound = false;                                                           \
	} while (0)

static void
look_at_list(struct look *look, uint64_t epoch, uint32_t head)
{
	for (; head != TIDEI_ARENA_NONE; head = look->node->next[head]) {
		if (head >= look->arena->more->chunks) {
			WRONG(look, "no chunk %" PRIu32 " is there, but on a list", head);
			return;
		}
		if (look->epoch_of[head] != 0) {
			WRONG(look, "chunk %" PRIu32 " is on two lists", head);
			return;
		}
		look->epoch_of[head] = epoch;
		look->listed++;
	}
}

/* Checks the lists of epochs not reclaimed; all other slots are empty. */
static void
look_at_lists(struct look *look)
{
	const struct tidei_arena *more = look->arena->more;
	uint64_t oldest = atomic_load_explicit(&more->oldest, memory_order_relaxed);
	uint64_t newest = tide_arena_epoch(look->arena);

	for (uint64_t epoch = oldest; epoch < oldest + more->epochs; epoch++) {
		uint32_t slot = tidei_arena_slot(more, epoch), before = look->listed;
		const uint32_t *heads = tidei_arena_heads(look->node, slot);

		for (unsigned int lcore = 0; lcore < RTE_MAX_LCORE; lcore++)
			look_at_list(look, epoch, heads[lcore]);
		look_at_list(look, epoch,
			atomic_load_explicit(
				&look->node->shared_heads[slot], memory_order_relaxed));
		if (epoch > newest && look->listed != before)
			WRONG(look, "%" PRIu32 " chunks in epoch %" PRIu64 ", which is to come",
				look->listed - before, epoch);
	}
}

/* Checks that an lcore's chunk of an epoch not reclaimed is the one it took last in that epoch. */
static void
look_at_cell(struct look *look, unsigned int lcore)
{
	const struct tidei_arena *more = look->arena->more;
	const struct tide_arena_cell *cell = look->node->cells[lcore];
	uint64_t oldest = atomic_load_explicit(&more->oldest, memory_order_relaxed);
	uint32_t head;

	if (cell->start > cell->at || cell->at > cell->end)
		WRONG(look, "lcore %u bumps outside of its chunk", lcore);
	if (cell->epoch < oldest)
		return;
	head = tidei_arena_heads(look->node, tidei_arena_slot(more, cell->epoch))[lcore];
	if (head == TIDEI_ARENA_NONE || look->node->payload[head] != cell->start)
		WRONG(look, "the chunk of lcore %u is not the last on its list", lcore);
}

static void
look_at_shared(struct look *look)
{
	struct tidei_arena_bump bump = tidei_arena_shared_read(&look->node->shared);
	uint32_t chunks = look->arena->more->chunks;

	if (bump.any && (bump.chunk >= chunks || look->epoch_of[bump.chunk] == 0 ||
				look->epoch_of[bump.chunk] % TIDEI_ARENA_TAGS != bump.tag))
		WRONG(look, "the chunk of the threads without an lcore id is not of its epoch");
}

static void
look_at_sums(struct look *look)
{
	uint32_t chunks = look->arena->more->chunks;
	unsigned int free_chunks = rte_mempool_avail_count(look->node->objects.mp);
	struct tide_arena_stats stats;
	uint64_t bumped;

	tide_arena_stats(look->arena, look->node->node, &stats);
	if (look->listed != stats.chunks_out || free_chunks + look->listed != chunks)
		WRONG(look,
			"%" PRIu32 " chunks: %u free, %" PRIu32 " on lists, %" PRIu32
			" counted out",
			chunks, free_chunks, look->listed, stats.chunks_out);
	bumped = stats.bytes + stats.waste + stats.remaining -
	         (uint64_t)(chunks - stats.chunks_out) * look->arena->more->chunk_size;
	if (bumped != stats.refills * look->arena->more->chunk_size)
		WRONG(look, "%" PRIu64 " bytes used, wasted or left of %" PRIu64 " chunks taken",
			bumped, stats.refills);
}

static int
look_at_node(const struct tide_arena *arena, const struct tidei_arena_node *node)
{
	struct look look = {.arena = arena, .node = node, .sound = true};

	look.epoch_of = calloc(arena->more->chunks, sizeof(*look.epoch_of));
	if (look.epoch_of == NULL)
		return -ENOMEM;
	look_at_lists(&look);
	for (unsigned int lcore = 0; lcore < RTE_MAX_LCORE; lcore++)
		look_at_cell(&look, lcore);
	look_at_shared(&look);
	look_at_sums(&look);
	free(look.epoch_of);
	return look.sound ? 0 : -EINVAL;
}

int
tide_arena_check(const struct tide_arena *arena)
{
	int ret = 0, one;

	for (unsigned int i = 0; i < arena->more->nb_nodes; i++) {
		one = look_at_node(arena, arena->more->nodes[i]);
		ret = one < 0 ? one : ret;
	}
	return ret;
}
