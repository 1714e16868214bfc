/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The pointer scan finds each buffer where a test put it, and calls no other buffer leaked. */

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_ring.h>

#include "eal.h"
#include "ops.h"
#include "tide_locate.h"

#define BUFFERS 4095

static const char *const ops[] = {"tide", "ring_mp_mc", "stack"};

/* A static variable that the report must name. */
static struct rte_mbuf *volatile held_in_variable;

static void *held_in_eal_heap;

/* Each case has a mempool and a table of its own; they are cleared if the case fails too. */
static struct rte_mempool *mp;
static struct rte_mbuf **table;

static void
make_pool(const char *kind, unsigned int cache)
{
	rte_mempool_free(mp);
	mp = rte_pktmbuf_pool_create_by_ops("pool", BUFFERS, cache, 0, 2176, SOCKET_ID_ANY, kind);
	assert_non_null(mp);
}

static int
set_up(void **state)
{
	make_pool(*state, 0);
	table = calloc(BUFFERS, sizeof(*table));
	return table == NULL;
}

static int
tear_down(void **state)
{
	rte_ring_free(rte_ring_lookup("to_worker"));
	rte_mempool_free(mp);
	mp = NULL;
	explicit_bzero(table, BUFFERS * sizeof(*table));
	free(table);
	return 0;
}

/* Overwrite what earlier calls left on the stack of this thread: the frames of later ones have parts that nothing writes. */
static __attribute__((noinline)) void
clean_stack(void)
{
	char below[65536];

	explicit_bzero(below, sizeof(below));
}

static struct tide_locate *
create(const struct tide_locate_conf *conf)
{
	struct tide_locate *r;

	clean_stack();
	r = tide_locate_create(conf);
	assert_non_null(r);
	return r;
}

static struct tide_locate *
locate(const char *pool)
{
	return create(&(struct tide_locate_conf){.pool = pool, .interval_ms = 20});
}

/* Buffers in places of a kind whose names have a text. */
static uint32_t
buffers_in(const struct tide_locate *r, enum tide_locate_kind kind, const char *text)
{
	struct tide_locate_place p;
	uint32_t buffers = 0;

	for (unsigned int i = 0; tide_locate_place(r, i, &p); i++)
		if (p.kind == kind && strstr(p.name, text) != NULL)
			buffers += p.buffers;
	return buffers;
}

static void
expect(const struct tide_locate *r, enum tide_locate_kind kind, const char *text, uint32_t buffers)
{
	if (buffers_in(r, kind, text) != buffers)
		tide_locate_dump(r, stderr);
	assert_int_equal(buffers_in(r, kind, text), buffers);
	assert_int_equal(tide_locate_summary(r).leaked, 0);
}

static void
expect_leaked(const struct tide_locate *r, uint32_t buffers)
{
	if (tide_locate_summary(r).leaked != buffers)
		tide_locate_dump(r, stderr);
	assert_int_equal(tide_locate_summary(r).leaked, buffers);
}

struct errand {
	void *(*work)(void *);
	void *arg;
};

/* The C library keeps the stacks of ended threads. */
static void *
run_errand(void *arg)
{
	const struct errand *errand = arg;

	errand->work(errand->arg);
	clean_stack();
	return NULL;
}

/*
 * What a case does with buffers it does in a thread of its own, which then ends. So no pointer remains in a register
 * or a stack, except in those cases that are about stacks.
 */
static void
elsewhere(void *(*work)(void *), unsigned int n)
{
	struct errand errand = {work, (void *)(uintptr_t)n};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, run_errand, &errand), 0);
	pthread_join(thread, NULL);
}

static void *
drop(void *n)
{
	for (uintptr_t i = 0; i < (uintptr_t)n; i++)
		assert_non_null(rte_pktmbuf_alloc(mp));
	return NULL;
}

/* Fill the first n places of the table. */
static void *
get(void *n)
{
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, table, (unsigned int)(uintptr_t)n), 0);
	return NULL;
}

/* Free the buffers in the first n places. */
static void *
put(void *n)
{
	rte_pktmbuf_free_bulk(table, (unsigned int)(uintptr_t)n);
	explicit_bzero(table, (uintptr_t)n * sizeof(*table));
	return NULL;
}

