/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_MEMPOOL_H
#define TIDE_MEMPOOL_H

/**
 * @file
 * Counters, misuse policy, ledger and owners of a mempool with the tide ops.
 *
 * All functions here are MT-safe, take no buffer and no lock, and work in a process that links
 * libtidepool.
 *
 * An example:
 * @include mempool.c
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_mempool.h>

#include "tide_mempool_ops.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

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
struct tide_mempool_outstanding {
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
typedef int (*tide_mempool_outstanding_cb)(
	const struct tide_mempool_outstanding *outstanding, void *arg);

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
int tide_mempool_walk(const struct rte_mempool *mp, tide_mempool_outstanding_cb cb, void *arg);

/** Most owners that one answer lists; the last entry sums those with the fewest buffers. */
#define TIDE_MEMPOOL_OWNERS_MAX 16

/**
 * An owner: an lcore or thread that took buffers which are still out, by the ledger of the tide
 * ops.
 */
struct tide_mempool_owner {
	unsigned int
		lcore_id; /**< Lcore; LCORE_ID_ANY: a thread without one, several, or unknown. */
	uint32_t tid; /**< Kernel thread id of that thread; 0: an lcore, several, or unknown. */
	uint32_t buffers; /**< Outstanding buffers, without those in mempool caches. */
	/** Lower bound of the age of the oldest, milliseconds; see struct tide_mempool_outstanding. */
	uint32_t age_min_ms;
	uint32_t age_max_ms; /**< Upper bound of that age, milliseconds; 0: no age is known. */
};

/**
 * List the owners of the outstanding objects of a mempool and their ages, most objects first. MT-safe.
 *
 * The answer comes from the ledger of the tide ops, see tide_mempool_walk(). One entry sums the
 * objects without a ledger word: 15 in 16 with TIDE_LEDGER_SAMPLED, all with TIDE_LEDGER_OFF. It
 * has LCORE_ID_ANY, tid 0 and both ages 0. The call takes no buffer and no lock. It walks all
 * objects of the mempool, so it is not for the data path.
 *
 * @param mp      Mempool; not NULL.
 * @param owners  Table of `max` entries.
 * @param max     Entries, 1 to TIDE_MEMPOOL_OWNERS_MAX.
 * @return
 *   - 0 or more: entries written.
 *   - -EINVAL: max is out of range; nothing was written.
 *   - -ENOTSUP: the mempool has other ops, or those of another build of tidepool.
 *   - -ENODATA: none of its memory was populated yet.
 *   - -ENOMEM: out of memory.
 */
int tide_mempool_owners(
	const struct rte_mempool *mp, struct tide_mempool_owner *owners, unsigned int max);

/**
 * Write an owner for people, without a newline.
 *
 * Examples: "lcore 3 has 32, the oldest for 5.0 to 12.0 s"; "others have 32, age unknown" if the
 * ledger has no word for any of them.
 *
 * @param owner  Owner; not NULL.
 * @param out    Stream to write to.
 */
void tide_mempool_owner_dump(const struct tide_mempool_owner *owner, FILE *out);

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
