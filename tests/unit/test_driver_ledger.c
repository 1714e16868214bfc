/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Tests the tide ops: choices of a pool and of the environment, effects of caches, reported owners. */

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_common.h>
#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "eal.h"
#include "log.h"
#include "range.h"
#include "tide_mempool.h"

/* Make a mempool. ledger: its ops' configuration. */
static struct rte_mempool *
make(const char *name, unsigned int n, unsigned int cache, enum tide_ledger ledger)
{
	struct rte_mempool *mp = rte_mempool_create_empty(name, n, 200, cache, 0, SOCKET_ID_ANY, 0);

	assert_non_null(mp);
	assert_int_equal(
		rte_mempool_set_ops_byname(mp, TIDE_MEMPOOL_OPS, (void *)(uintptr_t)ledger), 0);
	assert_int_equal(rte_mempool_populate_default(mp), n);
	return mp;
}

static void
done(struct rte_mempool *mp)
{
	const char *wrong;

	if (tide_mempool_check(mp, &wrong) != 0)
		fail_msg("%s", wrong);
	assert_int_equal(rte_mempool_avail_count(mp), mp->size);
	rte_mempool_free(mp);
}

/* Count how often a text contains another. */
static unsigned int
times(const char *text, const char *wanted)
{
	unsigned int n = 0;

	for (; (text = strstr(text, wanted)) != NULL; text++)
		n++;
	return n;
}

/* Return the ledger mode of a mempool that is made with a value of the variable. */
static int
ledger_under(const char *value, enum tide_ledger asked)
{
	struct rte_mempool *mp;
	int ledger;

	if (value != NULL)
		assert_int_equal(setenv(TIDE_LEDGER_ENV, value, 1), 0);
	mp = make("under", 10, 0, asked);
	assert_int_equal(unsetenv(TIDE_LEDGER_ENV), 0);
	ledger = tide_mempool_ledger(mp);
	done(mp);
	return ledger;
}

static void
the_ledger_is_as_the_pool_asks_else_as_the_environment_says(void **state)
{
	static const char *const values[] = {NULL, "full", "sampled", "off"};
	static const int means[] = {
		TIDE_LEDGER_FULL, TIDE_LEDGER_FULL, TIDE_LEDGER_SAMPLED, TIDE_LEDGER_OFF};

	for (size_t i = 0; i < RTE_DIM(values); i++) {
		assert_int_equal(ledger_under(values[i], TIDE_LEDGER_DEFAULT), means[i]);
		for (int asked = TIDE_LEDGER_FULL; asked <= TIDE_LEDGER_OFF; asked++)
			assert_int_equal(ledger_under(values[i], (enum tide_ledger)asked), asked);
	}
}

/* Make two mempools with an unknown value of a variable. Returns the log. */
static const char *
log_under(const char *variable, const char *value, unsigned int cache)
{
	assert_int_equal(setenv(variable, value, 1), 0);
	test_log_catch();
	for (int i = 0; i < 2; i++) {
		struct rte_mempool *mp = make("wrong", 10, cache, TIDE_LEDGER_DEFAULT);
		struct tide_mempool_stats stats;
		void *obj[2];

		/* The defaults apply: full, caches on, the first of a kind is logged. */
		assert_int_equal(tide_mempool_ledger(mp), TIDE_LEDGER_FULL);
		assert_int_equal(rte_mempool_get(mp, &obj[0]), 0);
		obj[1] = obj[0];
		if (cache != 0)
			assert_true(rte_mempool_default_cache(mp, rte_lcore_id())->size != 0);
		rte_mempool_put(mp, obj[0]);
		if (cache == 0)
			rte_mempool_ops_enqueue_bulk(mp, &obj[1], 1);
		assert_int_equal(tide_mempool_stats(mp, &stats), 0);
		assert_int_equal(stats.double_free, cache == 0);
		done(mp);
	}
	assert_int_equal(unsetenv(variable), 0);
	return test_log_caught();
}

static void
an_unknown_value_is_logged_once_and_the_default_holds(void **state)
{
	static const char *const variables[] = {TIDE_LEDGER_ENV, TIDE_CACHE_ENV, TIDE_MISUSE_ENV};
	static const char *const known[] = {
		"full, sampled or off", "on or off", "count, log or abort"};
	char named[64], list[64];

	for (size_t i = 0; i < RTE_DIM(variables); i++) {
		const char *log = log_under(variables[i], "FULL-ish", i == 1 ? 4 : 0);

		snprintf(named, sizeof(named), "%s=FULL-ish is unknown", variables[i]);
		snprintf(list, sizeof(list), "set %s to %s\n", variables[i], known[i]);
		assert_int_equal(times(log, named), 1);
		assert_int_equal(times(log, list), 1);
	}
	/* Known values are not logged. */
	assert_int_equal(times(log_under(TIDE_LEDGER_ENV, "full", 0), "not known"), 0);
	assert_int_equal(times(log_under(TIDE_CACHE_ENV, "on", 4), "not known"), 0);
}

