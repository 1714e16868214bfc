/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: asks where the memory of the pools is. */

#include <string.h>

#include "placement.h"
#include "tide_pool_query.h"

void
fwd_placement_begin(struct fwd_placement *placement, const struct tide_pool *pool)
{
	memset(placement, 0, sizeof(*placement));
	placement->nb_pools = tide_pool_nb_nodes(pool);
	for (unsigned int i = 0; i < placement->nb_pools; i++) {
		placement->pool[i].made = tide_pool_placement(pool, tide_pool_node_id(pool, i));
		placement->pool[i].now = *placement->pool[i].made;
	}
}

void
fwd_place_note(struct fwd_place *place, const struct tide_placement *now)
{
	struct tide_placement_change since;

	place->news = tide_placement_compare(&place->now, now, &since) > 0 && since.moved != 0;
	place->now = *now;
	place->checks++;
	if (tide_placement_compare(place->made, now, &place->change) >= 0)
		place->worst = RTE_MAX(place->worst, place->change.moved);
}

void
fwd_placement_restart(struct fwd_placement *placement)
{
	tide_scan_free(placement->scan);
	placement->scan = NULL;
	placement->at = 0;
}

int
fwd_placement_step(struct fwd_placement *placement, const struct tide_pool *pool, uint64_t pages)
{
	struct tide_placement now;
	int rc;

	if (placement->scan == NULL)
		placement->scan = tide_pool_scan(pool, tide_pool_node_id(pool, placement->at));
	rc = placement->scan == NULL ? -1 : tide_scan_step(placement->scan, pages, &now);
	if (rc == 0)
		return 0;
	if (rc < 0) {
		fwd_placement_restart(placement);
		return -1;
	}
	tide_scan_free(placement->scan);
	placement->scan = NULL;
	fwd_place_note(&placement->pool[placement->at], &now);
	if (++placement->at < placement->nb_pools)
		return 0;
	placement->at = 0;
	return 1;
}

void
fwd_placement_finish(struct fwd_placement *placement, const struct tide_pool *pool)
{
	struct tide_placement now;

	for (unsigned int i = 0; i < placement->nb_pools; i++) {
		if (tide_pool_measure(pool, tide_pool_node_id(pool, i), &now) == 0)
			fwd_place_note(&placement->pool[i], &now);
	}
}
