/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: one buffer in each of many threads. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_pause.h>

#include "givers.h"

struct giver {
	struct givers *all;
	pthread_t thread;
	unsigned int i;
};

struct givers {
	struct rte_mempool *mp;
	pthread_mutex_t gate; /* Locked until all threads are there, or stop is set. */
	bool stop; /* Under gate: not all threads could be created. */
	pthread_barrier_t begin, end; /* Of one round of giving. */
	void **table; /* Written before begin; NULL: the threads shall end. */
	atomic_bool busy; /* The other lcore keeps its CPU. Relaxed: it orders nothing. */
	atomic_bool done; /* The loop on it shall end. Relaxed: it is waited for. */
	unsigned int lcore; /* The other one. */
	struct giver giver[GIVERS];
};

static void *
give(void *arg)
{
	const struct giver *me = arg;
	struct givers *g = me->all;
	bool stop;

	pthread_mutex_lock(&g->gate);
	stop = g->stop;
	pthread_mutex_unlock(&g->gate);
	while (!stop) {
		pthread_barrier_wait(&g->begin);
		if (g->table == NULL)
			break;
		rte_mempool_put(g->mp, g->table[me->i]);
		pthread_barrier_wait(&g->end);
	}
	return NULL;
}

/* A barrier that a get asks the kernel for interrupts a CPU that runs this process. */
static int
occupy(void *arg)
{
	struct givers *g = arg;

	while (!atomic_load_explicit(&g->done, memory_order_relaxed))
		if (atomic_load_explicit(&g->busy, memory_order_relaxed))
			rte_pause();
		else
			sched_yield();
	return 0;
}

/* The number of threads that started. */
static unsigned int
start_threads(struct givers *g, const cpu_set_t *cpus)
{
	unsigned int n = 0;
	pthread_attr_t attr;

	if (pthread_attr_init(&attr) != 0)
		return 0;
	if (pthread_attr_setaffinity_np(&attr, sizeof(*cpus), cpus) == 0)
		for (; n < GIVERS; n++) {
			g->giver[n].all = g;
			g->giver[n].i = n;
			if (pthread_create(&g->giver[n].thread, &attr, give, &g->giver[n]) != 0)
				break;
		}
	pthread_attr_destroy(&attr);
	return n;
}

/* Wait for the end of n threads, and free all. */
static void
join(struct givers *g, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		pthread_join(g->giver[i].thread, NULL);
	pthread_barrier_destroy(&g->begin);
	pthread_barrier_destroy(&g->end);
	pthread_mutex_destroy(&g->gate);
	free(g);
}

struct givers *
givers_start(struct rte_mempool *mp, const cpu_set_t *cpus)
{
	struct givers *g = calloc(1, sizeof(*g));
	unsigned int n;
	bool stop;

	if (g == NULL)
		return NULL;
	g->mp = mp;
	g->lcore = rte_get_next_lcore(-1, 1, 0);
	pthread_mutex_init(&g->gate, NULL);
	pthread_barrier_init(&g->begin, NULL, GIVERS + 1);
	pthread_barrier_init(&g->end, NULL, GIVERS + 1);
	pthread_mutex_lock(&g->gate);
	n = start_threads(g, cpus);
	stop = n < GIVERS || rte_eal_remote_launch(occupy, g, g->lcore) != 0;
	g->stop = stop;
	pthread_mutex_unlock(&g->gate);
	if (!stop)
		return g;
	join(g, n);
	return NULL;
}

void
givers_give(struct givers *g, void **table)
{
	g->table = table;
	pthread_barrier_wait(&g->begin);
	pthread_barrier_wait(&g->end);
	atomic_store_explicit(&g->busy, true, memory_order_relaxed);
}

void
givers_rest(struct givers *g)
{
	atomic_store_explicit(&g->busy, false, memory_order_relaxed);
}

void
givers_end(struct givers *g)
{
	g->table = NULL;
	pthread_barrier_wait(&g->begin);
	atomic_store_explicit(&g->done, true, memory_order_relaxed);
	rte_eal_wait_lcore(g->lcore);
	join(g, GIVERS);
}