/* Count the objects that have a ledger word. */
struct watched {
	void *object[320];
	unsigned int nb;
};

static int
note_watched(const struct tide_mempool_outstanding *outstanding, void *arg)
{
	struct watched *w = arg;

	if (outstanding->known)
		w->object[w->nb++] = outstanding->object;
	return 0;
}

static void
each_ledger_catches_what_its_header_says(void **state)
{
	/* One object in 16, by slot. */
	static const unsigned int least[] = {[TIDE_LEDGER_FULL] = 320, [TIDE_LEDGER_SAMPLED] = 20};
	static const unsigned int most[] = {[TIDE_LEDGER_FULL] = 320, [TIDE_LEDGER_SAMPLED] = 20};

	for (int ledger = TIDE_LEDGER_FULL; ledger <= TIDE_LEDGER_OFF; ledger++) {
		struct rte_mempool *mp = make("each", 320, 0, (enum tide_ledger)ledger);
		struct rte_mempool *other = make("other", 10, 0, (enum tide_ledger)ledger);
		struct watched watched = {.nb = 0};
		struct tide_mempool_stats stats;
		void *objs[320], *foreign, *inside;

		assert_int_equal(rte_mempool_get_bulk(mp, objs, 320), 0);
		assert_int_equal(rte_mempool_get(other, &foreign), 0);
		inside = (char *)objs[7] + 64;
		rte_mempool_put(mp, foreign);
		rte_mempool_put(mp, inside);
		assert_int_equal(tide_mempool_walk(mp, note_watched, &watched), 0);
		rte_mempool_put_bulk(mp, objs, 320);
		if (watched.nb != 0)
			rte_mempool_put_bulk(mp, watched.object, watched.nb);
		assert_int_equal(tide_mempool_stats(mp, &stats), 0);
		assert_int_equal(stats.foreign, 1);
		assert_int_equal(stats.misaligned, 1);
		assert_int_equal(stats.double_free, watched.nb);
		if (ledger == TIDE_LEDGER_OFF)
			assert_int_equal(watched.nb, 0);
		else
			assert_uint_in_range(watched.nb, least[ledger], most[ledger]);
		rte_mempool_put(other, foreign);
		done(mp);
		done(other);
	}
}

/* Get mbufs until none is left. Returns how many came, and counts how often one of them did. */
static unsigned int
comes(struct rte_mempool *mp, const struct rte_mbuf *wanted, unsigned int *all)
{
	struct rte_mbuf *m;
	unsigned int n = 0;

	for (*all = 0; *all < 2 * mp->size && (m = rte_mbuf_raw_alloc(mp)) != NULL; ++*all)
		n += m == wanted;
	return n;
}

static struct rte_mempool *
make_mbufs(const char *name, unsigned int cache)
{
	struct rte_mempool *mp = rte_pktmbuf_pool_create_by_ops(
		name, 1000, cache, 0, 2176, SOCKET_ID_ANY, TIDE_MEMPOOL_OPS);

	assert_non_null(mp);
	assert_int_equal(mp->cache_size, cache);
	return mp;
}

static void
without_caches_a_second_free_of_an_mbuf_is_refused(void **state)
{
	struct tide_mempool_stats stats;
	struct rte_mempool *mp;
	struct rte_mbuf *m;
	unsigned int all;

	assert_int_equal(setenv(TIDE_CACHE_ENV, "off", 1), 0);
	mp = make_mbufs("nocache", 256);
	assert_int_equal(unsetenv(TIDE_CACHE_ENV), 0);
	/* The layout of the mempool is the one that the application requested. */
	assert_int_equal(mp->cache_size, 256);
	assert_non_null(rte_mempool_default_cache(mp, rte_lcore_id()));
	m = rte_pktmbuf_alloc(mp);
	assert_non_null(m);
	test_log_catch();
	rte_pktmbuf_free(m);
	rte_pktmbuf_free(m);
	assert_int_equal(times(test_log_caught(), "was freed though it is free already"), 1);
	assert_int_equal(tide_mempool_stats(mp, &stats), 0);
	assert_int_equal(stats.double_free, 1);
	assert_int_equal(rte_mempool_default_cache(mp, rte_lcore_id())->len, 0);
	assert_int_equal(comes(mp, m, &all), 1);
	assert_int_equal(all, 1000);
	rte_mempool_free(mp);
}

