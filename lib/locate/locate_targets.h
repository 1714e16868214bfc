/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef LOCATE_TARGETS_H
#define LOCATE_TARGETS_H

/* The objects of all mempools: where they are, and what each scan found out about them. */

#include <stdbool.h>
#include <stdint.h>

#include <rte_mempool.h>

#include "locate_scratch.h"

/* How the ops keep their free objects. */
enum tidei_ops_kind {
	TIDEI_OPS_TIDE, /* As numbers, with a ledger. */
	TIDEI_OPS_RING, /* In an rte_ring. */
	TIDEI_OPS_STACK, /* In an rte_stack. */
	TIDEI_OPS_OTHER, /* In a form that the scan does not know. */
};

struct tidei_target_pool {
	struct rte_mempool *mp; /* Valid with tidei_eal_lock() only, after a check. */
	const void *pool_data;
	char name[RTE_MEMPOOL_NAMESIZE];
	char ops[RTE_MEMPOOL_OPS_NAMESIZE];
	enum tidei_ops_kind kind;
	bool requested; /* The report is about it. */
	bool mbufs; /* Its objects are mbufs. */
	bool freed; /* The application freed it after the first scan began. */
	bool uncertain; /* Its free objects could not be listed in one of the scans. */
	uint16_t priv_size; /* Of an mbuf. */
	uint32_t elt_size;
	uint32_t objects, chunks;
};

/* A stretch of memory with objects of one mempool. */
struct tidei_chunk {
	uintptr_t from, to;
	uint32_t first, nb; /* Its objects, as indices of struct tidei_targets. */
	uint32_t pool, stride, elt_size;
};

/* Facts about one object over all scans. */
enum tidei_life {
	TIDEI_LIFE_LEFT = 1, /* It was free, or in a cache, at least once. */
	TIDEI_LIFE_SEEN = 2, /* A scan found a reference to it. */
	TIDEI_LIFE_MOVED = 4, /* Its owner, its age or its content changed. */
	TIDEI_LIFE_SUSPECT = 8, /* The last scan left it with nothing that refers to it. */
};

enum tidei_now {
	TIDEI_NOW_FREE,
	TIDEI_NOW_CACHED,
	TIDEI_NOW_OUT,
};

/* Owner of an object: a thread id, an lcore id with TIDEI_OWNER_LCORE, or 0 for unknown. */
#define TIDEI_OWNER_LCORE (UINT32_C(1) << 31)

struct tidei_object {
	uint32_t owner;
	uint32_t age_min, age_max; /* Milliseconds; age_max 0: unknown. */
	uint32_t print; /* Hash of its content; 0: not read yet. */
	uint32_t place; /* Best place of this scan; 0: none. */
	uint32_t noted; /* Place of the last pointer that this scan found. */
	uint16_t refs; /* References in this scan. */
	uint8_t now; /* enum tidei_now. */
	uint8_t life; /* Bits of enum tidei_life. */
};

struct tidei_targets {
	struct tidei_vector pools, chunks, addresses;
	struct tidei_object *object;
	uint32_t nb; /* Objects; those of a chunk follow each other by address. */
	uintptr_t lo, hi; /* All objects are in [lo, hi). */
};

#define TIDEI_NO_OBJECT UINT32_MAX

/*
 * List the objects of all mempools. pool: name of the requested one; NULL: all are.
 *
 * The locks of EAL's lists of mempools and tail queues are held meanwhile, for reading: mempools, rings and tables
 * are not created or freed. Returns 0, -ENOENT if the requested mempool does not exist, or -ENOMEM.
 */
int tidei_targets_make(struct tidei_targets *t, struct tidei_scratch *s, const char *pool);

/* Find the object that has an address; TIDEI_NO_OBJECT: none has it. */
uint32_t tidei_targets_find(const struct tidei_targets *t, uintptr_t address);

/* Return the chunk of an object. */
const struct tidei_chunk *tidei_targets_chunk(const struct tidei_targets *t, uint32_t object);

/* Tell whether a mempool still exists, unchanged. Only with the locks. */
bool tidei_targets_exists(const struct tidei_target_pool *pool);

static inline struct tidei_target_pool *
target_pool(const struct tidei_targets *t, uint32_t i)
{
	return (struct tidei_target_pool *)t->pools.at + i;
}

static inline uintptr_t
target_address(const struct tidei_targets *t, uint32_t object)
{
	return ((const uintptr_t *)t->addresses.at)[object];
}

static inline struct tidei_target_pool *
target_pool_of(const struct tidei_targets *t, uint32_t object)
{
	return target_pool(t, tidei_targets_chunk(t, object)->pool);
}

#endif /* LOCATE_TARGETS_H */