static void
forget_table(void)
{
	explicit_bzero(table, BUFFERS * sizeof(*table));
}

static void *
into_ring(void *n)
{
	struct rte_ring *ring = rte_ring_lookup("to_worker");

	get(n);
	assert_int_not_equal(
		rte_ring_enqueue_bulk(ring, (void **)table, (unsigned int)(uintptr_t)n, NULL), 0);
	forget_table();
	return NULL;
}

static void *
out_of_ring(void *n)
{
	struct rte_ring *ring = rte_ring_lookup("to_worker");

	assert_int_not_equal(
		rte_ring_dequeue_bulk(ring, (void **)table, (unsigned int)(uintptr_t)n, NULL), 0);
	return NULL;
}

static void
a_buffer_in_a_ring_is_found_there(void **state)
{
	struct tide_locate *r;

	assert_non_null(rte_ring_create("to_worker", 64, SOCKET_ID_ANY, 0));
	elsewhere(into_ring, 40);
	r = locate("pool");
	expect(r, TIDE_LOCATE_RING, "to_worker", 40);
	tide_locate_free(r);
	elsewhere(out_of_ring, 40);
	elsewhere(put, 40);
	r = locate("pool");
	assert_int_equal(tide_locate_summary(r).outstanding, 0);
	tide_locate_free(r);
}

static void
old_pointers_in_a_ring_do_not_hide_a_leak(void **state)
{
	struct tide_locate *r;

	assert_non_null(rte_ring_create("to_worker", 64, SOCKET_ID_ANY, 0));
	elsewhere(into_ring, 8);
	elsewhere(out_of_ring, 8);
	forget_table();
	r = locate("pool");
	expect_leaked(r, 8);
	tide_locate_free(r);
}

static void *
into_variable(void *unused)
{
	held_in_variable = rte_pktmbuf_alloc(mp);
	return unused;
}

static void *
into_eal_heap(void *n)
{
	struct rte_mbuf **in_eal_heap = rte_zmalloc("test", 4096, 0);

	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, in_eal_heap, (unsigned int)(uintptr_t)n), 0);
	held_in_eal_heap = in_eal_heap;
	return NULL;
}

static void
buffers_in_memory_of_all_kinds_are_found(void **state)
{
	struct tide_locate *r;

	elsewhere(get, 10);
	elsewhere(into_eal_heap, 20);
	elsewhere(into_variable, 1);
	r = locate("pool");
	expect(r, TIDE_LOCATE_C_HEAP, "C heap", 10);
	expect(r, TIDE_LOCATE_EAL_HEAP, "a block of", 20);
	expect(r, TIDE_LOCATE_DATA, "held_in_variable", 1);
	assert_int_equal(tide_locate_summary(r).outstanding, 31);
	tide_locate_free(r);
	held_in_variable = NULL;
	rte_free(held_in_eal_heap);
}

/* A table in a block of EAL's heap; arrays in other blocks and in a variable have old pointers to some of its buffers. */
static struct rte_mbuf **blocks[3];
static struct rte_mbuf *volatile old_pointers[8];

static void *
into_blocks(void *unused)
{
	const size_t bytes[] = {1024, 4096, 1024};

	for (unsigned int i = 0; i < RTE_DIM(blocks); i++) {
		blocks[i] = rte_zmalloc("test", bytes[i], 0);
		assert_non_null(blocks[i]);
	}
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, blocks[1], 20), 0);
	for (unsigned int i = 0; i < 40; i++) {
		blocks[0][i] = blocks[1][i % 4];
		blocks[2][i] = blocks[1][8 + i % 4];
		old_pointers[i % 8] = blocks[1][12 + i % 8];
	}
	return unused;
}

static void
the_table_that_points_to_most_buffers_is_named(void **state)
{
	struct tide_locate *r;

	elsewhere(into_blocks, 0);
	r = locate("pool");
	/* EAL adds its header and trailer to a block. */
	expect(r, TIDE_LOCATE_EAL_HEAP, "a block of 4", 20);
	tide_locate_free(r);
	for (unsigned int i = 0; i < RTE_DIM(blocks); i++)
		rte_free(blocks[i]);
	for (unsigned int i = 0; i < RTE_DIM(old_pointers); i++)
		old_pointers[i] = NULL;
}

