/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Packets allocated from chunks, by several threads, with and without an lcore id. */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "eal.h"
#include "pktbuf_internal.h"
#include "tide_pktbuf.h"

#define CHUNK 1024
/* Packets of one byte that a chunk of 1 KB holds. */
#define FIT   ((CHUNK - 128) / 32)

static struct tide_pktbuf *set;
static struct rte_mempool *bare; /* Mbufs for clones. */

static void
set_of(uint32_t packets, uint32_t chunks, uint32_t chunk_size)
{
	static const int node0[] = {0};
	const struct tide_pktbuf_conf conf = {
		.name = "test",
		.nodes = node0,
		.nb_nodes = 1,
		.packets = packets,
		.chunks = chunks,
		.chunk_size = chunk_size,
	};

	set = tide_pktbuf_create(&conf);
	assert_non_null(set);
}

static void
set_with(uint32_t packets, uint32_t chunks)
{
	set_of(packets, chunks, CHUNK);
}

static struct tide_pktbuf_stats
stats_now(void)
{
	struct tide_pktbuf_stats stats;

	assert_int_equal(tide_pktbuf_check(set), 0);
	assert_int_equal(tide_pktbuf_stats(set, 0, &stats), 0);
	return stats;
}

static int
clean_up(void **state)
{
	int ret = tide_pktbuf_free(set);

	set = NULL;
	return ret;
}

/* Run `work` on a thread without an lcore id, to its end. */
static void
on_a_thread(void *(*work)(void *), void *arg)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, work, arg), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void *
free_packet(void *m)
{
	rte_pktmbuf_free(m);
	return NULL;
}

static void
the_last_free_on_another_thread_gives_the_chunk_back(void **state)
{
	struct rte_mbuf *m[FIT + 1];

	set_with(FIT + 1, 2);
	for (unsigned int i = 0; i < RTE_DIM(m); i++)
		m[i] = tide_pktbuf_alloc(set, 1);
	for (unsigned int i = 1; i < FIT; i++)
		rte_pktmbuf_free(m[i]);
	assert_int_equal(stats_now().chunks_out, 2);
	on_a_thread(free_packet, m[0]);
	assert_int_equal(stats_now().chunks_out, 1);
	rte_pktmbuf_free(m[FIT]);
}

static void *
take_and_free_many(void *arg)
{
	unsigned int *failed = arg;

	assert_int_equal(rte_lcore_id(), LCORE_ID_ANY);
	for (unsigned int i = 0; i < 10 * FIT; i++) {
		struct rte_mbuf *m = tide_pktbuf_alloc(set, 1);

		*failed += m == NULL;
		rte_pktmbuf_free(m);
	}
	return NULL;
}

static void
threads_without_an_lcore_id_use_their_open_chunk_again(void **state)
{
	unsigned int failed = 0;

	set_with(1, 1);
	on_a_thread(take_and_free_many, &failed);
	assert_int_equal(failed, 0);
	assert_int_equal(stats_now().packets, 10 * FIT);
	assert_int_equal(stats_now().bytes, 10 * FIT * 32);
	assert_int_equal(stats_now().chunks_open, 1);
}

/* Two packets of different lengths, to a chunk of which one of the first kind takes most. */
static void *
take_a_long_and_a_short_one(void *arg)
{
	struct rte_mbuf **m = arg;

	m[0] = tide_pktbuf_alloc(set, 800);
	m[1] = tide_pktbuf_alloc(set, 100);
	m[2] = (struct rte_mbuf *)(uintptr_t)rte_errno;
	m[3] = tide_pktbuf_alloc(set, 8);
	return NULL;
}

static void
threads_without_an_lcore_id_keep_what_is_open_when_no_chunk_is_left(void **state)
{
	struct rte_mbuf *m[4];

	set_with(4, 1);
	on_a_thread(take_a_long_and_a_short_one, m);
	assert_non_null(m[0]);
	assert_null(m[1]);
	assert_int_equal((uintptr_t)m[2], ENOMEM);
	assert_non_null(m[3]);
	assert_int_equal(stats_now().no_chunk, 1);
	assert_int_equal(stats_now().packets_out, 2);
	rte_pktmbuf_free(m[0]);
	rte_pktmbuf_free(m[3]);
}

#define THREADS 4
#define EACH    3000
#define ROUNDS  40

/* What each thread took; another frees it. */
static struct rte_mbuf *taken[THREADS][EACH];
static atomic_uint arrived;

