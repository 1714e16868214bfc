/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_AUDIT_H
#define TIDE_AUDIT_H

/**
 * @file
 * The audit: is everything in this process where it should be, and large enough.
 *
 * An audit checks all mempools, of any ops, all ports and EAL's memory. Each finding has a fact, its figures, and
 * the command or change that corrects it. An audit works in any process after rte_eal_init(), also in a secondary
 * one. It changes nothing, takes no buffer, and prints nothing.
 *
 * **Placement.** The kernel is asked for the node of each page of each mempool. On a machine with one node of memory
 * no placement is wrong, so no check of nodes is made.
 *
 * **Cost.** The calling thread reads small files of sysfs and procfs, and needs about 200 ns for each page of a
 * mempool. EAL's lists are locked while they are copied, so a thread that creates or frees a mempool can wait for
 * some microseconds. The data path is not touched, except by a look, see struct tide_audit_conf.
 *
 * **Limits.** Some drivers do not tell which mempool fills a queue, and DPDK does not tell which lcore polls one.
 * tide_audit_limit() lists what an audit could not know. A port that is closed meanwhile is left out.
 *
 * An example:
 * @include audit.c
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tide_topology.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** What a finding is about. */
enum tide_audit_kind {
	TIDE_AUDIT_PAGES_AWAY, /**< Pages of a mempool are on another node than requested. */
	TIDE_AUDIT_QUEUE_REMOTE, /**< The mempool of a receive queue is on another node than the port. */
	TIDE_AUDIT_POLLED_REMOTELY, /**< A thread of another node polls a port. */
	TIDE_AUDIT_CACHE_TOO_LARGE, /**< Per-lcore caches and queues can take all objects of a mempool. */
	TIDE_AUDIT_NEAR_PEAK, /**< A mempool with the tide ops was empty, or nearly so. */
	TIDE_AUDIT_MISUSE, /**< The tide ops refused objects: double frees, foreign pointers. */
	TIDE_AUDIT_OPS_TABLE, /**< DPDK's table of mempool ops has no place for more, or at most one. */
	TIDE_AUDIT_NUMA_BALANCING, /**< The kernel moves pages between nodes by itself. */
	TIDE_AUDIT_DEAD_PAGES, /**< Files of dead processes keep huge pages. */
	TIDE_AUDIT_NODE_UNKNOWN, /**< The node of a device is not known. */
	TIDE_AUDIT_NO_HEAP, /**< EAL has no memory on a node that has a port or an lcore. */
	TIDE_AUDIT_KINDS, /**< Number of kinds. */
};

/** How much a finding matters. */
enum tide_audit_severity {
	TIDE_AUDIT_INFO, /**< It may matter. */
	TIDE_AUDIT_WARNING, /**< The program is slower than need be, or can run short. */
	TIDE_AUDIT_ERROR, /**< Something went wrong already. */
};

/** In a number of a finding: it is about no such thing. */
#define TIDE_AUDIT_NONE UINT32_MAX

/** Most figures of a finding. */
#define TIDE_AUDIT_FIGURES_MAX 6

/** One figure of a finding. */
struct tide_audit_figure {
	const char *name; /**< Lower-case words with '_' between them, such as "pages_away". */
	uint64_t value; /**< Value. */
};

/** A finding. Its strings are valid until the audit is freed. */
struct tide_audit_finding {
	enum tide_audit_kind kind; /**< Kind. */
	enum tide_audit_severity severity; /**< Severity. */
	const char *pool; /**< Name of the mempool; NULL: none. */
	uint32_t port; /**< Port id, or TIDE_AUDIT_NONE. */
	uint32_t queue; /**< Receive queue of the port, the first of several; or TIDE_AUDIT_NONE. */
	uint32_t lcore_id; /**< Lcore; TIDE_AUDIT_NONE: about none, or a thread without an id. */
	int node; /**< Node where the thing is; TIDE_NODE_UNKNOWN: the finding is about no node. */
	int home; /**< Node where it should be, or TIDE_NODE_UNKNOWN. */
	const char *fact; /**< One or two sentences. */
	const char *remedy; /**< The command or change that corrects it. */
	unsigned int nb_figures; /**< Entries used in figures[]. */
	struct tide_audit_figure figures[TIDE_AUDIT_FIGURES_MAX]; /**< Figures. */
};