struct sleeper {
	int to_main[2], to_thread[2];
};

static void *
sleep_with_buffer(void *arg)
{
	struct sleeper *s = arg;
	struct rte_mbuf *volatile held[3];
	char byte = 0;

	for (unsigned int i = 0; i < 3; i++)
		held[i] = rte_pktmbuf_alloc(mp);
	assert_int_equal(write(s->to_main[1], &byte, 1), 1);
	assert_int_equal(read(s->to_thread[0], &byte, 1), 1);
	for (unsigned int i = 0; i < 3; i++)
		rte_pktmbuf_free(held[i]);
	return NULL;
}

static void
a_buffer_in_a_stack_is_found_under_the_name_of_the_thread(void **state)
{
	struct sleeper s;
	struct tide_locate *r;
	pthread_t thread;
	char byte = 0;

	assert_int_equal(pipe(s.to_main) | pipe(s.to_thread), 0);
	assert_int_equal(pthread_create(&thread, NULL, sleep_with_buffer, &s), 0);
	pthread_setname_np(thread, "sleeper");
	assert_int_equal(read(s.to_main[0], &byte, 1), 1);
	r = locate("pool");
	expect(r, TIDE_LOCATE_STACK, "sleeper", 3);
	tide_locate_free(r);
	assert_int_equal(write(s.to_thread[1], &byte, 1), 1);
	pthread_join(thread, NULL);
	for (unsigned int i = 0; i < 2; i++) {
		close(s.to_main[i]);
		close(s.to_thread[i]);
	}
}

/* Keep a chain of three buffers, and one to whose data another buffer is attached, by their first ones. */
static void *
link_buffers(void *unused)
{
	get((void *)6);
	table[0]->next = table[1];
	table[1]->next = table[2];
	table[0]->nb_segs = 3;
	rte_pktmbuf_attach(table[3], table[4]);
	rte_pktmbuf_free(table[4]);
	rte_pktmbuf_free(table[5]);
	table[1] = table[2] = table[4] = table[5] = NULL;
	return unused;
}

static void
segments_and_attached_data_are_found_through_their_buffer(void **state)
{
	struct tide_locate *r;

	elsewhere(link_buffers, 0);
	r = locate("pool");
	expect(r, TIDE_LOCATE_C_HEAP, "", 2);
	expect(r, TIDE_LOCATE_BUFFER, "next segment of a buffer in C heap", 2);
	expect(r, TIDE_LOCATE_BUFFER, "attached to a buffer in C heap", 1);
	assert_int_equal(tide_locate_summary(r).outstanding, 5);
	tide_locate_free(r);
}

static void
a_leaked_chain_is_leaked_as_a_whole(void **state)
{
	struct tide_locate *r;

	elsewhere(link_buffers, 0);
	forget_table();
	r = locate("pool");
	expect_leaked(r, 5);
	tide_locate_free(r);
}

static void
leaked_buffers_are_found_and_no_others(void **state)
{
	struct tide_locate_buffer b;
	struct tide_locate *r;

	elsewhere(drop, 100);
	elsewhere(get, 500);
	elsewhere(drop, 100);
	r = locate("pool");
	expect_leaked(r, 200);
	assert_int_equal(tide_locate_summary(r).located, 500);
	for (unsigned int i = 0; tide_locate_buffer(r, TIDE_LOCATE_LIST_LEAKED, i, &b); i++)
		for (unsigned int j = 0; j < 500; j++)
			assert_ptr_not_equal(b.object, table[j]);
	tide_locate_free(r);
}

static void
free_buffers_in_a_cache_are_not_outstanding(void **state)
{
	struct tide_locate *r;

	/* This thread is an lcore and has a cache. */
	make_pool(*state, 64);
	get((void *)32);
	put((void *)16);
	r = locate("pool");
	assert_int_equal(tide_locate_summary(r).outstanding, 16);
	assert_int_not_equal(tide_locate_summary(r).cached, 0);
	assert_int_equal(tide_locate_summary(r).leaked, 0);
	tide_locate_free(r);
}

static void *
drop_as_lcore(void *n)
{
	assert_int_equal(rte_thread_register(), 0);
	drop(n);
	rte_thread_unregister();
	return NULL;
}

