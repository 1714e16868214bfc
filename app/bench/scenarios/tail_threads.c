/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: threads that put one buffer back each. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_pause.h>

#include "scenarios/tail_threads.h"

struct tail_thread {
	struct tail_threads *all;
	pthread_t thread;
	unsigned int i;
};

struct tail_threads {
	struct rte_mempool *mp;
	pthread_mutex_t gate; /* Locked until all threads are created, or stop is set. */
	bool stop; /* Under gate: not all threads could be created. */
	pthread_barrier_t begin, end; /* Of one round of puts. */
	void **table; /* Written before begin; NULL: the threads end. */
	atomic_bool busy; /* The other lcore keeps its CPU busy. Relaxed: it orders nothing. */
	atomic_bool
		done; /* The loop on the other lcore ends. Relaxed: the main lcore waits for that end. */
	unsigned int lcore; /* The other lcore. */
	struct tail_thread thread[TAIL_THREADS];
};

static void *
put_buffers(void *arg)
{
	const struct tail_thread *me = arg;
	struct tail_threads *t = me->all;
	bool stop;

	pthread_mutex_lock(&t->gate);
	stop = t->stop;
	pthread_mutex_unlock(&t->gate);
	while (!stop) {
		pthread_barrier_wait(&t->begin);
		if (t->table == NULL)
			break;
		rte_mempool_put(t->mp, t->table[me->i]);
		pthread_barrier_wait(&t->end);
	}
	return NULL;
}

/* Keep a CPU busy. The barrier that a get asks the kernel for then interrupts this CPU. */
static int
occupy(void *arg)
{
	struct tail_threads *t = arg;

	while (!atomic_load_explicit(&t->done, memory_order_relaxed))
		if (atomic_load_explicit(&t->busy, memory_order_relaxed))
			rte_pause();
		else
			sched_yield();
	return 0;
}

/* Returns the number of threads that started. */
static unsigned int
start_threads(struct tail_threads *t, const cpu_set_t *cpus)
{
	unsigned int n = 0;
	pthread_attr_t attr;

	if (pthread_attr_init(&attr) != 0)
		return 0;
	if (pthread_attr_setaffinity_np(&attr, sizeof(*cpus), cpus) == 0)
		for (; n < TAIL_THREADS; n++) {
			t->thread[n].all = t;
			t->thread[n].i = n;
			if (pthread_create(
				    &t->thread[n].thread, &attr, put_buffers, &t->thread[n]) != 0)
				break;
		}
	pthread_attr_destroy(&attr);
	return n;
}

/* Wait for the end of n threads, and free everything. */
static void
join(struct tail_threads *t, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		pthread_join(t->thread[i].thread, NULL);
	pthread_barrier_destroy(&t->begin);
	pthread_barrier_destroy(&t->end);
	pthread_mutex_destroy(&t->gate);
	free(t);
}

struct tail_threads *
tail_threads_start(struct rte_mempool *mp, const cpu_set_t *cpus)
{
	struct tail_threads *t = calloc(1, sizeof(*t));
	unsigned int n;
	bool stop;

	if (t == NULL)
		return NULL;
	t->mp = mp;
	t->lcore = rte_get_next_lcore(-1, 1, 0);
	pthread_mutex_init(&t->gate, NULL);
	pthread_barrier_init(&t->begin, NULL, TAIL_THREADS + 1);
	pthread_barrier_init(&t->end, NULL, TAIL_THREADS + 1);
	pthread_mutex_lock(&t->gate);
	n = start_threads(t, cpus);
	stop = n < TAIL_THREADS || rte_eal_remote_launch(occupy, t, t->lcore) != 0;
	t->stop = stop;
	pthread_mutex_unlock(&t->gate);
	if (!stop)
		return t;
	join(t, n);
	return NULL;
}

void
tail_threads_put(struct tail_threads *t, void **table)
{
	t->table = table;
	pthread_barrier_wait(&t->begin);
	pthread_barrier_wait(&t->end);
	atomic_store_explicit(&t->busy, true, memory_order_relaxed);
}

void
tail_threads_idle(struct tail_threads *t)
{
	atomic_store_explicit(&t->busy, false, memory_order_relaxed);
}

void
tail_threads_stop(struct tail_threads *t)
{
	t->table = NULL;
	pthread_barrier_wait(&t->begin);
	atomic_store_explicit(&t->done, true, memory_order_relaxed);
	rte_eal_wait_lcore(t->lcore);
	join(t, TAIL_THREADS);
}
