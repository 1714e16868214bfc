/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_REGION_H
#define TIDE_REGION_H

/**
 * @file
 * Memory on one node, of a known page size, whose placement is measured after creation.
 *
 * **Placement.** The library never infers placement. After every page has been touched, it asks the
 * kernel for the node of each page (move_pages(2) without target nodes). In many containers the
 * kernel refuses this question, or refuses mbind(2). Then there are two cases:
 *   - Only one node can give memory to this process: the pages are there by construction, and the
 *     placement counts as measured.
 *   - Several nodes can: the pages count as unknown, which is not the same as on another node.
 *
 * Strict enforcement fails, with nothing left behind, unless every page is on the requested node.
 * Best effort may weaken placement and page size, never validity, and reports each fallback.
 *
 * **Threads.** Control threads create and free regions. Calls for one region are not MT-safe,
 * except the queries of its placement. Any thread may use the memory until the region is freed.
 *
 * An example:
 * @include region.c
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_common.h>

#include "tide_topology.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * Page sizes that a caller can request. AUTO tries 1G, 2M, THP and 4K in this order; HUGE stops at
 * 2M.
 */
enum tide_page {
	/**
	 * The largest available size that leaves less than half of the region unused. This requests
	 * no particular size, so strict enforcement accepts any: without free huge pages it is 4K.
	 */
	TIDE_PAGE_AUTO,
	TIDE_PAGE_HUGE, /**< Explicit huge pages, 1G or 2M as with AUTO; strict requires them. */
	TIDE_PAGE_1G, /**< Explicit 1 GB huge pages. */
	TIDE_PAGE_2M, /**< Explicit 2 MB huge pages. */
	TIDE_PAGE_THP, /**< Transparent huge pages (madvise); the kernel may mix in base pages. */
	TIDE_PAGE_4K, /**< Pages of the system's base size. */
};

/** Origin of the memory. */
enum tide_backing {
	TIDE_BACKING_AUTO, /**< EAL if it runs with huge pages, else OWN. */
	TIDE_BACKING_EAL, /**< An EAL memzone: DMA-mapped, and visible to secondary processes. */
	/**
	 * mmap(2) and mbind(MPOL_BIND); works without huge pages of EAL. A child of fork(2) does
	 * not inherit it.
	 */
	TIDE_BACKING_OWN,
};

/** What to do if the requested memory is not available. */
enum tide_enforce {
	TIDE_ENFORCE_STRICT, /**< Fail unless every page is as requested: node and page size. */
	TIDE_ENFORCE_BEST_EFFORT, /**< Fall back to smaller pages, then to the nearest node. */
};

/** The requested region. Zero is a good default in every field except len. */
struct tide_region_conf {
	const char *name; /**< For logs and the memzone; at most 31 characters; NULL: generated. */
	int node; /**< Requested node id; TIDE_NODE_UNKNOWN: any node. */
	size_t len; /**< Requested bytes; rounded up, see tide_region_len(). */
	enum tide_page page; /**< Requested page size. */
	enum tide_backing backing; /**< Requested origin of the memory. */
	enum tide_enforce enforce; /**< What to do if it is not available. */
	/**
	 * Threads that touch the pages, up to 256; 0: one per allowed CPU of the node, at most 8.
	 */
	unsigned int prefault_threads;
	const struct tide_topology *topo; /**< Machine; NULL: this call reads it. */
};

/** Pages found on one node. */
struct tide_pages_on_node {
	int node; /**< Node id, or the negative errno that the kernel gave for these pages. */
	uint64_t pages; /**< Pages of page_size bytes found there. */
};

/** Most nodes that one placement lists; a region is seldom on more than two. */
#define TIDE_PLACEMENT_NODES_MAX 16

/** Where a region is: requested against found. */
struct tide_placement {
	int requested; /**< Requested node; TIDE_NODE_UNKNOWN: any. */
	enum tide_page page; /**< Page size achieved. */
	enum tide_backing backing; /**< Origin achieved: EAL or OWN. */
	uint64_t page_size; /**< Bytes per page as counted below. For THP: the base page. */
	uint64_t pages; /**< Pages the region touches. */
	uint64_t local; /**< Those of them on the requested node; all, if any was requested. */
	/**
	 * Those whose node is not known, because the kernel refuses the question or has them in no
	 * memory. The other pages - local - unknown are on other nodes.
	 */
	uint64_t unknown;
	uint64_t thp_bytes; /**< Bytes on transparent huge pages; 0 for other kinds. */
	unsigned int nb_found; /**< Entries used in found[]. */
	struct tide_pages_on_node found[TIDE_PLACEMENT_NODES_MAX]; /**< By pages, most first. */
	/**
	 * The node of the fallback, if it is another than requested, then each step of the fallback
	 * chain and its reason. Empty if the request was met.
	 */
	char reason[512];
	/** A hint on how to get memory that is not available: most often a command. Else empty. */
	char hint[160];
};