static void
old_pointers_in_a_cache_do_not_hide_a_leak(void **state)
{
	struct tide_locate *r;

	make_pool(*state, 64);
	elsewhere(drop_as_lcore, 8);
	r = locate("pool");
	expect_leaked(r, 8);
	tide_locate_free(r);
}

/* A thread that works until it is told to end. */
struct worker {
	pthread_t thread;
	atomic_bool ready, end;
	sem_t wake;
};

static struct worker worker;

static void
start(void *(*work)(void *))
{
	worker.ready = worker.end = false;
	sem_init(&worker.wake, 0, 0);
	assert_int_equal(pthread_create(&worker.thread, NULL, work, NULL), 0);
	while (!worker.ready)
		usleep(1000);
}

static void
stop_worker(void)
{
	worker.end = true;
	sem_post(&worker.wake);
	pthread_join(worker.thread, NULL);
}

/* A compiler that knows the function would put its variables above the array. */
static void *(*volatile drop_there)(void *) = drop;

/* Drop buffers far below the frames of the calls that follow. */
static __attribute__((noinline)) void
drop_deep(void)
{
	volatile char between[8192];

	between[0] = 0;
	assert_int_equal(between[0], 0);
	drop_there((void *)8);
}

static void *
drop_and_sleep(void *unused)
{
	drop_deep();
	worker.ready = true;
	sem_wait(&worker.wake);
	return unused;
}

static void
the_unused_part_of_a_stack_does_not_hide_a_leak(void **state)
{
	struct tide_locate *r;

	start(drop_and_sleep);
	r = locate("pool");
	expect_leaked(r, 8);
	tide_locate_free(r);
	stop_worker();
}

/* The only pointer to a buffer of the next two cases is inverted, so no scan finds it. */
static uintptr_t hidden;

static struct rte_mbuf *
hidden_buffer(void)
{
	return (struct rte_mbuf *)~hidden;
}

static void *
hide(void *unused)
{
	hidden = ~(uintptr_t)rte_pktmbuf_alloc(mp);
	return unused;
}

static void *
write_packet(void *unused)
{
	*rte_pktmbuf_mtod(hidden_buffer(), char *) += 1;
	return unused;
}

static void *
free_and_get(void *unused)
{
	rte_pktmbuf_free(hidden_buffer());
	return hide(unused);
}

static void *(*volatile work_of_worker)(void *);

static void *
work_often(void *unused)
{
	while (!worker.end) {
		elsewhere(work_of_worker, 0);
		worker.ready = true;
		usleep(10000);
	}
	return unused;
}

static void
expect_no_leak_during(void *(*work)(void *))
{
	struct tide_locate *r;

	elsewhere(hide, 0);
	r = tide_locate_create(NULL);
	expect_leaked(r, 1);
	tide_locate_free(r);
	work_of_worker = work;
	start(work_often);
	r = tide_locate_create(NULL);
	stop_worker();
	expect_leaked(r, 0);
	tide_locate_free(r);
}

static void
a_buffer_whose_packet_changes_is_not_leaked(void **state)
{
	expect_no_leak_during(write_packet);
}

static void
a_buffer_that_is_freed_and_taken_again_is_not_leaked(void **state)
{
	expect_no_leak_during(free_and_get);
}

static void
the_oldest_buffer_shows_its_packet(void **state)
{
	static const uint8_t packet[60] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x81, 0, 0, 5, 8,
		0, 0x45, 0, 0, 0, 0, 0, 0, 1};
	struct tide_locate_buffer b;
	struct tide_locate *r;

	get((void *)1);
	table[0]->port = 7;
	memcpy(rte_pktmbuf_append(table[0], sizeof(packet)), packet, sizeof(packet));
	r = locate("pool");
	assert_true(tide_locate_buffer(r, TIDE_LOCATE_LIST_OLDEST, 0, &b));
	assert_ptr_equal(b.object, table[0]);
	assert_int_equal(b.port, 7);
	assert_int_equal(b.ether_type, 0x0800);
	assert_true(b.fragment);
	assert_int_equal(b.nb_bytes, sizeof(packet));
	assert_memory_equal(b.bytes, packet, sizeof(packet));
	assert_true(tide_locate_buffer(r, TIDE_LOCATE_LIST_CLUSTERS, 0, &b));
	assert_int_equal(b.length, 64);
	tide_locate_free(r);
}

