/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_MEMPOOL_H
#define TIDE_MEMPOOL_H

/**
 * @file
 * What the tide mempool ops know of a mempool beyond the rte_mempool contract.
 *
 * A process that has loaded libtidepool or the plugin librte_mempool_tide.so has the ops, under
 * TIDE_MEMPOOL_OPS, when rte_eal_init() returns, and not earlier; where EAL is up already, when the
 * library is loaded. Both library and plugin at once is harmless. The ops register after those of all
 * drivers that EAL loads, so the numbers by which mempools name DPDK's own ops are the same with and
 * without tide. Where the table of ops is full they do not register, and the log says what to do.
 * A mempool with these ops is used
 * through rte_mempool as any other. The queries here may be called from any thread of the process
 * that links libtidepool, take no buffer and no lock.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_mempool.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Name of the ops: for rte_mempool_set_ops_byname() and --mbuf-pool-ops-name. */
#define TIDE_MEMPOOL_OPS "tide"

/** Environment variable with the misuse policy of mempools made later: count, log or abort. */
#define TIDE_MISUSE_ENV "TIDE_MISUSE"

/** Environment variable with the ledger of mempools made later: full, sampled or off. */
#define TIDE_LEDGER_ENV "TIDE_LEDGER"

/**
 * Environment variable that takes the per-lcore caches of rte_mempool away from mempools made later,
 * whatever cache size the application asked for: on (default; the caches stay) or off.
 *
 * With off the mempool keeps its cache_size and its layout; the size and the flush threshold of
 * each default cache are 0. Caches of rte_mempool_cache_create() are the application's and stay.
 */
#define TIDE_CACHE_ENV "TIDE_CACHE"

/**
 * What the ops do about misuse, beyond refusing the object and counting it.
 *
 * Misuse is a put of an object that is free already, of a pointer outside the mempool, or of one at
 * which no object begins; enum tide_ledger says which of these the ops notice. They check an object
 * when it reaches them: at once in a mempool without caches (and with TIDE_CACHE=off), else when a
 * per-lcore cache flushes. rte_mempool checks nothing of what is in a cache: an mbuf that one lcore
 * frees twice is in its cache twice, and two gets from the cache hand it out twice. A flush of both
 * copies is refused as any other double free, but then it names the lcore that flushes.
 */
enum tide_misuse_policy {
	TIDE_MISUSE_COUNT, /**< Log the first of each kind. */
	TIDE_MISUSE_LOG, /**< Log each. */
	TIDE_MISUSE_ABORT, /**< Log it and abort(3), so that a core shows who did it. */
};

/**
 * How much the ledger of a mempool records. The ledger keeps one 4-byte word per object: free or out,
 * which lcore or thread moved it last, and when, in units of 128 ms. A thread that uses the mempool
 * more often than every 16 ms reads the clock at every eighth get or put only.
 *
 * What put does, by mode:
 *
 *     put of                                   | full     | sampled            | off
 *     a pointer outside the mempool            | refused  | refused            | refused
 *     an object of another mempool             | refused  | refused            | refused
 *     a pointer at which no object begins      | refused  | refused            | refused
 *     an object that is free                   | refused  | refused for 1 in 16 | not noticed
 *
 * A double free that is not noticed hands the object out twice. When such double frees go on until the
 * allocator has no room for more free objects, a put drops the numbers of a magazine and counts them as
 * double frees; objects can be lost with it.
 */
enum tide_ledger {
	TIDE_LEDGER_DEFAULT, /**< As TIDE_LEDGER_ENV says; full if it is not set. */
	/**
	 * A word for each object. Put refuses every double free that reaches it. Two puts of one
	 * object by two threads in the same few nanoseconds can both pass; then get drops and counts
	 * the second copy, so that no object has two owners. Each object that is out has its origin
	 * and age.
	 */
	TIDE_LEDGER_FULL,
	/**
	 * A word for one object in 16, chosen by address: a fault or leak that recurs still shows.
	 * The other objects are as with TIDE_LEDGER_OFF.
	 */
	TIDE_LEDGER_SAMPLED,
	/** No words: no double free is noticed, and no object has an origin or an age. */
	TIDE_LEDGER_OFF,
};

