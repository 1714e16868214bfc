/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_ARENA_INTERNAL_H
#define TIDE_ARENA_INTERNAL_H

/* Shared by the sources of lib/arena; outside it only its tests include this. */

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_mempool.h>

#include "mempool_friend.h"
#include "tide_arena.h"

/* No chunk. */
#define TIDEI_ARENA_NONE UINT32_MAX

/* Two lines, as the prefetcher of many CPUs fetches lines in pairs. */
#define TIDEI_ARENA_PAD 128

/* Bytes of an object of the mempool before those to allocate from. */
#define TIDEI_ARENA_HEADER 64

/* Built with the address sanitizer. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TIDEI_ARENA_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define TIDEI_ARENA_ASAN 1
#endif

/* Places for readers: lcores, then other threads. */
#define TIDEI_ARENA_READERS (RTE_MAX_LCORE + TIDE_ARENA_THREADS_MAX)

/* First bytes of a chunk's object. */
struct tidei_arena_chunk {
	uint32_t index; /* Its place in the tables of its node; written when the arena is made. */
};

/* Where the threads without an lcore id allocate on one node. Any of them writes. */
struct tidei_arena_shared {
	alignas(TIDEI_ARENA_PAD) _Atomic uint64_t word; /* Chunk and bump: see shared.c. */
	alignas(TIDEI_ARENA_PAD) _Atomic uint64_t allocs;
	_Atomic uint64_t bytes, waste, refills, failures; /* As in tide_arena_cell. */
};

/*
 * One node: its chunks and their owners. A chunk taken is on one list: of the epoch and of the lcore
 * that took it, or of all threads without an lcore id. The lists are not in the chunks, so that freeing
 * chunks touches none of them.
 */
struct tidei_arena_node {
	int node;
	/* Of this node alone, even after it is freed and another one has its address. */
	uint64_t serial;
	struct tidei_objects objects;
	uintptr_t *payload; /* By chunk: its first byte. */
	/*
	 * By chunk: the next on its list. Plain, like heads: the thread that took the chunk writes it; it
	 * is read when the grace of its epoch is over. The grace orders the two: the writer reports a
	 * quiescent state by a release, which rte_rcu_qsbr_check() acquires.
	 */
	uint32_t *next;
	uint32_t *
		heads; /* By slot and lcore: the list. Written by the lcore; emptied after grace. */
	_Atomic uint32_t
		*shared_heads; /* By slot: the list of the others, a stack only pushed to. */
	struct tide_arena_cell *cells[RTE_MAX_LCORE];
	struct tidei_arena_shared shared;
	alignas(TIDEI_ARENA_PAD) _Atomic uint32_t taken; /* Chunks on lists. */
	_Atomic uint32_t taken_high;
	_Atomic uint64_t stale_writes;
	_Atomic uint64_t unregistered; /* As in tide_arena_stats. Any thread adds. */
};

/* A closed epoch, not yet reclaimed, in slot epoch % epochs. Written by flip, read by any thread. */
struct tidei_arena_closed {
	_Atomic uint64_t token; /* Token that readers must have passed. */
	_Atomic uint64_t when; /* TSC. */
};

/* A reader; under the lock, except self. */
struct tidei_arena_reader {
	/*
	 * Identity of the thread that registered it, see magazine_friend.h; 0: none did. Written under
	 * the lock. Any thread reads it, to find itself.
	 */
	_Atomic uint64_t self;
	bool registered;
	uint32_t tid; /* For reports alone: the kernel uses it again when the thread has ended. */
	char name[TIDE_ARENA_READER_NAME_MAX + 1];
};

struct tidei_arena {
	char name[TIDE_ARENA_NAME_MAX + 1];
	const struct tide_topology *topo;
	struct tide_topology *own_topo; /* topo when it was read by us, else NULL. */
	uint32_t chunk_size, chunks, epochs;
	bool fill;
	atomic_flag busy; /* A thread flips, reclaims or resets. */
	_Atomic uint64_t oldest; /* Oldest epoch not reclaimed. Written by the busy thread. */
	_Atomic uint64_t ended; /* Epochs before are in closed[]. Written by the busy thread. */
	struct tidei_arena_closed *closed; /* By slot. */
	_Atomic bool flipped; /* tide_arena_flip() closed an epoch. By the busy thread. */
	atomic_flag told_unregistered; /* The log has the line about unregistered. */
	pthread_mutex_t lock; /* Of readers[]. */
	struct tidei_arena_reader readers[TIDEI_ARENA_READERS];
	struct tide_arena_cell
		nowhere; /* Cell of lcores that do not know their node: never fits. */
	uint16_t place[RTE_MAX_LCORE]; /* Of the cell in tide_arena.local; by the lcore itself. */
	int16_t index[TIDE_NODE_MAX]; /* Node id -> place in nodes[], or -1. */
	uint16_t nearest[TIDE_NODE_MAX]; /* Node id -> place in nodes[] that serves it. */
	uint16_t home; /* Place that serves a caller on no known node. */
	unsigned int nb_nodes;
	struct tidei_arena_node *nodes[]; /* Ascending node ids; each on its node. */
};