/* The driver keeps a chain of buffers for the next packet of each queue. */
static void
buffers_of_a_driver_are_found_in_its_queue(void **state)
{
	struct rte_eth_conf conf = {0};
	struct tide_locate *r;
	uint16_t port;

	if (rte_eal_hotplug_add("vdev", "net_tap0", "") < 0)
		skip();
	assert_int_equal(rte_eth_dev_get_port_by_name("net_tap0", &port), 0);
	assert_int_equal(rte_eth_dev_configure(port, 1, 1, &conf), 0);
	assert_int_equal(rte_eth_rx_queue_setup(port, 0, 64, 0, NULL, mp), 0);
	assert_int_equal(rte_eth_tx_queue_setup(port, 0, 64, 0, NULL), 0);
	assert_int_equal(rte_eth_dev_start(port), 0);
	r = locate("pool");
	assert_int_not_equal(tide_locate_summary(r).outstanding, 0);
	assert_int_equal(buffers_in(r, TIDE_LOCATE_QUEUE, "port 0") +
				 buffers_in(r, TIDE_LOCATE_BUFFER, "in port 0"),
		tide_locate_summary(r).outstanding);
	tide_locate_free(r);
	assert_int_equal(rte_eth_dev_stop(port), 0);
	assert_int_equal(rte_eth_dev_close(port), 0);
	assert_int_equal(rte_eal_hotplug_remove("vdev", "net_tap0"), 0);
}

static void
a_report_does_not_hide_a_leak(void **state)
{
	struct tide_locate *first, *second;

	elsewhere(drop, 8);
	first = locate("pool");
	second = locate("pool");
	expect_leaked(second, 8);
	tide_locate_free(first);
	tide_locate_free(second);
}

static void
two_scans_are_too_few_for_a_leak(void **state)
{
	const struct tide_locate_conf conf = {.pool = "pool", .scans = 2, .interval_ms = 1};
	struct tide_locate *r;

	elsewhere(drop, 8);
	r = create(&conf);
	expect_leaked(r, 0);
	assert_int_equal(tide_locate_summary(r).unknown, 8);
	tide_locate_free(r);
}

/* Ops that keep inverted pointers, of which the first word of their array is the number. */
static int
inverted_alloc(struct rte_mempool *pool)
{
	pool->pool_data = calloc(pool->size + (size_t)1, sizeof(uintptr_t));
	return pool->pool_data == NULL ? -ENOMEM : 0;
}

static void
inverted_free(struct rte_mempool *pool)
{
	free(pool->pool_data);
}

static int
inverted_enqueue(struct rte_mempool *pool, void *const *objects, unsigned int n)
{
	uintptr_t *nb = pool->pool_data;

	for (unsigned int i = 0; i < n; i++)
		nb[++*nb] = ~(uintptr_t)objects[i];
	return 0;
}

static int
inverted_dequeue(struct rte_mempool *pool, void **objects, unsigned int n)
{
	uintptr_t *nb = pool->pool_data;

	if (n > *nb)
		return -ENOBUFS;
	for (unsigned int i = 0; i < n; i++)
		objects[i] = (void *)~nb[(*nb)--];
	return 0;
}

static unsigned int
inverted_count(const struct rte_mempool *pool)
{
	return (unsigned int)*(uintptr_t *)pool->pool_data;
}

static const struct rte_mempool_ops inverted = {
	.name = "inverted",
	.alloc = inverted_alloc,
	.free = inverted_free,
	.enqueue = inverted_enqueue,
	.dequeue = inverted_dequeue,
	.get_count = inverted_count,
};

static void
ops_that_do_not_say_what_is_free_have_no_leaks(void **state)
{
	struct tide_locate *r;

	assert_int_equal(test_ops_add(&inverted), 0);
	make_pool("inverted", 0);
	elsewhere(drop, 8);
	r = locate("pool");
	expect_leaked(r, 0);
	/* Making the pool leaves some old pointers in freed memory, how many depends on the C library. */
	assert_true(tide_locate_summary(r).unknown >= BUFFERS - 32);
	tide_locate_free(r);
}