/** Counters of one mempool with the tide ops. */
struct tide_mempool_stats {
	uint64_t failures; /**< Gets that found too few objects. */
	/** Objects that put refused or get dropped because they were free already; see tide_ledger. */
	uint64_t double_free;
	uint64_t foreign; /**< Pointers refused because they are outside the mempool. */
	uint64_t misaligned; /**< Pointers refused because no object begins there. */
	uint64_t steals; /**< Times a get took objects out of the cell of another thread. */
	uint64_t reclaims; /**< Cells of dead threads that were put in order. */
	/**
	 * Most objects that were out of the ops at once, those in mempool caches included. It is
	 * sampled when a magazine (32 to 256 objects) is taken at a new low of the shared level: it
	 * can be too low by what the cells of threads held then, two magazines each.
	 * 0: no get ever succeeded.
	 */
	uint32_t peak;
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
int tide_mempool_set_misuse(struct rte_mempool *mp, enum tide_misuse_policy policy);

/**
 * How much the ledger of a mempool records. MT-safe.
 *
 * @param mp  Mempool; not NULL.
 * @return
 *   - TIDE_LEDGER_FULL, TIDE_LEDGER_SAMPLED or TIDE_LEDGER_OFF.
 *   - -ENOTSUP: the mempool has other ops, or those of another build of tidepool.
 *   - -ENODATA: none of its memory was populated yet.
 */
int tide_mempool_ledger(const struct rte_mempool *mp);

/**
 * Whether get and put of this process order themselves with full fences. MT-safe.
 *
 * They need none where the kernel lets the process register with membarrier(2). Where it refuses, as
 * some seccomp profiles and kernels before 4.14 do, each get and put has a full fence. A get that takes
 * objects out of the cell of another process without a fence waits for the kernel, some milliseconds;
 * where membarrier(2) is refused, or the kernel has nohz_full CPUs, it leaves that cell alone.
 *
 * @return  true: full fences; false: none.
 */
bool tide_mempool_fenced(void);

/** No lcore: the object is not in a mempool cache, or the thread has no lcore id. */
#define TIDE_MEMPOOL_NO_LCORE UINT32_MAX

/** One object that is out of the allocator: somebody holds it, or it is in a mempool cache. */
struct tide_mempool_holding {
	void *object; /**< As rte_mempool_get() gave it. */
	/** Lcore in whose mempool cache it is; TIDE_MEMPOOL_NO_LCORE: none. */
	uint32_t cached_by;
	/** The ledger has a word for it, as always with TIDE_LEDGER_FULL; else the rest is 0 or none. */
	bool known;
	uint32_t lcore_id; /**< Lcore that took it; TIDE_MEMPOOL_NO_LCORE: a thread. */
	uint32_t tid; /**< Kernel thread id of that thread; 0 for an lcore, or unknown. */
	uint32_t pid; /**< Process of the lcore or thread, as it saw its own id. */
	/**
	 * It has been out at least so long, milliseconds, to a tick of the kernel's coarse clock (1 to
	 * 10 ms). The exception is a thread that was busy and then paused: what it takes by its next
	 * gets, seven at most, has the time of its last reading of the clock, from before the pause.
	 * Both ages are then too high by up to the length of the pause.
	 */
	uint32_t age_min_ms;
	/** And at most so long, under the same conditions; ages wrap after 74 hours. */
	uint32_t age_max_ms;
};

/** Told of one object; a return other than 0 ends the walk. */
typedef int (*tide_mempool_holding_cb)(const struct tide_mempool_holding *holding, void *arg);

/**
 * Visit every object that is out: where it was taken and since when. MT-safe.
 *
 * Takes no object and no lock. Racy while threads work: objects that move meanwhile can be seen,
 * missed, or told as cached when they no longer are. Objects in a cache that the application made
 * itself (rte_mempool_cache_create()) count as held. The table of threads keeps the last few hundred
 * that used the mempool: an object of a thread before them is told with the name of a later one.
 * With TIDE_LEDGER_SAMPLED and TIDE_LEDGER_OFF the walk finds the objects that are in no magazine,
 * so it still visits all; it knows the origin and age of one in 16, or of none.
 *
 * @param mp   Mempool; not NULL.
 * @param cb   Told of each; not NULL.
 * @param arg  Handed to cb.
 * @return
 *   - 0 or more: what the last call of cb returned; 0 when there was none.
 *   - -ENOTSUP: the mempool has other ops, or those of another build of tidepool.
 *   - -ENODATA: none of its memory was populated yet.
 *   - -ENOMEM: no memory to note what is in caches or free (malloc, about two bytes an object).
 */
int tide_mempool_walk(const struct rte_mempool *mp, tide_mempool_holding_cb cb, void *arg);

/**
 * Whether the allocator of a mempool is sound: each object is free once or out.
 *
 * Only at rest: no thread may get or put meanwhile. Needs malloc, about a bit per object.
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
