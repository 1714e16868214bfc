/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Copies the facts of all mempools. */

#include <errno.h>
#include <stdio.h>

#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_version.h>

#include "audit_internal.h"
#include "mempool_friend.h"

struct copying {
	struct tidei_audit_facts *facts;
	int error;
};

/* The tide ops can have switched the caches off. An lcore of another process has objects in its cache. */
static void
copy_caches(struct tidei_audit_pool *pool, const struct rte_mempool *mp)
{
	uint64_t most = 0;

	pool->cache_size = mp->cache_size;
	if (mp->cache_size == 0)
		return;
	for (unsigned int id = 0; id < RTE_MAX_LCORE; id++) {
		if (rte_eal_lcore_role(id) == ROLE_OFF && mp->local_cache[id].len == 0)
			continue;
		most += tidei_cache_most(mp->local_cache[id].size, RTE_VERSION);
		pool->caches += mp->local_cache[id].size != 0;
	}
	pool->cached_most = (uint32_t)RTE_MIN(most, (uint64_t)UINT32_MAX);
}

static void
copy_pool(struct rte_mempool *mp, void *arg)
{
	struct copying *copying = arg;
	struct tidei_audit_pool *pool;

	if (copying->error < 0)
		return;
	pool = tidei_list_add(&copying->facts->pools, sizeof(*pool));
	if (pool == NULL) {
		copying->error = -ENOMEM;
		return;
	}
	pool->mp = mp;
	snprintf(pool->name, sizeof(pool->name), "%s", mp->name);
	pool->node = tidei_mempool_home(mp);
	pool->size = mp->size;
	pool->objects = mp->populated_size;
	copy_caches(pool, mp);
	pool->external = tidei_mempool_has_mbufs(mp) &&
	                 (rte_pktmbuf_priv_flags(mp) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF) != 0;
	pool->counts = tide_mempool_stats(mp, &pool->tide) == 0;
	copying->error = tidei_memory_read(&pool->memory, mp);
}

int
tidei_audit_read_pools(struct tidei_audit_facts *facts)
{
	struct copying copying = {.facts = facts};

	tidei_mempool_each(copy_pool, &copying);
	return copying.error;
}
