/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_REGION_INTERNAL_H
#define TIDE_REGION_INTERNAL_H

/* What the sources of lib/region share; nothing outside it but its tests includes this. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_memzone.h>

#include "tide_region.h"

/* Longest region name: what a memzone takes. */
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

/* Why a rung of the ladder did not hold: the finding, and the command that mends it if any does. */
struct tidei_fall {
	char why[160];
	char mend[160];
};

/* One rung: what to map where. */
struct tidei_rung {
	const struct tide_topology *topo;
	const char *name;
	int node; /* TIDE_NODE_UNKNOWN: any. */
	size_t len; /* Bytes wanted, not yet rounded. */
	enum tide_page page; /* For EAL also AUTO: whatever EAL gives. */
	bool strict;
	unsigned int threads;
};

/*
 * As tide_region_create(). `told`: the caller says why it failed, from *found, so that the log does not
 * say it a second time but at level INFO.
 */
struct tide_region *
tidei_region_create(const struct tide_region_conf *conf, struct tide_placement *found, bool told);

/* What to do where EAL has no memzone left (ENOSPC), with this version of DPDK. */
const char *tidei_memzones_advice(void);

/* Walk nodes, backings and pages until one holds; region->found and *fall tell how it went. */
int tidei_ladder_walk(struct tide_region *region, const struct tide_region_conf *conf,
	const struct tide_topology *topo, struct tidei_fall *fall);

/*
 * Open the memzone of that name, which the primary process made for a node, and measure it. 0;
 * -ENOENT: there is none; -ENOMEM; -EIO: the kernel does not say where its pages are.
 */
int tidei_region_attach(const char *name, int node, struct tide_region **out);

/* Map and populate; 0 or a negative errno with nothing left behind and *fall filled. */
int
tidei_own_map(struct tide_region *region, const struct tidei_rung *rung, struct tidei_fall *fall);
int
tidei_eal_map(struct tide_region *region, const struct tidei_rung *rung, struct tidei_fall *fall);
void tidei_own_unmap(struct tide_region *region);
void tidei_eal_unmap(struct tide_region *region);

/*
 * Base pages for len bytes: the kernel would rather kill a process than refuse them, so ask first.
 * 0, or -ENOMEM with *fall filled.
 */
int tidei_memory_check(const struct tidei_rung *rung, size_t len, struct tidei_fall *fall);

/* EAL is up and a heap of it stands on the node (any node: up is enough). */
bool tidei_eal_serves(int node);
/*
 * Pages of that size EAL is about to take there for itself, beside any region: its heap on the node is
 * empty, and devices, mempools and rings have to be put somewhere.
 */
uint64_t tidei_eal_takes(int node, size_t page_size);
/* EAL is up: it has set up its memory. */
bool tidei_eal_is_up(void);

/*
 * Restrict pages of a range to a node; TIDE_NODE_UNKNOWN takes the restriction away. With `move` pages
 * that exist already are moved there as far as they can be.
 */
int tidei_bind(void *addr, size_t len, int node, bool move);
/*
 * Whether memory is where it is wanted though it could not be bound: any node will do, or it is the
 * only one.
 */
bool tidei_bound_anyway(const struct tide_region *region, const struct tidei_rung *rung);
/* Fill *fall with why tidei_bind() failed with err; returns the errno for the caller, negative. */
int tidei_bind_refused(int node, int err, struct tidei_fall *fall);

/* How pages are populated. */
enum tidei_prefault_by {
	TIDEI_PREFAULT_BY_MADVISE, /* MADV_POPULATE_WRITE, Linux 5.14; falls to READ before. */
	TIDEI_PREFAULT_BY_READ, /* read(2) of a zero byte into each page. */
};

/* Touch every page in parallel on CPUs of the node; 0 or a negative errno, never a signal. */
int tidei_prefault(void *addr, size_t len, size_t page_size, const struct tidei_rung *rung,
	enum tidei_prefault_by by);

