/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Counts the buffers of the members of a pool set, and prints them. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <rte_mempool.h>

#include "mempool_friend.h"
#include "pool_internal.h"
#include "tide_mempool.h"

static void
count_trouble(const struct rte_mempool *mp, struct tide_pool_stats *stats)
{
	struct tide_mempool_stats tide;

	/* Other ops do not count. */
	if (tide_mempool_stats(mp, &tide) < 0)
		return;
	stats->failures = tide.failures;
	stats->misuse = tide.double_free + tide.foreign + tide.misaligned;
}

int
tide_pool_stats(const struct tide_pool *pool, int node, struct tide_pool_stats *stats)
{
	const struct tidei_member *member = tidei_member_on(pool, node);
	struct tide_pool_stats now = {.node = node};

	if (member == NULL)
		return -ENOENT;
	now.size = member->mp->size;
	now.free = rte_mempool_avail_count(member->mp);
	now.in_use = now.size - now.free;
	now.cached = tidei_mempool_cached(member->mp);
	count_trouble(member->mp, &now);
	tidei_spill_count(pool, (unsigned int)(member - pool->members), &now);
	*stats = now;
	return 0;
}

int
tide_pool_owners(
	const struct tide_pool *pool, int node, struct tide_mempool_owner *owners, unsigned int max)
{
	const struct tidei_member *member = tidei_member_on(pool, node);

	return member != NULL ? tide_mempool_owners(member->mp, owners, max) : -ENOENT;
}

static void
dump_member(const struct tide_pool *pool, const struct tidei_member *member, FILE *out)
{
	struct tide_pool_stats stats;

	tide_pool_stats(pool, member->node, &stats);
	fprintf(out,
		"%s: %" PRIu32 " buffers, %" PRIu32 " free (%" PRIu32 " in caches), %" PRIu32
		" in use, %" PRIu64 " failures, %" PRIu64 " misuses; ",
		member->mp->name, stats.size, stats.free, stats.cached, stats.in_use,
		stats.failures, stats.misuse);
	if (pool->spill.policy != TIDE_SPILL_NEVER)
		fprintf(out, "%" PRIu64 " gets spilled out, %" PRIu64 " in; ", stats.spilled_out,
			stats.spilled_in);
	tide_placement_dump(tide_region_placement(member->region), out);
}

void
tide_pool_dump(const struct tide_pool *pool, FILE *out)
{
	for (unsigned int i = 0; i < pool->nb_members; i++)
		dump_member(pool, &pool->members[i], out);
}