static inline uint32_t
tidei_arena_slot(const struct tidei_arena *more, uint64_t epoch)
{
	return (uint32_t)(epoch % more->epochs);
}

static inline uint32_t *
tidei_arena_heads(const struct tidei_arena_node *node, uint32_t slot)
{
	return node->heads + (size_t)slot * RTE_MAX_LCORE;
}

/* The node of an id, or NULL. */
static inline struct tidei_arena_node *
tidei_arena_node(const struct tidei_arena *more, int node)
{
	if (node < 0 || node >= TIDE_NODE_MAX || more->index[node] < 0)
		return NULL;
	return more->nodes[more->index[node]];
}

/* Make a node; 0 or a negative errno, logged, with nothing left. */
int tidei_arena_node_make(struct tidei_arena_node **made, const struct tidei_arena *more,
	const struct tide_arena_conf *conf, int id);
void tidei_arena_node_free(struct tidei_arena_node *node, const struct tidei_arena *more);

/* Take a chunk of a node, on no list yet; TIDEI_ARENA_NONE when there is none. MT-safe. */
uint32_t tidei_arena_chunk_take(const struct tidei_arena *more, struct tidei_arena_node *node);
/* Count a chunk that goes on a list. MT-safe. */
void tidei_arena_chunk_count(struct tidei_arena_node *node);
/* Free chunks to their mempool. MT-safe. */
void tidei_arena_chunks_give(const struct tidei_arena *more, struct tidei_arena_node *node,
	const uint32_t *chunks, unsigned int n);

/* Guard the bytes of a free chunk. */
void tidei_arena_seal(const struct tidei_arena *more, uintptr_t payload);
/* Remove the guard; returns whether the bytes are unchanged. */
bool tidei_arena_unseal(const struct tidei_arena *more, uintptr_t payload);

/* shared.c: size and align are checked. */
void *tidei_arena_alloc_shared(
	struct tide_arena *arena, struct tidei_arena_node *node, size_t size, uintptr_t mask);
/* Drop the word if it is of an epoch that is to be reclaimed. */
void tidei_arena_shared_drop(
	const struct tidei_arena *more, struct tidei_arena_node *node, uint64_t epoch);

/* The fields of a shared word. */
struct tidei_arena_bump {
	bool any; /* It has a chunk. */
	uint32_t tag; /* Its epoch, modulo TIDEI_ARENA_TAGS. */
	uint32_t chunk;
	uint32_t used; /* Bytes. */
};

#define TIDEI_ARENA_TAGS 2048

void tidei_arena_shared_init(struct tidei_arena_shared *shared);
struct tidei_arena_bump tidei_arena_shared_read(const struct tidei_arena_shared *shared);

/*
 * The online reader, other than `but`, that has been behind a token longest: name, reader, lcore_id
 * and tid of *stalled, the token it has passed in *passed. Returns false when there is none. Takes the lock.
 */
bool tidei_arena_reader_behind(const struct tide_arena *arena, uint64_t token, int but,
	struct tide_arena_stalled *stalled, uint64_t *passed);
/* Whether any reader is registered; *reader: the first. Takes the lock. */
bool tidei_arena_reader_any(struct tidei_arena *more, struct tide_arena_stalled *reader);
/* The id the calling thread is registered under, or -ENOENT. Lock-free. */
int tidei_arena_reader_self(const struct tidei_arena *more);

/*
 * Notice a caller that allocates in a chunk and is no online reader of an arena that is flipped: count it,
 * and log the first one. Lock-free. One call for each chunk and thread is enough.
 */
void
tidei_arena_notice(const struct tide_arena *arena, struct tidei_arena_node *node, uint64_t epoch);

#endif /* TIDE_ARENA_INTERNAL_H */
