/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_MEMPOOL_H
#define TIDE_MEMPOOL_H

/**
 * @file
 * What the tide mempool ops know of a mempool beyond the rte_mempool contract.
 *
 * The ops register themselves under TIDE_MEMPOOL_OPS when libtidepool or the plugin
 * librte_mempool_tide.so is loaded; both at once is harmless. A mempool with these ops is used
 * through rte_mempool as any other. The queries here may be called from any thread of the process
 * that links libtidepool, take no buffer and no lock.
 */

#include <stdint.h>

#include <rte_mempool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Name of the ops: for rte_mempool_set_ops_byname() and --mbuf-pool-ops-name. */
#define TIDE_MEMPOOL_OPS "tide"

/** Counters of one mempool with the tide ops. */
struct tide_mempool_stats {
	uint64_t failures; /**< Gets that found too few objects. */
	uint64_t double_free; /**< Objects refused because they were free already. */
	uint64_t foreign; /**< Pointers refused because they lie outside the mempool. */
	uint64_t misaligned; /**< Pointers refused because no object begins there. */
};

/**
 * Read the counters of a mempool. MT-safe.
 *
 * @param mp     Mempool; not NULL.
 * @param stats  Where to store them; written only on success.
 * @return
 *   - 0: stats is filled.
 *   - -ENOTSUP: the mempool has other ops.
 */
int tide_mempool_stats(const struct rte_mempool *mp, struct tide_mempool_stats *stats);

/**
 * Whether the books of a mempool are sound: free + in use = total, each summary right.
 *
 * Only at rest: no thread may get or put meanwhile. Walks all blocks of the mempool.
 *
 * @param mp     Mempool; not NULL.
 * @param wrong  Where to store what is wrong, a static sentence; NULL when sound; may be NULL.
 * @return
 *   - 0: sound.
 *   - -EUCLEAN: not sound.
 *   - -ENOTSUP: the mempool has other ops.
 */
int tide_mempool_check(const struct rte_mempool *mp, const char **wrong);

#ifdef __cplusplus
}
#endif

#endif /* TIDE_MEMPOOL_H */
