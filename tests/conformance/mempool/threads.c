/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Claims about threads: lcores, threads that EAL does not know, threads that start and end. */

#include <pthread.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_lcore.h>

#include "audit.h"

#define BURST 32

#define CHURN_SECONDS 2

/*
 * Move random audited bursts until a number of rounds is done or time is over. Rings
 * and locks are slow where threads outnumber CPUs, which is no fault here.
 */
static int
churn(struct job *job, unsigned int rounds)
{
	void *objs[4 * BURST];
	uint64_t end = rte_get_timer_cycles() + CHURN_SECONDS * rte_get_timer_hz();
	unsigned int held = 0;

	for (unsigned int i = 0; i < rounds && rte_get_timer_cycles() < end; i++) {
		unsigned int n = 1 + random_below(&job->random, BURST);

		if (held + n <= RTE_DIM(objs) && random_below(&job->random, 2) == 0) {
			if (rte_mempool_get_bulk(job->audit->mp, objs + held, n) != 0)
				continue;
			if (!audit_note_get(job->audit, objs + held, n))
				return -1;
			held += n;
		} else {
			n = RTE_MIN(n, held);
			held -= n;
			if (n > 0 && !audit_put(job->audit, objs + held, n))
				return -1;
		}
	}
	return held == 0 || audit_put(job->audit, objs, held) ? 0 : -1;
}

static int
lcore_churns(void *arg)
{
	struct job *job = arg;
	int ret = churn(job, 100000);

	rte_mempool_cache_flush(NULL, job->audit->mp);
	return ret;
}

static int
thread_churns(void *arg)
{
	return rte_lcore_id() == LCORE_ID_ANY ? churn(arg, 30000) : -1;
}

/* Few objects, so that some gets find the pool empty. */
static enum verdict
on_eight_lcores(struct trial *t, unsigned int cache)
{
	struct audit b;
	int bad;

	NEED(audit_make(&b, t, 700, 64, cache, 0));
	bad = on_lcores(&b, 8, lcore_churns, NULL);
	if (bad < 0)
		return skips(t, "needs 9 lcores, EAL has %u", rte_lcore_count());
	CHECK(t, bad == 0, "%d lcores failed", bad);
	NEED(audit_all_free(&b));
	return VERDICT_PASS;
}

static enum verdict
no_object_twice(struct trial *t)
{
	return on_eight_lcores(t, 0);
}

static enum verdict
no_object_twice_cached(struct trial *t)
{
	return on_eight_lcores(t, 32);
}

static enum verdict
plain_threads(struct trial *t)
{
	struct audit b;
	int bad;

	/* These threads bypass the default cache, which is for lcores. */
	NEED(audit_make(&b, t, 700, 64, 32, 0));
	bad = on_threads(&b, 1, thread_churns, NULL);
	CHECK(t, bad == 0, "a thread without an lcore id failed");
	NEED(audit_all_free(&b));
	bad = on_threads(&b, 4, thread_churns, NULL);
	CHECK(t, bad == 0, "%d of 4 threads without an lcore id failed", bad);
	NEED(audit_all_free(&b));
	return VERDICT_PASS;
}

static int
thread_uses_own_cache(void *arg)
{
	struct job *job = arg;
	struct rte_mempool_cache *cache = rte_mempool_cache_create(32, SOCKET_ID_ANY);
	void *objs[BURST];
	uint64_t end;

	if (cache == NULL)
		return -1;
	end = rte_get_timer_cycles() + CHURN_SECONDS * rte_get_timer_hz();
	for (unsigned int i = 0; i < 20000 && rte_get_timer_cycles() < end; i++) {
		if (rte_mempool_generic_get(job->audit->mp, objs, BURST, cache) != 0)
			continue;
		if (!audit_note_get(job->audit, objs, BURST) ||
			!audit_note_put(job->audit, objs, BURST))
			return -1;
		rte_mempool_generic_put(job->audit->mp, objs, BURST, cache);
	}
	rte_mempool_cache_flush(cache, job->audit->mp);
	rte_mempool_cache_free(cache);
	return 0;
}

