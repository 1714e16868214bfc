/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_POOL_QUERY_H
#define TIDE_POOL_QUERY_H

/**
 * @file
 * Questions to a pool set, by node: placement, memory, counters and owners of buffers.
 *
 * No call takes a buffer or a lock. Any thread may call each of them while packets flow, except
 * from the data path: they walk pages, magazines or buffers.
 *
 * An example:
 * @include pool_query.c
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tide_pool.h"
#include "tide_region.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Counters of one member, approximate while other threads get and put: not an atomic snapshot. */
struct tide_pool_stats {
	int node; /**< Node id of the member. */
	uint32_t size; /**< Buffers in the member. */
	uint32_t free; /**< Free buffers, including those in mempool caches. */
	uint32_t in_use; /**< size - free. */
	uint32_t cached; /**< Free buffers in per-lcore mempool caches. */
	uint64_t failures; /**< Gets that found too few buffers; 0 with other ops than tide. */
	/** Refused double frees, foreign and misaligned pointers; 0 with other ops than tide. */
	uint64_t misuse;
	uint64_t spilled_out; /**< Gets of this node that another member served. */
	uint64_t spilled_in; /**< Gets of other nodes that this member served. */
};

/**
 * Read where the buffers of a member are, as measured when it was created. MT-safe.
 *
 * @param pool  Set; not NULL.
 * @param node  Node id as the kernel numbers it.
 * @return  The placement, valid as long as the set; NULL if the set has no member on this node.
 */
const struct tide_placement *tide_pool_placement(const struct tide_pool *pool, int node);

/**
 * Measure again where the buffers of a member are, as tide_region_measure() does. MT-safe.
 *
 * Packets may flow meanwhile, but a thread that forwards should not call it: it costs about 200 ns
 * per page. A pool on 2 MB pages has few pages; one of 1 GB on base pages takes 50 ms, see
 * tide_pool_scan(). tide_placement_compare() tells what moved since the set was created.
 *
 * @param pool  Set; not NULL.
 * @param node  Node id as the kernel numbers it.
 * @param now   Where to store the answer; written only on success.
 * @return
 *   - 0: measured.
 *   - -ENOENT: the set has no member on this node.
 *   - -EIO: the kernel refused; the log has its reason.
 */
int tide_pool_measure(const struct tide_pool *pool, int node, struct tide_placement *now);

/**
 * Begin to measure a member some pages at a time, from a thread with other work to do. MT-safe.
 *
 * tide_scan_step() measures the next pages; tide_scan_free() frees the scan, before the set is
 * freed.
 *
 * @param pool  Set; not NULL.
 * @param node  Node id as the kernel numbers it.
 * @return
 *   The scan; NULL with rte_errno set:
 *   - ENOENT: the set has no member on this node.
 *   - ENOMEM: out of memory.
 */
struct tide_scan *tide_pool_scan(const struct tide_pool *pool, int node);

/**
 * Read the address range of the memory of a member in this process. MT-safe.
 *
 * Another program can ask the kernel about it (move_pages(2), /proc/PID/numa_maps). All buffers are
 * in it. EAL's memory can begin and end within a page, see tide_region_addr(); tide_placement
 * counts those pages too.
 *
 * @param pool  Set; not NULL.
 * @param node  Node id as the kernel numbers it.
 * @param addr  Where to store the address of the first byte; written only on success.
 * @param len   Where to store the bytes; written only on success.
 * @return
 *   - 0: stored.
 *   - -ENOENT: the set has no member on this node.
 */
int tide_pool_memory(const struct tide_pool *pool, int node, void **addr, size_t *len);

/**
 * Read the counters of a member. MT-safe.
 *
 * The call takes no buffer and no lock. It walks the magazines and caches of the pool, so it is not
 * for the data path.
 *
 * @param pool   Set; not NULL.
 * @param node   Node id as the kernel numbers it.
 * @param stats  Where to store them; written only on success.
 * @return
 *   - 0: stored.
 *   - -ENOENT: the set has no member on this node.
 */
int tide_pool_stats(const struct tide_pool *pool, int node, struct tide_pool_stats *stats);

/**
 * List the owners of the outstanding buffers of a member, as tide_mempool_owners() does. MT-safe.
 *
 * @param pool    Set; not NULL.
 * @param node    Node id as the kernel numbers it.
 * @param owners  Table of `max` entries.
 * @param max     Entries, 1 to TIDE_MEMPOOL_OWNERS_MAX.
 * @return
 *   - 0 or more: entries written.
 *   - -ENOENT: the set has no member on this node.
 *   - -EINVAL, -ENOTSUP, -ENODATA, -ENOMEM: as tide_mempool_owners().
 */
int tide_pool_owners(const struct tide_pool *pool, int node, struct tide_mempool_owner *owners,
	unsigned int max);

/**
 * Write a set for people: a line per member with its placement and counters. MT-safe.
 *
 * @param pool  Set; not NULL.
 * @param out   Stream to write to.
 */
void tide_pool_dump(const struct tide_pool *pool, FILE *out);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_POOL_QUERY_H */
