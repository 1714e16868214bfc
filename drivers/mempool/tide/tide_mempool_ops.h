/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_MEMPOOL_OPS_H
#define TIDE_MEMPOOL_OPS_H

/**
 * @file
 * The tide mempool ops: their name, and the choices of an application.
 *
 * The ops have the name TIDE_MEMPOOL_OPS. A process that has loaded libtidepool or the plugin
 * librte_mempool_tide.so, or both, has them when rte_eal_init() returns. If EAL is up already, it has
 * them when the library is loaded. The ops register after those of all drivers that EAL loads, so the
 * numbers of DPDK's own ops are the same with and without tide. If the table of ops is full, the tide
 * ops do not register, and the log says what to do.
 *
 * Applications use a mempool with these ops through rte_mempool. tide_mempool.h has its queries.
 *
 * An example:
 * @include mempool_ops.c
 */

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif

#endif /* TIDE_MEMPOOL_OPS_H */