static void
a_cache_hides_a_second_free_of_an_mbuf(void **state)
{
	struct rte_mempool *mp = make_mbufs("cached", 256);
	struct rte_mbuf *m = rte_pktmbuf_alloc(mp);
	struct tide_mempool_stats stats;
	unsigned int all;

	assert_non_null(m);
	rte_pktmbuf_free(m);
	rte_pktmbuf_free(m);
	assert_int_equal(tide_mempool_stats(mp, &stats), 0);
	assert_int_equal(stats.double_free, 0);
	assert_int_equal(comes(mp, m, &all), 2);
	rte_mempool_free(mp);
}

static void
without_caches_bursts_of_any_size_come_and_go(void **state)
{
	static const unsigned int bursts[] = {
		1, 2, 31, 255, 256, 257, 384, 385, 511, 512, 513, 900};
	struct rte_mempool *mp;
	void *objs[1000];

	assert_int_equal(setenv(TIDE_CACHE_ENV, "off", 1), 0);
	mp = make("bursts", 1000, 256, TIDE_LEDGER_DEFAULT);
	assert_int_equal(unsetenv(TIDE_CACHE_ENV), 0);
	for (size_t i = 0; i < RTE_DIM(bursts); i++) {
		assert_int_equal(rte_mempool_get_bulk(mp, objs, bursts[i]), 0);
		assert_int_equal(rte_mempool_avail_count(mp), 1000 - bursts[i]);
		assert_int_equal(rte_mempool_default_cache(mp, rte_lcore_id())->len, 0);
		rte_mempool_put_bulk(mp, objs, bursts[i]);
		assert_int_equal(rte_mempool_avail_count(mp), 1000);
	}
	done(mp);
}

/* One object that a thread gets, and the record that the walk reports. */
struct taker {
	struct rte_mempool *mp;
	bool as_lcore;
	void *object;
	unsigned int lcore_id;
	uint32_t tid;
};

static void *
take(void *arg)
{
	struct taker *t = arg;

	if (t->as_lcore && rte_thread_register() != 0)
		return NULL;
	t->lcore_id = rte_lcore_id();
	t->tid = (uint32_t)rte_gettid();
	if (rte_mempool_get(t->mp, &t->object) != 0)
		t->object = NULL;
	if (t->as_lcore)
		rte_thread_unregister();
	return NULL;
}

static int
assert_told(const struct tide_mempool_outstanding *h, void *arg)
{
	const struct taker *t = arg;

	while (t->object != h->object)
		t++;
	assert_true(h->known);
	assert_int_equal(h->cached_by, TIDE_MEMPOOL_NO_LCORE);
	assert_int_equal(h->pid, getpid());
	assert_int_equal(h->lcore_id, t->lcore_id);
	assert_int_equal(h->tid, t->lcore_id == LCORE_ID_ANY ? t->tid : 0);
	assert_true(h->age_min_ms <= h->age_max_ms && h->age_max_ms < 60000);
	return 0;
}

static void
a_holder_is_told_as_the_lcore_or_the_thread_that_it_was(void **state)
{
	struct taker t[3] = {{.as_lcore = true}, {.as_lcore = false}, {.lcore_id = 0}};
	struct rte_mempool *mp = make("holders", 100, 0, TIDE_LEDGER_DEFAULT);
	pthread_t threads[2];

	for (size_t i = 0; i < RTE_DIM(t); i++)
		t[i].mp = mp;
	for (size_t i = 0; i < RTE_DIM(threads); i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, take, &t[i]), 0);
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_non_null(t[i].object);
	}
	take(&t[2]);
	assert_int_not_equal(t[0].lcore_id, LCORE_ID_ANY);
	assert_int_not_equal(t[0].lcore_id, rte_lcore_id());
	assert_int_equal(t[1].lcore_id, LCORE_ID_ANY);
	assert_int_equal(t[2].lcore_id, rte_lcore_id());
	assert_int_equal(tide_mempool_walk(mp, assert_told, t), 0);
	for (size_t i = 0; i < RTE_DIM(t); i++)
		rte_mempool_put(mp, t[i].object);
	done(mp);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ledger_is_as_the_pool_asks_else_as_the_environment_says),
		cmocka_unit_test(an_unknown_value_is_logged_once_and_the_default_holds),
		cmocka_unit_test(each_ledger_catches_what_its_header_says),
		cmocka_unit_test(without_caches_a_second_free_of_an_mbuf_is_refused),
		cmocka_unit_test(a_cache_hides_a_second_free_of_an_mbuf),
		cmocka_unit_test(without_caches_bursts_of_any_size_come_and_go),
		cmocka_unit_test(a_holder_is_told_as_the_lcore_or_the_thread_that_it_was),
	};

	test_eal_start(false, 256, "0");
	return cmocka_run_group_tests_name("driver_ledger", tests, NULL, NULL);
}
