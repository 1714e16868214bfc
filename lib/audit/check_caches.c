/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds mempools all of whose objects can be in receive queues and in the caches of other lcores. */

#include <inttypes.h>

#include "audit_internal.h"

/* Return the descriptors of the receive queues of a mempool, as far as drivers tell. */
static uint64_t
descriptors_of(const struct tidei_audit_facts *facts, const struct tidei_audit_pool *pool)
{
	uint64_t sum = 0;

	TIDEI_LIST_EACH (facts->queues, const struct tidei_audit_queue, queue)
		sum += queue->mp == pool->mp ? queue->descriptors : 0;
	return sum;
}

static void
check(struct tide_audit *audit, const struct tidei_audit_facts *facts,
	const struct tidei_audit_pool *pool)
{
	struct tide_audit_finding f = AUDIT_FINDING(TIDE_AUDIT_CACHE_TOO_LARGE, TIDE_AUDIT_WARNING);
	uint64_t descriptors = descriptors_of(facts, pool);
	/* An lcore that gets objects has those of its own cache. */
	uint64_t others =
		pool->caches == 0 ? 0 : pool->cached_most - pool->cached_most / pool->caches;

	if (others == 0 || others + descriptors < pool->size)
		return;
	f.pool = pool->name;
	tidei_audit_figure(&f, "size", pool->size);
	tidei_audit_figure(&f, "cache_size", pool->cache_size);
	tidei_audit_figure(&f, "caches", pool->caches);
	tidei_audit_figure(&f, "cached_most", pool->cached_most);
	tidei_audit_figure(&f, "descriptors", descriptors);
	tidei_audit_note(audit, &f,
		tidei_audit_text(
			"mempool %s has %u objects, but the caches of %u lcores can have %" PRIu64
			" of them, and receive queues have %" PRIu64
			": a get of one more lcore can fail while objects are free",
			f.pool, pool->size, pool->caches - 1, others, descriptors),
		tidei_audit_text(
			"create it with more than %" PRIu64 " objects, or with a smaller "
			"cache than %u; with the tide ops TIDE_CACHE=off removes the caches",
			others + descriptors, pool->cache_size));
}

void
tidei_check_caches(struct tide_audit *audit, const struct tidei_audit_facts *facts)
{
	TIDEI_LIST_EACH (facts->pools, const struct tidei_audit_pool, pool)
		check(audit, facts, pool);
}