static void
pointers_in_the_allocator_of_other_ops_are_named_by_it(void **state)
{
	struct tide_locate *r;

	make_pool("lf_stack", 0);
	r = locate("pool");
	expect(r, TIDE_LOCATE_ALLOCATOR, "lf_stack", BUFFERS);
	tide_locate_free(r);
}

static void
buffers_beyond_the_last_cluster_are_counted(void **state)
{
	struct tide_locate *r;

	get((void *)1100);
	for (unsigned int i = 0; i < 1100; i++) {
		uint8_t *packet = (uint8_t *)rte_pktmbuf_append(table[i], 64);

		packet[12] = (uint8_t)(0x10 + i / 256);
		packet[13] = (uint8_t)i;
	}
	r = locate("pool");
	assert_int_equal(tide_locate_summary(r).outstanding, 1100);
	assert_int_equal(tide_locate_summary(r).unclustered, 1100 - 1024);
	tide_locate_free(r);
}

static void *
scan_slowly(void *arg)
{
	const struct tide_locate_conf conf = {.interval_ms = 500};
	struct tide_locate *r;

	do {
		r = tide_locate_create(&conf);
	} while (r == NULL && rte_errno == EBUSY);
	return r;
}

static void
a_second_scan_at_the_same_time_is_refused(void **state)
{
	struct tide_locate *r = NULL;
	pthread_t thread;
	void *first;

	assert_int_equal(pthread_create(&thread, NULL, scan_slowly, NULL), 0);
	for (unsigned int i = 0; i < 10000 && rte_errno != EBUSY; i++) {
		tide_locate_free(r);
		usleep(1000);
		rte_errno = 0;
		r = tide_locate_create(&(struct tide_locate_conf){.scans = 1});
	}
	assert_null(r);
	assert_int_equal(rte_errno, EBUSY);
	pthread_join(thread, &first);
	assert_non_null(first);
	tide_locate_free(first);
}

/* Where the random test puts a buffer. */
enum {
	IN_RING,
	IN_EAL_HEAP,
	IN_C_HEAP,
	BEHIND_ANOTHER,
	NOWHERE,
	FREE,
	FATES
};

#define MANY 100000

struct fates {
	struct rte_mempool *many;
	struct rte_ring *ring;
	struct rte_mbuf **in_eal_heap, **in_c_heap, *last;
	uint32_t nb[FATES];
};

static struct fates fates;

static void
meet_fate(struct fates *f)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(f->many);
	unsigned int fate = (unsigned int)rand() % FATES;

	assert_non_null(m);
	if (fate == BEHIND_ANOTHER && f->last == NULL)
		fate = IN_C_HEAP;
	if (fate == IN_RING)
		assert_int_equal(rte_ring_enqueue(f->ring, m), 0);
	else if (fate == IN_EAL_HEAP)
		f->in_eal_heap[f->nb[fate]] = m;
	else if (fate == IN_C_HEAP)
		f->in_c_heap[f->nb[fate]] = f->last = m;
	else if (fate == BEHIND_ANOTHER)
		f->last = f->last->next = m;
	else if (fate == FREE)
		rte_pktmbuf_free(m);
	f->nb[fate]++;
}

static void *
meet_fates(void *n)
{
	for (uintptr_t i = 0; i < (uintptr_t)n; i++)
		meet_fate(&fates);
	fates.last = NULL;
	return NULL;
}

