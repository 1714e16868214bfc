/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_REGION_H
#define TIDE_REGION_H

/**
 * @file
 * Memory on one node, of a known page size, its placement measured after creation.
 *
 * Placement is never inferred: after every page has been touched, each is asked of the kernel
 * (move_pages(2) with no target nodes). If the kernel refuses that question, or refuses mbind(2), as
 * in many containers, and only one node can give this process memory, the pages are there by
 * construction, and that counts as measured. If several can, the pages count as unknown, which is
 * not the same as elsewhere. Strict enforcement fails, with nothing left behind, unless
 * every page lies on the wanted node. Best effort may weaken placement and page size, never
 * validity, and says how far it fell. A region is made and freed by control threads (calls on one
 * region are not MT-safe, save for asking where it is); its memory may be used by any thread until
 * it is freed.
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

/** Page sizes a region can ask for. AUTO walks 1G, 2M, THP, 4K; HUGE stops at 2M. */
enum tide_page {
	/**
	 * The largest to be had that leaves less than half of the region unused. No size is asked
	 * for, so strict has none to insist on: with no huge page left this is 4K, and no failure.
	 */
	TIDE_PAGE_AUTO,
	TIDE_PAGE_HUGE, /**< As AUTO, of explicit huge pages alone: strict fails without. */
	TIDE_PAGE_1G, /**< Explicit 1 GB huge pages. */
	TIDE_PAGE_2M, /**< Explicit 2 MB huge pages. */
	TIDE_PAGE_THP, /**< Transparent huge pages (madvise); the kernel may mix in small ones. */
	TIDE_PAGE_4K, /**< Pages of the system's base size. */
};

/** Who maps the memory. */
enum tide_backing {
	TIDE_BACKING_AUTO, /**< EAL where it runs with huge pages, else own. */
	TIDE_BACKING_EAL, /**< An EAL memzone: DMA-mapped, seen by secondary processes. */
	/** mmap and mbind(MPOL_BIND); works without EAL huge pages. A child of fork(2) has none of it. */
	TIDE_BACKING_OWN,
};

/** What to do when memory as asked cannot be had. */
enum tide_enforce {
	TIDE_ENFORCE_STRICT, /**< Fail unless every page is on the node, of the page kind asked. */
	TIDE_ENFORCE_BEST_EFFORT, /**< Fall to smaller pages, then to the nearest node; say so. */
};

/** What to make. Zero is a good default in every field but len. */
struct tide_region_conf {
	const char *name; /**< For logs and the memzone; at most 31 characters; NULL: made up. */
	int node; /**< Wanted node id; TIDE_NODE_UNKNOWN: any. */
	size_t len; /**< Bytes wanted; rounded up, see tide_region_len(). */
	enum tide_page page; /**< Page size wanted. */
	enum tide_backing backing;
	enum tide_enforce enforce;
	/** Threads that touch pages, up to 256; 0: as many as CPUs allowed on the node, at most 8. */
	unsigned int prefault_threads;
	const struct tide_topology *topo; /**< Machine; NULL: read for this call. */
};

/** Pages found on one node. */
struct tide_pages_on_node {
	int node; /**< Node id, or a negative errno the kernel gave for the page. */
	uint64_t pages; /**< Pages of page_size bytes found there. */
};

/** Nodes one placement can list; a region seldom lies on more than two. */
#define TIDE_PLACEMENT_NODES_MAX 16

/** Where a region is: wanted against found. */
struct tide_placement {
	int wanted; /**< Node asked for; TIDE_NODE_UNKNOWN: any. */
	enum tide_page page; /**< Page kind achieved. */
	enum tide_backing backing; /**< Backing achieved; EAL or OWN. */
	uint64_t page_size; /**< Bytes per page as counted below. For THP: the base page. */
	uint64_t pages; /**< Pages the region touches. */
	uint64_t local; /**< Those of them on the wanted node (all, when any will do). */
	/**
	 * Those of which no node is known, since the kernel may not be asked or has them in no memory.
	 * The rest, pages - local - unknown, are on another node.
	 */
	uint64_t unknown;
	uint64_t thp_bytes; /**< Bytes on transparent huge pages; 0 for other kinds. */
	unsigned int nb_found; /**< Entries used in found[]. */
	struct tide_pages_on_node found[TIDE_PLACEMENT_NODES_MAX]; /**< By pages, most first. */
	/**
	 * The node it fell to, when it is another, then each step the ladder fell and why; empty when
	 * nothing was lost.
	 */
	char reason[512];
	/** Of memory that could not be had, what mends it: most often a command. Else empty. */
	char mend[160];
};

