/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Makes mempools and audits their objects: it knows which are out, and reports a wrong one at once. */

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "audit.h"

struct rte_mempool *
pool_empty(struct trial *t, unsigned int n, unsigned int elt_size, unsigned int cache,
	unsigned int flags)
{
	static atomic_uint made;
	struct rte_mempool *mp;
	char name[24];
	int ret;

	snprintf(name, sizeof(name), "conform%u", atomic_fetch_add(&made, 1));
	mp = rte_mempool_create_empty(name, n, elt_size, cache, 0, SOCKET_ID_ANY, flags);
	if (mp == NULL) {
		fails(t, "no mempool header for %u objects of %u bytes: %s", n, elt_size,
			rte_strerror(rte_errno));
		return NULL;
	}
	ret = rte_mempool_set_ops_byname(mp, t->ops, NULL);
	if (ret != 0) {
		fails(t, "rte_mempool_set_ops_byname: %s", rte_strerror(-ret));
		rte_mempool_free(mp);
		return NULL;
	}
	return mp;
}

struct rte_mempool *
pool_make(struct trial *t, unsigned int n, unsigned int elt_size, unsigned int cache,
	unsigned int flags)
{
	struct rte_mempool *mp = pool_empty(t, n, elt_size, cache, flags);
	int ret;

	if (mp == NULL)
		return NULL;
	ret = rte_mempool_populate_default(mp);
	if (ret == (int)n)
		return mp;
	if (ret < 0)
		fails(t, "no pool of %u objects of %u bytes: populate: %s", n, elt_size,
			rte_strerror(-ret));
	else
		fails(t, "populate made %d of %u objects of %u bytes", ret, n, elt_size);
	rte_mempool_free(mp);
	return NULL;
}

struct listing {
	char **object;
	unsigned int room;
	unsigned int n;
};

static void
list_object(struct rte_mempool *mp, void *arg, void *object, unsigned int index)
{
	struct listing *l = arg;

	if (l->n < l->room)
		l->object[l->n] = object;
	l->n++;
}

static int
by_address(const void *a, const void *b)
{
	char *const *left = a, *const *right = b;

	return (*left > *right) - (*left < *right);
}

bool
audit_open(struct audit *b, struct trial *t, struct rte_mempool *mp, unsigned int n)
{
	struct listing l = {calloc(n, sizeof(*l.object)), n, 0};

	b->t = t;
	b->mp = mp;
	b->n = n;
	b->object = l.object;
	b->out = calloc(n, sizeof(*b->out));
	if (l.object == NULL || b->out == NULL) {
		fails(t, "no memory to audit %u objects", n);
		return false;
	}
	rte_mempool_obj_iter(mp, list_object, &l);
	if (l.n != n) {
		fails(t, "rte_mempool_obj_iter sees %u of %u objects", l.n, n);
		return false;
	}
	qsort(b->object, n, sizeof(*b->object), by_address);
	for (unsigned int i = 0; i + 1 < n; i++) {
		size_t stride = (size_t)mp->header_size + mp->elt_size + mp->trailer_size;

		if (b->object[i] + stride > b->object[i + 1]) {
			fails(t, "objects %p and %p overlap", (void *)b->object[i],
				(void *)b->object[i + 1]);
			return false;
		}
	}
	return true;
}

void
audit_close(struct audit *b)
{
	free(b->object);
	free(b->out);
	rte_mempool_free(b->mp);
}

bool
audit_make(struct audit *b, struct trial *t, unsigned int n, unsigned int elt_size,
	unsigned int cache, unsigned int flags)
{
	struct rte_mempool *mp = pool_make(t, n, elt_size, cache, flags);

	return mp != NULL && audit_open(b, t, mp, n);
}

int
audit_find(const struct audit *b, const void *object)
{
	unsigned int low = 0, high = b->n;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if ((const char *)object < b->object[middle])
			high = middle;
		else if ((const char *)object > b->object[middle])
			low = middle + 1;
		else
			return (int)middle;
	}
	return -1;
}