/* Wait until all threads are here for the n-th time. */
static void
meet(unsigned int n)
{
	atomic_fetch_add(&arrived, 1);
	while (atomic_load(&arrived) < n * THREADS)
		sched_yield();
}

static void *
take_and_free_at_once(void *arg)
{
	struct rte_mbuf **mine = arg;
	unsigned int self = (unsigned int)(mine - taken[0]) / EACH, times = 0;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		meet(++times);
		for (unsigned int i = 0; i < EACH; i++)
			mine[i] = tide_pktbuf_alloc(set, 1);
		meet(++times);
		/* All at neighbours, most likely of one chunk. */
		for (unsigned int i = 0; i < EACH; i++)
			rte_pktmbuf_free(taken[(self + i) % THREADS][i]);
	}
	return NULL;
}

static void
threads_that_allocate_and_free_one_chunk_at_once_lose_nothing(void **state)
{
	/*
	 * And those a thread may have in hand that found another quicker; and the two magazines of each
	 * thread, of 32 in so small a pool, which no thief can empty while its owner is preempted inside.
	 */
	const uint32_t chunks = THREADS * EACH / FIT + 1 + THREADS + THREADS * 64;
	pthread_t thread[THREADS];
	struct tide_pktbuf_stats stats;

	set_with(THREADS * EACH, chunks);
	atomic_store(&arrived, 0);
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, take_and_free_at_once, taken[i]), 0);
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	stats = stats_now();
	assert_int_equal(stats.packets, ROUNDS * THREADS * EACH);
	assert_int_equal(stats.no_chunk, 0);
	assert_int_equal(stats.chunks_out, 1);
}

/* Every fourth packet, from the first that is the thread's. */
static void *
free_every_fourth(void *arg)
{
	struct rte_mbuf **first = arg;

	meet(1);
	for (unsigned int i = 0; i < EACH; i++)
		rte_pktmbuf_free(first[i * THREADS]);
	return NULL;
}

static void
threads_that_free_packets_of_one_chunk_at_once_count_each(void **state)
{
	struct rte_mbuf **all = taken[0];
	pthread_t thread[THREADS];

	set_of(THREADS * EACH, 8, TIDE_PKTBUF_CHUNK_DEFAULT);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		for (unsigned int i = 0; i < THREADS * EACH; i++) {
			all[i] = tide_pktbuf_alloc(set, 1);
			assert_non_null(all[i]);
		}
		atomic_store(&arrived, 0);
		for (unsigned int i = 0; i < THREADS; i++)
			assert_int_equal(
				pthread_create(&thread[i], NULL, free_every_fourth, &all[i]), 0);
		for (unsigned int i = 0; i < THREADS; i++)
			assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_int_equal(stats_now().packets_out, 0);
		assert_int_equal(stats_now().chunks_out, 1);
	}
}

#define SLOTS 64
#define STEPS 400000

/* Where threads leave packets for each other. */
static struct rte_mbuf *_Atomic slot[SLOTS];
static atomic_uint spoilt, made;

struct worker {
	pthread_t thread;
	bool lcore; /* It shall have an lcore id. */
	bool started;
	unsigned int seed;
};

static uint8_t
byte_of(uint32_t number, uint32_t at)
{
	return (uint8_t)(number * 31 + at);
}

/* A packet describes itself: its number is a tag, and its bytes count up from that. */
static struct rte_mbuf *
make(unsigned int *seed)
{
	uint32_t number = atomic_fetch_add_explicit(&made, 1, memory_order_relaxed);
	uint32_t len = 1 + (uint32_t)rand_r(seed) % 400;
	struct rte_mbuf *m = tide_pktbuf_alloc(set, len);
	uint8_t *data;

	if (m == NULL)
		return NULL;
	m->hash.usr = number;
	data = (uint8_t *)rte_pktmbuf_append(m, (uint16_t)len);
	for (uint32_t i = 0; i < len; i++)
		data[i] = byte_of(number, i);
	return m;
}

static void
look(const struct rte_mbuf *m)
{
	const uint8_t *data = rte_pktmbuf_mtod(m, const uint8_t *);

	for (uint32_t i = 0; i < m->data_len; i++)
		if (data[i] != byte_of(m->hash.usr, i)) {
			atomic_fetch_add_explicit(&spoilt, 1, memory_order_relaxed);
			return;
		}
}

/* Put something into a slot; what was there, if anything, is the caller's. */
static struct rte_mbuf *
leave(unsigned int *seed, struct rte_mbuf *m)
{
	return atomic_exchange_explicit(
		&slot[(unsigned int)rand_r(seed) % SLOTS], m, memory_order_acq_rel);
}