/** Pages that were counted on one node and are counted on another. */
struct tide_pages_moved {
	int from; /**< As tide_pages_on_node: a node id, or a negative errno. */
	int to;
	uint64_t pages;
};

/** Moves one change can list: as many as two lists of nodes can need. */
#define TIDE_PLACEMENT_MOVES_MAX (2 * TIDE_PLACEMENT_NODES_MAX)

/** How a placement differs from an earlier one of the same region. */
struct tide_placement_change {
	uint64_t moved; /**< Pages that are counted elsewhere: the sum over moves[]. */
	uint64_t thp_lost; /**< Bytes fewer on transparent huge pages: the kernel split some. */
	unsigned int nb_moves; /**< Entries used in moves[]. */
	struct tide_pages_moved moves[TIDE_PLACEMENT_MOVES_MAX];
};

struct tide_region;
struct tide_survey;
struct rte_device;

/**
 * Make a region: map, populate in parallel, measure every page.
 *
 * Populating a short huge page pool is an errno, never a SIGBUS.
 *
 * @param conf   What to make; not NULL.
 * @param found  Where to store the placement reached, on failure as far as it got; may be NULL.
 * @return
 *   The region; NULL with rte_errno set, nothing left behind and one line in the log that says what
 *   was wanted, what was found and the command that mends it:
 *   - EINVAL: len is 0 or overflows, an unknown enumerator, a name too long, a node that does not
 *     exist, EAL backing with THP or 4K pages while EAL runs on huge pages.
 *   - EPERM: strict, and the node is not among those whose memory this process may use (see
 *     tide_node_refusal()), or it may not place or measure memory (a container's seccomp profile)
 *     and several nodes could give it.
 *   - ENOMEM: not enough (huge) pages, on the node for strict, anywhere for best effort.
 *   - ENOSPC: EAL backing, and EAL has no memzone left: each region and each mempool takes one.
 *   - EXDEV: strict, and the kernel put pages on another node.
 *   - EEXIST: EAL backing, and a memzone of that name exists.
 *   - ENOTSUP: EAL backing, and EAL is not initialised.
 *   - EIO: conf.topo is NULL and the machine could not be read.
 */
struct tide_region *
tide_region_create(const struct tide_region_conf *conf, struct tide_placement *found);

/**
 * Give a region back to the kernel or to EAL. NULL does nothing.
 *
 * Undoes the registration with EAL and every DMA mapping. The caller makes sure nobody uses the
 * memory any more.
 */
void tide_region_free(struct tide_region *region);

/**
 * First byte of the region: on a page boundary, save for EAL memory on huge pages, which starts on
 * a cache line (a page boundary would cost EAL up to two pages more).
 */
void *tide_region_addr(const struct tide_region *region);

/** Bytes in the region: conf.len rounded up to the alignment of its first byte. */
size_t tide_region_len(const struct tide_region *region);

/**
 * The placement measured when the region was made.
 *
 * @return  Valid as long as the region; never NULL.
 */
const struct tide_placement *tide_region_placement(const struct tide_region *region);

/**
 * Ask the kernel again where every page is; pages can move while the program runs.
 *
 * Any thread may call it, while others use the memory or measure it too; not for the data path. It
 * costs some 200 ns for each page (of any size), a THP region also a reading of /proc/self/smaps.
 * The kernel holds the lock of the address space (shared, so that only mmap(2) and its like wait)
 * for 16 pages at a time: DO_PAGES_STAT_CHUNK_NR in its mm/migrate.c. Who cannot stay away as long
 * as the whole takes asks by tide_region_survey().
 *
 * What moves pages is migratepages(8), numad(8) and the like, and a change of the cpuset's memory
 * nodes; compaction keeps them on their node, automatic NUMA balancing leaves alone what is bound,
 * and what a device is mapped to by VFIO is pinned. A page that lies nowhere is a finding, not an
 * error: it is listed in found[] under the errno the kernel has for it, as -ENOENT when it was
 * swapped out, given back or is just on its way.
 *
 * @param now  Where to store the answer; written only on success. `reason` is left empty.
 * @return
 *   - 0: measured.
 *   - -EIO: the kernel refused, and several nodes are possible; the log has its reason.
 */