bool
audit_note_get(struct audit *b, void *const *objs, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		int k = audit_find(b, objs[i]);

		if (k < 0) {
			fails(b->t, "get returned %p, which is no object of the pool", objs[i]);
			return false;
		}
		if (atomic_exchange(&b->out[k], true)) {
			fails(b->t, "object %d of %u was handed out twice", k, b->n);
			return false;
		}
	}
	return true;
}

bool
audit_note_put(struct audit *b, void *const *objs, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		int k = audit_find(b, objs[i]);

		if (k < 0 || !atomic_exchange(&b->out[k], false)) {
			fails(b->t, "object %d of %u was not out when it was put", k, b->n);
			return false;
		}
	}
	return true;
}

bool
audit_get(struct audit *b, void **objs, unsigned int n)
{
	int ret = rte_mempool_get_bulk(b->mp, objs, n);

	if (ret != 0) {
		fails(b->t, "get of %u objects returned %d, the count is %u", n, ret,
			rte_mempool_avail_count(b->mp));
		return false;
	}
	return audit_note_get(b, objs, n);
}

bool
audit_put(struct audit *b, void *const *objs, unsigned int n)
{
	if (!audit_note_put(b, objs, n))
		return false;
	rte_mempool_put_bulk(b->mp, objs, n);
	return true;
}

unsigned int
audit_get_all(struct audit *b, void **objs)
{
	unsigned int n = 0;
	void *object;

	while (rte_mempool_get(b->mp, &object) == 0) {
		if (!audit_note_get(b, &object, 1))
			return UINT_MAX;
		objs[n++] = object;
	}
	return n;
}

static bool
count_is(struct audit *b, unsigned int n)
{
	unsigned int count = rte_mempool_avail_count(b->mp);

	if (count != n)
		fails(b->t, "with %u of %u objects free the count is %u", n, b->n, count);
	return count == n;
}

bool
audit_all_free(struct audit *b)
{
	void **objs = calloc(b->n, sizeof(*objs));
	unsigned int n;
	bool ok;

	ok = objs != NULL && count_is(b, b->n);
	if (ok) {
		n = audit_get_all(b, objs);
		ok = n == b->n;
		if (!ok && n != UINT_MAX)
			fails(b->t, "one thread can take %u of %u objects, then get fails", n,
				b->n);
	}
	ok = ok && count_is(b, 0) && audit_put(b, objs, b->n) && count_is(b, b->n);
	ok = ok && audit_get(b, objs, b->n) && audit_put(b, objs, b->n) && count_is(b, b->n);
	free(objs);
	return ok;
}

int
on_lcores(struct audit *b, unsigned int n, int (*function)(void *job), void *arg)
{
	struct job job[RTE_MAX_LCORE];
	unsigned int lcore, i = 0;
	int bad = 0;

	if (rte_lcore_count() <= n)
		return -1;
	RTE_LCORE_FOREACH_WORKER (lcore) {
		if (i == n)
			break;
		job[i] = (struct job){b, i, b->t->seed + i, arg};
		rte_eal_remote_launch(function, &job[i++], lcore);
	}
	RTE_LCORE_FOREACH_WORKER (lcore)
		bad += rte_eal_wait_lcore(lcore) != 0;
	return bad;
}

struct thread {
	pthread_t id;
	struct job job;
	int (*function)(void *job);
	int ret;
};

static void *
run_thread(void *arg)
{
	struct thread *thread = arg;

	thread->ret = thread->function(&thread->job);
	return NULL;
}

int
on_threads(struct audit *b, unsigned int n, int (*function)(void *job), void *arg)
{
	struct thread thread[RTE_MAX_LCORE];
	int bad = 0;

	for (unsigned int i = 0; i < n; i++) {
		thread[i].job = (struct job){b, i, b->t->seed + i, arg};
		thread[i].function = function;
		if (pthread_create(&thread[i].id, NULL, run_thread, &thread[i]) != 0)
			return -1;
	}
	for (unsigned int i = 0; i < n; i++) {
		pthread_join(thread[i].id, NULL);
		bad += thread[i].ret != 0;
	}
	return bad;
}
