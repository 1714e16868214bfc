/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_MEMPOOL_H
#define TIDE_MEMPOOL_H

/**
 * @file
 * Counters, misuse policy, ledger and owners of a mempool with the tide ops.
 *
 * The ops have the name TIDE_MEMPOOL_OPS. A process that has loaded libtidepool or the plugin
 * librte_mempool_tide.so, or both, has them when rte_eal_init() returns. If EAL is up already, it has
 * them when the library is loaded. The ops register after those of all drivers that EAL loads, so the
 * numbers of DPDK's own ops are the same with and without tide. If the table of ops is full, the tide
 * ops do not register, and the log says what to do.
 *
 * Applications use a mempool with these ops through rte_mempool. All functions here are MT-safe, take
 * no buffer and no lock, and work in a process that links libtidepool.
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

/** Environment variable for the misuse policy of mempools made later: count, log or abort. */
#define TIDE_MISUSE_ENV "TIDE_MISUSE"

/** Environment variable for the ledger of mempools made later: full, sampled or off. */
#define TIDE_LEDGER_ENV "TIDE_LEDGER"

/**
 * Environment variable for the per-lcore caches of mempools made later: on (default) or off.
 *
 * With off, the size and the flush threshold of each default cache are 0, for any cache size that the
 * application requests. The mempool keeps its cache_size and its layout. Caches that the application
 * makes with rte_mempool_cache_create() stay as well.
 */
#define TIDE_CACHE_ENV "TIDE_CACHE"

/**
 * What the ops do about misuse in addition to refusing the object and counting it.
 *
 * Misuse is a put of an object that is free already, of a pointer outside the mempool, or of a pointer
 * at which no object begins. enum tide_ledger says which of these the ops detect.
 *
 * The ops check an object when it reaches them. In a mempool without caches, or with TIDE_CACHE=off,
 * that is at once, else when a per-lcore cache flushes. rte_mempool does not check the content of a
 * cache: an mbuf that one lcore frees twice is in its cache twice, and two gets from the cache hand it
 * out twice. The ops refuse the second copy when both are flushed, but then report the lcore that flushes.
 */
enum tide_misuse_policy {
	TIDE_MISUSE_COUNT, /**< Log the first of each kind. */
	TIDE_MISUSE_LOG, /**< Log each. */
	TIDE_MISUSE_ABORT, /**< Log it and abort(3), so that a core dump shows the caller. */
};

/**
 * How much the ledger of a mempool records.
 *
 * The ledger has one 4-byte word per object: free or out, the lcore or thread that moved it last, and
 * when, in units of 128 ms. A thread that uses the mempool more often than every 16 ms reads the clock
 * only at every eighth get or put.
 *
 * A put has these results, by mode:
 *
 *     put of                                   | full     | sampled             | off
 *     a pointer outside the mempool            | refused  | refused             | refused
 *     an object of another mempool             | refused  | refused             | refused
 *     a pointer at which no object begins      | refused  | refused             | refused
 *     an object that is free                   | refused  | refused for 1 in 16 | not detected
 *
 * An undetected double free hands the object out twice. When such double frees have used up the room for
 * free objects, a put drops the content of a magazine and counts it as double frees. Objects can be lost
 * with it.
 */
enum tide_ledger {
	TIDE_LEDGER_DEFAULT, /**< The mode that TIDE_LEDGER_ENV names; full if it is not set. */
	/**
	 * A word for each object. Put refuses every double free that reaches it. Two puts of one
	 * object by two threads in the same few nanoseconds can both pass; then get drops and counts
	 * the second copy, so no object has two owners. Each object that is out has an allocation
	 * record: caller and age.
	 */
	TIDE_LEDGER_FULL,
	/**
	 * A word for one object in 16, chosen by address, which detects faults and leaks that recur.
	 * The other objects have no word, like with TIDE_LEDGER_OFF.
	 */
	TIDE_LEDGER_SAMPLED,
	/** No words: no double free is detected, and no object has an allocation record. */
	TIDE_LEDGER_OFF,
};

