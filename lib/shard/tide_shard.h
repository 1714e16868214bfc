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
 * thread. What is in a cell is the caller's: cells of a node have many writers, cells of an lcore
 * one, if only that lcore writes.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	TIDE_SHARD_BY_LCORE, /**< Each lcore EAL knows; needs EAL. One more for all other threads. */
};

/** What to make. Zero is a good default in every field but size. */
struct tide_shard_conf {
	const char *name; /**< For logs; at most 31 characters; NULL: made up. */
	const struct tide_topology *topo; /**< Machine; must outlive the shard; NULL: read once. */
	enum tide_shard_by by;
	uint32_t size; /**< Bytes per cell, rounded up to TIDE_SHARD_ALIGN; cleared. */
	enum tide_enforce enforce; /**< Best effort: a cell may lie on the nearest node. */
};

struct tide_shard;

/**
 * Make a cell for each node or lcore, zeroed, in memory of its node.
 *
 * @return
 *   The shard; NULL with rte_errno set and nothing left behind:
 *   - EINVAL: size is 0 or above TIDE_SHARD_SIZE_MAX, an unknown enumerator, a name too long.
 *   - ENOTSUP: by lcore, and EAL is not initialised.
 *   - ENOMEM, EPERM, EXDEV, EIO: as tide_region_create().
 */
struct tide_shard *tide_shard_create(const struct tide_shard_conf *conf);

/** Free a shard. NULL does nothing. */
void tide_shard_free(struct tide_shard *shard);

/** Bytes per cell, rounded up. */
size_t tide_shard_size(const struct tide_shard *shard);

/**
 * The cell of the calling thread. By node: that of the node it runs on now (for threads without an
 * lcore id by getcpu(2)), or of the nearest that has one. By lcore: its own, or the one all threads
 * without an lcore id share.
 *
 * @return  Never NULL.
 */
void *tide_shard_local(const struct tide_shard *shard);

/**
 * The cell of a node.
 *
 * @return  NULL when the shard is by lcore, or has no cell for that node.
 */
void *tide_shard_on(const struct tide_shard *shard, int node);

/**
 * The cell of an lcore; LCORE_ID_ANY: the one threads without an lcore id share.
 *
 * @return  NULL when the shard is by node, or there is no such lcore.
 */
void *tide_shard_of_lcore(const struct tide_shard *shard, unsigned int lcore_id);

/** One cell met on a walk. */
struct tide_shard_cell {
	void *cell;
	int node; /**< Node the cell lies on. */
	unsigned int lcore_id; /**< By lcore: whose it is, or LCORE_ID_ANY; by node: LCORE_ID_ANY. */
};

/**
 * Walk over all cells, in ascending order of node or lcore.
 *
 * @param at    Place; start with 0, it is moved on.
 * @param cell  Where to store the cell.
 * @return  true with *cell filled; false at the end.
 */
bool tide_shard_next(const struct tide_shard *shard, unsigned int *at, struct tide_shard_cell *cell);

/** Add to a counter in a cell that several threads may write. MT-safe. */
static inline void
tide_shard_add(uint64_t *counter, uint64_t n)
{
	/* Relaxed: a counter orders nothing. */
	atomic_fetch_add_explicit((_Atomic uint64_t *)counter, n, memory_order_relaxed);
}

/** Add to a counter in a cell that only the caller writes; others may read it. No atomic operation. */
static inline void
tide_shard_add_own(uint64_t *counter, uint64_t n)
{
	_Atomic uint64_t *own = (_Atomic uint64_t *)counter;

	/* Relaxed, and no read-modify-write: one writer. */
	atomic_store_explicit(
		own, atomic_load_explicit(own, memory_order_relaxed) + n, memory_order_relaxed);
}

/**
 * Sum the counter at an offset over all cells. Exact when nobody adds; else each cell's value is one
 * it had during the call.
 *
 * @param offset  Bytes from the start of a cell to a uint64_t, 8-byte aligned and inside the cell.
 * @return  The sum, modulo 2^64; 0 when offset is out of bounds.
 */
uint64_t tide_shard_sum(const struct tide_shard *shard, size_t offset);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_SHARD_H */
