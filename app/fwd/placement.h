/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_PLACEMENT_H
#define FWD_PLACEMENT_H

/*
 * Where the memory of each pool is: where it was made, and where the kernel finds it while packets flow.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_ethdev.h>

#include "tide_pool.h"

struct fwd_place {
	const struct tide_placement *made;
	struct tide_placement now; /* By the last check; until then as made. */
	struct tide_placement_change change; /* From made to now. */
	bool news; /* The last check found pages elsewhere than the one before. */
	uint64_t worst; /* Most pages that any check found moved. */
	uint64_t checks;
};

struct fwd_placement {
	struct fwd_place pool[RTE_MAX_ETHPORTS]; /* Members of the pool set. */
	unsigned int nb_pools;
	unsigned int at; /* The pool that is asked for. */
	struct tide_scan *scan; /* Of that pool; NULL: no pool is half asked. */
};

/* Take the pools as they were made. */
void fwd_placement_begin(struct fwd_placement *placement, const struct tide_pool *pool);

/*
 * Ask for at most so many pages more of all pools in turn. 1: the round is over, the next call begins
 * one; 0: there is more to ask; -1: the kernel or memory gave out, and the round is over too.
 */
int
fwd_placement_step(struct fwd_placement *placement, const struct tide_pool *pool, uint64_t pages);

/* Give up the round that is under way, if one is: the next step begins a new one. */
void fwd_placement_restart(struct fwd_placement *placement);

/* Ask for every page of every pool, transparent huge pages too, however long it takes. */
void fwd_placement_finish(struct fwd_placement *placement, const struct tide_pool *pool);

/* Take an answer of the kernel for one pool. */
void fwd_place_note(struct fwd_place *place, const struct tide_placement *now);

/* A line for each pool: buffers, addresses, and on which node they were made. */
void
fwd_placement_print(const struct fwd_placement *placement, const struct tide_pool *pool, FILE *out);

/* Write where the pages of a pool are now, without a newline. */
void fwd_place_print(const struct fwd_place *place, FILE *out);

/* Write the same after the name of the pool and, when pages have moved, add what to do. */
void fwd_placement_print_pool(const struct fwd_placement *placement, unsigned int i, FILE *out);

#endif /* FWD_PLACEMENT_H */
