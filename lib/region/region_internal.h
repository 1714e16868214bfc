/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_REGION_INTERNAL_H
#define TIDE_REGION_INTERNAL_H

/* Shared by the sources of lib/region; outside it only its tests include this. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_memzone.h>

#include "region_friend.h"
#include "sys_friend.h"
#include "tide_region.h"

/* Longest region name: that of a memzone. */
#define TIDEI_REGION_NAMESIZE RTE_MEMZONE_NAMESIZE

struct tide_region {
	char name[TIDEI_REGION_NAMESIZE];
	void *addr; /* First byte; page aligned for own memory. */
	size_t len;
	size_t mapped_len; /* Own: bytes mapped from addr, a guard page included. EAL: 0. */
	const struct rte_memzone *mz; /* EAL: the memzone. Own: NULL. */
	bool attached; /* EAL: the memzone belongs to the primary process. */
	bool bound_eal; /* EAL without huge pages: a memory policy is set and must be undone. */
	bool registered; /* Own: known to EAL as external memory. */
	struct rte_device **dma_devs; /* Own: devices the memory is mapped for. */
	unsigned int nb_dma_devs;
	struct tide_placement found;
};

/* Why a step of the fallback chain failed: the finding, and the command that helps, if any. */
struct tidei_fallback {
	char reason[160];
	char hint[160];
};

/* One step of the fallback chain: the memory to map and its node. */
struct tidei_step {
	const struct tide_topology *topo;
	const char *name;
	int node; /* TIDE_NODE_UNKNOWN: any. */
	size_t len; /* Bytes requested, not yet rounded. */
	enum tide_page page; /* For EAL also AUTO: any page that EAL has. */
	bool strict;
	unsigned int threads;
};

/* Walk nodes, backings and pages until one holds; region->found and *fallback tell how it went. */
int tidei_fallback_walk(struct tide_region *region, const struct tide_region_conf *conf,
	const struct tide_topology *topo, struct tidei_fallback *fallback);

/* Map and populate; 0 or a negative errno with nothing left behind and *fallback filled. */
int tidei_own_map(
	struct tide_region *region, const struct tidei_step *step, struct tidei_fallback *fallback);
int tidei_eal_map(
	struct tide_region *region, const struct tidei_step *step, struct tidei_fallback *fallback);
void tidei_own_unmap(struct tide_region *region);
void tidei_eal_unmap(struct tide_region *region);

/*
 * Check that there are base pages for len bytes: the kernel kills a process rather than refuse them.
 * 0, or -ENOMEM with *fallback filled.
 */
int tidei_memory_check(const struct tidei_step *step, size_t len, struct tidei_fallback *fallback);

/* Tell whether EAL is up and has a heap on the node (any node: it is up). */
bool tidei_eal_serves(int node);
/*
 * Restrict pages of a range to a node; TIDE_NODE_UNKNOWN takes the restriction away. With `move` pages
 * that exist already are moved there as far as they can be.
 */
int tidei_bind(void *addr, size_t len, int node, bool move);
/*
 * Tell whether memory that could not be bound is on the requested node anyway: any node was requested,
 * or there is only one.
 */
bool tidei_bound_anyway(const struct tide_region *region, const struct tidei_step *step);
/* Fill *fallback with the reason why tidei_bind() failed with err; returns the caller's negative errno. */
int tidei_bind_refused(int node, int err, struct tidei_fallback *fallback);

/* How pages are populated. */
enum tidei_prefault_by {
	TIDEI_PREFAULT_BY_MADVISE, /* MADV_POPULATE_WRITE, Linux 5.14; falls back to READ before. */
	TIDEI_PREFAULT_BY_READ, /* read(2) of a zero byte into each page. */
};

/* Touch every page in parallel on CPUs of the node; 0 or a negative errno, never a signal. */
int tidei_prefault(void *addr, size_t len, size_t page_size, const struct tidei_step *step,
	enum tidei_prefault_by by);

/*
 * Ask the kernel for the node of every page of the region; fills only the counts of *now. 0, or a
 * negative errno: the kernel refuses, and more than one node is possible.
 */
int tidei_measure(const struct tide_region *region, struct tide_placement *now);
/* Count its bytes on transparent huge pages, if it is of that kind; 0 or a negative errno. */
int tidei_measure_thp(const struct tide_region *region, struct tide_placement *now);

/* Return how many pages the region touches. */
uint64_t tidei_region_pages(const struct tide_region *region);
/* Query at most `most` pages more; 1: all are done, 0: some are left, or a negative errno. */
int tidei_scan_walk(struct tide_scan *scan, uint64_t most);
/* Write the counts into *now, which has the requested node; leaves the rest of it alone. */
void tidei_scan_sum(const struct tide_scan *scan, struct tide_placement *now);

/* Add pages on a node, which is not in the list yet, to found[]; the nodes with the fewest pages may not fit. */
void tidei_placement_note(struct tide_placement *now, int node, uint64_t pages);

/* Count the bytes of [addr, addr + len) on transparent huge pages. */
int tidei_thp_bytes(const void *addr, size_t len, uint64_t *bytes);

/* Undo tide_region_dma_map(). */
void tidei_dma_undo(struct tide_region *region);

/* The kind whose explicit pages are that large. */
enum tide_page tidei_page_of(size_t bytes);
/* Return len rounded up to whole pages; 0 when the result does not fit a size_t. */
size_t tidei_round_up(size_t len, size_t page_size);

/* "node 3", or "the machine" for TIDE_NODE_UNKNOWN; returns text. */
const char *tidei_node_name(int node, char *text, size_t size);
/*
 * Fill *fallback with the reason why huge pages that were free at the request were gone at the first touch.
 * Leaves it alone if neither a cgroup nor the number of free pages explains it.
 */
void
tidei_huge_gone(const struct tidei_step *step, size_t page_size, struct tidei_fallback *fallback);
/* Fill *fallback when a cgroup does not let this process take that many more; false: it may. */
bool tidei_huge_barred(const struct tidei_step *step, size_t page_size, uint64_t needed,
	struct tidei_fallback *fallback);
/* Return "2 MB" or "1 GB". */
const char *tidei_huge_words(size_t page_size);
/* Fill fall->hint with that command, or with the memory there is when it is empty. */
void tidei_huge_advice(int node, size_t page_size, uint64_t total, struct tidei_fallback *fallback);
/* 0, or -EINVAL when an invariant of the region is broken. */
int tidei_region_check(const struct tide_region *region);

#endif /* TIDE_REGION_INTERNAL_H */
