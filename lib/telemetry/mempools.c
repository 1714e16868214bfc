/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Walks the mempools of the process for endpoints, while none can be freed. */

#include <rte_eal_memconfig.h>
#include <rte_mempool.h>
#include <rte_tailq.h>

#include "endpoint.h"
#include "locate_friend.h"

TAILQ_HEAD(mempool_list, rte_tailq_entry);

struct walk {
	void (*each)(struct rte_mempool *mp, void *arg);
	void *arg;
};

/* rte_mempool_walk() takes the first lock alone, and rte_mempool_free() the second one. */
static int
walk_locked(void *arg)
{
	const struct walk *walk = arg;
	struct rte_tailq_entry *entry;
	struct mempool_list *list;

	rte_mcfg_mempool_read_lock();
	rte_mcfg_tailq_read_lock();
	list = RTE_TAILQ_LOOKUP("RTE_MEMPOOL", mempool_list);
	TAILQ_FOREACH (entry, list, next)
		walk->each(entry->data, walk->arg);
	rte_mcfg_tailq_read_unlock();
	rte_mcfg_mempool_read_unlock();
	return 0;
}

int
tidei_endpoint_walk(void (*each)(struct rte_mempool *mp, void *arg), void *arg)
{
	struct walk walk = {each, arg};

	return tidei_eal_guarded(walk_locked, &walk);
}
