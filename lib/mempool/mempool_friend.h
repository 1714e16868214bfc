/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef MEMPOOL_FRIEND_H
#define MEMPOOL_FRIEND_H

/*
 * lib/mempool offers this to the parts behind it: a mempool of objects of any kind on one measured
 * region, and answers for mempools of any ops.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_mempool.h>

#include "sys_friend.h"
#include "tide_mempool.h"
#include "tide_region.h"

/* The mempool to make. */
struct tidei_objects_conf {
	const char *name; /* Of the mempool; the region adds "_mem". */
	const char *what; /* What the objects are, for logs: "buffers". */
	const struct tide_topology *topo;
	int node;
	uint32_t count; /* Objects. */
	uint32_t size; /* Bytes of each. */
	uint32_t cache_size; /* Objects in each lcore's cache. */
	uint32_t priv_size; /* Bytes of the mempool's private area. */
	rte_mempool_ctor_t
		*init; /* Fills the private area before the objects are there; or NULL. */
	void *init_arg;
	rte_mempool_obj_cb_t *each; /* Called for each object at the end. */
	void *each_arg;
	const char *ops;
	enum tide_ledger ledger; /* Of tide ops. */
	enum tide_page page;
	enum tide_backing backing;
	enum tide_enforce enforce;
	/* No device uses the objects: they have no IO addresses and may cross any boundary. */
	bool no_iova;
	bool compact; /* Objects are not padded to spread them over memory channels. */
	struct tide_placement
		*failed; /* Receives the placement found when the region cannot be made; or NULL. */
};

struct tidei_objects {
	struct rte_mempool *mp;
	struct tide_region *region; /* Outlives mp: its objects are here. */
};

/* Make it, all or nothing; 0 or a negative errno, logged. */
int tidei_objects_make(struct tidei_objects *objects, const struct tidei_objects_conf *conf);
void tidei_objects_free(struct tidei_objects *objects);

/* The name of the region, and of its memzone if it has one, of a mempool. */
void tidei_objects_zone_name(const char *mempool, char *text, size_t size);

/*
 * Objects that a mempool cache of a size holds at most, as DPDK of a version (RTE_VERSION) fills and
 * flushes it; rte_mempool_create_empty() refuses a mempool that has fewer.
 */
uint64_t tidei_cache_most(uint32_t size, uint32_t version);

/*
 * Call cb for each mempool of the process. Meanwhile none is created or freed, so cb takes none of EAL's locks except
 * that of its memory. Any thread.
 */
void tidei_mempool_each(void (*cb)(struct rte_mempool *mp, void *arg), void *arg);
/* The same for a caller that has EAL's locks of mempools and of tail queues. */
void tidei_mempool_each_locked(void (*cb)(struct rte_mempool *mp, void *arg), void *arg);

/* A stretch of memory: chunks of a mempool that touch, so that no page is in two of them. */
struct tidei_stretch {
	uintptr_t from, to;
	size_t page_size;
};

/*
 * Add the chunks of a mempool of any ops, which no thread frees meanwhile, to a list of struct tidei_stretch. Any thread.
 * 0; -ENOMEM: some are missing.
 */
int tidei_memory_read(struct tidei_list *memory, const struct rte_mempool *mp);

/* Sort the chunks of one mempool by address and join those that touch. */
void tidei_memory_join(struct tidei_list *memory);

/*
 * Ask the kernel for the node of each page of a stretch, as tidei_pages_measure(). If the memory is gone meanwhile, its pages
 * are unknown.
 */
int
tidei_stretch_measure(const struct tidei_stretch *stretch, int node, struct tide_placement *now);

/* Objects in the per-lcore caches of a mempool; approximate while threads work. Any thread. */
uint32_t tidei_mempool_cached(const struct rte_mempool *mp);

/*
 * Call cb for each pointer in the per-lcore caches of a mempool. Any thread; while the owners of the caches move
 * objects, a pointer can be old, and cb checks it.
 */
typedef void (*tidei_cached_cb)(unsigned int lcore_id, const void *object, void *arg);
void tidei_mempool_cached_walk(const struct rte_mempool *mp, tidei_cached_cb cb, void *arg);

/* Tell whether a mempool seems to be one of mbufs: the sizes in its private area fit its objects. */
bool tidei_mempool_has_mbufs(struct rte_mempool *mp);

/* The number of the mempool ops of that name in this process; -1: it does not have them. */
int tidei_mempool_ops_number(const char *name);

/*
 * Tell whether a mempool has an allocator that can be queried, made by any copy of the driver. 0;
 * -ENOTSUP: it has other ops; -ENODATA: none of its memory yet.
 */
int tidei_mempool_queryable(const struct rte_mempool *mp);

/*
 * Return the node that was requested for the objects of a mempool; TIDE_NODE_UNKNOWN: any. With other ops than tide it is
 * that of its header.
 */
int tidei_mempool_home(const struct rte_mempool *mp);

#endif /* MEMPOOL_FRIEND_H */
