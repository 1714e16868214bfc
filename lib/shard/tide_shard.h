/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_SHARD_H
#define TIDE_SHARD_H

/**
 * @file
 * One padded cell per node or per lcore, each in memory of its node, and counters made of cells.
 *
 * A cell begins on 128 bytes and shares them with no other data: two lines, because many CPUs
 * prefetch lines in pairs. The caller chooses the content of a cell. The cell of a node has many
 * writers. The cell of an lcore has one, if only that lcore writes.
 *
 * **Threads.** Creating and freeing are for control threads. Any thread may call the rest, which
 * takes no lock.
 *
 * **Placement.** Each cell is in measured memory of its node; with best effort tide_shard_next()
 * tells where it is instead.
 *
 * A shard belongs to one process: secondary processes and children of fork(2) do not have its
 * cells.
 *
 * An example:
 * @include shard.c
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

/** Alignment of a cell, bytes; its size is a multiple of it. */
#define TIDE_SHARD_ALIGN 128

/** Largest cell, bytes. */
#define TIDE_SHARD_SIZE_MAX (UINT32_C(1) << 20)

/** Owners of the cells. */
enum tide_shard_by {
	TIDE_SHARD_BY_NODE, /**< Each node with memory that this process may use. */
	/**
	 * Each lcore that EAL has when the shard is created. All other threads share one more cell:
	 * those without an lcore id, and those that register later (rte_thread_register()). Needs
	 * EAL.
	 */
	TIDE_SHARD_BY_LCORE,
};

/** The requested shard. Zero is a good default in every field except size. */
struct tide_shard_conf {
	const char *name; /**< For logs; at most 31 characters; NULL: none. */
	const struct tide_topology *topo; /**< Machine; must outlive the shard; NULL: read once. */
	enum tide_shard_by by; /**< Owners of the cells. */
	uint32_t size; /**< Bytes per cell, rounded up to TIDE_SHARD_ALIGN. */
	enum tide_enforce enforce; /**< Best effort: a cell may be on the nearest node. */
};

/** The part of a shard that the data path reads. */
struct tide_shard {
	void *local[RTE_MAX_LCORE]; /**< Cell by lcore id; NULL: it depends on more than the id. */
};

/**
 * Create a cleared cell for each node or lcore, in memory of its node. For a control thread.
 *
 * By lcore, two kinds of cells have no node of their own: the cell of all other threads, and cells
 * of lcores whose CPUs are on several nodes. They are on the node of the main lcore. The cells of
 * one node are in one region of base pages, which is measured.
 *
 * @param conf  Request; not NULL.
 * @return
 *   The shard, which the caller frees with tide_shard_free(); NULL with rte_errno set, nothing left
 *   behind and the reason in the log:
 *   - EINVAL: size is 0 or above TIDE_SHARD_SIZE_MAX, an unknown enumerator, a name that is too
 *     long.
 *   - ENOTSUP: by lcore, and EAL is not initialised.
 *   - ENOMEM: too little memory. By node: no node has memory that this process may use. By lcore
 *     and strict: the node of an lcore has none.
 *   - EPERM, EXDEV, EIO: as tide_region_create().
 */
struct tide_shard *tide_shard_create(const struct tide_shard_conf *conf);

/**
 * Free a shard. For a control thread; not MT-safe.
 *
 * @param shard  Shard whose cells no thread uses any more; NULL does nothing.
 */
void tide_shard_free(struct tide_shard *shard);

/**
 * Read the size of a cell. MT-safe.
 *
 * @param shard  Shard; not NULL.
 * @return  Bytes per cell, rounded up.
 */
size_t tide_shard_size(const struct tide_shard *shard);

/**
 * Find the cell of the calling thread where the lcore id alone does not tell. MT-safe.
 *
 * tide_shard_local() calls it; do not call it directly.
 *
 * @param shard  Shard; not NULL.
 * @return  The cell; never NULL.
 */
void *tide_shard_local_slow(const struct tide_shard *shard);