/*
 * Ask the kernel for every page of the region; fills the counts, leaves the rest of *now alone. 0, or a
 * negative errno: it does not say, and more than one node is possible.
 */
int tidei_measure(const struct tide_region *region, struct tide_placement *now);
/* Count its bytes on transparent huge pages, if it is of such; 0 or a negative errno. */
int tidei_measure_thp(const struct tide_region *region, struct tide_placement *now);

/* Pages the region touches. */
uint64_t tidei_region_pages(const struct tide_region *region);
/* Ask for at most so many pages more; 1: all are asked, 0: some are left, or a negative errno. */
int tidei_survey_walk(struct tide_survey *survey, uint64_t most);
/* Write the counts into *now, which knows what was wanted; leaves the rest of it alone. */
void tidei_survey_sum(const struct tide_survey *survey, struct tide_placement *now);

/* Bytes of [addr, addr + len) on transparent huge pages. */
int tidei_thp_bytes(const void *addr, size_t len, uint64_t *bytes);

/* Undo what tide_region_dma_map() did. */
void tidei_dma_undo(struct tide_region *region);

/* Bytes in a page of that kind; THP: the huge one. 0: this machine does not have it. */
size_t tidei_page_bytes(enum tide_page page);
/* Base pages of the system. */
size_t tidei_page_base(void);
/* The kind whose explicit pages are that large. */
enum tide_page tidei_page_of(size_t bytes);
/* len rounded up to whole pages; 0 when that does not fit a size_t. */
size_t tidei_round_up(size_t len, size_t page_size);

/* Huge pages of one size on a node, or on the machine for TIDE_NODE_UNKNOWN, now. */
struct tidei_huge_now {
	uint64_t total;
	uint64_t free;
	uint64_t reserved; /* Of the free ones, promised to mappings; known for the machine only. */
	uint64_t spare; /* Pages the kernel may still make on demand (overcommit). */
};

/* "node 3", or "the machine" for TIDE_NODE_UNKNOWN; returns text. */
const char *tidei_node_name(int node, char *text, size_t size);
/* 0, or -ENOENT when the kernel has no pages of that size there. */
int tidei_huge_now(int node, size_t page_size, struct tidei_huge_now *now);
/*
 * Explicit huge pages that a mapping can still get there. Those promised to other mappings are counted
 * for the machine only: they can come from any node.
 */
uint64_t tidei_huge_to_be_had(int node, size_t page_size, const struct tidei_huge_now *now);
/*
 * Fill *fall with what became of huge pages that were free when they were asked for and not when they
 * were touched. Leaves it alone where neither a cgroup nor the pages that are left explain it.
 */
void tidei_huge_gone(const struct tidei_rung *rung, size_t page_size, struct tidei_fall *fall);
/* Bytes of free huge pages of all sizes there. */
uint64_t tidei_huge_bytes(int node);
/* Fill *fall when a cgroup does not let this process take that many more; false: it may. */
bool tidei_huge_barred(
	const struct tidei_rung *rung, size_t page_size, uint64_t needed, struct tidei_fall *fall);
/* "2 MB" or "1 GB", for sentences. */
const char *tidei_huge_words(size_t page_size);
/*
 * The command that makes a node, or the machine, have that many pages; empty when they would not fit
 * its memory.
 */
void tidei_huge_command(int node, size_t page_size, uint64_t total, char *text, size_t size);
/* Fill fall->mend with that command, or with the memory there is when it is empty. */
void tidei_huge_advice(int node, size_t page_size, uint64_t total, struct tidei_fall *fall);
/*
 * Bytes the cgroups of this process still let it take; UINT64_MAX: no limit. root: where /proc and
 * /sys are, empty but in tests.
 */
uint64_t tidei_memcg_room(const char *root);
/* Bytes of base pages a node (or the machine) can give without the OOM killer. */
int tidei_memory_now(int node, uint64_t *bytes);

/* 0, or -EINVAL when an invariant of the region is broken. */
int tidei_region_check(const struct tide_region *region);

#endif /* TIDE_REGION_INTERNAL_H */
