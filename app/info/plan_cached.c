/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info plan: the buffers that a mempool cache keeps, as the library counts them. */

#include <rte_mbuf.h>

#include "plan.h"

/* Sizes of pools are multiples of it. */
#define ROUND_TO 64

uint64_t
plan_cached(uint32_t cache_size)
{
	const struct tide_pool_need need = {
		.lcores = ROUND_TO,
		.cache_size = cache_size,
		.data_room = RTE_PKTMBUF_HEADROOM,
	};
	struct tide_pool_size size;

	if (tide_pool_size(&need, TIDE_NODE_UNKNOWN, TIDE_PAGE_4K, &size) != 0)
		return 0;
	return size.buffers / ROUND_TO;
}