/** The request. Zero is a good default in every field. */
struct tide_audit_conf {
	/**
	 * Machine; NULL: this call reads it. With latencies in it (tide_topology_measure()), findings about remote
	 * lcores have the measured penalty.
	 */
	const struct tide_topology *topo;
	/**
	 * Milliseconds to look at received packets at most, up to 10,000; 0: do not look.
	 *
	 * A look finds the mempool of a queue whose driver does not tell it, and the lcore that polls the queue. It
	 * adds a receive callback to each queue, which reads one mbuf. The callbacks are removed as soon as each has
	 * seen a packet, or when the time is over. The first look keeps about 150 bytes for each queue, because DPDK
	 * does not tell when the memory of a callback is no longer in use. If a port is closed during a look, its
	 * callbacks stay until the next look.
	 */
	unsigned int look_ms;
};

/** An audit; opaque. */
struct tide_audit;

/**
 * Check this process. MT-safe; for control threads.
 *
 * @param conf  Request; NULL: all defaults.
 * @return
 *   The audit, which the caller frees with tide_audit_free(); NULL with rte_errno set:
 *   - EINVAL: look_ms is out of range.
 *   - EBUSY: another audit looks at packets.
 *   - ENOMEM: out of memory.
 *   - EIO: conf->topo is NULL and the machine could not be read.
 *   - ECANCELED: rte_eal_cleanup() was called before or meanwhile.
 *   - ENOTSUP: EAL is not initialised.
 */
struct tide_audit *tide_audit_create(const struct tide_audit_conf *conf);

/**
 * Free an audit.
 *
 * @param audit  Audit; NULL: nothing happens.
 */
void tide_audit_free(struct tide_audit *audit);

/**
 * Count the findings of at least a severity. MT-safe.
 *
 * @param audit  Audit; not NULL.
 * @param least  Least severity; TIDE_AUDIT_INFO counts all.
 * @return  Number of findings.
 */
unsigned int tide_audit_count(const struct tide_audit *audit, enum tide_audit_severity least);

/**
 * Read a finding; the most severe are first. MT-safe.
 *
 * @param audit    Audit; not NULL.
 * @param i        Index from 0.
 * @param finding  Where to store it; written only on success.
 * @return  true, or false if there is no such finding.
 */
bool tide_audit_finding(
	const struct tide_audit *audit, unsigned int i, struct tide_audit_finding *finding);

/**
 * Read a limit of the audit: something that it could not know. MT-safe.
 *
 * @param audit  Audit; not NULL.
 * @param i      Index from 0.
 * @return  A sentence, valid until the audit is freed; NULL if there is no such limit.
 */
const char *tide_audit_limit(const struct tide_audit *audit, unsigned int i);

/**
 * Name a kind: "pages_away", "queue_remote", "polled_remotely", "cache_too_large", "near_peak", "misuse", "ops_table",
 * "numa_balancing", "dead_pages", "node_unknown" or "no_heap". MT-safe.
 *
 * @param kind  Kind.
 * @return  A static string; never NULL, "unknown" for a value that is no kind.
 */
const char *tide_audit_kind_name(enum tide_audit_kind kind);

/**
 * Name a severity: "info", "warning" or "error". MT-safe.
 *
 * @param severity  Severity.
 * @return  A static string; never NULL, "unknown" for a value that is no severity.
 */
const char *tide_audit_severity_name(enum tide_audit_severity severity);

/**
 * Write an audit for people: each finding with its remedy, then the limits. MT-safe.
 *
 * @param audit  Audit; not NULL.
 * @param out    Stream; not NULL.
 */
void tide_audit_dump(const struct tide_audit *audit, FILE *out);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_AUDIT_H */
