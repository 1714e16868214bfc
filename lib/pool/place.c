/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Where the memory of each member of a pool set is: when it was made, and now. */

#include <errno.h>

#include <rte_errno.h>

#include "pool_internal.h"

const struct tide_placement *
tide_pool_placement(const struct tide_pool *pool, int node)
{
	const struct tidei_member *member = tidei_member_on(pool, node);

	return member != NULL ? tide_region_placement(member->region) : NULL;
}

int
tide_pool_measure(const struct tide_pool *pool, int node, struct tide_placement *now)
{
	const struct tidei_member *member = tidei_member_on(pool, node);

	return member != NULL ? tide_region_measure(member->region, now) : -ENOENT;
}

struct tide_scan *
tide_pool_scan(const struct tide_pool *pool, int node)
{
	const struct tidei_member *member = tidei_member_on(pool, node);

	if (member == NULL) {
		rte_errno = ENOENT;
		return NULL;
	}
	return tide_region_scan(member->region);
}

int
tide_pool_memory(const struct tide_pool *pool, int node, void **addr, size_t *len)
{
	const struct tidei_member *member = tidei_member_on(pool, node);

	if (member == NULL)
		return -ENOENT;
	*addr = tide_region_addr(member->region);
	*len = tide_region_len(member->region);
	return 0;
}