/** Pages that an earlier measurement found on one node and a later one on another. */
struct tide_pages_moved {
	int from; /**< Like tide_pages_on_node.node: a node id, or a negative errno. */
	int to; /**< The same for the later measurement. */
	uint64_t pages; /**< Pages of page_size bytes. */
};

/** Most moves that one change lists: as many as two lists of nodes can need. */
#define TIDE_PLACEMENT_MOVES_MAX (2 * TIDE_PLACEMENT_NODES_MAX)

/** How a placement differs from an earlier one of the same region. */
struct tide_placement_change {
	uint64_t moved; /**< Pages found on another node: the sum over moves[]. */
	uint64_t thp_lost; /**< Bytes no longer on transparent huge pages: the kernel split them. */
	unsigned int nb_moves; /**< Entries used in moves[]. */
	struct tide_pages_moved moves[TIDE_PLACEMENT_MOVES_MAX]; /**< Moves. */
};

/** A region; opaque. */
struct tide_region;

/** A scan of the placement of a region, some pages at a time; opaque. */
struct tide_scan;

struct rte_device;

/**
 * Create a region: map it, populate it in parallel, measure every page.
 *
 * If too few huge pages are free, creation fails with an errno; it never raises SIGBUS. Any thread
 * may call it; not for the data path.
 *
 * @param conf   Request; not NULL.
 * @param found  Where to store the placement, on failure as far as it got; may be NULL.
 * @return
 *   The region, which the caller frees with tide_region_free(); NULL with rte_errno set and nothing
 *   left behind. On failure one line in the log says what was requested, what was found and which
 *   command helps:
 *   - EINVAL: len is 0 or overflows, an unknown enumerator, a name that is too long, a node that
 *     does not exist, or EAL backing with THP or 4K pages while EAL runs on huge pages.
 *   - EPERM: strict, and the process may not use the memory of the node (see tide_node_refusal()).
 *     Or it may not place or measure memory (seccomp profile of a container), and several nodes
 *     could give it.
 *   - ENOMEM: too few (huge) pages, on the node with strict, anywhere with best effort.
 *   - ENOSPC: EAL backing, and EAL has no memzone left: each region and each mempool takes one.
 *   - EXDEV: strict, and the kernel put pages on another node.
 *   - EEXIST: EAL backing, and a memzone of that name exists.
 *   - ENOTSUP: EAL backing, and EAL is not initialised.
 *   - EIO: conf.topo is NULL and the machine could not be read.
 */
struct tide_region *
tide_region_create(const struct tide_region_conf *conf, struct tide_placement *found);

/**
 * Free a region: return its memory to the kernel or to EAL.
 *
 * The call also undoes the registration with EAL and every DMA mapping. Not MT-safe: the caller
 * makes sure that no thread and no device uses the memory any more.
 *
 * @param region  Region; NULL does nothing.
 */
void tide_region_free(struct tide_region *region);

/**
 * Read the address of a region.
 *
 * @param region  Region; not NULL.
 * @return  Its first byte, on a page boundary. EAL memory on huge pages begins on a cache line
 *          instead, because a page boundary would cost EAL up to two pages more.
 */
void *tide_region_addr(const struct tide_region *region);

/**
 * Read the length of a region.
 *
 * @param region  Region; not NULL.
 * @return  Bytes: conf.len rounded up to the alignment of the first byte.
 */
size_t tide_region_len(const struct tide_region *region);

/**
 * Read the placement that was measured when the region was created.
 *
 * @param region  Region; not NULL.
 * @return  The placement, valid as long as the region; never NULL.
 */
const struct tide_placement *tide_region_placement(const struct tide_region *region);

/**
 * Measure again where every page is; pages can move while the program runs.
 *
 * MT-safe, also while other threads use the memory or measure it. Not for the data path: it costs
 * about 200 ns per page of any size, and for THP also a read of /proc/self/smaps. The kernel takes
 * the lock of the address space for 16 pages at a time (DO_PAGES_STAT_CHUNK_NR in mm/migrate.c); it
 * is shared, so only calls like mmap(2) wait. A thread that cannot block for the whole measurement
 * uses tide_region_scan().
 *
 * Pages move because of migratepages(8), numad(8) and similar programs, and when the memory nodes
 * of the cpuset change. Compaction keeps pages on their node. Automatic NUMA balancing does not
 * move bound memory, and what VFIO maps for a device is pinned.
 *
 * A page that is on no node is a result, not an error. found[] lists such pages under the errno
 * that the kernel reports: -ENOENT for a page that is swapped out, was freed or is being moved.
 *
 * @param region  Region; not NULL.
 * @param now     Where to store the answer; written only on success. `reason` is left empty.
 * @return
 *   - 0: measured.
 *   - -EIO: the kernel refused, and several nodes are possible; the log has the reason.
 */
int tide_region_measure(const struct tide_region *region, struct tide_placement *now);