static enum verdict
own_cache(struct trial *t)
{
	struct audit b;
	int bad;

	NEED(audit_make(&b, t, 700, 64, 0, 0));
	bad = on_threads(&b, 4, thread_uses_own_cache, NULL);
	CHECK(t, bad == 0, "%d of 4 threads with a cache of their own failed", bad);
	NEED(audit_all_free(&b));
	return VERDICT_PASS;
}

/* Tables that one lcore fills and the next puts back. */
struct exchange {
	void *objs[500];
	unsigned int n;
};

static int
lcore_takes(void *arg)
{
	struct job *job = arg;
	struct exchange *x = job->arg;

	return audit_get(job->audit, x->objs, x->n) ? 0 : -1;
}

static int
lcore_gives(void *arg)
{
	struct job *job = arg;
	struct exchange *x = job->arg;

	/* on_lcores() runs index 0 on the lcore that took. */
	if (job->index == 0)
		return 0;
	return audit_put(job->audit, x->objs, x->n) ? 0 : -1;
}

static enum verdict
freed_elsewhere(struct trial *t)
{
	static const unsigned int sizes[] = {1, 32, 333, 500};
	struct exchange x;
	struct audit b;
	int bad;

	NEED(audit_make(&b, t, RTE_DIM(x.objs), 200, 0, 0));
	for (size_t i = 0; i < RTE_DIM(sizes); i++) {
		x.n = sizes[i];
		bad = on_lcores(&b, 1, lcore_takes, &x);
		if (bad < 0)
			return skips(t, "needs 3 lcores, EAL has %u", rte_lcore_count());
		CHECK(t, bad == 0, "an lcore could not take %u objects", x.n);
		bad = on_lcores(&b, 2, lcore_gives, &x);
		if (bad < 0)
			return skips(t, "needs 3 lcores, EAL has %u", rte_lcore_count());
		CHECK(t, bad == 0, "an lcore could not give %u objects", x.n);
		NEED(audit_all_free(&b));
	}
	return VERDICT_PASS;
}

/* Actions of a thread that is an lcore for some time. */
enum ending {
	ENDING_FLUSHED, /* It flushes its cache. */
	ENDING_WARM, /* It leaves objects in its cache. */
};

struct visit {
	enum ending ending;
	unsigned int lcore_id;
};

static int
visitor(void *arg)
{
	struct job *job = arg;
	struct visit *visit = job->arg;
	void *objs[BURST];
	int ret = -1;

	if (rte_thread_register() != 0)
		return -1;
	visit->lcore_id = rte_lcore_id();
	for (unsigned int i = 0; i < 100; i++) {
		if (!audit_get(job->audit, objs, BURST) || !audit_put(job->audit, objs, BURST))
			goto out;
	}
	if (visit->ending == ENDING_FLUSHED)
		rte_mempool_cache_flush(NULL, job->audit->mp);
	ret = 0;
out:
	rte_thread_unregister();
	return ret;
}

static enum verdict
thread_ends(struct trial *t)
{
	struct visit visit = {ENDING_FLUSHED, 0};
	struct audit b;

	NEED(audit_make(&b, t, 700, 64, 64, 0));
	for (unsigned int i = 0; i < 20; i++) {
		CHECK(t, on_threads(&b, 1, visitor, &visit) == 0,
			"a thread could not register, take and give");
		NEED(audit_all_free(&b));
	}
	return VERDICT_PASS;
}

/*
 * A default cache belongs to the lcore id, not to the thread. It stays when the thread ends, and the count
 * includes its objects. A thread that knows that no thread has the id may flush it.
 */
