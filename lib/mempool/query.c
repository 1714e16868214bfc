/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Answers questions about mempools with the tide ops of any copy of the driver. */

#include <errno.h>
#include <string.h>

#include <rte_mempool.h>

#include "magazine.h"
#include "mempool_friend.h"
#include "mempool_tide_friend.h"
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
	/* The copy that made it can be of another build, with another layout. */
	return tidei_magazines_valid(mp->pool_data) ? 0 : -ENOTSUP;
}

int
tidei_mempool_home(const struct rte_mempool *mp)
{
	return tidei_mempool_queryable(mp) == 0 ? tidei_mempool_extra(mp)->home : mp->socket_id;
}

int
tide_mempool_stats(const struct rte_mempool *mp, struct tide_mempool_stats *stats)
{
	struct tidei_counters c;
	int ret = tidei_mempool_queryable(mp);

	if (ret < 0)
		return ret;
	c = tidei_magazines_counters(mp->pool_data);
	*stats = (struct tide_mempool_stats){
		.failures = c.failures,
		.double_free = c.misuses[TIDEI_MISUSE_DOUBLE_FREE],
		.foreign = c.misuses[TIDEI_MISUSE_FOREIGN],
		.misaligned = c.misuses[TIDEI_MISUSE_MISALIGNED],
		.steals = c.steals,
		.reclaims = c.reclaims,
		.peak = tidei_magazines_peak(mp->pool_data),
	};
	return 0;
}

int
tide_mempool_ledger(const struct rte_mempool *mp)
{
	int ret = tidei_mempool_queryable(mp);

	if (ret < 0)
		return ret;
	return (int)tidei_magazines_mode(mp->pool_data) + TIDE_LEDGER_FULL;
}

bool
tide_mempool_fenced(void)
{
	return tidei_magazines_fenced();
}

int
tide_mempool_check(const struct rte_mempool *mp, const char **wrong)
{
	const char *sentence;
	int ret = tidei_mempool_queryable(mp);

	if (ret < 0)
		return ret;
	sentence = tidei_magazines_check(mp->pool_data);
	if (wrong != NULL)
		*wrong = sentence;
	return sentence == NULL ? 0 : -EUCLEAN;
}

int
tide_mempool_set_misuse(struct rte_mempool *mp, enum tide_misuse_policy policy)
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
