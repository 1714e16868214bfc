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

#pragma GCC visibility push(default)

/** Name of the ops: for rte_mempool_set_ops_byname() and --mbuf-pool-ops-name. */
#define TIDE_MEMPOOL_OPS "tide"

/** Environment variable with the policy of mempools made later: count, log or abort. */
#define TIDE_MISUSE_ENV "TIDE_MISUSE"

/**
 * What to do when an object is given back that should not be; it is refused and counted always.
 *
 * The ops see an object when it reaches them: at once in a mempool without cache, else when a
 * per-lcore cache flushes. What lies in a cache is rte_mempool's, which checks nothing and can hand
 * an object out twice.
 */
enum tide_misuse {
	TIDE_MISUSE_COUNT, /**< Log the first of each kind. */
	TIDE_MISUSE_LOG, /**< Log each. */
	TIDE_MISUSE_ABORT, /**< Log it and abort(3), so that a core shows who did it. */
};

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
 *   - -ENOTSUP: the mempool has other ops, or those of another build of tidepool.
 *   - -ENODATA: none of its memory was populated yet.
 */
int tide_mempool_stats(const struct rte_mempool *mp, struct tide_mempool_stats *stats);

/**
 * Choose what misuse of a mempool leads to. MT-safe; holds for all processes that share it.
 *
 * @param mp      Mempool; not NULL.
 * @param policy  What to do from now on.
 * @return
 *   - 0: chosen.
 *   - -EINVAL: no such policy; nothing changed.
 *   - -ENOTSUP: the mempool has other ops, or those of another build of tidepool.
 *   - -ENODATA: none of its memory was populated yet.
 */
int tide_mempool_set_misuse(struct rte_mempool *mp, enum tide_misuse policy);

/** No lcore: the object is not in a mempool cache, or the thread has no lcore id. */
#define TIDE_MEMPOOL_NO_LCORE UINT32_MAX

/** One object that is out of the map: somebody holds it, or it lies in a mempool cache. */
struct tide_mempool_holding {
	void *object; /**< As rte_mempool_get() gave it. */
	uint32_t
		cached_by; /**< Lcore in whose mempool cache it lies; TIDE_MEMPOOL_NO_LCORE: none. */
	uint32_t lcore_id; /**< Lcore that most likely took it; TIDE_MEMPOOL_NO_LCORE: a thread. */
	uint32_t tid; /**< Kernel thread id of that thread; 0 for an lcore. */
	uint32_t age_min_ms; /**< It has been out at least so long, milliseconds. */
	uint32_t age_max_ms; /**< And at most so long; ages wrap after 49 days. */
};

/** Told of one object; a return other than 0 ends the walk. */
typedef int (*tide_mempool_holding_cb)(const struct tide_mempool_holding *holding, void *arg);

/**
 * Visit every object that is out: where it was taken and since when. MT-safe.
 *
 * Takes no object and no lock. Racy while threads work: objects that move meanwhile can be seen,
 * missed, or told as cached when they no longer are. What is known of an object is what one stamp
 * for a block of 64 tells: who opened the block (others can have taken from it too), and between
 * which two openings the object went out. Objects in a cache that the application made itself
 * (rte_mempool_cache_create()) count as held.
 *
 * @param mp   Mempool; not NULL.
 * @param cb   Told of each; not NULL.
 * @param arg  Handed to cb.
 * @return
 *   - 0 or more: what the last call of cb returned; 0 when there was none.
 *   - -ENOTSUP: the mempool has other ops, or those of another build of tidepool.
 *   - -ENODATA: none of its memory was populated yet.
 *   - -ENOMEM: no memory to note what lies in caches (malloc, two bytes an object).
 */
int tide_mempool_walk(const struct rte_mempool *mp, tide_mempool_holding_cb cb, void *arg);

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
 *   - -ENOTSUP: the mempool has other ops, or those of another build of tidepool.
 *   - -ENODATA: none of its memory was populated yet.
 */
int tide_mempool_check(const struct rte_mempool *mp, const char **wrong);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_MEMPOOL_H */
