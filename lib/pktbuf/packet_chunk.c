/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Opens the chunks of tide_pktbuf, allocates from them, closes them; see pktbuf_internal.h. */

#include <assert.h>

#include <rte_branch_prediction.h>
#include <rte_mempool.h>

#include "pktbuf_internal.h"

/*
 * The open chunk of the threads without an lcore id, in one word so that they can change it atomically:
 *
 *     index + 1 of the chunk (0: none) | next free byte / TIDEI_PACKET_ALIGN | packets allocated
 *
 * The word alone tells which bytes are free. If it is equal again between a thread's load and its
 * exchange, because the chunk went through the mempool, the bytes that the thread allocates are free
 * in the chunk's new use, as in the old one.
 */
#define FIELD      20
#define FIELD_MASK ((UINT64_C(1) << FIELD) - 1)

static_assert(TIDE_PKTBUF_CHUNK_MAX / TIDEI_PACKET_ALIGN <= FIELD_MASK, "an offset fits its field");
static_assert(TIDE_PKTBUF_CHUNKS_MAX < UINT64_C(1) << (64 - 2 * FIELD), "an index fits");
static_assert(TIDE_PKTBUF_CHUNK_MAX < TIDEI_SHARE / 2, "a share is more than all packets");

static uint64_t
word_of(const struct tidei_open *open)
{
	return ((uint64_t)open->chunk->index + 1) << 2 * FIELD |
	       (uint64_t)(open->at / TIDEI_PACKET_ALIGN) << FIELD | open->allocated;
}

static struct tidei_open
open_of(const struct tidei_pktbuf_node *node, uint64_t word)
{
	uint64_t index = word >> 2 * FIELD;

	return (struct tidei_open){
		.chunk = index == 0 ? NULL : node->chunk[index - 1],
		.at = index == 0 ? node->end
	                         : (uint32_t)(word >> FIELD & FIELD_MASK) * TIDEI_PACKET_ALIGN,
		.allocated = (uint32_t)(word & FIELD_MASK),
	};
}

struct tidei_open
tidei_pktbuf_cell_open(const struct tidei_pktbuf_node *node, unsigned int i)
{
	const struct tidei_pktbuf_cell *cell = &node->cells[i];

	if (i == RTE_MAX_LCORE)
		return open_of(node, atomic_load_explicit(&cell->word, memory_order_relaxed));
	/* Relaxed: the owner reads what it wrote, others read figures. */
	return (struct tidei_open){
		.chunk = atomic_load_explicit(&cell->chunk, memory_order_relaxed),
		.at = atomic_load_explicit(&cell->at, memory_order_relaxed),
		.allocated = atomic_load_explicit(&cell->allocated, memory_order_relaxed),
	};
}

