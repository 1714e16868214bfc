/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Spills a get whose member has too few to other members of the set. Their order is computed when the
 * set is made, not when buffers are short.
 */

#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>
#include <rte_mbuf.h>

#include "pool_internal.h"

/* The other members as seen from the i-th, nearest first, as many as the policy tries. */
static void
make_order(struct tide_pool *pool, unsigned int i)
{
	int ids[TIDE_NODE_MAX];
	unsigned int n, k, at = i * pool->spill.tries, end = at + pool->spill.tries;

	n = tide_topology_nearest(pool->topo, pool->members[i].node, false, ids, RTE_DIM(ids));
	for (k = 0; k < n && at < end; k++) {
		int16_t member = pool->index[ids[k]];

		if (member >= 0 && (unsigned int)member != i)
			pool->spill.order[at++] = (uint16_t)member;
	}
}

int
tidei_spill_init(struct tide_pool *pool, enum tide_spill policy)
{
	struct tidei_spill *spill = &pool->spill;
	unsigned int i, others = pool->nb_members - 1;

	spill->policy = policy;
	spill->tries = policy == TIDE_SPILL_NEVER     ? 0
	               : policy == TIDE_SPILL_NEAREST ? RTE_MIN(others, 1U)
	                                              : others;
	if (spill->tries == 0)
		return 0;
	spill->count = calloc(pool->nb_members, sizeof(spill->count[0]));
	spill->order = calloc((size_t)pool->nb_members * spill->tries, sizeof(spill->order[0]));
	if (spill->count == NULL || spill->order == NULL) {
		tidei_spill_fini(pool);
		return -ENOMEM;
	}
	for (i = 0; i < pool->nb_members; i++)
		make_order(pool, i);
	return 0;
}

void
tidei_spill_fini(struct tide_pool *pool)
{
	free(pool->spill.count);
	free(pool->spill.order);
	pool->spill = (struct tidei_spill){.tries = 0};
}

int
tidei_spill_get(
	const struct tide_pool *pool, unsigned int member, struct rte_mbuf **bufs, unsigned int n)
{
	const struct tidei_spill *spill = &pool->spill;
	const uint16_t *order = &spill->order[(size_t)member * spill->tries];
	unsigned int i;

	for (i = 0; i < spill->tries; i++) {
		if (rte_pktmbuf_alloc_bulk(pool->members[order[i]].mp, bufs, n) != 0)
			continue;
		/* Relaxed: each counts for itself and orders nothing. */
		atomic_fetch_add_explicit(&spill->count[member].out, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&spill->count[order[i]].in, 1, memory_order_relaxed);
		return 0;
	}
	return -ENOBUFS;
}

void
tidei_spill_count(const struct tide_pool *pool, unsigned int member, struct tide_pool_stats *stats)
{
	const struct tidei_spill_count *count = pool->spill.count;

	if (count == NULL)
		return;
	/* Relaxed: a reading of counters that others add to. */
	stats->spilled_out = atomic_load_explicit(&count[member].out, memory_order_relaxed);
	stats->spilled_in = atomic_load_explicit(&count[member].in, memory_order_relaxed);
}
