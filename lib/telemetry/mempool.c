/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Takes a sample of a mempool of any ops. */

#include <rte_mempool.h>

#include "pool_friend.h"
#include "tide_telemetry.h"

void
tide_telemetry_mempool(const struct rte_mempool *mp, struct tide_pool_sample *sample)
{
	*sample = (struct tide_pool_sample){
		.stats.node = mp->socket_id,
		.stats.spilled_out = TIDE_COUNT_NONE,
		.stats.spilled_in = TIDE_COUNT_NONE,
		.kept_by_drivers = TIDE_COUNT_NONE,
		.checks = TIDE_COUNT_NONE,
		.moved_pages = TIDE_COUNT_NONE,
		.moved_pages_worst = TIDE_COUNT_NONE,
		.thp_lost = TIDE_COUNT_NONE,
	};
	sample->counts = tidei_pool_count(mp, &sample->stats, &sample->tide);
}
