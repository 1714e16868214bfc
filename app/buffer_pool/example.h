/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BUFFER_POOL_EXAMPLE_H
#define BUFFER_POOL_EXAMPLE_H

#include "error.h"
#include "options.h"
#include "tide_arena.h"
#include "tide_bump.h"
#include "tide_region.h"
#include "tide_shard.h"
#include "tide_topology.h"

/* A pool of the document: memory of one node, and the offset that moves over it. */
struct pool {
	struct tide_region *region;
	struct tide_bump *bump;
};

/*
 * The steps of the example share this. The first step makes it; example_fini() frees it, also after a step
 * that failed. Each step says what it shows, prints figures of the library and none of its own, and
 * returns 0, or -1 with *err filled when something is not as the library promises.
 */
struct example {
	struct options opt;
	struct tide_topology *topo;
	int nodes[TIDE_NODE_MAX]; /* Ids of the nodes whose memory we may use. */
	unsigned int nb_nodes;
	struct pool pools[TIDE_NODE_MAX]; /* Of the document, by place in nodes[]. */
	struct tide_arena *arena; /* Of the steps behind it: chunks on each node. */
	struct tide_shard *operations; /* A counter on each node. */
};

/* What the document shows (document.c). */
int step_create(struct example *ex, struct app_error *err);
int step_allocate(struct example *ex, struct app_error *err);
int step_count(struct example *ex, struct app_error *err);
int step_reset(struct example *ex, struct app_error *err);
/* Take its pools down: the next steps do without. */
void document_fini(struct example *ex);

/* What it lists. */
int step_threads(struct example *ex, struct app_error *err); /* threads.c */
int step_statistics(struct example *ex, struct app_error *err); /* statistics.c */
int step_epochs(struct example *ex, struct app_error *err); /* epochs.c */

/* Wait, so that others can look at the memory (hold.c). */
int step_hold(struct example *ex, struct app_error *err);

/* Take down what there is. */
int example_fini(struct example *ex, struct app_error *err);

#endif /* BUFFER_POOL_EXAMPLE_H */
