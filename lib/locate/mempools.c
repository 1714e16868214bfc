/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Walks the mempools of the process, while none can be freed. */

#include <pthread.h>

#include <rte_common.h>
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

/*
 * fork(2) waits for the walk, for some microseconds: without shared memory the child has a copy of EAL's locks, and no thread
 * would ever release those of this thread there.
 */
static pthread_mutex_t walking = PTHREAD_MUTEX_INITIALIZER;

static void
before_fork(void)
{
	pthread_mutex_lock(&walking);
}

static void
after_fork(void)
{
	pthread_mutex_unlock(&walking);
}

int
tidei_mempools_walk(void (*each)(struct rte_mempool *mp, void *arg), void *arg)
{
	struct walk walk = {each, arg};
	int ret;

	pthread_mutex_lock(&walking);
	ret = tidei_eal_guarded(walk_locked, &walk);
	pthread_mutex_unlock(&walking);
	return ret;
}

RTE_INIT(tide_walk_init)
{
	pthread_atfork(before_fork, after_fork, after_fork);
}