static struct rte_mbuf *
step(unsigned int *seed, struct rte_mbuf *m)
{
	struct rte_mbuf *other = NULL;

	if (m == NULL)
		return leave(seed, make(seed));
	look(m);
	switch (rand_r(seed) % 5) {
	case 0:
		other = rte_pktmbuf_clone(m, bare);
		break;
	case 1:
		other = tide_pktbuf_copy(set, m);
		break;
	case 2:
		rte_pktmbuf_detach_extbuf(m);
		break;
	case 3:
		return leave(seed, m);
	default:
		break;
	}
	rte_pktmbuf_free(m);
	if (other != NULL)
		look(other);
	return leave(seed, other);
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct rte_mbuf *m = NULL;

	w->started = !w->lcore || rte_thread_register() == 0;
	for (unsigned int i = 0; w->started && i < STEPS; i++)
		m = step(&w->seed, m);
	rte_pktmbuf_free(m);
	if (w->lcore && w->started)
		rte_thread_unregister();
	return NULL;
}

/* `lcores` of the threads have an lcore id, the others none. */
static void
packets_go_round(unsigned int lcores)
{
	struct worker worker[THREADS];
	unsigned int seed = (unsigned int)time(NULL);
	struct tide_pktbuf_stats stats;

	print_message("seed %u\n", seed);
	set_with(2 * SLOTS, 40);
	atomic_store(&spoilt, 0);
	for (unsigned int i = 0; i < THREADS; i++) {
		worker[i] = (struct worker){.lcore = i < lcores, .seed = seed + i};
		assert_int_equal(pthread_create(&worker[i].thread, NULL, work, &worker[i]), 0);
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(worker[i].thread, NULL), 0);
		assert_true(worker[i].started);
	}
	assert_int_equal(atomic_load(&spoilt), 0);
	/* At rest the counts are exact, with packets in slots and without. */
	stats = stats_now();
	assert_true(stats.packets_out <= SLOTS && stats.mbufs_out <= stats.packets_out);
	for (unsigned int i = 0; i < SLOTS; i++) {
		struct rte_mbuf *m = atomic_exchange(&slot[i], NULL);

		if (m != NULL)
			look(m);
		rte_pktmbuf_free(m);
	}
	assert_int_equal(atomic_load(&spoilt), 0);
	stats = stats_now();
	assert_int_equal(stats.packets_out, 0);
	assert_int_equal(stats.mbufs_out, 0);
	assert_int_equal(stats.chunks_out, stats.chunks_open);
	assert_true(stats.chunks_open <= lcores + (lcores < THREADS));
	assert_true(stats.packets > STEPS / 4);
	assert_int_equal(rte_mempool_in_use_count(bare), 0);
	print_message("%lu packets, %lu times no chunk\n", (unsigned long)stats.packets,
		(unsigned long)stats.no_chunk);
}

static void
no_packet_is_spoilt_whatever_lcores_do(void **state)
{
	packets_go_round(THREADS);
}

static void
no_packet_is_spoilt_whatever_threads_without_an_lcore_id_do(void **state)
{
	packets_go_round(0);
}

static void
no_packet_is_spoilt_whatever_both_do(void **state)
{
	packets_go_round(THREADS / 2);
}

#define CASE(name) cmocka_unit_test_teardown(name, clean_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_last_free_on_another_thread_gives_the_chunk_back),
		CASE(threads_without_an_lcore_id_use_their_open_chunk_again),
		CASE(threads_without_an_lcore_id_keep_what_is_open_when_no_chunk_is_left),
		CASE(threads_that_allocate_and_free_one_chunk_at_once_lose_nothing),
		CASE(threads_that_free_packets_of_one_chunk_at_once_count_each),
		CASE(no_packet_is_spoilt_whatever_lcores_do),
		CASE(no_packet_is_spoilt_whatever_threads_without_an_lcore_id_do),
		CASE(no_packet_is_spoilt_whatever_both_do),
	};
	cpu_set_t cpus;
	int ret;

	/* EAL pins the main thread to one CPU, and threads inherit that. */
	if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0)
		return 1;
	test_eal_start(false, 64, "0");
	if (sched_setaffinity(0, sizeof(cpus), &cpus) != 0)
		return 1;
	bare = rte_pktmbuf_pool_create_by_ops("bare", 4 * SLOTS, 0, 0, 0, 0, "tide");
	if (bare == NULL)
		return 1;
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	rte_mempool_free(bare);
	return ret;
}
