/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef POOL_INTERNAL_H
#define POOL_INTERNAL_H

/* Shared by the sources of lib/pool; outside it only its tests include this. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

#include "pool_friend.h"
#include "tide_pool.h"
#include "tide_pool_query.h"

/* One mempool on one region. */
struct tidei_member {
	int node; /* Node it was made for; where its pages are is in the region's placement. */
	struct rte_mempool *mp;
	struct tide_region *region; /* Outlives mp: it contains the objects. */
};

/*
 * Gets of one member that another served, and the other way round. Any thread adds. The two share no
 * line with another member's, at any address that calloc() returns.
 */
struct tidei_spill_count {
	_Atomic uint64_t out;
	_Atomic uint64_t in;
	uint64_t unused[RTE_CACHE_LINE_SIZE / sizeof(uint64_t) - 2];
};

/* Spilling: how a get goes on when its member has too few. */
struct tidei_spill {
	enum tide_spill policy;
	unsigned int tries; /* Other members one get tries. */
	struct tidei_spill_count *count; /* By member; NULL when tries is 0. */
	uint16_t *order; /* By member, `tries` each: the others, nearest first. */
};

struct tide_pool {
	char name[TIDE_POOL_NAME_MAX + 1];
	const struct tide_topology *topo;
	struct tide_topology *own_topo; /* topo when it was read by us, else NULL. */
	bool attached; /* The mempools belong to the primary process. */
	int home; /* Node of the main lcore; serves callers without a node. */
	struct tidei_spill spill;
	unsigned int nb_members;
	int16_t index[TIDE_NODE_MAX]; /* Node id -> place in members[], or -1. */
	struct tidei_member members[]; /* Ascending node ids. */
};

/* A set without members, with room for `max`; NULL: no memory. The caller frees it with free(3). */
struct tide_pool *
tidei_pool_alloc(const char *name, const struct tide_topology *topo, unsigned int max);
/* Release the members of an attached set; the mempools stay. */
void tidei_pool_detach(struct tide_pool *pool);

/* Find the member on a node; NULL: the set has none there. */
static inline const struct tidei_member *
tidei_member_on(const struct tide_pool *pool, int node)
{
	if (node < 0 || node >= TIDE_NODE_MAX || pool->index[node] < 0)
		return NULL;
	return &pool->members[pool->index[node]];
}

/* Make one member, all or nothing; 0 or a negative errno, logged. */
int tidei_member_make(struct tidei_member *member, const struct tide_pool_conf *conf,
	const struct tide_topology *topo, int node);
void tidei_member_free(struct tidei_member *member);
void tidei_member_name(const char *set, int node, char *text, size_t size);

/* Compute which members each one spills to, once all are made. 0 or -ENOMEM with nothing left. */
int tidei_spill_init(struct tide_pool *pool, enum tide_spill policy);
void tidei_spill_fini(struct tide_pool *pool);

/* A get of a member that had too few; all or nothing. 0 or -ENOBUFS. MT-safe. */
int tidei_spill_get(
	const struct tide_pool *pool, unsigned int member, struct rte_mbuf **bufs, unsigned int n);
void
tidei_spill_count(const struct tide_pool *pool, unsigned int member, struct tide_pool_stats *stats);

/* 0, or -EINVAL when an invariant of the set is broken. */
int tidei_pool_check(const struct tide_pool *pool);

#endif /* POOL_INTERNAL_H */