static void
a_hundred_thousand_buffers_are_found_where_they_were_put(void **state)
{
	unsigned int seed = (unsigned int)time(NULL);
	struct fates *f = &fates;
	struct tide_locate *r;

	printf("seed %u\n", seed);
	srand(seed);
	*f = (struct fates){
		.many = rte_pktmbuf_pool_create_by_ops(
			"many", MANY, 0, 0, 0, SOCKET_ID_ANY, *state),
		.ring = rte_ring_create("to_worker", 131072, SOCKET_ID_ANY, 0),
		.in_eal_heap = rte_calloc("test", MANY, sizeof(void *), 0),
		.in_c_heap = calloc(MANY, sizeof(void *)),
	};
	assert_true(f->many != NULL && f->ring != NULL && f->in_eal_heap != NULL);
	elsewhere(meet_fates, MANY);
	r = locate("many");
	expect_leaked(r, f->nb[NOWHERE]);
	assert_int_equal(buffers_in(r, TIDE_LOCATE_RING, "to_worker"), f->nb[IN_RING]);
	assert_int_equal(buffers_in(r, TIDE_LOCATE_EAL_HEAP, ""), f->nb[IN_EAL_HEAP]);
	assert_int_equal(tide_locate_summary(r).located,
		f->nb[IN_RING] + f->nb[IN_EAL_HEAP] + f->nb[IN_C_HEAP] + f->nb[BEHIND_ANOTHER]);
	tide_locate_free(r);
	explicit_bzero(f->in_c_heap, MANY * sizeof(void *));
	free(f->in_c_heap);
	rte_free(f->in_eal_heap);
	rte_mempool_free(f->many);
}

static void
bad_requests_are_refused(void **state)
{
	char name[1025];

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_null(tide_locate_create(&(struct tide_locate_conf){.pool = name}));
	assert_int_equal(rte_errno, EINVAL);
	assert_null(tide_locate_create(&(struct tide_locate_conf){.pool = "none"}));
	assert_int_equal(rte_errno, ENOENT);
	assert_null(tide_locate_create(&(struct tide_locate_conf){.scans = 101}));
	assert_int_equal(rte_errno, EINVAL);
	assert_null(tide_locate_create(&(struct tide_locate_conf){.interval_ms = 60001}));
	assert_int_equal(rte_errno, EINVAL);
	assert_null(tide_locate_create(&(struct tide_locate_conf){.oldest = 1001}));
	assert_int_equal(rte_errno, EINVAL);
	tide_locate_free(NULL);
}

static void
a_pool_without_memory_has_no_buffers(void **state)
{
	struct rte_mempool *empty =
		rte_mempool_create_empty("empty", 64, 256, 0, 0, SOCKET_ID_ANY, 0);
	struct tide_locate *r = tide_locate_create(NULL);

	assert_non_null(r);
	assert_int_equal(tide_locate_summary(r).objects, 0);
	tide_locate_free(r);
	rte_mempool_free(empty);
}

#define CASE(f, i)                                                  \
	{                                                           \
#f, f, set_up, tear_down, (void *)(uintptr_t)ops[i] \
	}
#define CASES(f) CASE(f, 0), CASE(f, 1), CASE(f, 2)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_requests_are_refused),
		cmocka_unit_test(a_pool_without_memory_has_no_buffers),
		CASES(a_buffer_in_a_ring_is_found_there),
		CASES(old_pointers_in_a_ring_do_not_hide_a_leak),
		CASES(buffers_in_memory_of_all_kinds_are_found),
		CASES(the_table_that_points_to_most_buffers_is_named),
		CASES(a_buffer_in_a_stack_is_found_under_the_name_of_the_thread),
		CASES(segments_and_attached_data_are_found_through_their_buffer),
		CASES(leaked_buffers_are_found_and_no_others),
		CASES(a_leaked_chain_is_leaked_as_a_whole),
		CASES(free_buffers_in_a_cache_are_not_outstanding),
		CASES(old_pointers_in_a_cache_do_not_hide_a_leak),
		CASES(the_oldest_buffer_shows_its_packet),
		CASE(the_unused_part_of_a_stack_does_not_hide_a_leak, 0),
		CASES(a_buffer_whose_packet_changes_is_not_leaked),
		CASE(a_buffer_that_is_freed_and_taken_again_is_not_leaked, 0),
		CASES(a_hundred_thousand_buffers_are_found_where_they_were_put),
		CASE(buffers_of_a_driver_are_found_in_its_queue, 0),
		CASE(a_report_does_not_hide_a_leak, 0),
		CASE(two_scans_are_too_few_for_a_leak, 0),
		CASE(pointers_in_the_allocator_of_other_ops_are_named_by_it, 0),
		CASE(ops_that_do_not_say_what_is_free_have_no_leaks, 0),
		CASE(buffers_beyond_the_last_cluster_are_counted, 0),
		CASE(a_second_scan_at_the_same_time_is_refused, 0),
	};

	test_eal_start(false, 160, "0");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
