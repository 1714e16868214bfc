/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Takes a sample of the mempool of a pool set on one node. */

#include "tide_telemetry.h"

int
tide_telemetry_pool(const struct tide_pool *pool, int node, struct tide_pool_sample *sample)
{
	struct tide_pool_sample now = {.counts = false};
	int rc = tide_pool_stats(pool, node, &now.stats);

	if (rc < 0)
		return rc;
	now.counts = tide_mempool_stats(tide_pool_on(pool, node), &now.tide) == 0;
	now.made = tide_pool_placement(pool, node);
	*sample = now;
	return 0;
}
