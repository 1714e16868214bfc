/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Answers for mempools of any ops: the number of the ops, and the content of the per-lcore caches. */

#include <string.h>

#include <rte_common.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_version.h>

#include "mempool_friend.h"

int
tidei_mempool_ops_number(const char *name)
{
	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++) {
		if (strcmp(rte_mempool_ops_table.ops[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

bool
tidei_mempool_has_mbufs(struct rte_mempool *mp)
{
	const struct rte_pktmbuf_pool_private *priv;
	size_t size = sizeof(struct rte_mbuf);

	if (mp->private_data_size < sizeof(*priv) || mp->elt_size < size)
		return false;
	priv = rte_mempool_get_priv(mp);
	size += priv->mbuf_priv_size;
	if (!(priv->flags & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF))
		size += priv->mbuf_data_room_size;
	return size <= mp->elt_size && priv->mbuf_priv_size % RTE_MBUF_PRIV_ALIGN == 0;
}

uint64_t
tidei_cache_most(uint32_t size, uint32_t version)
{
	/* CACHE_FLUSHTHRESH_MULTIPLIER of rte_mempool.c, which DPDK 26.07 has no more. */
	return version < RTE_VERSION_NUM(26, 7, 0, 0) ? (uint64_t)size * 3 / 2 : size;
}

uint32_t
tidei_mempool_cached(const struct rte_mempool *mp)
{
	uint32_t cached = 0;
	unsigned int i;

	if (mp->cache_size == 0)
		return 0;
	/* The lines belong to other threads: the sum is approximate while they work. */
	for (i = 0; i < RTE_MAX_LCORE; i++)
		cached += mp->local_cache[i].len;
	return RTE_MIN(cached, mp->size);
}

static void
walk_cache(
	const struct rte_mempool_cache *cache, unsigned int lcore_id, tidei_cached_cb cb, void *arg)
{
	uint32_t len =
		RTE_MIN(*(const volatile uint32_t *)&cache->len, (uint32_t)RTE_DIM(cache->objs));

	for (uint32_t i = 0; i < len; i++)
		cb(lcore_id, *(void *const volatile *)&cache->objs[i], arg);
}

void
tidei_mempool_cached_walk(const struct rte_mempool *mp, tidei_cached_cb cb, void *arg)
{
	for (unsigned int i = 0; mp->cache_size != 0 && i < RTE_MAX_LCORE; i++)
		walk_cache(&mp->local_cache[i], i, cb, arg);
}
