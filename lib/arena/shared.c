/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Threads without an lcore id allocate from one chunk per node, lock-free.
 *
 * Chunk and bump are one word: the epoch's tag, the chunk, and the bytes used in units of 8. A bump
 * is a compare-and-swap of that word. A new chunk is one too; a thread that loses that race frees its
 * chunk, unused, and bumps in the winner's.
 *
 * Why a word that compares equal is the word that was read: call E the epoch that was current when
 * the caller last was quiescent. It is not reclaimed while the call lasts, nor is any later one. The
 * word is read first and the epoch e after it, so the word's epoch w <= e: its writer had read w from
 * there. Reclaim drops the word of an epoch before it reclaims the epoch, so w was not reclaimed when
 * the word was read: w > E - epochs. And no flip opens more than `epochs` from E on: e < E + epochs.
 * So e - w < 2 * epochs <= TIDEI_ARENA_TAGS, and equal tags mean w = e. Then e is not reclaimed, so its
 * chunks are not reused, and in each chunk the used bytes only grow. Therefore a word equal to the one
 * read, in its tag, chunk and bytes, is the same word.
 */

#include <assert.h>
#include <errno.h>

#include <rte_errno.h>

#include "arena_internal.h"

#define UNIT       8
#define USED_BITS  28
#define CHUNK_BITS 25
#define TAG_BITS   11

static_assert(USED_BITS + CHUNK_BITS + TAG_BITS == 64, "a word is full");
static_assert(TIDE_ARENA_CHUNK_MAX / UNIT < UINT64_C(1) << USED_BITS, "all of a chunk counts");
/* The last chunk number is none. */
static_assert(TIDE_ARENA_CHUNKS_MAX < UINT64_C(1) << CHUNK_BITS, "each chunk has a number");
static_assert(TIDEI_ARENA_TAGS == 1 << TAG_BITS, "each tag fits");
static_assert(2 * TIDE_ARENA_EPOCHS_MAX <= TIDEI_ARENA_TAGS, "tags tell epochs apart");

#define CHUNK_NONE ((UINT32_C(1) << CHUNK_BITS) - 1)

static uint64_t
pack(uint64_t epoch, uint32_t chunk, uint64_t units)
{
	return (epoch % TIDEI_ARENA_TAGS) << (USED_BITS + CHUNK_BITS) |
	       (uint64_t)chunk << USED_BITS | units;
}

static struct tidei_arena_bump
unpack(uint64_t word)
{
	struct tidei_arena_bump bump = {
		.tag = (uint32_t)(word >> (USED_BITS + CHUNK_BITS)),
		.chunk = (uint32_t)(word >> USED_BITS) & CHUNK_NONE,
		.used = (uint32_t)(word & ((UINT64_C(1) << USED_BITS) - 1)) * UNIT,
	};

	bump.any = bump.chunk != CHUNK_NONE;
	return bump;
}

void
tidei_arena_shared_init(struct tidei_arena_shared *shared)
{
	atomic_init(&shared->word, pack(0, CHUNK_NONE, 0));
}

struct tidei_arena_bump
tidei_arena_shared_read(const struct tidei_arena_shared *shared)
{
	/* Relaxed: for statistics. */
	return unpack(atomic_load_explicit(&shared->word, memory_order_relaxed));
}

