/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Allocation where the bump in an lcore's chunk does not do: bad requests, new chunks, other nodes,
 * threads without an lcore id.
 *
 * Flips may overtake a thread after it has read the epoch. It then allocates in, and puts chunks on the
 * lists of, an epoch that is closed. This is safe: it has reported no quiescent state since that epoch
 * was current, so the grace of that epoch cannot end before it does.
 */

#include <errno.h>
#include <sched.h>

#include <rte_errno.h>
#include <rte_lcore.h>

#include "arena_internal.h"

/* Bytes every chunk starts on a multiple of. */
#define CHUNK_ALIGN 64

/* Checks that any chunk can hold the request, at any start; *mask is the alignment less one. */
static int
check_request(const struct tide_arena *arena, size_t size, size_t align, uintptr_t *mask)
{
	size_t lost;

	if (size == 0 || align > TIDE_ARENA_ALIGN_MAX || (align & (align - 1)) != 0)
		return -EINVAL;
	*mask = (align == 0 ? 0 : align - 1) | arena->align_mask;
	lost = *mask >= CHUNK_ALIGN ? *mask + 1 - CHUNK_ALIGN : 0;
	/* Both differences are sound: a chunk has 1 KB at least, but an alignment may have more. */
	if (lost >= arena->more->chunk_size || size > arena->more->chunk_size - lost)
		return -EMSGSIZE;
	return 0;
}

/* Returns the place in nodes[] that serves the caller's CPU now. */
static uint16_t
place_here(const struct tidei_arena *more)
{
	int cpu = sched_getcpu();
	int node =
		cpu < 0 ? TIDE_NODE_UNKNOWN : tide_topology_cpu_node(more->topo, (unsigned int)cpu);

	return node == TIDE_NODE_UNKNOWN ? more->home : more->nearest[node];
}

/* Adds to a counter. There is one writer, so no read-modify-write; relaxed, as it is a counter. */
static void
add_own(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/* Leave a cell's chunk, which is on the list of its epoch, for another. */
static void
change_chunk(struct tide_arena_cell *cell, uint64_t epoch, uintptr_t start, uint32_t size)
{
	add_own(&cell->bytes, cell->at - cell->start);
	add_own(&cell->waste, cell->end - cell->at);
	/* Relaxed: statistics read these, each for itself. */
	__atomic_store_n(&cell->epoch, epoch, __ATOMIC_RELAXED);
	__atomic_store_n(&cell->start, start, __ATOMIC_RELAXED);
	__atomic_store_n(&cell->at, start, __ATOMIC_RELAXED);
	__atomic_store_n(&cell->end, start + size, __ATOMIC_RELAXED);
	add_own(&cell->refills, 1);
}

static void *
alloc_own(struct tide_arena *arena, struct tidei_arena_node *node, unsigned int lcore, size_t size,
	uintptr_t mask)
{
	struct tide_arena_cell *cell = node->cells[lcore];
	void *found = tidei_arena_bump(arena, cell, size, mask);
	uint32_t chunk, *head;
	uintptr_t start;
	uint64_t epoch;

	if (found != NULL)
		return found;
	/*
	 * Acquire, with the release of flip: the slot of this epoch was emptied before it was opened.
	 */
	epoch = __atomic_load_n(&arena->epoch, __ATOMIC_ACQUIRE);
	chunk = tidei_arena_chunk_take(arena->more, node);
	if (chunk == TIDEI_ARENA_NONE) {
		add_own(&cell->failures, 1);
		rte_errno = ENOMEM;
		return NULL;
	}
	tidei_arena_chunk_count(node);
	tidei_arena_notice(arena, node, epoch);
	head = &tidei_arena_heads(node, tidei_arena_slot(arena->more, epoch))[lcore];
	node->next[chunk] = *head;
	*head = chunk;
	change_chunk(cell, epoch, node->payload[chunk], arena->more->chunk_size);
	/* Not tidei_arena_bump(): a flip meanwhile does not matter. */
	start = (cell->at + mask) & ~mask;
	__atomic_store_n(&cell->at, start + size, __ATOMIC_RELAXED);
	add_own(&cell->allocs, 1);
	return (void *)start;
}

/* Find the node of an lcore that had none when the arena was made, or may have changed it. */
static void
settle(struct tide_arena *arena, unsigned int lcore)
{
	struct tidei_arena *more = arena->more;

	more->place[lcore] = place_here(more);
	arena->local[lcore] = more->nodes[more->place[lcore]]->cells[lcore];
}

void *
tide_arena_alloc_slow(struct tide_arena *arena, size_t size, size_t align)
{
	struct tidei_arena *more = arena->more;
	unsigned int lcore = rte_lcore_id();
	uintptr_t mask;
	int ret = check_request(arena, size, align, &mask);

	if (ret < 0) {
		rte_errno = -ret;
		return NULL;
	}
	if (lcore >= RTE_MAX_LCORE)
		return tidei_arena_alloc_shared(arena, more->nodes[place_here(more)], size, mask);
	/* The lcore id of a thread that registered may have been another's, which ran elsewhere. */
	if (arena->local[lcore] == &more->nowhere || rte_eal_lcore_role(lcore) == ROLE_NON_EAL)
		settle(arena, lcore);
	return alloc_own(arena, more->nodes[more->place[lcore]], lcore, size, mask);
}

void *
tide_arena_alloc_on(struct tide_arena *arena, int node, size_t size, size_t align)
{
	struct tidei_arena_node *on = tidei_arena_node(arena->more, node);
	unsigned int lcore = rte_lcore_id();
	uintptr_t mask;
	int ret = check_request(arena, size, align, &mask);

	if (ret == 0 && on == NULL)
		ret = -ENOENT;
	if (ret < 0) {
		rte_errno = -ret;
		return NULL;
	}
	if (lcore >= RTE_MAX_LCORE)
		return tidei_arena_alloc_shared(arena, on, size, mask);
	return alloc_own(arena, on, lcore, size, mask);
}
