/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Walks the mempools of the process, while none can be freed. */

#include <rte_mempool.h>

#include "locate_friend.h"
#include "mempool_friend.h"

struct walk {
	void (*each)(struct rte_mempool *mp, void *arg);
	void *arg;
};

static int
walk_locked(void *arg)
{
	const struct walk *walk = arg;

	tidei_mempool_each(walk->each, walk->arg);
	return 0;
}

int
tidei_mempools_walk(void (*each)(struct rte_mempool *mp, void *arg), void *arg)
{
	struct walk walk = {each, arg};

	return tidei_eal_guarded(walk_locked, &walk);
}
