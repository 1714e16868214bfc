/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Copies the facts of all mempools. */

#include <errno.h>
#include <stdio.h>

#include <rte_lcore.h>
#include <rte_memory.h>
#include <rte_mempool.h>
#include <rte_version.h>

#include "audit_internal.h"
#include "mempool_friend.h"
#include "region_friend.h"

struct copying {
	struct tidei_audit_facts *facts;
	int error;
};

/* Memory that EAL does not know is taken to have base pages: then the kernel is asked too often, never wrongly. */
static size_t
page_size_of(const void *addr)
{
	const struct rte_memseg_list *list = rte_mem_virt2memseg_list(addr);

	return list == NULL ? tidei_page_base() : (size_t)list->page_sz;
}

static int
copy_chunks(struct tidei_audit_facts *facts, struct rte_mempool *mp)
{
	struct rte_mempool_memhdr *hdr;

	STAILQ_FOREACH (hdr, &mp->mem_list, next) {
		struct tidei_audit_chunk *chunk = tidei_audit_add(&facts->chunks, sizeof(*chunk));

		if (chunk == NULL)
			return -ENOMEM;
		chunk->from = (uintptr_t)hdr->addr;
		chunk->to = chunk->from + hdr->len;
		chunk->page_size = page_size_of(hdr->addr);
		chunk->pool = facts->pools.nb - 1;
	}
	return 0;
}

/* The tide ops can have switched the caches off. */
static void
copy_caches(struct tidei_audit_pool *pool, const struct rte_mempool *mp)
{
	unsigned int id;
	uint64_t most = 0;

	pool->cache_size = mp->cache_size;
	if (mp->cache_size == 0)
		return;
	RTE_LCORE_FOREACH (id) {
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
	pool = tidei_audit_add(&copying->facts->pools, sizeof(*pool));
	if (pool == NULL) {
		copying->error = -ENOMEM;
		return;
	}
	pool->mp = mp;
	snprintf(pool->name, sizeof(pool->name), "%s", mp->name);
	pool->node = tidei_mempool_home(mp);
	pool->size = mp->size;
	copy_caches(pool, mp);
	pool->counts = tide_mempool_stats(mp, &pool->tide) == 0;
	copying->error = copy_chunks(copying->facts, mp);
}

int
tidei_audit_read_pools(struct tidei_audit_facts *facts)
{
	struct copying copying = {.facts = facts};

	tidei_mempool_each(copy_pool, &copying);
	return copying.error;
}