static void
add(_Atomic uint64_t *counter, uint64_t n)
{
	/* Relaxed: a counter orders nothing. */
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/* Counts the use of a chunk; the thread that replaces its word calls this. */
static void
count_left(const struct tidei_arena *more, struct tidei_arena_shared *shared, uint64_t word)
{
	struct tidei_arena_bump left = unpack(word);

	if (!left.any)
		return;
	add(&shared->bytes, left.used);
	add(&shared->waste, more->chunk_size - left.used);
}

/* Push on the list of an epoch. No thread pops before its grace is over, so there is no ABA. */
static void
push(struct tidei_arena_node *node, uint32_t slot, uint32_t chunk)
{
	_Atomic uint32_t *head = &node->shared_heads[slot];

	/* Relaxed: read after the grace of the epoch alone, see tidei_arena_node.next. */
	node->next[chunk] = atomic_load_explicit(head, memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(
		head, &node->next[chunk], chunk, memory_order_relaxed, memory_order_relaxed))
		;
}

/* Units used when size bytes are taken behind `units`, or 0 when they do not fit; *start: the first. */
static uint64_t
fit(const struct tidei_arena *more, uintptr_t payload, uint64_t units, size_t size, uintptr_t mask,
	uintptr_t *start)
{
	uint64_t used;

	*start = (payload + units * UNIT + mask) & ~mask;
	used = *start - payload + size;
	return used > more->chunk_size ? 0 : (used + UNIT - 1) / UNIT;
}

/* How one try ended. */
struct attempt {
	bool retry; /* Another was faster. */
	uint64_t epoch; /* Where it was served. */
	uint32_t chunk;
};

/*
 * Put a new chunk, with the bytes of this call taken, in the place of `word`. NULL when there is none
 * (retry is false), or when another was faster.
 */
static void *
refill(struct tidei_arena *more, struct tidei_arena_node *node, uint64_t word, size_t size,
	uintptr_t mask, struct attempt *attempt)
{
	struct tidei_arena_shared *shared = &node->shared;
	uint32_t chunk = tidei_arena_chunk_take(more, node);
	uintptr_t start;
	uint64_t used, was = word;

	if (chunk == TIDEI_ARENA_NONE) {
		/* The thread that took the last one may have put it here. */
		attempt->retry = atomic_load_explicit(&shared->word, memory_order_relaxed) != word;
		return NULL;
	}
	used = fit(more, node->payload[chunk], 0, size, mask, &start);
	/*
	 * Release, for the acquire of others that find the chunk here: its last user has finished
	 * with its bytes, which this thread acquired from the mempool.
	 */
	attempt->retry = !atomic_compare_exchange_strong_explicit(&shared->word, &was,
		pack(attempt->epoch, chunk, used), memory_order_release, memory_order_relaxed);
	if (attempt->retry) {
		tidei_arena_chunks_give(more, node, &chunk, 1);
		return NULL;
	}
	tidei_arena_chunk_count(node);
	push(node, tidei_arena_slot(more, attempt->epoch), chunk);
	attempt->chunk = chunk;
	count_left(more, shared, word);
	add(&shared->refills, 1);
	return (void *)start;
}

/* One try at the word as it is now. */
static void *
try_alloc(struct tide_arena *arena, struct tidei_arena_node *node, size_t size, uintptr_t mask,
	struct attempt *attempt)
{
	struct tidei_arena *more = arena->more;
	struct tidei_arena_shared *shared = &node->shared;
	/* Acquire: of the chunk, see refill(); and before the epoch, see above. */
	uint64_t word = atomic_load_explicit(&shared->word, memory_order_acquire);
	/* Acquire, with the release of flip: its slot was emptied before. */
	uint64_t epoch = __atomic_load_n(&arena->epoch, __ATOMIC_ACQUIRE);
	struct tidei_arena_bump bump = unpack(word);
	uintptr_t start;
	uint64_t used = 0;

	attempt->epoch = epoch;
	attempt->chunk = bump.chunk;
	if (bump.any && bump.tag == epoch % TIDEI_ARENA_TAGS)
		used = fit(more, node->payload[bump.chunk], bump.used / UNIT, size, mask, &start);
	if (used == 0)
		return refill(more, node, word, size, mask, attempt);
	/* Release keeps the chunk's own release for those who acquire this word. */
	attempt->retry = !atomic_compare_exchange_weak_explicit(&shared->word, &word,
		pack(epoch, bump.chunk, used), memory_order_release, memory_order_relaxed);
	return attempt->retry ? NULL : (void *)start;
}

/*
 * The chunk is shared, so each thread that bumps in it is looked at once. A thread that goes to and fro
 * between arenas or nodes is looked at, and counted, again.
 */
static void
notice(const struct tide_arena *arena, struct tidei_arena_node *node, const struct attempt *attempt)
{
	static _Thread_local struct {
		uint64_t serial; /* 0: none yet. */
		uint64_t epoch;
		uint32_t chunk;
	} last;

	if (last.serial == node->serial && last.epoch == attempt->epoch &&
		last.chunk == attempt->chunk)
		return;
	last.serial = node->serial;
	last.epoch = attempt->epoch;
	last.chunk = attempt->chunk;
	tidei_arena_notice(arena, node, attempt->epoch);
}

void *
tidei_arena_alloc_shared(
	struct tide_arena *arena, struct tidei_arena_node *node, size_t size, uintptr_t mask)
{
	struct attempt attempt = {.retry = true};
	void *found = NULL;

	while (found == NULL && attempt.retry)
		found = try_alloc(arena, node, size, mask, &attempt);
	if (found != NULL) {
		add(&node->shared.allocs, 1);
		notice(arena, node, &attempt);
	} else {
		add(&node->shared.failures, 1);
		rte_errno = ENOMEM;
	}
	return found;
}

void
tidei_arena_shared_drop(
	const struct tidei_arena *more, struct tidei_arena_node *node, uint64_t epoch)
{
	struct tidei_arena_shared *shared = &node->shared;
	/* Relaxed: the grace is over, so the last write of this epoch's word is visible. */
	uint64_t word = atomic_load_explicit(&shared->word, memory_order_relaxed);
	struct tidei_arena_bump bump = unpack(word);

	if (!bump.any || bump.tag != epoch % TIDEI_ARENA_TAGS)
		return;
	/* If this fails, a word of a later epoch is there now, and its writer has counted. */
	if (atomic_compare_exchange_strong_explicit(&shared->word, &word, pack(0, CHUNK_NONE, 0),
		    memory_order_relaxed, memory_order_relaxed))
		count_left(more, shared, word);
}
