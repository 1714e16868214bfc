/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Chunks between an arena and the mempool of a node, and how the bytes of free ones are guarded. */

#include <inttypes.h>
#include <string.h>

#include "arena_internal.h"
#include "tide_log.h"

#ifdef TIDEI_ARENA_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(addr, size)   ((void)(addr), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(addr, size) ((void)(addr), (void)(size))
#endif

static bool
is_filled(const unsigned char *bytes, size_t n)
{
	/* Each byte equals its neighbour, and the first is the fill byte. */
	return bytes[0] == TIDE_ARENA_FILL && memcmp(bytes, bytes + 1, n - 1) == 0;
}

void
tidei_arena_seal(const struct tidei_arena *more, uintptr_t payload)
{
	if (more->fill)
		memset((void *)payload, TIDE_ARENA_FILL, more->chunk_size);
	ASAN_POISON_MEMORY_REGION((void *)payload, more->chunk_size);
}

bool
tidei_arena_unseal(const struct tidei_arena *more, uintptr_t payload)
{
	ASAN_UNPOISON_MEMORY_REGION((void *)payload, more->chunk_size);
	return !more->fill || is_filled((const unsigned char *)payload, more->chunk_size);
}

uint32_t
tidei_arena_chunk_take(const struct tidei_arena *more, struct tidei_arena_node *node)
{
	const struct tidei_arena_chunk *chunk;
	void *object;

	if (rte_mempool_generic_get(node->objects.mp, &object, 1, NULL) < 0)
		return TIDEI_ARENA_NONE;
	chunk = object;
	if (unlikely(!tidei_arena_unseal(more, node->payload[chunk->index]))) {
		/* Relaxed: a counter. */
		atomic_fetch_add_explicit(&node->stale_writes, 1, memory_order_relaxed);
		TIDE_LOG(arena, ERR,
			"%s: chunk %" PRIu32 " at %p was written to after it was freed: a "
			"thread uses memory beyond its own quiescent state",
			node->objects.mp->name, chunk->index, (void *)node->payload[chunk->index]);
	}
	return chunk->index;
}

void
tidei_arena_chunk_count(struct tidei_arena_node *node)
{
	/* Relaxed: counters. */
	uint32_t now = atomic_fetch_add_explicit(&node->taken, 1, memory_order_relaxed) + 1;
	uint32_t high = atomic_load_explicit(&node->taken_high, memory_order_relaxed);

	while (now > high && !atomic_compare_exchange_weak_explicit(&node->taken_high, &high, now,
				     memory_order_relaxed, memory_order_relaxed))
		;
}

void
tidei_arena_chunks_give(const struct tidei_arena *more, struct tidei_arena_node *node,
	const uint32_t *chunks, unsigned int n)
{
	void *objects[RTE_MEMPOOL_CACHE_MAX_SIZE];

	RTE_ASSERT(n <= RTE_DIM(objects));
	for (unsigned int i = 0; i < n; i++) {
		uintptr_t payload = node->payload[chunks[i]];

		tidei_arena_seal(more, payload);
		objects[i] = (void *)(payload - TIDEI_ARENA_HEADER);
	}
	rte_mempool_generic_put(node->objects.mp, objects, n, NULL);
}