static enum verdict
thread_ends_warm(struct trial *t)
{
	struct visit visit = {ENDING_WARM, 0};
	struct rte_mempool_cache *cache;
	unsigned int left, n;
	void *objs[700];
	struct audit b;

	NEED(audit_make(&b, t, RTE_DIM(objs), 64, 64, 0));
	CHECK(t, on_threads(&b, 1, visitor, &visit) == 0,
		"a thread could not register, take and give");
	cache = rte_mempool_default_cache(b.mp, visit.lcore_id);
	CHECK(t, cache != NULL && cache->len > 0, "the thread left no object in its cache");
	left = cache->len;
	CHECK(t, rte_mempool_avail_count(b.mp) == b.n,
		"with %u of %u objects in the cache of a thread that ended the count is %u", left,
		b.n, rte_mempool_avail_count(b.mp));
	n = audit_get_all(&b, objs);
	CHECK(t, n == b.n - left,
		"%u objects can be taken, of %u outside the cache of a thread that ended", n,
		b.n - left);
	NEED(audit_put(&b, objs, n));
	rte_mempool_cache_flush(cache, b.mp);
	NEED(audit_all_free(&b));
	/* The next thread with that id can use the cache. */
	CHECK(t, on_threads(&b, 1, visitor, &visit) == 0,
		"the next thread could not take and give");
	rte_mempool_cache_flush(rte_mempool_default_cache(b.mp, visit.lcore_id), b.mp);
	NEED(audit_all_free(&b));
	return VERDICT_PASS;
}

/* Get objects on an lcore that ends before another puts them. */
static int
visitor_takes(void *arg)
{
	struct job *job = arg;
	struct exchange *x = job->arg;
	int ret;

	if (rte_thread_register() != 0)
		return -1;
	ret = audit_get(job->audit, x->objs, x->n) ? 0 : -1;
	rte_thread_unregister();
	return ret;
}

static enum verdict
taker_ended(struct trial *t)
{
	struct exchange x = {.n = 333};
	struct audit b;

	NEED(audit_make(&b, t, RTE_DIM(x.objs), 200, 0, 0));
	for (unsigned int i = 0; i < 10; i++) {
		CHECK(t, on_threads(&b, 1, visitor_takes, &x) == 0,
			"a thread could not register and take");
		NEED(audit_put(&b, x.objs, x.n));
		NEED(audit_all_free(&b));
	}
	return VERDICT_PASS;
}

const struct claim claims_threads[] = {
	{.name = "no-object-twice",
		.sentence = "8 lcores at once: no object is handed out twice, none is lost",
		.basis = BASIS_CONTRACT,
		.threads = true,
		.run = no_object_twice},
	{.name = "no-object-twice-cached",
		.sentence = "the same with per-lcore caches",
		.basis = BASIS_CONTRACT,
		.threads = true,
		.run = no_object_twice_cached},
	{.name = "freed-elsewhere",
		.sentence =
			"one lcore gets objects, another puts them, and a third gets them again",
		.basis = BASIS_CONTRACT,
		.threads = true,
		.run = freed_elsewhere},
	{.name = "plain-threads",
		.sentence = "threads without an lcore id get and put",
		.basis = BASIS_CONTRACT,
		.threads = true,
		.run = plain_threads},
	{.name = "own-cache",
		.sentence = "threads without an lcore id get and put through caches of their own",
		.basis = BASIS_CONTRACT,
		.threads = true,
		.run = own_cache},
	{.name = "thread-ends",
		.sentence = "a registered thread flushes its cache and ends: nothing is missing",
		.basis = BASIS_CONTRACT,
		.threads = true,
		.run = thread_ends},
	{.name = "thread-ends-warm",
		.sentence = "it ends with a warm cache: only that is missing, and a flush brings "
			    "it back",
		.basis = BASIS_CONTRACT,
		.threads = true,
		.run = thread_ends_warm},
	{.name = "taker-ended",
		.sentence = "others can put the objects of a thread that has ended",
		.basis = BASIS_CONTRACT,
		.threads = true,
		.run = taker_ended},
	{.name = NULL},
};
