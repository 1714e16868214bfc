/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Where the memory of each member of a pool set is: when it was made, and now. */

#include <errno.h>

#include <rte_errno.h>

#include "pool_internal.h"

const struct tide_placement *
tide_pool_placement(const struct tide_pool *pool, unsigned int i)
{
	return i < pool->nb_members ? tide_region_placement(pool->members[i].region) : NULL;
}

int
tide_pool_measure(const struct tide_pool *pool, unsigned int i, struct tide_placement *now)
{
	if (i >= pool->nb_members)
		return -EINVAL;
	return tide_region_measure(pool->members[i].region, now);
}

struct tide_scan *
tide_pool_scan(const struct tide_pool *pool, unsigned int i)
{
	if (i >= pool->nb_members) {
		rte_errno = EINVAL;
		return NULL;
	}
	return tide_region_scan(pool->members[i].region);
}

int
tide_pool_memory(const struct tide_pool *pool, unsigned int i, void **addr, size_t *len)
{
	if (i >= pool->nb_members)
		return -EINVAL;
	*addr = tide_region_addr(pool->members[i].region);
	*len = tide_region_len(pool->members[i].region);
	return 0;
}
