/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Threads that work one at a time, when told to. Each has a cell of its own in an allocator, so that
 * objects spread over cells, and yet what must happen is exact.
 */

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "magazine_pool.h"

struct hand {
	pthread_t thread;
	bool there, leave;
	uint32_t tid;
	void (*work)(void *arg); /* NULL: idle. */
	void *arg;
	pthread_cond_t wake;
};

static struct hand crew[CREW_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t done = PTHREAD_COND_INITIALIZER;

static void *
serve(void *arg)
{
	struct hand *hand = arg;

	pthread_mutex_lock(&lock);
	hand->tid = (uint32_t)syscall(SYS_gettid);
	while (!hand->leave) {
		if (hand->work == NULL) {
			pthread_cond_wait(&hand->wake, &lock);
			continue;
		}
		pthread_mutex_unlock(&lock);
		hand->work(hand->arg);
		pthread_mutex_lock(&lock);
		hand->work = NULL;
		pthread_cond_signal(&done);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

void
crew_do(unsigned int which, void (*work)(void *arg), void *arg)
{
	struct hand *hand = &crew[which];

	assert_true(which < CREW_MAX);
	pthread_mutex_lock(&lock);
	if (!hand->there) {
		*hand = (struct hand){.there = true, .wake = PTHREAD_COND_INITIALIZER};
		assert_int_equal(pthread_create(&hand->thread, NULL, serve, hand), 0);
	}
	hand->arg = arg;
	hand->work = work;
	pthread_cond_signal(&hand->wake);
	while (hand->work != NULL)
		pthread_cond_wait(&done, &lock);
	pthread_mutex_unlock(&lock);
}

void
crew_dismiss(void)
{
	for (unsigned int i = 0; i < CREW_MAX; i++) {
		if (!crew[i].there)
			continue;
		pthread_mutex_lock(&lock);
		crew[i].leave = true;
		pthread_cond_signal(&crew[i].wake);
		pthread_mutex_unlock(&lock);
		pthread_join(crew[i].thread, NULL);
		crew[i].there = false;
	}
}

uint32_t
crew_tid(unsigned int which)
{
	return crew[which].tid;
}

struct call {
	struct tidei_magazines *mags;
	void **table;
	void *const *given;
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

	call->ret = (int)tidei_magazines_put(call->mags, call->given, call->n, NULL);
}

int
crew_get(struct tidei_magazines *mags, unsigned int which, void **table, unsigned int n)
{
	struct call call = {.mags = mags, .table = table, .n = n};

	crew_do(which, do_get, &call);
	return call.ret;
}

unsigned int
crew_put(struct tidei_magazines *mags, unsigned int which, void *const *table, unsigned int n)
{
	struct call call = {.mags = mags, .given = table, .n = n};

	crew_do(which, do_put, &call);
	return (unsigned int)call.ret;
}