int tide_region_measure(const struct tide_region *region, struct tide_placement *now);

/**
 * Begin to ask where every page is, some pages at a time: for a thread with other work to do.
 *
 * Any thread may make one, any number at a time; each belongs to one thread at a time. The region
 * must outlive it.
 *
 * @return  The survey; NULL with rte_errno ENOMEM.
 */
struct tide_survey *tide_region_survey(const struct tide_region *region);

/**
 * Ask for some pages more, as tide_region_measure() does.
 *
 * The answer is put together from all steps, so a page that moves in between can be counted on
 * either node. thp_bytes are those found when the region was made: they cannot be had in part.
 *
 * @param pages  Pages to ask for at most; 1 or more.
 * @param now    Where to store the answer; written only when the return value is 1.
 * @return
 *   - 1: every page was asked; the next step begins anew.
 *   - 0: pages are left.
 *   - -EIO: the kernel refused, and several nodes are possible; the log has its reason; the next
 *     step begins anew.
 */
int tide_survey_step(struct tide_survey *survey, uint64_t pages, struct tide_placement *now);

/** Free a survey, finished or not. NULL does nothing. */
void tide_survey_free(struct tide_survey *survey);

/**
 * Compare two placements of one region by their counts. Pure; any thread.
 *
 * Counts do not tell pages apart: where several nodes lost pages and several won, which went where
 * is a guess; and pages that two nodes exchanged are no change.
 *
 * @param made    The earlier one.
 * @param now     The later one.
 * @param change  What changed from the one to the other; written unless the return value is
 *                negative.
 * @return
 *   - 0: nothing moved, and no transparent huge page was split.
 *   - 1: change->moved or change->thp_lost is not 0.
 *   - -EINVAL: not of one region: page sizes or numbers of pages differ.
 */
int tide_placement_compare(const struct tide_placement *made, const struct tide_placement *now,
	struct tide_placement_change *change);

/**
 * Make own memory usable by devices: register it with EAL and DMA-map it for one device.
 *
 * EAL-backed regions are mapped already: nothing is done. The registration happens once, the
 * mapping once per device; tide_region_free() undoes both.
 *
 * @param region  Region.
 * @param dev     Device that will reach the memory (rte_eth_dev_info.device); it must not be
 *                detached before the region is freed. NULL: register only, which is enough for
 *                devices without DMA (virtual ports).
 * @return
 *   - 0: done, or nothing to do. A device whose bus has no DMA mapping counts as done.
 *   - -ENOTSUP: EAL is not initialised, or IOVA is PA and the physical addresses cannot be read or
 *     can change (transparent and base pages move).
 *   - another negative errno of rte_extmem_register() or rte_dev_dma_map(); the log has the device.
 */
int tide_region_dma_map(struct tide_region *region, struct rte_device *dev);

/** One stretch of a region whose IO addresses are contiguous. */
typedef int (*tide_region_stretch_cb)(void *addr, uint64_t iova, size_t len, void *arg);

/**
 * Call back for each stretch of contiguous IO addresses, in ascending order of address.
 *
 * With IOVA as VA that is once, with IOVA as PA up to once per page. iova is RTE_BAD_IOVA where the
 * IO address is not known (own memory that no device can reach).
 *
 * @param cb   Called with each stretch; a negative return stops and is returned.
 * @return  0, or what cb returned.
 */
int tide_region_stretches(const struct tide_region *region, tide_region_stretch_cb cb, void *arg);

/** A few words for a page kind ("1G", "2M", "THP", "4K", "auto", "huge"); never NULL. */
const char *tide_page_name(enum tide_page page);

/**
 * Read a page kind from its name as tide_page_name() writes it; case does not matter.
 *
 * @return  0, or -EINVAL with *page untouched.
 */
int tide_page_parse(const char *name, enum tide_page *page);

/** Write a placement for people, one line. */
void tide_placement_dump(const struct tide_placement *found, FILE *out);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_REGION_H */
