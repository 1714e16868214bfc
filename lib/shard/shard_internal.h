/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef SHARD_INTERNAL_H
#define SHARD_INTERNAL_H

/* Shared by the sources of lib/shard; outside it only its tests include this. */

#include "tide_shard.h"

/* Nothing in it changes after creation. */
struct tidei_shard {
	struct tide_shard seen; /* First: the caller's view. */
	enum tide_shard_by by;
	uint32_t size; /* Bytes per cell, a multiple of TIDE_SHARD_ALIGN. */
	const struct tide_topology *topo;
	struct tide_topology *own_topo; /* topo when it was read by us, else NULL. */
	unsigned int nb_regions;
	struct tide_region **regions; /* One for each node that cells are for. */
	/* By node: the cell of each node, or of the nearest that has one; NULL: no such node. */
	const struct tide_shard_cell *near[TIDE_NODE_MAX];
	unsigned int nb_cells;
	struct tide_shard_cell cells[]; /* In the order of the walk. */
};

static inline const struct tidei_shard *
tidei_shard_of(const struct tide_shard *shard)
{
	return (const struct tidei_shard *)shard;
}

/* 0, or -EINVAL when an invariant of the shard is broken. */
int tidei_shard_check(const struct tide_shard *shard);

#endif /* SHARD_INTERNAL_H */
