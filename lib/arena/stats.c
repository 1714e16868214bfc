/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Sums the statistics of an arena over its cells. */

#include <errno.h>
#include <string.h>

#include "arena_internal.h"

/* A chunk that is bumped in, as it was at some instant, or a mix of two. */
struct bump {
	uint64_t used, left;
	bool open; /* Of the current epoch. */
};

static struct bump
read_cell(const struct tide_arena *arena, const struct tide_arena_cell *cell)
{
	uint64_t size = arena->more->chunk_size;
	/* Relaxed: approximate, the lcore may write meanwhile. */
	uintptr_t start = __atomic_load_n(&cell->start, __ATOMIC_RELAXED);
	uintptr_t at = __atomic_load_n(&cell->at, __ATOMIC_RELAXED);
	uint64_t epoch = __atomic_load_n(&cell->epoch, __ATOMIC_RELAXED);
	struct bump bump = {0};

	if (start == 0)
		return bump;
	/* Of a mix: at least never more than a chunk. */
	bump.used = at >= start && at - start <= size ? at - start : 0;
	bump.left = size - bump.used;
	bump.open = epoch == tide_arena_epoch(arena);
	return bump;
}

static struct bump
read_shared(const struct tide_arena *arena, const struct tidei_arena_node *node)
{
	struct tidei_arena_bump word = tidei_arena_shared_read(&node->shared);
	struct bump bump = {0};

	if (!word.any)
		return bump;
	bump.used = word.used;
	bump.left = arena->more->chunk_size - word.used;
	bump.open = word.tag == tide_arena_epoch(arena) % TIDEI_ARENA_TAGS;
	return bump;
}

static uint64_t
load(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void
add_bump(struct tide_arena_stats *stats, struct bump bump)
{
	stats->bytes += bump.used;
	if (bump.open)
		stats->remaining += bump.left;
	else
		stats->waste += bump.left;
}

static void
add_cell(struct tide_arena_stats *stats, const struct tide_arena *arena,
	const struct tide_arena_cell *cell)
{
	stats->allocs += __atomic_load_n(&cell->allocs, __ATOMIC_RELAXED);
	stats->bytes += __atomic_load_n(&cell->bytes, __ATOMIC_RELAXED);
	stats->waste += __atomic_load_n(&cell->waste, __ATOMIC_RELAXED);
	stats->refills += __atomic_load_n(&cell->refills, __ATOMIC_RELAXED);
	stats->failures += __atomic_load_n(&cell->failures, __ATOMIC_RELAXED);
	add_bump(stats, read_cell(arena, cell));
}

static void
add_shared(struct tide_arena_stats *stats, const struct tide_arena *arena,
	const struct tidei_arena_node *node)
{
	stats->allocs += load(&node->shared.allocs);
	stats->bytes += load(&node->shared.bytes);
	stats->waste += load(&node->shared.waste);
	stats->refills += load(&node->shared.refills);
	stats->failures += load(&node->shared.failures);
	add_bump(stats, read_shared(arena, node));
}

unsigned int
tide_arena_nb_nodes(const struct tide_arena *arena)
{
	return arena->more->nb_nodes;
}

int
tide_arena_node_id(const struct tide_arena *arena, unsigned int i)
{
	return i < arena->more->nb_nodes ? arena->more->nodes[i]->node : TIDE_NODE_UNKNOWN;
}

int
tide_arena_stats(const struct tide_arena *arena, int node, struct tide_arena_stats *stats)
{
	const struct tidei_arena *more = arena->more;
	const struct tidei_arena_node *on = tidei_arena_node(more, node);

	if (on == NULL)
		return -ENOENT;
	memset(stats, 0, sizeof(*stats));
	stats->node = node;
	stats->chunks = more->chunks;
	/* Relaxed: counters. */
	stats->chunks_out = atomic_load_explicit(&on->taken, memory_order_relaxed);
	stats->chunks_high = atomic_load_explicit(&on->taken_high, memory_order_relaxed);
	stats->stale_writes = load(&on->stale_writes);
	stats->unregistered = load(&on->unregistered);
	stats->capacity = (uint64_t)more->chunks * more->chunk_size;
	stats->remaining = (uint64_t)(more->chunks - stats->chunks_out) * more->chunk_size;
	for (unsigned int lcore = 0; lcore < RTE_MAX_LCORE; lcore++)
		add_cell(stats, arena, on->cells[lcore]);
	add_shared(stats, arena, on);
	/* A chunk taken meanwhile may have counted as free and as bumped in. */
	stats->remaining = RTE_MIN(stats->remaining, stats->capacity);
	return 0;
}

uint64_t
tide_arena_capacity(const struct tide_arena *arena, int node)
{
	const struct tidei_arena *more = arena->more;

	return tidei_arena_node(more, node) != NULL ? (uint64_t)more->chunks * more->chunk_size : 0;
}

uint64_t
tide_arena_remaining(const struct tide_arena *arena, int node)
{
	struct tide_arena_stats stats;

	return tide_arena_stats(arena, node, &stats) == 0 ? stats.remaining : 0;
}

const struct tide_placement *
tide_arena_placement(const struct tide_arena *arena, int node)
{
	const struct tidei_arena_node *on = tidei_arena_node(arena->more, node);

	return on != NULL ? tide_region_placement(on->objects.region) : NULL;
}
