/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Answers questions about mempools with the tide ops, whichever copy of the driver serves them. */

#include <errno.h>
#include <string.h>

#include <rte_mempool.h>

#include "freemap.h"
#include "mempool_tide.h"
#include "tide_mempool.h"

int
tidei_mempool_queryable(const struct rte_mempool *mp)
{
	/*
	 * Not by address: another copy may have been first to register. The name is read from the ops
	 * so that a program linked with the static library gets them: a linker leaves out what
	 * nothing refers to, constructors included.
	 */
	if (strcmp(rte_mempool_get_ops(mp->ops_index)->name, tidei_mempool_ops.name) != 0)
		return -ENOTSUP;
	/* DPDK has the ops make their part with the first memory, not with the mempool. */
	if (mp->pool_data == NULL)
		return -ENODATA;
	/* The copy that made it can be of another build, and lay its map out in another way. */
	return tidei_freemap_is_map(mp->pool_data) ? 0 : -ENOTSUP;
}

int
tide_mempool_stats(const struct rte_mempool *mp, struct tide_mempool_stats *stats)
{
	const struct tidei_freemap *map = mp->pool_data;
	int ret = tidei_mempool_queryable(mp);

	if (ret < 0)
		return ret;
	stats->failures = tidei_freemap_failures(map);
	stats->double_free = tidei_freemap_misuses(map, TIDEI_MISUSE_DOUBLE_FREE);
	stats->foreign = tidei_freemap_misuses(map, TIDEI_MISUSE_FOREIGN);
	stats->misaligned = tidei_freemap_misuses(map, TIDEI_MISUSE_MISALIGNED);
	return 0;
}

int
tide_mempool_check(const struct rte_mempool *mp, const char **wrong)
{
	const char *sentence;
	int ret = tidei_mempool_queryable(mp);

	if (ret < 0)
		return ret;
	sentence = tidei_freemap_check(mp->pool_data);
	if (wrong != NULL)
		*wrong = sentence;
	return sentence == NULL ? 0 : -EUCLEAN;
}

int
tide_mempool_set_misuse(struct rte_mempool *mp, enum tide_misuse policy)
{
	int ret = tidei_mempool_queryable(mp);

	if (ret < 0)
		return ret;
	if ((unsigned int)policy > TIDE_MISUSE_ABORT)
		return -EINVAL;
	/* Relaxed: a setting; no other memory goes with it. */
	atomic_store_explicit(&tidei_mempool_extra(mp)->misuse, policy, memory_order_relaxed);
	return 0;
}
