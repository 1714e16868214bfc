/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: allocates and frees bursts of objects with each kind of allocator.
 *
 * Callers pass constants for `method`, `mixed` and `write`, so each loop is compiled without a branch on
 * them.
 */

#include <string.h>

#include <rte_branch_prediction.h>

#include "scenarios/arena_loop.h"

/* All addresses are a multiple of this, the default of an arena. */
#define ALIGN 8

static __rte_noinline void *
restart(struct arena_shared *shared, size_t size)
{
	atomic_store_explicit(&shared->offset, size, memory_order_relaxed);
	return shared->base;
}

static __rte_always_inline void *
shared_bump(struct arena_shared *shared, size_t size)
{
	const size_t whole = RTE_ALIGN_CEIL(size, (size_t)ALIGN);
	const uint64_t at = atomic_fetch_add_explicit(&shared->offset, whole, memory_order_relaxed);

	if (unlikely(at + whole > shared->len))
		return restart(shared, whole);
	return shared->base + at;
}

static __rte_always_inline void *
allocate(struct arena_thread *thread, size_t size, char **next, const enum arena_method method)
{
	struct arena_shared *shared = thread->shared;
	void *at = *next;

	switch (method) {
	case ARENA_METHOD_ARENA:
		return tide_arena_alloc(shared->arena, size, 0);
	case ARENA_METHOD_SHARED_BUMP:
		return shared_bump(shared, size);
	case ARENA_METHOD_TIDE_BUMP:
		return tide_bump_reader_alloc(thread->bump_reader, size, 0);
	case ARENA_METHOD_HEAP:
		return shared->heap.get(size);
	default:
		*next += RTE_ALIGN_CEIL(size, (size_t)ALIGN);
		return at;
	}
}

/* Allocate a burst. Returns the number of objects; the burst ends early when memory runs out. */
static __rte_always_inline uint32_t
burst(struct arena_thread *thread, const enum arena_method method, const bool mixed,
	const bool write)
{
	struct arena_shared *shared = thread->shared;
	char *next = shared->base;
	uint32_t i;

	for (i = 0; i < ARENA_BURST; i++) {
		void *at = allocate(thread, mixed ? shared->sizes[i] : ARENA_SIZE, &next, method);

		if (method == ARENA_METHOD_HEAP)
			thread->got[i] = at;
		if (unlikely(at == NULL))
			break;
		if (write)
			*(volatile uint64_t *)at = i;
		/* Keeps the compiler from dropping an object that nothing uses. */
		asm volatile("" : : "r"(at) : "memory");
	}
	return i;
}

static __rte_always_inline uint32_t
burst_of(struct arena_thread *thread, const enum arena_method method)
{
	const struct arena_shared *shared = thread->shared;

	if (shared->sizes != NULL && shared->write)
		return burst(thread, method, true, true);
	if (shared->sizes != NULL)
		return burst(thread, method, true, false);
	if (shared->write)
		return burst(thread, method, false, true);
	return burst(thread, method, false, false);
}

void
arena_close_epoch(struct arena_shared *shared)
{
	if (shared->method == ARENA_METHOD_TIDE_BUMP) {
		/* When a stopped thread still holds the other half, allocation goes on in this one. */
		tide_bump_flip(shared->bump, NULL);
		return;
	}
	/* When a stopped thread keeps too many epochs open, the current one stays open. */
	tide_arena_flip(shared->arena, NULL);
	tide_arena_reclaim(shared->arena);
}

/* Free a burst of n objects. */
static void
free_burst(struct arena_thread *thread, uint32_t n)
{
	struct arena_shared *shared = thread->shared;

	switch (shared->method) {
	case ARENA_METHOD_ARENA:
		tide_arena_quiescent(shared->arena, thread->reader);
		if (!thread->leader)
			break;
		arena_close_epoch(shared);
		break;
	case ARENA_METHOD_SHARED_BUMP:
		if (thread->leader)
			atomic_store_explicit(&shared->offset, 0, memory_order_relaxed);
		break;
	case ARENA_METHOD_TIDE_BUMP:
		tide_bump_hold(thread->bump_reader);
		if (thread->leader)
			arena_close_epoch(shared);
		break;
	case ARENA_METHOD_HEAP:
		for (uint32_t i = 0; i < n; i++)
			shared->heap.put(thread->got[i]);
		break;
	default:
		break;
	}
}

static uint32_t
burst_any(struct arena_thread *thread)
{
	switch (thread->shared->method) {
	case ARENA_METHOD_ARENA:
		return burst_of(thread, ARENA_METHOD_ARENA);
	case ARENA_METHOD_SHARED_BUMP:
		return burst_of(thread, ARENA_METHOD_SHARED_BUMP);
	case ARENA_METHOD_TIDE_BUMP:
		return burst_of(thread, ARENA_METHOD_TIDE_BUMP);
	case ARENA_METHOD_HEAP:
		return burst_of(thread, ARENA_METHOD_HEAP);
	default:
		return burst_of(thread, ARENA_METHOD_BASELINE);
	}
}

uint32_t
arena_burst(struct arena_thread *thread)
{
	const uint32_t n = burst_any(thread);

	free_burst(thread, n);
	return n;
}

static size_t
size_of(const struct arena_shared *shared, uint32_t i)
{
	return shared->sizes != NULL ? shared->sizes[i] : ARENA_SIZE;
}

/* Allocate one object with any method. Not timed. */
static void *
allocate_any(struct arena_thread *thread, size_t size, char **next)
{
	switch (thread->shared->method) {
	case ARENA_METHOD_ARENA:
		return allocate(thread, size, next, ARENA_METHOD_ARENA);
	case ARENA_METHOD_SHARED_BUMP:
		return allocate(thread, size, next, ARENA_METHOD_SHARED_BUMP);
	case ARENA_METHOD_TIDE_BUMP:
		return allocate(thread, size, next, ARENA_METHOD_TIDE_BUMP);
	case ARENA_METHOD_HEAP:
		return allocate(thread, size, next, ARENA_METHOD_HEAP);
	default:
		return allocate(thread, size, next, ARENA_METHOD_BASELINE);
	}
}

/* Whether the first and the last bytes of an object are still its mark. */
static bool
has_mark(const char *at, size_t size, uint32_t mark)
{
	return memcmp(at, &mark, sizeof(mark)) == 0 &&
	       memcmp(at + size - sizeof(mark), &mark, sizeof(mark)) == 0;
}

int
arena_verify(struct arena_thread *thread, const char *name, struct app_error *err)
{
	struct arena_shared *shared = thread->shared;
	char *next = shared->base, *at;
	unsigned int wrong = 0;

	for (uint32_t i = 0; i < ARENA_BURST; i++) {
		thread->got[i] = at = allocate_any(thread, size_of(shared, i), &next);
		if (at == NULL || (uintptr_t)at % ALIGN != 0)
			return app_fail(err, APP_EXIT_RUN,
				"%s: object %u of %zu bytes is at %p, which is NULL or not aligned",
				name, i, size_of(shared, i), (void *)at);
		memcpy(at, &i, sizeof(i));
		memcpy(at + size_of(shared, i) - sizeof(i), &i, sizeof(i));
	}
	for (uint32_t i = 0; i < ARENA_BURST; i++)
		wrong += !has_mark(thread->got[i], size_of(shared, i), i);
	/* A wrong allocator is not used any more, as it could crash. */
	if (wrong > 0)
		return app_fail(err, APP_EXIT_RUN,
			"%s: handed out bytes twice: %u of %u objects have changed", name, wrong,
			ARENA_BURST);
	free_burst(thread, ARENA_BURST);
	return 0;
}