/**
 * Find the cell of the calling thread. MT-safe, wait-free; for the data path.
 *
 * For an lcore it is one read of a table.
 *
 * By node, the cell is that of the node that the thread runs on, or of the nearest node that has a
 * cell. The id of an lcore tells the node if EAL bound it to CPUs of one node before the shard was
 * created. Any other thread calls sched_getcpu(3). It may run elsewhere a moment later and may
 * still use the cell.
 *
 * By lcore, the cell is that of the lcore, or the one of all other threads.
 *
 * @param shard  Shard; not NULL.
 * @return  The cell; never NULL.
 */
static inline void *
tide_shard_local(const struct tide_shard *shard)
{
	unsigned int lcore_id = rte_lcore_id();
	void *cell = lcore_id < RTE_MAX_LCORE ? shard->local[lcore_id] : NULL;

	return likely(cell != NULL) ? cell : tide_shard_local_slow(shard);
}

/**
 * Find the cell of a node. MT-safe.
 *
 * @param shard  Shard; not NULL.
 * @param node   Node id as the kernel numbers it.
 * @return  The cell; NULL if the shard is by lcore or has no cell for that node.
 */
void *tide_shard_on(const struct tide_shard *shard, int node);

/**
 * Find the cell of an lcore. MT-safe.
 *
 * @param shard     Shard; not NULL.
 * @param lcore_id  EAL lcore id; LCORE_ID_ANY: the cell that all other threads share.
 * @return  The cell; NULL if the shard is by node or the lcore has no cell of its own.
 */
void *tide_shard_for_lcore(const struct tide_shard *shard, unsigned int lcore_id);

/** One cell of a walk. */
struct tide_shard_cell {
	void *cell; /**< The cell. */
	int node; /**< Requested node; TIDE_NODE_UNKNOWN: any. */
	unsigned int lcore_id; /**< By lcore: its owner, or LCORE_ID_ANY; by node: LCORE_ID_ANY. */
	/** Measured placement of all cells for that node; valid as long as the shard. */
	const struct tide_placement *placement;
};

/**
 * Walk over all cells, in ascending order of node or lcore. MT-safe.
 *
 * The cell of all other threads is the last.
 *
 * @param shard  Shard; not NULL.
 * @param at     Position; begin with 0, each call advances it.
 * @param cell   Where to store the cell; written only if there is one.
 * @return  true: *cell is stored; false: there are no more cells.
 */
bool
tide_shard_next(const struct tide_shard *shard, unsigned int *at, struct tide_shard_cell *cell);

/*
 * The accesses below are relaxed, since a counter orders nothing. They are builtins, because C++
 * has no _Atomic.
 */

/**
 * Add to a counter that several threads may write. MT-safe; for the data path.
 *
 * @param counter  Counter in a cell; not NULL.
 * @param n        Value to add.
 */
static inline void
tide_shard_add(uint64_t *counter, uint64_t n)
{
	__atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

/**
 * Add to a counter that only the calling thread writes, without an atomic operation.
 *
 * For the data path. Others may read the counter meanwhile. Do not use it in the cell of a node or
 * in that of all other threads, which have many writers.
 *
 * @param counter  Counter in a cell; not NULL.
 * @param n        Value to add.
 */
static inline void
tide_shard_add_own(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
}

/**
 * Read a counter that others may add to. MT-safe; for the data path.
 *
 * @param counter  Counter in a cell; not NULL.
 * @return  Its value.
 */
static inline uint64_t
tide_shard_read(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/**
 * Sum the counter at an offset over all cells. MT-safe.
 *
 * The sum is exact if no thread adds meanwhile. Else the value of each cell is one that it had
 * during the call.
 *
 * @param shard   Shard; not NULL.
 * @param offset  Bytes from the start of a cell to a uint64_t, 8-byte aligned and inside the cell.
 * @return  The sum, modulo 2^64; 0 if offset is not valid.
 */
uint64_t tide_shard_sum(const struct tide_shard *shard, size_t offset);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_SHARD_H */