/* Add to a counter; in cells of lcores without an atomic operation, as they have one writer. */
static void
add(_Atomic uint64_t *counter, uint64_t n, bool own)
{
	if (own)
		atomic_store_explicit(counter,
			atomic_load_explicit(counter, memory_order_relaxed) + n,
			memory_order_relaxed);
	else
		atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

void
tidei_pktbuf_count_no_mbuf(struct tidei_pktbuf_node *node)
{
	unsigned int lcore = rte_lcore_id();
	bool own = lcore < RTE_MAX_LCORE;

	add(&node->cells[own ? lcore : RTE_MAX_LCORE].no_mbuf, 1, own);
}

static void
count_closed(const struct tidei_pktbuf_node *node, struct tidei_pktbuf_cell *cell,
	const struct tidei_open *open, bool own)
{
	add(&cell->packets, open->allocated, own);
	add(&cell->bytes, open->at - TIDEI_CHUNK_START, own);
	add(&cell->waste, node->end - open->at, own);
}

/*
 * Acquire and release: the thread that drops the last reference sees all accesses of others to their
 * packets, and the mempool passes this on to the thread that opens the chunk next.
 */
static void
take_off(struct tidei_chunk *chunk, uint32_t n)
{
	if (atomic_fetch_sub_explicit(&chunk->refs, n, memory_order_acq_rel) == n)
		rte_mempool_put(rte_mempool_from_obj(chunk), chunk);
}

void
tidei_chunk_release(struct tidei_chunk *chunk)
{
	take_off(chunk, 1);
}

/* Tells whether only the opener of a chunk refers to it. */
static bool
is_quiet(const struct tidei_open *open)
{
	/* Acquire: pairs with the release of take_off(), before its memory is written again. */
	return atomic_load_explicit(&open->chunk->refs, memory_order_acquire) ==
	       TIDEI_SHARE - open->allocated;
}

/* A chunk out of the mempool, with its share; NULL: there is none. */
static struct tidei_chunk *
take(struct tidei_pktbuf_node *node)
{
	struct tidei_chunk *chunk;
	void *object;

	if (rte_mempool_get(node->chunks.mp, &object) != 0)
		return NULL;
	chunk = object;
	assert(atomic_load_explicit(&chunk->refs, memory_order_relaxed) == 0);
	/* Relaxed: others learn of the chunk by its packets, or by the word. */
	atomic_store_explicit(&chunk->refs, TIDEI_SHARE, memory_order_relaxed);
	return chunk;
}

/* Open another chunk in an lcore's cell: the same again when its packets are all back. */
static bool
open_own(struct tidei_pktbuf_node *node, struct tidei_pktbuf_cell *cell, struct tidei_open *open)
{
	struct tidei_open old = *open;

	if (old.chunk != NULL && is_quiet(&old)) {
		atomic_store_explicit(&old.chunk->refs, TIDEI_SHARE, memory_order_relaxed);
	} else {
		open->chunk = take(node);
		if (open->chunk == NULL) {
			/* The old one stays open: shorter packets may fit. */
			add(&cell->no_chunk, 1, true);
			return false;
		}
		atomic_store_explicit(&cell->chunk, open->chunk, memory_order_relaxed);
		if (old.chunk != NULL)
			take_off(old.chunk, TIDEI_SHARE - old.allocated);
	}
	if (old.chunk != NULL)
		count_closed(node, cell, &old, true);
	open->at = TIDEI_CHUNK_START;
	open->allocated = 0;
	return true;
}

static bool
alloc_own(struct tidei_pktbuf_node *node, unsigned int lcore, uint32_t need,
	struct tidei_place *place)
{
	struct tidei_pktbuf_cell *cell = &node->cells[lcore];
	struct tidei_open open = tidei_pktbuf_cell_open(node, lcore);

	if (unlikely(need > node->end - open.at) && !open_own(node, cell, &open))
		return false;
	place->chunk = open.chunk;
	place->at = open.at;
	atomic_store_explicit(&cell->at, open.at + need, memory_order_relaxed);
	atomic_store_explicit(&cell->allocated, open.allocated + 1, memory_order_relaxed);
	return true;
}

/* Closes an open chunk; the thread that replaced its word calls this. */
static void
close_shared(struct tidei_pktbuf_node *node, struct tidei_pktbuf_cell *cell,
	const struct tidei_open *old)
{
	if (old->chunk == NULL)
		return;
	count_closed(node, cell, old, false);
	take_off(old->chunk, TIDEI_SHARE - old->allocated);
}

/*
 * Computes the word after an allocation of `need` bytes. *spare is a chunk taken before and not used, or
 * NULL. false: there is no chunk to allocate from.
 */
static bool
next_shared(struct tidei_pktbuf_node *node, const struct tidei_open *old, uint32_t need,
	struct tidei_chunk **spare, struct tidei_open *next)
{
	*next = *old;
	if (need > node->end - old->at) {
		if (*spare == NULL)
			*spare = take(node);
		if (*spare == NULL)
			return false;
		next->chunk = *spare;
		next->at = TIDEI_CHUNK_START;
		next->allocated = 0;
	}
	next->at += need;
	next->allocated++;
	return true;
}

static bool
alloc_shared(struct tidei_pktbuf_node *node, uint32_t need, struct tidei_place *place)
{
	struct tidei_pktbuf_cell *cell = &node->cells[RTE_MAX_LCORE];
	/* Acquire, here and below: pairs with the release of the thread that opened the chunk. */
	uint64_t word = atomic_load_explicit(&cell->word, memory_order_acquire), want;
	struct tidei_chunk *spare = NULL;
	struct tidei_open old, next;

	for (;;) {
		old = open_of(node, word);
		if (next_shared(node, &old, need, &spare, &next)) {
			want = word_of(&next);
		} else if (old.chunk != NULL && is_quiet(&old)) {
			/* The one there is has its packets back: close it to take it again. */
			want = 0;
		} else {
			add(&cell->no_chunk, 1, false);
			return false;
		}
		if (!atomic_compare_exchange_weak_explicit(
			    &cell->word, &word, want, memory_order_acq_rel, memory_order_acquire))
			continue;
		if (want == 0 || next.chunk != old.chunk)
			close_shared(node, cell, &old);
		if (want != 0)
			break;
		word = 0;
	}
	place->chunk = next.chunk;
	place->at = next.at - need;
	if (spare != NULL && spare != next.chunk)
		take_off(spare, TIDEI_SHARE);
	return true;
}

bool
tidei_chunk_alloc(struct tidei_pktbuf_node *node, uint32_t need, struct tidei_place *place)
{
	unsigned int lcore = rte_lcore_id();

	if (likely(lcore < RTE_MAX_LCORE))
		return alloc_own(node, lcore, need, place);
	return alloc_shared(node, need, place);
}
