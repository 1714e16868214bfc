/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Walks all mempools, so that none is freed meanwhile. */

#include <rte_eal_memconfig.h>
#include <rte_mempool.h>
#include <rte_tailq.h>

#include "mempool_friend.h"

TAILQ_HEAD(mempool_list, rte_tailq_entry);

void
tidei_mempool_each_locked(void (*cb)(struct rte_mempool *mp, void *arg), void *arg)
{
	struct mempool_list *list = RTE_TAILQ_LOOKUP("RTE_MEMPOOL", mempool_list);
	struct rte_tailq_entry *entry;

	if (list != NULL)
		TAILQ_FOREACH (entry, list, next)
			cb(entry->data, arg);
}

/*
 * rte_mempool_walk() has the lock of mempools alone, but rte_mempool_free() takes that of tail queues. Threads that
 * create a mempool take them in this order.
 */
void
tidei_mempool_each(void (*cb)(struct rte_mempool *mp, void *arg), void *arg)
{
	rte_mcfg_mempool_read_lock();
	rte_mcfg_tailq_read_lock();
	tidei_mempool_each_locked(cb, arg);
	rte_mcfg_tailq_read_unlock();
	rte_mcfg_mempool_read_unlock();
}
