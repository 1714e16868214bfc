/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Mempool ops that are wrong, for the test that tide-bench detects them. The environment selects the
 * fault. After many good puts TIDE_TEST_WRONG=lose drops one object, and =twice stores one object
 * twice and another not at all, so that the count stays right. When a pool is made, =crash
 * crashes, =exit ends the process with success, =hang never returns.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_bus_vdev.h>
#include <rte_common.h>
#include <rte_debug.h>
#include <rte_malloc.h>
#include <rte_mempool.h>
#include <rte_spinlock.h>

#include "ops.h"

/* Puts of several objects that go well: more than the trial before a run has. */
#define GOOD 10000

struct wrong {
	rte_spinlock_t lock;
	unsigned int n;
	unsigned int puts;
	void *object[];
};

static bool
goes_wrong(const char *how)
{
	const char *wanted = getenv("TIDE_TEST_WRONG");

	return wanted != NULL && strcmp(wanted, how) == 0;
}

static int
wrong_alloc(struct rte_mempool *mp)
{
	struct wrong *w;

	if (goes_wrong("crash"))
		abort();
	if (goes_wrong("exit"))
		exit(0);
	while (goes_wrong("hang"))
		pause();
	w = rte_zmalloc("wrong", sizeof(*w) + 2 * mp->size * sizeof(w->object[0]), 0);
	mp->pool_data = w;
	return w == NULL ? -ENOMEM : 0;
}

static void
wrong_free(struct rte_mempool *mp)
{
	rte_free(mp->pool_data);
}

static int
wrong_enqueue(struct rte_mempool *mp, void *const *table, unsigned int n)
{
	struct wrong *w = mp->pool_data;
	bool now;

	rte_spinlock_lock(&w->lock);
	now = n > 1 && w->puts++ == GOOD;
	memcpy(&w->object[w->n], table, n * sizeof(*table));
	if (now && goes_wrong("twice"))
		w->object[w->n] = table[1];
	w->n += n;
	if (now && goes_wrong("lose"))
		w->n--;
	rte_spinlock_unlock(&w->lock);
	return 0;
}

static int
wrong_dequeue(struct rte_mempool *mp, void **table, unsigned int n)
{
	struct wrong *w = mp->pool_data;
	int ret = -ENOBUFS;

	rte_spinlock_lock(&w->lock);
	if (n <= w->n) {
		w->n -= n;
		memcpy(table, &w->object[w->n], n * sizeof(*table));
		ret = 0;
	}
	rte_spinlock_unlock(&w->lock);
	return ret;
}

static unsigned int
wrong_count(const struct rte_mempool *mp)
{
	const struct wrong *w = mp->pool_data;

	return w->n;
}

static const struct rte_mempool_ops wrong_ops = {
	.name = "wrong",
	.alloc = wrong_alloc,
	.free = wrong_free,
	.enqueue = wrong_enqueue,
	.dequeue = wrong_dequeue,
	.get_count = wrong_count,
};

/* The bus of virtual devices scans when all drivers are loaded, and again when a device is plugged in. */
static void
at_scan(void *arg)
{
	static bool done;

	if (!done)
		RTE_VERIFY(test_ops_add(&wrong_ops) == 0);
	done = true;
}

RTE_INIT(register_wrong_ops)
{
	RTE_VERIFY(rte_vdev_add_custom_scan(at_scan, NULL) == 0);
}
