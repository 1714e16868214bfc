/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Counts the buffers of the members of a pool set, and prints them. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "pool_internal.h"
#include "tide_mempool.h"

static void
count(const struct tide_pool *pool, const struct tidei_member *member,
	struct tide_pool_stats *stats)
{
	struct tide_mempool_stats tide;

	*stats = (struct tide_pool_stats){.node = member->node};
	tidei_pool_count(member->mp, stats, &tide);
	tidei_spill_count(pool, (unsigned int)(member - pool->members), stats);
}

int
tide_pool_stats(const struct tide_pool *pool, int node, struct tide_pool_stats *stats)
{
	const struct tidei_member *member = tidei_member_on(pool, node);

	if (member == NULL)
		return -ENOENT;
	count(pool, member, stats);
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

	count(pool, member, &stats);
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
