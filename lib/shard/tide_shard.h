/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_SHARD_H
#define TIDE_SHARD_H

/**
 * @file
 * One padded cell per node or per lcore, each in memory of its node; and counters made of them.
 *
 * A cell starts on 128 bytes and shares them with nobody: two lines, as the prefetcher of many CPUs
 * fetches lines in pairs. Create and free are for control threads; all else may be called from any
 * thread, and takes no lock. What is in a cell is the caller's: cells of a node have many writers,
 * the cell of an lcore one, if only that lcore writes.
 *
 * A shard is a process's own: neither secondary processes nor children of fork(2) have its cells.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_config.h>
#include <rte_lcore.h>

#include "tide_region.h"
#include "tide_topology.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Bytes a cell is a multiple of, and aligned to. */
#define TIDE_SHARD_ALIGN 128

/** Largest cell, bytes. */
#define TIDE_SHARD_SIZE_MAX (UINT32_C(1) << 20)

/** What has a cell of its own. */
enum tide_shard_by {
	TIDE_SHARD_BY_NODE, /**< Each node with memory this process may use. */
	/**
	 * Each lcore EAL knows when the shard is made, and one for all other threads together: those
	 * without an lcore id, and those that register later (rte_thread_register()). Needs EAL.
	 */
	TIDE_SHARD_BY_LCORE,
};

/** What to make. Zero is a good default in every field but size. */
struct tide_shard_conf {
	const char *name; /**< For logs; at most 31 characters; NULL: none. */
	const struct tide_topology *topo; /**< Machine; must outlive the shard; NULL: read once. */
	enum tide_shard_by by;
	uint32_t size; /**< Bytes per cell, rounded up to TIDE_SHARD_ALIGN; cleared. */
	enum tide_enforce enforce; /**< Best effort: a cell may lie on the nearest node. */
};

/** The part of a shard the data path reads. */
struct tide_shard {
	void *local[RTE_MAX_LCORE]; /**< Cell by lcore id; NULL: the id alone does not tell. */
};

/**
 * Make a cell for each node or lcore, zeroed, in memory of its node.
 *
 * By lcore, what has no node of its own (the cell of all other threads, lcores whose CPUs lie on
 * several nodes) goes to the node of the main lcore. The cells of one node lie in one region of base
 * pages, measured; under best effort tide_shard_next() tells where that is.
 *
 * @param conf  What to make; not NULL.
 * @return
 *   The shard; NULL with rte_errno set, nothing left behind and the reason in the log:
 *   - EINVAL: size is 0 or above TIDE_SHARD_SIZE_MAX, an unknown enumerator, a name too long.
 *   - ENOTSUP: by lcore, and EAL is not initialised.
 *   - ENOMEM: not enough memory; by node, and there is none this process may use; by lcore and
 *     strict, and the node of an lcore has none.
 *   - EPERM, EXDEV, EIO: as tide_region_create().
 */
struct tide_shard *tide_shard_create(const struct tide_shard_conf *conf);

/** Free a shard. NULL does nothing. */
void tide_shard_free(struct tide_shard *shard);

/** Bytes per cell, rounded up. */
size_t tide_shard_size(const struct tide_shard *shard);

/* The way of tide_shard_local() where the lcore id does not tell. Same contract. */
void *tide_shard_local_slow(const struct tide_shard *shard);

/**
 * The cell of the calling thread. For the data path: wait-free, and one look into a table for lcores.
 *
 * By node: that of the node the thread runs on, or of the nearest that has one. Where that is, an
 * lcore's id tells, if EAL bound it to the CPUs of one node before the shard was made; any other
 * thread asks sched_getcpu(3), and may run elsewhere a moment later: it still has the right to the
 * cell. By lcore: its own, or that of all other threads.
 *
 * @return  Never NULL.
 */
static inline void *
tide_shard_local(const struct tide_shard *shard)
{
	unsigned int lcore_id = rte_lcore_id();
	void *cell = lcore_id < RTE_MAX_LCORE ? shard->local[lcore_id] : NULL;

	return likely(cell != NULL) ? cell : tide_shard_local_slow(shard);
}

/**
 * The cell of a node.
 *
 * @return  NULL when the shard is by lcore, or has no cell for that node.
 */
void *tide_shard_on(const struct tide_shard *shard, int node);

/**
 * The cell of an lcore; LCORE_ID_ANY: the one all other threads share.
 *
 * @return  NULL when the shard is by node, or the lcore has no cell of its own.
 */
void *tide_shard_of_lcore(const struct tide_shard *shard, unsigned int lcore_id);

/** One cell met on a walk. */
struct tide_shard_cell {
	void *cell;
	int node; /**< Node it is for; TIDE_NODE_UNKNOWN: any. */
	unsigned int
		lcore_id; /**< By lcore: whose it is, or LCORE_ID_ANY; by node: LCORE_ID_ANY. */
	/** Where the cells for that node were found to lie, together; valid as long as the shard. */
	const struct tide_placement *placement;
};

/**
 * Walk over all cells, in ascending order of node or lcore; the one of all other threads is last.
 *
 * @param at    Place; start with 0, it is moved on.
 * @param cell  Where to store the cell; written only when there is one.
 * @return  true with *cell filled; false at the end.
 */
bool
tide_shard_next(const struct tide_shard *shard, unsigned int *at, struct tide_shard_cell *cell);

/*
 * Relaxed, all of them: a counter orders nothing. By builtins, because C++ has no _Atomic.
 */

/** Add to a counter that several threads may write. MT-safe. */
static inline void
tide_shard_add(uint64_t *counter, uint64_t n)
{
	__atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

/**
 * Add to a counter that only the caller writes; others may read it. No atomic operation. Not for the
 * cell of a node, nor for that of all other threads: they have many writers.
 */
static inline void
tide_shard_add_own(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
}

/** Read a counter that others may add to. */
static inline uint64_t
tide_shard_read(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/**
 * Sum the counter at an offset over all cells. Exact when nobody adds; else each cell's value is one
 * it had during the call.
 *
 * @param offset  Bytes from the start of a cell to a uint64_t, 8-byte aligned and inside the cell.
 * @return  The sum, modulo 2^64; 0 when offset is not such a one.
 */
uint64_t tide_shard_sum(const struct tide_shard *shard, size_t offset);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_SHARD_H */
