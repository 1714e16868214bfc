/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Counts the buffers of a mempool of any ops. It is in the plugin too, so it uses no pool set. */

#include <rte_mempool.h>

#include "mempool_friend.h"
#include "pool_friend.h"

bool
tidei_pool_count(const struct rte_mempool *mp, struct tide_pool_stats *stats,
	struct tide_mempool_stats *tide)
{
	stats->size = mp->size;
	/* Before the first memory the ops have nothing to count. */
	stats->free = stats->in_use = 0;
	if ((mp->flags & RTE_MEMPOOL_F_POOL_CREATED) != 0) {
		stats->free = rte_mempool_avail_count(mp);
		stats->in_use = stats->size - stats->free;
	}
	stats->cached = tidei_mempool_cached(mp);
	/* Other ops do not count. */
	if (tide_mempool_stats(mp, tide) < 0)
		return false;
	stats->failures = tide->failures;
	stats->misuse = tide->double_free + tide->foreign + tide->misaligned;
	return true;
}
