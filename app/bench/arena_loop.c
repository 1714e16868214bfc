/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: allocate and give back, in as many ways as there are kinds of allocators.
 *
 * `way`, `mixed` and `write` are constants where these are called, so each loop is compiled by itself,
 * without a test.
 */

#include <string.h>

#include <rte_branch_prediction.h>

#include "arena_loop.h"

/* All addresses are a multiple of this: what an arena does unless told otherwise. */
#define ALIGN 8

static __rte_noinline void *
bump_from_start(struct ground *g, size_t size)
{
	atomic_store_explicit(&g->offset, size, memory_order_relaxed);
	return g->base;
}

static __rte_always_inline void *
bump(struct ground *g, size_t size)
{
	const size_t whole = RTE_ALIGN_CEIL(size, (size_t)ALIGN);
	const uint64_t at = atomic_fetch_add_explicit(&g->offset, whole, memory_order_relaxed);

	if (unlikely(at + whole > g->len))
		return bump_from_start(g, whole);
	return g->base + at;
}

static __rte_always_inline void *
take(struct hand *hand, size_t size, char **floor, const enum way way)
{
	struct ground *g = hand->ground;
	void *at = *floor;

	switch (way) {
	case WAY_ARENA:
		return tide_arena_alloc(g->arena, size, 0);
	case WAY_BUMP:
		return bump(g, size);
	case WAY_POOL:
		return tide_bump_reader_alloc(hand->holder, size, 0);
	case WAY_HEAP:
		return g->heap.get(size);
	default:
		*floor += RTE_ALIGN_CEIL(size, (size_t)ALIGN);
		return at;
	}
}

/* Objects it got: a burst that finds no memory ends there. */
static __rte_always_inline uint32_t
burst(struct hand *hand, const enum way way, const bool mixed, const bool write)
{
	struct ground *g = hand->ground;
	char *floor = g->base;
	uint32_t i;

	for (i = 0; i < ARENA_BURST; i++) {
		void *at = take(hand, mixed ? g->sizes[i] : ARENA_SIZE, &floor, way);

		if (way == WAY_HEAP)
			hand->got[i] = at;
		if (unlikely(at == NULL))
			break;
		if (write)
			*(volatile uint64_t *)at = i;
		/* The caller does something with it: what the compiler knew of memory is void. */
		asm volatile("" : : "r"(at) : "memory");
	}
	return i;
}

static __rte_always_inline uint32_t
shaped(struct hand *hand, const enum way way)
{
	const struct ground *g = hand->ground;

	if (g->sizes != NULL && g->write)
		return burst(hand, way, true, true);
	if (g->sizes != NULL)
		return burst(hand, way, true, false);
	if (g->write)
		return burst(hand, way, false, true);
	return burst(hand, way, false, false);
}

void
arena_turn_over(struct ground *g)
{
	if (g->way == WAY_POOL) {
		/* The other half is still held where a thread was stopped: this one just goes on. */
		tide_bump_flip(g->pool, NULL);
		return;
	}
	/* With too many epochs open, as a thread was stopped, the current one just goes on. */
	tide_arena_flip(g->arena, NULL);
	tide_arena_reclaim(g->arena);
}

/* Give a burst of n back. */
static void
give_back(struct hand *hand, uint32_t n)
{
	struct ground *g = hand->ground;

	switch (g->way) {
	case WAY_ARENA:
		tide_arena_quiescent(g->arena, hand->reader);
		if (!hand->leader)
			break;
		arena_turn_over(g);
		break;
	case WAY_BUMP:
		if (hand->leader)
			atomic_store_explicit(&g->offset, 0, memory_order_relaxed);
		break;
	case WAY_POOL:
		tide_bump_hold(hand->holder);
		if (hand->leader)
			arena_turn_over(g);
		break;
	case WAY_HEAP:
		for (uint32_t i = 0; i < n; i++)
			g->heap.put(hand->got[i]);
		break;
	default:
		break;
	}
}

static uint32_t
burst_any(struct hand *hand)
{
	switch (hand->ground->way) {
	case WAY_ARENA:
		return shaped(hand, WAY_ARENA);
	case WAY_BUMP:
		return shaped(hand, WAY_BUMP);
	case WAY_POOL:
		return shaped(hand, WAY_POOL);
	case WAY_HEAP:
		return shaped(hand, WAY_HEAP);
	default:
		return shaped(hand, WAY_FLOOR);
	}
}

uint32_t
arena_burst(struct hand *hand)
{
	const uint32_t n = burst_any(hand);

	give_back(hand, n);
	return n;
}

static size_t
size_of(const struct ground *g, uint32_t i)
{
	return g->sizes != NULL ? g->sizes[i] : ARENA_SIZE;
}

/* Whatever the way; not where time is taken. */
static void *
take_any(struct hand *hand, size_t size, char **floor)
{
	switch (hand->ground->way) {
	case WAY_ARENA:
		return take(hand, size, floor, WAY_ARENA);
	case WAY_BUMP:
		return take(hand, size, floor, WAY_BUMP);
	case WAY_POOL:
		return take(hand, size, floor, WAY_POOL);
	case WAY_HEAP:
		return take(hand, size, floor, WAY_HEAP);
	default:
		return take(hand, size, floor, WAY_FLOOR);
	}
}

/* The mark of an object, at its first and its last bytes. */
static bool
stands(const char *at, size_t size, uint32_t mark)
{
	return memcmp(at, &mark, sizeof(mark)) == 0 &&
	       memcmp(at + size - sizeof(mark), &mark, sizeof(mark)) == 0;
}

int
arena_prove(struct hand *hand, const char *name, struct app_error *err)
{
	struct ground *g = hand->ground;
	char *floor = g->base, *at;
	unsigned int wrong = 0;

	for (uint32_t i = 0; i < ARENA_BURST; i++) {
		hand->got[i] = at = take_any(hand, size_of(g, i), &floor);
		if (at == NULL || (uintptr_t)at % ALIGN != 0)
			return app_fail(err, APP_EXIT_RUN,
				"%s: object %u of %zu bytes is at %p: no place, or one not aligned",
				name, i, size_of(g, i), (void *)at);
		memcpy(at, &i, sizeof(i));
		memcpy(at + size_of(g, i) - sizeof(i), &i, sizeof(i));
	}
	for (uint32_t i = 0; i < ARENA_BURST; i++)
		wrong += !stands(hand->got[i], size_of(g, i), i);
	/* Nothing more is asked of one that is wrong: it might crash. */
	if (wrong > 0)
		return app_fail(err, APP_EXIT_RUN,
			"%s: handed out bytes twice: %u of %u objects were not as they were left",
			name, wrong, ARENA_BURST);
	give_back(hand, ARENA_BURST);
	return 0;
}
