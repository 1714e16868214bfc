/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The invariants of a pool set. */

#include <errno.h>

#include "pool_internal.h"

static bool
member_holds(const struct tide_pool *pool, unsigned int i)
{
	const struct tidei_member *member = &pool->members[i];

	if (member->node < 0 || member->node >= TIDE_NODE_MAX || member->mp == NULL ||
		member->region == NULL || pool->index[member->node] != (int)i)
		return false;
	if (i > 0 && pool->members[i - 1].node >= member->node)
		return false;
	/* free + in use = total; while others work, only that no more are free than there are. */
	return member->mp->populated_size == member->mp->size &&
	       rte_mempool_avail_count(member->mp) <= member->mp->size;
}

/* Each member has other members to try, and none twice in a row. */
static bool
spill_holds(const struct tide_pool *pool)
{
	const struct tidei_spill *spill = &pool->spill;
	size_t i, places = (size_t)pool->nb_members * spill->tries;

	if (spill->tries >= pool->nb_members)
		return false;
	for (i = 0; i < places; i++) {
		if (spill->order[i] >= pool->nb_members || spill->order[i] == i / spill->tries ||
			(i % spill->tries > 0 && spill->order[i] == spill->order[i - 1]))
			return false;
	}
	return true;
}

int
tidei_pool_check(const struct tide_pool *pool)
{
	unsigned int i, indexed = 0;

	if (pool->topo == NULL || pool->nb_members == 0)
		return -EINVAL;
	for (i = 0; i < pool->nb_members; i++) {
		if (!member_holds(pool, i))
			return -EINVAL;
	}
	for (i = 0; i < TIDE_NODE_MAX; i++)
		indexed += pool->index[i] >= 0;
	return indexed == pool->nb_members && spill_holds(pool) ? 0 : -EINVAL;
}
