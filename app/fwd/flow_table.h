/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_FLOW_TABLE_H
#define FWD_FLOW_TABLE_H

/*
 * Flows by key: an array of roots, chosen by the low bits of a hash, and from each a binary tree whose
 * forks take one more bit each.
 *
 * It never moves or resizes anything, so its memory can be bump-allocated and dropped at once, and it
 * costs what is in it: a few cache lines for a look-up with thousands of flows, no more to clear than
 * its roots. Allocates nothing itself. One thread at a time.
 */

#include <stddef.h>
#include <stdint.h>

#include "flow_key.h"

#define FWD_FLOW_ROOT_BITS 12
#define FWD_FLOW_ROOTS     (1u << FWD_FLOW_ROOT_BITS)

/* A flow. One of IPv4 ends with the last word in use of its key, and is a cache line long. */
struct fwd_flow {
	struct fwd_flow *child[2];
	uint64_t packets;
	uint64_t bytes;
	uint64_t hash;
	union fwd_flow_key key;
};

struct fwd_flow_table {
	struct fwd_flow *root[FWD_FLOW_ROOTS];
};

/* Return the bytes of a record with that key, and its alignment: as few lines as can be. */
static inline size_t
fwd_flow_size(const union fwd_flow_key *key)
{
	return offsetof(struct fwd_flow, key) + fwd_flow_words(key) * sizeof(uint64_t);
}

static inline size_t
fwd_flow_align(const union fwd_flow_key *key)
{
	return key->version == 4 ? 64 : 16;
}

static inline struct fwd_flow **
fwd_flow_root(struct fwd_flow_table *table, uint64_t hash)
{
	return &table->root[hash % FWD_FLOW_ROOTS];
}

/* Return the place of the flow, or the place to put it, which holds NULL. */
static inline struct fwd_flow **
fwd_flow_place(struct fwd_flow_table *table, const union fwd_flow_key *key, uint64_t hash)
{
	struct fwd_flow **place = fwd_flow_root(table, hash);
	/* Flows alike in all bits follow each other at 0. */
	uint64_t path = hash >> FWD_FLOW_ROOT_BITS;

	while (*place != NULL && ((*place)->hash != hash || !fwd_flow_same(&(*place)->key, key))) {
		place = &(*place)->child[path & 1];
		path >>= 1;
	}
	return place;
}

/* Write a new flow, without packets, to memory of fwd_flow_size() bytes. */
void fwd_flow_init(struct fwd_flow *flow, const union fwd_flow_key *key, uint64_t hash);

/*
 * Move the flows of a root from one table into another; figures of flows that are in both are added.
 * The records themselves are taken over. Returns how many flows were in both.
 */
uint64_t
fwd_flow_merge(struct fwd_flow_table *into, struct fwd_flow_table *from, unsigned int root);

/* The flows with most bytes of those that were offered. */
struct fwd_flow_top {
	struct fwd_flow **heap; /* Room for `most`; the least of them first. */
	unsigned int most;
	unsigned int nb;
};

/* Offer all flows of a root. */
void
fwd_flow_offer(struct fwd_flow_top *top, const struct fwd_flow_table *table, unsigned int root);

/* Put them in order, most bytes first, then most packets, then by key. */
void fwd_flow_sort(struct fwd_flow_top *top);

#endif /* FWD_FLOW_TABLE_H */