/** Counters of one mempool with the tide ops. */
struct tide_mempool_stats {
	uint64_t failures; /**< Gets that failed because too few objects were free. */
	/** Objects that put refused or get dropped because they were free already; see tide_ledger. */
	uint64_t double_free;
	uint64_t foreign; /**< Pointers refused because they are outside the mempool. */
	uint64_t misaligned; /**< Pointers refused because no object begins there. */
	uint64_t steals; /**< Cells of other threads from which a get stole objects. */
	uint64_t reclaims; /**< Cells of dead threads that were recovered. */
	/**
	 * Most objects that were out at once, with those in mempool caches. It is sampled whenever a
	 * get brings the shared depot to a new low or steals. So it can be too low by the free objects
	 * that threads had at that time, two magazines (32 to 256 objects) each.
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
 * Set the misuse policy of a mempool for all processes that share it. MT-safe.
 *
 * @param mp      Mempool; not NULL.
 * @param policy  The policy from now on.
 * @return
 *   - 0: set.
 *   - -EINVAL: no such policy; nothing changed.
 *   - -ENOTSUP: the mempool has other ops, or those of another build of tidepool.
 *   - -ENODATA: none of its memory was populated yet.
 */
int tide_mempool_set_misuse(struct rte_mempool *mp, enum tide_misuse_policy policy);

/**
 * Return the ledger mode of a mempool. MT-safe.
 *
 * @param mp  Mempool; not NULL.
 * @return
 *   - TIDE_LEDGER_FULL, TIDE_LEDGER_SAMPLED or TIDE_LEDGER_OFF.
 *   - -ENOTSUP: the mempool has other ops, or those of another build of tidepool.
 *   - -ENODATA: none of its memory was populated yet.
 */
int tide_mempool_ledger(const struct rte_mempool *mp);

/**
 * Tell whether gets and puts of this process use full fences. MT-safe.
 *
 * They use none if the process can register with membarrier(2). Some seccomp profiles and kernels
 * before 4.14 refuse that; then each get and put has a full fence. A get that steals from the cell of a
 * process without fences waits some milliseconds for the kernel. It skips that cell if membarrier(2) is
 * refused or the kernel has nohz_full CPUs.
 *
 * @return  true: full fences; false: none.
 */
bool tide_mempool_fenced(void);

/** No lcore: the object is not in a mempool cache, or the thread has no lcore id. */
#define TIDE_MEMPOOL_NO_LCORE UINT32_MAX

/** One object that is out of the allocator: the application has it, or a mempool cache. */
struct tide_mempool_holding {
	void *object; /**< The pointer that rte_mempool_get() returned. */
	/** Lcore whose mempool cache has it; TIDE_MEMPOOL_NO_LCORE: none. */
	uint32_t cached_by;
	/** It has a ledger word, always so with TIDE_LEDGER_FULL. If false, the fields below are 0 or none. */
	bool known;
	uint32_t
		lcore_id; /**< Lcore that got it; TIDE_MEMPOOL_NO_LCORE: a thread without an lcore id. */
	uint32_t tid; /**< Kernel thread id of that thread; 0 for an lcore, or unknown. */
	uint32_t pid; /**< Process id of the lcore or thread in its own PID namespace. */
	/**
	 * Lower bound of the time since the get, in milliseconds, to a tick of the kernel's coarse
	 * clock (1 to 10 ms). One exception: a busy thread that pauses uses its last reading of the
	 * clock for its next gets, seven at most. Then both bounds are too high by up to the pause.
	 */
	uint32_t age_min_ms;
	/** Upper bound of that time, with the same exception; ages wrap after 74 hours. */
	uint32_t age_max_ms;
};

/** Called for one object; a return other than 0 ends the walk. */
typedef int (*tide_mempool_holding_cb)(const struct tide_mempool_holding *holding, void *arg);

/**
 * Call cb for every object that is out, with its allocation record. MT-safe.
 *
 * The walk is racy while threads work: it can see or miss objects that move meanwhile, or report them
 * as cached when they no longer are. Objects in a cache of rte_mempool_cache_create() count as owned by
 * the application. The table of callers keeps the last few hundred threads that used the mempool: for
 * an object of an earlier thread the walk reports a later one. With TIDE_LEDGER_SAMPLED and
 * TIDE_LEDGER_OFF the walk still finds all objects, but has a record for one in 16 or for none.
 *
 * @param mp   Mempool; not NULL.
 * @param cb   Called for each object; not NULL.
 * @param arg  Passed to cb.
 * @return
 *   - 0 or more: the result of the last cb; 0 if there was none.
 *   - -ENOTSUP: the mempool has other ops, or those of another build of tidepool.
 *   - -ENODATA: none of its memory was populated yet.
 *   - -ENOMEM: malloc failed; the walk allocates up to two bytes per object.
 */
int tide_mempool_walk(const struct rte_mempool *mp, tide_mempool_holding_cb cb, void *arg);

/**
 * Check that each object of a mempool is either free exactly once or out. Not MT-safe.
 *
 * No thread may get or put meanwhile. The check allocates about a bit per object with malloc.
 *
 * @param mp     Mempool; not NULL.
 * @param wrong  Receives a static sentence that says what is wrong, or NULL; may be NULL.
 * @return
 *   - 0: nothing is wrong.
 *   - -EUCLEAN: something is wrong, or malloc failed; *wrong says which.
 *   - -ENOTSUP: the mempool has other ops, or those of another build of tidepool.
 *   - -ENODATA: none of its memory was populated yet.
 */
int tide_mempool_check(const struct rte_mempool *mp, const char **wrong);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_MEMPOOL_H */
