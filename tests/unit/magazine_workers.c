/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Threads that work one at a time, on request. Each has a cell of its own in an allocator, so objects
 * spread over cells, and yet every result is exact.
 */

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "magazine_pool.h"

struct worker {
	pthread_t thread;
	bool started, end;
	uint32_t tid;
	void (*work)(void *arg); /* NULL: idle. */
	void *arg;
	pthread_cond_t wake;
};

static struct worker workers[WORKERS_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t done = PTHREAD_COND_INITIALIZER;

static void *
run(void *arg)
{
	struct worker *worker = arg;

	pthread_mutex_lock(&lock);
	worker->tid = (uint32_t)syscall(SYS_gettid);
	while (!worker->end) {
		if (worker->work == NULL) {
			pthread_cond_wait(&worker->wake, &lock);
			continue;
		}
		pthread_mutex_unlock(&lock);
		worker->work(worker->arg);
		pthread_mutex_lock(&lock);
		worker->work = NULL;
		pthread_cond_signal(&done);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

void
worker_do(unsigned int index, void (*work)(void *arg), void *arg)
{
	struct worker *worker = &workers[index];

	assert_true(index < WORKERS_MAX);
	pthread_mutex_lock(&lock);
	if (!worker->started) {
		*worker = (struct worker){.started = true, .wake = PTHREAD_COND_INITIALIZER};
		assert_int_equal(pthread_create(&worker->thread, NULL, run, worker), 0);
	}
	worker->arg = arg;
	worker->work = work;
	pthread_cond_signal(&worker->wake);
	while (worker->work != NULL)
		pthread_cond_wait(&done, &lock);
	pthread_mutex_unlock(&lock);
}

void
workers_end(void)
{
	for (unsigned int i = 0; i < WORKERS_MAX; i++) {
		if (!workers[i].started)
			continue;
		pthread_mutex_lock(&lock);
		workers[i].end = true;
		pthread_cond_signal(&workers[i].wake);
		pthread_mutex_unlock(&lock);
		pthread_join(workers[i].thread, NULL);
		workers[i].started = false;
	}
}

uint32_t
worker_tid(unsigned int index)
{
	return workers[index].tid;
}

struct call {
	struct tidei_magazines *mags;
	void **table;
	void *const *objects;
	unsigned int n;
	int ret;
};

static void
do_get(void *arg)
{
	struct call *call = arg;

	call->ret = tidei_magazines_get(call->mags, call->table, call->n, NULL);
}

static void
do_put(void *arg)
{
	struct call *call = arg;

	call->ret = (int)tidei_magazines_put(call->mags, call->objects, call->n, NULL);
}

int
worker_get(struct tidei_magazines *mags, unsigned int index, void **table, unsigned int n)
{
	struct call call = {.mags = mags, .table = table, .n = n};

	worker_do(index, do_get, &call);
	return call.ret;
}

unsigned int
worker_put(struct tidei_magazines *mags, unsigned int index, void *const *table, unsigned int n)
{
	struct call call = {.mags = mags, .objects = table, .n = n};

	worker_do(index, do_put, &call);
	return (unsigned int)call.ret;
}