/**
 * Begin to measure where every page is, some pages at a time, from a thread with other work to do.
 *
 * Any thread may begin a scan, and any number of scans may exist at a time. One thread at a time
 * may use a scan. It must be freed before its region.
 *
 * @param region  Region; not NULL.
 * @return  The scan, which the caller frees with tide_scan_free(); NULL with rte_errno ENOMEM.
 */
struct tide_scan *tide_region_scan(const struct tide_region *region);

/**
 * Measure the next pages of a scan, as tide_region_measure() does. Not MT-safe for one scan.
 *
 * The answer is composed of all steps, so a page that moves during the scan can be counted on
 * either node. Its thp_bytes are those measured when the region was created: they are only
 * measurable as a whole.
 *
 * @param scan   Scan; not NULL.
 * @param pages  Most pages to measure in this step; at least 1.
 * @param now    Where to store the answer; written only if the return value is 1.
 * @return
 *   - 1: every page was measured; the next step begins a new scan.
 *   - 0: pages are left.
 *   - -EIO: the kernel refused, and several nodes are possible; the log has the reason; the next
 *     step begins a new scan.
 */
int tide_scan_step(struct tide_scan *scan, uint64_t pages, struct tide_placement *now);

/**
 * Free a scan, complete or not.
 *
 * @param scan  Scan; NULL does nothing.
 */
void tide_scan_free(struct tide_scan *scan);

/**
 * Compare two placements of one region by their counts. MT-safe; it reads only its arguments.
 *
 * Counts do not identify pages. If several nodes lost pages and several gained pages, moves[] is
 * one possible assignment. Pages that two nodes exchanged are no change.
 *
 * @param made    The earlier placement; not NULL.
 * @param now     The later placement; not NULL.
 * @param change  Where to store the difference; written unless the return value is negative.
 * @return
 *   - 0: nothing moved, and no transparent huge page was split.
 *   - 1: change->moved or change->thp_lost is not 0.
 *   - -EINVAL: they are not of one region: page sizes or numbers of pages differ.
 */
int tide_placement_compare(const struct tide_placement *made, const struct tide_placement *now,
	struct tide_placement_change *change);

/**
 * Make own memory usable by a device: register it with EAL and DMA-map it. Not MT-safe.
 *
 * The registration happens once, the mapping once per device; tide_region_free() undoes both. A
 * region with EAL backing is mapped already, so the call does nothing.
 *
 * @param region  Region; not NULL.
 * @param dev     Device that will reach the memory (rte_eth_dev_info.device); it must not be
 *                detached before the region is freed. NULL: only register, which is enough for
 *                devices without DMA (virtual ports).
 * @return
 *   - 0: done, or nothing to do. A device whose bus has no DMA mapping counts as done.
 *   - -ENOTSUP: EAL is not initialised, or IOVA is PA and the physical addresses cannot be read or
 *     can change (transparent and base pages move).
 *   - -ENOMEM: out of memory.
 *   - Other negative errno of rte_extmem_register() or rte_dev_dma_map(); the log names the device.
 *
 *   On failure the device is not mapped; the registration stays if it succeeded.
 */
int tide_region_dma_map(struct tide_region *region, struct rte_device *dev);

/**
 * Receive one stretch of a region whose IO addresses are contiguous.
 *
 * @param addr  First byte.
 * @param iova  IO address of the first byte; RTE_BAD_IOVA if it is not known.
 * @param len   Bytes.
 * @param arg   Argument of the caller of tide_region_iova_walk().
 * @return  0 or more: continue; negative: stop.
 */
typedef int (*tide_region_iova_cb)(void *addr, uint64_t iova, size_t len, void *arg);

/**
 * Call back for each stretch of contiguous IO addresses, in ascending order of address.
 *
 * With IOVA as VA there is one stretch, with IOVA as PA up to one per page. The IO address is not
 * known for own memory that no device can reach.
 *
 * @param region  Region; not NULL.
 * @param cb      Called with each stretch; not NULL. A negative return value stops the walk.
 * @param arg     Passed to cb.
 * @return  0, or the negative value that cb returned.
 */
int tide_region_iova_walk(const struct tide_region *region, tide_region_iova_cb cb, void *arg);

/**
 * Name a page size ("1G", "2M", "THP", "4K", "auto", "huge").
 *
 * @param page  Page size.
 * @return  A static string; never NULL, "unknown" for a value that is no page size.
 */
const char *tide_page_name(enum tide_page page);

/**
 * Read a page size from its name as tide_page_name() writes it; case does not matter.
 *
 * @param name  Name; NULL is an unknown one.
 * @param page  Where to store the page size; written only on success.
 * @return  0; -EINVAL: no page size has that name.
 */
int tide_page_parse(const char *name, enum tide_page *page);

/**
 * Write a placement for people, in one line.
 *
 * @param found  Placement; not NULL.
 * @param out    Stream to write to.
 */
void tide_placement_dump(const struct tide_placement *found, FILE *out);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_REGION_H */
