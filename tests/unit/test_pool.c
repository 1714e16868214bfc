/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Pool sets on this machine. "test_pool no-huge" runs EAL without huge pages. */

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_memzone.h>
#include <rte_version.h>

#include "eal.h"
#include "log.h"
#include "mempool_friend.h"
#include "ops.h"
#include "pool_internal.h"
#include "range.h"
#include "tide_mempool.h"
#include "tide_pool.h"
#include "tide_pool_query.h"
#include "tide_pool_size.h"

static bool huge;

/* Every case that makes a set runs on each of these. */
static const char *const all_ops[] = {NULL, "ring_mp_mc", "stack"};

static const int node0[] = {0};

static struct tide_pool_conf
conf_of(const char *ops, uint32_t buffers)
{
	return (struct tide_pool_conf){
		.name = "test",
		.nodes = node0,
		.nb_nodes = 1,
		.buffers = buffers,
		.data_room = RTE_MBUF_DEFAULT_BUF_SIZE,
		.ops = ops,
	};
}

static void
count_zone(const struct rte_memzone *mz, void *arg)
{
	unsigned int *count = arg;

	(*count)++;
}

/* What a set could leave behind in EAL. */
struct trace {
	unsigned int zones;
	size_t heap;
};

static struct trace
take_trace(void)
{
	struct rte_malloc_socket_stats stats;
	struct trace trace = {0};

	rte_memzone_walk(count_zone, &trace.zones);
	assert_int_equal(rte_malloc_get_socket_stats(0, &stats), 0);
	trace.heap = stats.heap_allocsz_bytes;
	return trace;
}

static void
assert_same_trace(struct trace a, struct trace b)
{
	assert_int_equal(a.zones, b.zones);
	assert_int_equal(a.heap, b.heap);
}

static uint16_t
null_port(void)
{
	uint16_t port;

	if (rte_eth_dev_get_port_by_name("net_null_pool", &port) != 0) {
		assert_int_equal(rte_eal_hotplug_add("vdev", "net_null_pool", ""), 0);
		assert_int_equal(rte_eth_dev_get_port_by_name("net_null_pool", &port), 0);
	}
	return port;
}

/* Every buffer is a sound mbuf, inside the region, its data writable to the last byte. */
static void
assert_sound_buffers(struct tide_pool *pool, struct rte_mbuf **bufs, unsigned int n)
{
	struct rte_mempool *mp = tide_pool_on(pool, 0);
	const char *first, *end, *reason;
	unsigned int i;
	void *addr;
	size_t len;

	assert_int_equal(tide_pool_memory(pool, 0, &addr, &len), 0);
	first = addr;
	end = first + len;
	for (i = 0; i < n; i++) {
		const char *obj = (const char *)bufs[i];

		assert_int_equal(rte_mbuf_check(bufs[i], 1, &reason), 0);
		assert_ptr_equal(bufs[i]->pool, mp);
		assert_int_equal(rte_mbuf_refcnt_read(bufs[i]), 1);
		assert_int_equal(bufs[i]->buf_len, RTE_MBUF_DEFAULT_BUF_SIZE);
		assert_true(obj - mp->header_size >= first);
		assert_true(obj + mp->elt_size + mp->trailer_size <= end);
		memset(bufs[i]->buf_addr, 0x5a, bufs[i]->buf_len);
	}
}

static int
by_address(const void *a, const void *b)
{
	const struct rte_mbuf *const *x = a, *const *y = b;

	return (*x > *y) - (*x < *y);
}

static void
take_all_and_give_back(struct tide_pool *pool, uint32_t n)
{
	struct rte_mbuf **bufs = calloc(n, sizeof(*bufs)), *one;
	struct tide_pool_stats stats;
	uint32_t i;

	assert_non_null(bufs);
	for (i = 0; i < n; i++)
		assert_int_equal(tide_pool_get(pool, 0, &bufs[i], 1), 0);
	assert_int_equal(tide_pool_get(pool, 0, &one, 1), -ENOBUFS);
	assert_sound_buffers(pool, bufs, n);
	qsort(bufs, n, sizeof(*bufs), by_address);
	for (i = 1; i < n; i++)
		assert_true((char *)bufs[i] - (char *)bufs[i - 1] >=
			    (ptrdiff_t)tide_pool_on(pool, 0)->elt_size);
	assert_int_equal(tide_pool_stats(pool, 0, &stats), 0);
	assert_int_equal(stats.in_use, n);
	assert_int_equal(stats.free, 0);
	rte_pktmbuf_free_bulk(bufs, n);
	assert_int_equal(tide_pool_stats(pool, 0, &stats), 0);
	assert_int_equal(stats.free, n);
	free(bufs);
}

static void
every_buffer_wanted_is_there_and_sound(void **state)
{
	static const uint32_t counts[] = {1, 2, 63, 64, 65, 1000, 4097};
	unsigned int i, k;

	for (k = 0; k < RTE_DIM(all_ops); k++) {
		for (i = 0; i < RTE_DIM(counts); i++) {
			struct tide_pool_conf conf = conf_of(all_ops[k], counts[i]);
			struct trace before = take_trace();
			struct tide_pool *pool = tide_pool_create(&conf);

			assert_non_null(pool);
			assert_int_equal(tide_pool_nb_nodes(pool), 1);
			take_all_and_give_back(pool, counts[i]);
			assert_int_equal(tidei_pool_check(pool), 0);
			assert_int_equal(tide_pool_free(pool), 0);
			assert_same_trace(before, take_trace());
		}
	}
}

/* IO addresses of buffers are those EAL has for them, and a buffer does not cross a gap in them. */
static void
assert_io_addresses(const struct rte_mbuf *m)
{
	rte_iova_t iova = rte_mbuf_iova_get(m);

	assert_int_equal(iova, rte_mem_virt2iova(m->buf_addr));
	assert_int_equal(
		iova + m->buf_len - 1, rte_mem_virt2iova(RTE_PTR_ADD(m->buf_addr, m->buf_len - 1)));
}

static void
every_backing_and_page_holds_a_pool(void **state)
{
	static const struct {
		enum tide_backing backing;
		enum tide_page page;
		bool io; /* Devices can reach it by physical addresses too. */
	} kinds[] = {
		{TIDE_BACKING_AUTO, TIDE_PAGE_AUTO, true},
		{TIDE_BACKING_EAL, TIDE_PAGE_AUTO, true},
		{TIDE_BACKING_OWN, TIDE_PAGE_2M, true},
		{TIDE_BACKING_OWN, TIDE_PAGE_4K, false},
		{TIDE_BACKING_OWN, TIDE_PAGE_THP, false},
	};
	struct rte_mbuf *bufs[500];
	unsigned int i, k, j;

	for (k = 0; k < RTE_DIM(all_ops); k++) {
		for (i = 0; i < RTE_DIM(kinds); i++) {
			struct tide_pool_conf conf = conf_of(all_ops[k], 3000);
			const struct tide_placement *found;
			struct tide_pool *pool;

			if (kinds[i].page == TIDE_PAGE_2M && test_free_2m_pages() < 16)
				continue;
			conf.backing = kinds[i].backing;
			conf.page = kinds[i].page;
			conf.enforce = kinds[i].page == TIDE_PAGE_THP ? TIDE_ENFORCE_BEST_EFFORT
			                                              : TIDE_ENFORCE_STRICT;
			pool = tide_pool_create(&conf);
			assert_non_null(pool);
			found = tide_pool_placement(pool, 0);
			assert_int_equal(found->requested, 0);
			assert_int_equal(found->local, found->pages);
			assert_int_equal(tide_pool_get(pool, 0, bufs, RTE_DIM(bufs)), 0);
			if (kinds[i].io || rte_eal_iova_mode() == RTE_IOVA_VA) {
				for (j = 0; j < RTE_DIM(bufs); j++)
					assert_io_addresses(bufs[j]);
			}
			rte_pktmbuf_free_bulk(bufs, RTE_DIM(bufs));
			take_all_and_give_back(pool, 3000);
			assert_int_equal(tide_pool_free(pool), 0);
		}
	}
}

static void
get_bulk_takes_nothing_when_short(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 100);
	struct tide_pool *pool = tide_pool_create(&conf);
	struct rte_mbuf *bufs[101];
	struct tide_pool_stats stats;

	assert_non_null(pool);
	assert_int_equal(tide_pool_get(pool, 0, bufs, 101), -ENOBUFS);
	assert_int_equal(tide_pool_stats(pool, 0, &stats), 0);
	assert_int_equal(stats.free, 100);
	assert_int_equal(stats.failures, 1);
	assert_int_equal(tide_pool_get(pool, 0, bufs, 100), 0);
	rte_pktmbuf_free_bulk(bufs, 100);
	assert_int_equal(tide_pool_get(pool, 1, bufs, 1), -ENOENT);
	assert_int_equal(tide_pool_get(pool, -1, bufs, 1), -ENOENT);
	assert_int_equal(tide_pool_get(pool, TIDE_NODE_MAX, bufs, 1), -ENOENT);
	assert_int_equal(tide_pool_free(pool), 0);
}

static void
a_double_free_is_counted_as_misuse(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 64);
	struct tide_pool *pool = tide_pool_create(&conf);
	struct tide_pool_stats stats;
	struct rte_mbuf *m;

	assert_non_null(pool);
	assert_int_equal(tide_pool_get(pool, 0, &m, 1), 0);
	rte_mbuf_raw_free(m);
	rte_mempool_put(m->pool, m);
	assert_int_equal(tide_pool_stats(pool, 0, &stats), 0);
	assert_int_equal(stats.misuse, 1);
	assert_int_equal(stats.free, 64);
	assert_int_equal(tide_pool_free(pool), 0);
}

static void
freeing_with_buffers_out_is_ebusy_and_frees_nothing(void **state)
{
	unsigned int k;

	for (k = 0; k < RTE_DIM(all_ops); k++) {
		struct tide_pool_conf conf = conf_of(all_ops[k], 128);
		struct tide_pool *pool = tide_pool_create(&conf);
		struct rte_mbuf *m;

		assert_non_null(pool);
		assert_int_equal(tide_pool_get(pool, 0, &m, 1), 0);
		assert_int_equal(tide_pool_free(pool), -EBUSY);
		assert_ptr_equal(rte_mempool_lookup("test_node0"), tide_pool_on(pool, 0));
		memset(rte_pktmbuf_mtod(m, void *), 1, 100);
		rte_pktmbuf_free(m);
		assert_int_equal(tide_pool_free(pool), 0);
		assert_null(rte_mempool_lookup("test_node0"));
	}
	assert_int_equal(tide_pool_free(NULL), 0);
}

/* A thread without an lcore id takes buffers and ends. */
static void *
take_and_end(void *arg)
{
	static struct rte_mbuf *bufs[70];

	return tide_pool_get(arg, 0, bufs, RTE_DIM(bufs)) == 0 ? bufs : NULL;
}

static void
holders_are_told_apart_with_most_buffers_first(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 512);
	struct tide_pool *pool = tide_pool_create(&conf);
	struct tide_mempool_owner owners[TIDE_MEMPOOL_OWNERS_MAX];
	struct rte_mbuf *mine[20], **theirs;
	pthread_t thread;

	assert_non_null(pool);
	assert_int_equal(tide_pool_owners(pool, 0, owners, 1), 0);
	assert_int_equal(tide_pool_get(pool, 0, mine, RTE_DIM(mine)), 0);
	assert_int_equal(pthread_create(&thread, NULL, take_and_end, pool), 0);
	assert_int_equal(pthread_join(thread, (void **)&theirs), 0);
	assert_non_null(theirs);

	assert_int_equal(tide_pool_owners(pool, 0, owners, RTE_DIM(owners)), 2);
	assert_int_equal(owners[0].lcore_id, LCORE_ID_ANY);
	assert_int_not_equal(owners[0].tid, 0);
	assert_int_equal(owners[0].buffers, 70);
	assert_int_equal(owners[1].lcore_id, rte_lcore_id());
	assert_int_equal(owners[1].tid, 0);
	assert_int_equal(owners[1].buffers, 20);
	assert_true(owners[1].age_min_ms <= owners[1].age_max_ms);
	assert_true(owners[1].age_max_ms < 60000);
	/* With one place, all are in it. */
	assert_int_equal(tide_pool_owners(pool, 0, owners, 1), 1);
	assert_int_equal(owners[0].buffers, 90);
	assert_int_equal(owners[0].lcore_id, LCORE_ID_ANY);
	assert_int_equal(owners[0].tid, 0);

	test_log_catch();
	assert_int_equal(tide_pool_free(pool), -EBUSY);
	assert_non_null(strstr(test_log_caught(), "90 of 512 buffers are still out"));
	test_log_catch();
	assert_int_equal(tide_pool_free(pool), -EBUSY);
	assert_non_null(strstr(test_log_caught(), "lcore 0 has 20, the oldest for"));
	rte_pktmbuf_free_bulk(mine, RTE_DIM(mine));
	rte_pktmbuf_free_bulk(theirs, 70);
	assert_int_equal(tide_pool_free(pool), 0);
}

/* What a set with that ledger says of 20 buffers that are out, in its log and as a dump. */
static void
owners_are_dumped_as(enum tide_ledger ledger, const char *what)
{
	struct tide_pool_conf conf = conf_of(NULL, 512);
	struct tide_mempool_owner owner;
	struct rte_mbuf *bufs[20];
	struct tide_pool *pool;
	char text[80] = "";
	FILE *out;

	conf.ledger = ledger;
	pool = tide_pool_create(&conf);
	assert_non_null(pool);
	assert_int_equal(tide_pool_get(pool, 0, bufs, RTE_DIM(bufs)), 0);
	test_log_catch();
	assert_int_equal(tide_pool_free(pool), -EBUSY);
	if (strstr(test_log_caught(), what) == NULL)
		fail_msg("no \"%s\" in: %s", what, test_log_caught());
	assert_int_equal(tide_pool_owners(pool, 0, &owner, 1), 1);
	out = fmemopen(text, sizeof(text), "w");
	assert_non_null(out);
	tide_mempool_owner_dump(&owner, out);
	fclose(out);
	assert_non_null(strstr(text, what));
	rte_pktmbuf_free_bulk(bufs, RTE_DIM(bufs));
	assert_int_equal(tide_pool_free(pool), 0);
}

static void
buffers_without_a_ledger_word_are_of_unknown_age(void **state)
{
	owners_are_dumped_as(TIDE_LEDGER_OFF, "others have 20, age unknown");
}

static void
buffers_just_taken_have_an_age(void **state)
{
	owners_are_dumped_as(TIDE_LEDGER_FULL, "lcore 0 has 20, the oldest for 0.0 to ");
}

static void
holders_need_tide_ops_and_a_place(void **state)
{
	struct tide_pool_conf conf = conf_of("stack", 64);
	struct tide_pool *pool = tide_pool_create(&conf);
	struct tide_mempool_owner owner;

	assert_non_null(pool);
	assert_int_equal(tide_pool_owners(pool, 0, &owner, 1), -ENOTSUP);
	assert_int_equal(tide_pool_owners(pool, 1, &owner, 1), -ENOENT);
	assert_int_equal(tide_pool_owners(pool, 0, &owner, 0), -EINVAL);
	assert_int_equal(tide_pool_owners(pool, 0, &owner, TIDE_MEMPOOL_OWNERS_MAX + 1), -EINVAL);
	assert_int_equal(tide_pool_free(pool), 0);
}

static void
buffers_in_a_cache_are_free_and_counted_as_cached(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 1024);
	struct tide_pool_stats stats;
	struct tide_pool *pool;
	struct rte_mbuf *m;

	conf.cache_size = 32;
	pool = tide_pool_create(&conf);
	assert_non_null(pool);
	assert_int_equal(tide_pool_get(pool, 0, &m, 1), 0);
	rte_pktmbuf_free(m);
	assert_int_equal(tide_pool_stats(pool, 0, &stats), 0);
	assert_uint_in_range(stats.cached, 1, 48);
	assert_int_equal(stats.free, 1024);
	assert_int_equal(stats.in_use, 0);
	assert_int_equal(tide_pool_stats(pool, 1, &stats), -ENOENT);
	assert_int_equal(tide_pool_free(pool), 0);
}

static void *
get_without_lcore(void *arg)
{
	struct tide_pool *pool = arg;
	struct rte_mbuf *bufs[32];

	assert_int_equal(rte_lcore_id(), LCORE_ID_ANY);
	if (tide_pool_get(pool, 0, bufs, 32) < 0)
		return pool;
	rte_pktmbuf_free_bulk(bufs, 32);
	return NULL;
}

static void
a_thread_without_an_lcore_id_gets_buffers(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 1024);
	struct tide_pool *pool;
	pthread_t thread;
	void *failed;

	conf.cache_size = 32;
	pool = tide_pool_create(&conf);
	assert_non_null(pool);
	assert_int_equal(pthread_create(&thread, NULL, get_without_lcore, pool), 0);
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	assert_int_equal(tide_pool_free(pool), 0);
}

static void
ports_and_lcores_are_served_with_the_reason(void **state)
{
	struct tide_pool_port ports[] = {{null_port(), LCORE_ID_ANY}};
	unsigned int lcores[] = {0};
	struct tide_pool_conf conf = conf_of(NULL, 256);
	struct tide_pool_choice choice;
	struct tide_pool *pool;

	conf.nb_nodes = 0;
	conf.ports = ports;
	conf.nb_ports = 1;
	conf.lcores = lcores;
	conf.nb_lcores = 1;
	pool = tide_pool_create(&conf);
	assert_non_null(pool);
	assert_int_equal(tide_pool_nb_nodes(pool), 1);
	assert_ptr_equal(tide_pool_for_port(pool, ports[0].port_id, LCORE_ID_ANY, &choice),
		tide_pool_on(pool, 0));
	assert_int_equal(choice.source, TIDE_NODE_SOURCE_ONLY_NODE);
	assert_int_equal(choice.reason, TIDE_POOL_REASON_LOCAL);
	assert_int_equal(choice.node, 0);
	assert_ptr_equal(choice.mp, tide_pool_on(pool, 0));
	assert_ptr_equal(tide_pool_for_lcore(pool, 0, &choice), choice.mp);
	assert_int_equal(choice.source, TIDE_NODE_SOURCE_LCORE);
	assert_ptr_equal(tide_pool_for_lcore(pool, LCORE_ID_ANY, &choice), choice.mp);
	assert_int_equal(choice.source, TIDE_NODE_SOURCE_UNKNOWN);
	assert_int_equal(choice.reason, TIDE_POOL_REASON_UNKNOWN);
	assert_int_equal(choice.requested, TIDE_NODE_UNKNOWN);
	assert_ptr_equal(tide_pool_for_port(pool, 99, LCORE_ID_ANY, NULL), choice.mp);
	assert_ptr_equal(tide_pool_on(pool, 0), choice.mp);
	assert_null(tide_pool_on(pool, 1));
	assert_int_equal(tide_pool_node_id(pool, 0), 0);
	assert_int_equal(tide_pool_node_id(pool, 1), TIDE_NODE_UNKNOWN);
	assert_null(tide_pool_on(pool, TIDE_NODE_UNKNOWN));
	assert_null(tide_pool_placement(pool, 1));
	assert_int_equal(tide_pool_free(pool), 0);
}

/* Traffic goes on while another thread asks. */
static void *
get_and_put(void *arg)
{
	struct tide_pool *pool = arg;
	struct rte_mbuf *bufs[32];
	unsigned int i;

	for (i = 0; i < 10000; i++) {
		if (tide_pool_get(pool, 0, bufs, RTE_DIM(bufs)) < 0)
			return pool;
		rte_pktmbuf_free_bulk(bufs, RTE_DIM(bufs));
	}
	return NULL;
}

static void
placement_can_be_asked_again_while_buffers_move(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 1024);
	struct tide_placement_change change;
	const struct tide_placement *made;
	struct tide_placement now;
	struct tide_scan *scan;
	struct tide_pool *pool;
	pthread_t thread;
	void *failed;
	unsigned int i;

	pool = tide_pool_create(&conf);
	assert_non_null(pool);
	made = tide_pool_placement(pool, 0);
	scan = tide_pool_scan(pool, 0);
	assert_non_null(scan);
	assert_int_equal(pthread_create(&thread, NULL, get_and_put, pool), 0);
	for (i = 0; i < 100; i++) {
		memset(&now, 0x5a, sizeof(now));
		assert_int_equal(tide_pool_measure(pool, 0, &now), 0);
		assert_int_equal(tide_placement_compare(made, &now, &change), 0);
		memset(&now, 0x5a, sizeof(now));
		while (tide_scan_step(scan, 64, &now) == 0)
			continue;
		assert_int_equal(tide_placement_compare(made, &now, &change), 0);
	}
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	tide_scan_free(scan);
	assert_int_equal(tide_pool_free(pool), 0);
}

static void
a_page_of_a_pool_that_left_is_found_and_found_back(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 64);
	struct tide_placement_change change;
	struct tide_placement now;
	struct tide_pool *pool;
	void *addr;
	size_t len;

	conf.backing = TIDE_BACKING_OWN;
	conf.page = TIDE_PAGE_4K;
	pool = tide_pool_create(&conf);
	assert_non_null(pool);
	assert_int_equal(tide_pool_memory(pool, 0, &addr, &len), 0);
	assert_ptr_equal(addr, tide_region_addr(pool->members[0].region));
	assert_int_equal(len, tide_region_len(pool->members[0].region));
	assert_int_equal(madvise((char *)addr + len - 4096, 4096, MADV_DONTNEED), 0);
	assert_int_equal(tide_pool_measure(pool, 0, &now), 0);
	assert_int_equal(tide_placement_compare(tide_pool_placement(pool, 0), &now, &change), 1);
	assert_int_equal(change.moved, 1);
	assert_int_equal(change.moves[0].to, -ENOENT);
	((char *)addr)[len - 1] = 1;
	assert_int_equal(tide_pool_measure(pool, 0, &now), 0);
	assert_int_equal(tide_placement_compare(tide_pool_placement(pool, 0), &now, &change), 0);
	assert_int_equal(tide_pool_free(pool), 0);
}

static void
where_a_member_is_that_does_not_exist_is_einval(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 64);
	struct tide_pool *pool = tide_pool_create(&conf);
	struct tide_placement now = {.pages = 7};
	void *addr = &conf;
	size_t len = 7;

	assert_non_null(pool);
	assert_null(tide_pool_placement(pool, 1));
	assert_int_equal(tide_pool_measure(pool, 1, &now), -ENOENT);
	assert_int_equal(now.pages, 7);
	rte_errno = 0;
	assert_null(tide_pool_scan(pool, 1));
	assert_int_equal(rte_errno, ENOENT);
	assert_int_equal(tide_pool_memory(pool, 1, &addr, &len), -ENOENT);
	assert_ptr_equal(addr, &conf);
	assert_int_equal(len, 7);
	assert_int_equal(tide_pool_free(pool), 0);
}

static void
a_port_receives_into_the_pool(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 512);
	struct rte_eth_conf eth = {0};
	uint16_t port = null_port(), n;
	struct rte_mbuf *bufs[32];
	struct tide_pool *pool = tide_pool_create(&conf);
	struct rte_mempool *mp;

	assert_non_null(pool);
	mp = tide_pool_for_port(pool, port, 0, NULL);
	assert_int_equal(tide_pool_dma_map(pool, mp, port), 0);
	assert_int_equal(rte_eth_dev_configure(port, 1, 1, &eth), 0);
	assert_int_equal(rte_eth_rx_queue_setup(port, 0, 64, 0, NULL, mp), 0);
	assert_int_equal(rte_eth_tx_queue_setup(port, 0, 64, 0, NULL), 0);
	assert_int_equal(rte_eth_dev_start(port), 0);
	n = rte_eth_rx_burst(port, 0, bufs, 32);
	assert_int_equal(n, 32);
	assert_ptr_equal(bufs[0]->pool, mp);
	assert_int_equal(tide_pool_free(pool), -EBUSY);
	assert_int_equal(rte_eth_tx_burst(port, 0, bufs, n), 32);
	assert_int_equal(rte_eth_dev_stop(port), 0);
	assert_int_equal(tide_pool_free(pool), 0);
}

static void
own_memory_is_mapped_for_a_port_and_bad_arguments_are_einval(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 64);
	struct rte_mempool *other;
	struct tide_pool *pool;
	uint16_t port = null_port();

	conf.backing = TIDE_BACKING_OWN;
	conf.page = TIDE_PAGE_4K;
	pool = tide_pool_create(&conf);
	assert_non_null(pool);
	other = rte_mempool_create_empty("other", 64, 64, 0, 0, 0, 0);
	assert_non_null(other);
	assert_int_equal(tide_pool_dma_map(pool, tide_pool_on(pool, 0), port), 0);
	assert_non_null(rte_mem_virt2memseg_list(tide_region_addr(pool->members[0].region)));
	assert_int_equal(tide_pool_dma_map(pool, other, port), -EINVAL);
	assert_int_equal(tide_pool_dma_map(pool, tide_pool_on(pool, 0), 99), -EINVAL);
	rte_mempool_free(other);
	assert_int_equal(tide_pool_free(pool), 0);
}

static void
assert_einval(const struct tide_pool_conf *conf)
{
	struct trace before = take_trace();

	rte_errno = 0;
	assert_null(tide_pool_create(conf));
	assert_int_equal(rte_errno, EINVAL);
	assert_same_trace(before, take_trace());
}

static void
bad_requests_are_einval(void **state)
{
	static const struct tide_pool_port bad_port[] = {{99, LCORE_ID_ANY}};
	static const int bad_nodes[] = {0, 1000}, unknown[] = {TIDE_NODE_UNKNOWN};
	struct tide_pool_conf good = conf_of(NULL, 100), conf;

	conf = good, conf.name = NULL, assert_einval(&conf);
	conf = good, conf.name = "", assert_einval(&conf);
	conf = good, conf.name = "fifteen_letters", assert_einval(&conf);
	conf = good, conf.buffers = 0, assert_einval(&conf);
	conf = good, conf.data_room = RTE_PKTMBUF_HEADROOM - 1, assert_einval(&conf);
	conf = good, conf.priv_size = 4, assert_einval(&conf);
	conf = good, conf.cache_size = RTE_MEMPOOL_CACHE_MAX_SIZE + 1, assert_einval(&conf);
	conf = good, conf.cache_size = 101, assert_einval(&conf);
	conf = good, conf.ops = "no such ops", assert_einval(&conf);
	conf = good, conf.nodes = bad_nodes, conf.nb_nodes = 2, assert_einval(&conf);
	conf = good, conf.nodes = unknown, assert_einval(&conf);
	conf = good, conf.ports = bad_port, conf.nb_ports = 1, assert_einval(&conf);
	conf = good, conf.nb_nodes = 0, assert_einval(&conf);
	conf = good, conf.page = (enum tide_page)9, assert_einval(&conf);
	conf = good, conf.spill = TIDE_SPILL_ANY + 1, assert_einval(&conf);
	conf = good, conf.spill = (enum tide_spill) - 1, assert_einval(&conf);
}

/* With any version of DPDK. */
static void
a_cache_is_refused_exactly_where_rte_mempool_refuses_it(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 100);
	struct rte_mempool *mp;
	struct tide_pool *pool;

	for (conf.cache_size = 60; conf.cache_size < 105; conf.cache_size++) {
		mp = rte_mempool_create_empty("plain", 100, 64, conf.cache_size, 0, 0, 0);
		pool = tide_pool_create(&conf);
		assert_int_equal(pool != NULL, mp != NULL);
		assert_int_equal(tide_pool_free(pool), 0);
		rte_mempool_free(mp);
	}
}

static void
a_cache_that_is_too_large_is_named_with_what_fits(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 100);
	char text[80];

	conf.cache_size = 102;
	snprintf(text, sizeof(text), "the %u buffers that it can hold must be among the 100",
		(unsigned int)tidei_cache_most(102, RTE_VERSION));
	test_log_catch();
	assert_einval(&conf);
	assert_non_null(strstr(test_log_caught(), "a cache of 102 was requested: 512 is the most"));
	test_log_catch();
	assert_einval(&conf);
	assert_non_null(strstr(test_log_caught(), text));
}

static void
the_longest_name_and_the_largest_cache_fit(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 100);
	struct tide_pool *pool;

	conf.name = "fourteen_chars";
	conf.cache_size = 66;
	conf.priv_size = 64;
	conf.data_room = RTE_PKTMBUF_HEADROOM;
	pool = tide_pool_create(&conf);
	assert_non_null(pool);
	assert_string_equal(tide_pool_on(pool, 0)->name, "fourteen_chars_node0");
	assert_int_equal(rte_pktmbuf_priv_size(tide_pool_on(pool, 0)), 64);
	assert_int_equal(rte_pktmbuf_data_room_size(tide_pool_on(pool, 0)), RTE_PKTMBUF_HEADROOM);
	assert_int_equal(tide_pool_free(pool), 0);
}

static void
a_mempool_of_the_same_name_is_eexist(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 64);
	struct tide_pool *pool = tide_pool_create(&conf);
	struct trace before = take_trace();

	assert_non_null(pool);
	assert_null(tide_pool_create(&conf));
	assert_int_equal(rte_errno, EEXIST);
	assert_same_trace(before, take_trace());
	assert_int_equal(tide_pool_free(pool), 0);
}

static void
more_buffers_than_memory_are_enomem_with_nothing_left(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 100 * 1000 * 1000);
	struct trace before = take_trace();

	/* Small enough for EAL to hold the mempool's books, too many for the buffers. */
	conf.buffers = 8 * 1000 * 1000;
	conf.data_room = UINT16_MAX;
	assert_null(tide_pool_create(&conf));
	assert_int_equal(rte_errno, ENOMEM);
	assert_same_trace(before, take_trace());
}

static void
strict_pages_that_are_not_there_are_enomem_with_nothing_left(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 64);
	struct trace before = take_trace();
	struct tide_placement failed = {.requested = 77};

	if (!huge)
		conf.backing = TIDE_BACKING_EAL;
	conf.page = TIDE_PAGE_1G;
	conf.buffers = 1 << 20;
	conf.failed = &failed;
	assert_null(tide_pool_create(&conf));
	assert_int_equal(rte_errno, ENOMEM);
	assert_same_trace(before, take_trace());
	assert_null(rte_mempool_lookup("test_node0"));
	assert_null(rte_memzone_lookup("test_node0_mem"));
	assert_int_equal(failed.requested, 0);
	assert_non_null(strstr(failed.reason, huge ? "1 GB huge pages" : "without huge pages"));
	assert_non_null(strstr(failed.hint, huge ? "echo " : "start it without --no-huge"));
}

/* Lines that this library logged; EAL has some of its own. */
static unsigned int
lines_of(const char *text)
{
	static const char mark[] = "TIDE_";
	unsigned int n = 0;

	while ((text = strstr(text, mark)) != NULL) {
		text += strlen(mark);
		n++;
	}
	return n;
}

static void
a_shortage_is_told_once_by_the_log_or_by_the_caller(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 1 << 20);
	struct tide_placement failed;
	const char *text;

	if (!huge)
		conf.backing = TIDE_BACKING_EAL;
	conf.page = TIDE_PAGE_1G;
	test_log_catch();
	assert_null(tide_pool_create(&conf));
	text = test_log_caught();
	assert_int_equal(lines_of(text), 1);
	assert_non_null(strstr(text, "1G"));
	conf.failed = &failed;
	test_log_catch();
	assert_null(tide_pool_create(&conf));
	assert_int_equal(lines_of(test_log_caught()), 0);
	assert_non_null(strstr(failed.reason, "1G"));
}

/* Take all memzones except so many; the names go on from *n. */
static void
use_up_memzones(unsigned int *n, unsigned int leave)
{
	char name[RTE_MEMZONE_NAMESIZE];

	do
		snprintf(name, sizeof(name), "zone%u", (*n)++);
	while (rte_memzone_reserve(name, 64, SOCKET_ID_ANY, 0) != NULL);
	assert_int_equal(rte_errno, ENOSPC);
	for (--*n; leave > 0; leave--) {
		snprintf(name, sizeof(name), "zone%u", --*n);
		assert_int_equal(rte_memzone_free(rte_memzone_lookup(name)), 0);
	}
}

static void
free_memzones(unsigned int n)
{
	char name[RTE_MEMZONE_NAMESIZE];

	while (n-- > 0) {
		snprintf(name, sizeof(name), "zone%u", n);
		rte_memzone_free(rte_memzone_lookup(name));
	}
}

static void
is_enospc_with_advice(const struct tide_pool_conf *conf)
{
	const char *text;

	test_log_catch();
	assert_null(tide_pool_create(conf));
	assert_int_equal(rte_errno, ENOSPC);
	text = test_log_caught();
	assert_int_equal(lines_of(text), 1);
	assert_non_null(strstr(text, "EAL has no memzone left: free regions and pools"));
}

static void
a_pool_without_a_memzone_is_enospc_with_advice(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 64);
	struct trace before = take_trace();
	unsigned int n = 0;

	use_up_memzones(&n, 0);
	is_enospc_with_advice(&conf);
	free_memzones(n);
	assert_same_trace(before, take_trace());
}

/* One is left for the mempool, none for its region, or for the ring of the ops. */
static void
a_region_or_a_ring_without_a_memzone_is_enospc_with_advice(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 64);
	struct trace before = take_trace();
	unsigned int n = 0;

	use_up_memzones(&n, 1);
	conf.backing = TIDE_BACKING_EAL;
	is_enospc_with_advice(&conf);
	conf.backing = TIDE_BACKING_OWN;
	conf.ops = "ring_mp_mc";
	is_enospc_with_advice(&conf);
	free_memzones(n);
	assert_same_trace(before, take_trace());
}

/* Ops that request memory like a driver: DPDK's stack, except one answer chosen here. */
static enum {
	ASK_TOO_LITTLE,
	ASK_ONE_PIECE,
	ASK_ALIGNED,
	ASK_NOTHING,
	REFUSE,
} odd;

static ssize_t
odd_size(const struct rte_mempool *mp, uint32_t n, uint32_t shift, size_t *min, size_t *align)
{
	uint32_t asked = odd == ASK_TOO_LITTLE ? n / 8 + 1 : n;
	ssize_t len = rte_mempool_op_calc_mem_size_default(mp, asked, shift, min, align);

	if (odd == ASK_NOTHING)
		return -EDOM;
	if (odd == ASK_ONE_PIECE)
		*min = (size_t)len;
	if (odd == ASK_ALIGNED)
		*align = 1 << 16;
	return len;
}

static int
odd_populate(struct rte_mempool *mp, unsigned int n, void *addr, rte_iova_t iova, size_t len,
	rte_mempool_populate_obj_cb_t *cb, void *arg)
{
	if (odd == REFUSE)
		return -EIO;
	return rte_mempool_op_populate_default(mp, n, addr, iova, len, cb, arg);
}

static int
register_odd_ops(void **state)
{
	struct rte_mempool_ops ops;
	uint32_t i;

	for (i = 0; i < rte_mempool_ops_table.num_ops; i++) {
		if (strcmp(rte_mempool_ops_table.ops[i].name, "stack") == 0)
			break;
	}
	assert_true(i < rte_mempool_ops_table.num_ops);
	ops = rte_mempool_ops_table.ops[i];
	snprintf(ops.name, sizeof(ops.name), "odd");
	ops.calc_mem_size = odd_size;
	ops.populate = odd_populate;
	return test_ops_add(&ops);
}

static struct tide_pool_conf
odd_conf(int how, uint32_t buffers)
{
	odd = how;
	return conf_of("odd", buffers);
}

static void
ops_that_ask_for_too_little_get_more(void **state)
{
	struct tide_pool_conf conf = odd_conf(ASK_TOO_LITTLE, 5000);
	struct trace before = take_trace();
	struct tide_pool *pool = tide_pool_create(&conf);

	assert_non_null(pool);
	take_all_and_give_back(pool, 5000);
	assert_int_equal(tide_pool_free(pool), 0);
	assert_same_trace(before, take_trace());
}

static void
ops_that_need_one_piece_get_it_or_fail_cleanly(void **state)
{
	struct tide_pool_conf conf = odd_conf(ASK_ONE_PIECE, 5000);
	struct trace before = take_trace();
	struct tide_pool *pool = tide_pool_create(&conf);

	if (pool == NULL) {
		assert_int_equal(rte_eal_iova_mode(), RTE_IOVA_PA);
		assert_int_equal(rte_errno, ENOMEM);
	} else {
		take_all_and_give_back(pool, 5000);
		assert_int_equal(tide_pool_free(pool), 0);
	}
	assert_same_trace(before, take_trace());
}

static void
ops_that_need_an_alignment_get_it(void **state)
{
	struct tide_pool_conf conf = odd_conf(ASK_ALIGNED, 500);
	struct tide_pool *pool = tide_pool_create(&conf);
	const struct rte_mempool_memhdr *chunk;

	assert_non_null(pool);
	chunk = STAILQ_FIRST(&tide_pool_on(pool, 0)->mem_list);
	assert_int_equal((uintptr_t)chunk->addr % (1 << 16), 0);
	take_all_and_give_back(pool, 500);
	assert_int_equal(tide_pool_free(pool), 0);
}

static void
ops_that_refuse_are_an_errno_with_nothing_left(void **state)
{
	struct tide_pool_conf conf = odd_conf(ASK_NOTHING, 500);
	struct trace before = take_trace();

	assert_null(tide_pool_create(&conf));
	assert_int_equal(rte_errno, EDOM);
	assert_same_trace(before, take_trace());
	odd = REFUSE;
	assert_null(tide_pool_create(&conf));
	assert_int_equal(rte_errno, EIO);
	assert_same_trace(before, take_trace());
}

/* A second node only the text knows: best effort puts its member where memory is, and says so. */
static void
a_member_on_each_node_in_use_serves_its_own(void **state)
{
	static const int nodes[] = {1, 0, 1};
	struct tide_topology *topo = tide_topology_parse("node 0 cpus 0-1 memory 8G distance 3:30\n"
							 "node 1 cpus 2 memory 8G distance 3:12\n"
							 "node 3 cpus 3 memory 8G\n");
	struct tide_pool_conf conf = conf_of(NULL, 100);
	const struct tide_placement *found;
	struct tide_pool_choice choice;
	struct tide_pool *pool;
	struct rte_mbuf *m[2];
	struct trace before;

	assert_non_null(topo);
	before = take_trace();
	conf.topo = topo;
	conf.nodes = nodes;
	conf.nb_nodes = RTE_DIM(nodes);
	conf.enforce = TIDE_ENFORCE_BEST_EFFORT;
	pool = tide_pool_create(&conf);
	assert_non_null(pool);
	assert_int_equal(tide_pool_nb_nodes(pool), 2);
	assert_int_equal(tide_pool_node_id(pool, 0), 0);
	assert_int_equal(tide_pool_node_id(pool, 1), 1);
	assert_int_equal(tide_pool_node_id(pool, 2), TIDE_NODE_UNKNOWN);
	assert_string_equal(tide_pool_on(pool, 0)->name, "test_node0");
	assert_string_equal(tide_pool_on(pool, 1)->name, "test_node1");
	found = tide_pool_placement(pool, 1);
	assert_int_equal(found->requested, 1);
	assert_int_equal(found->local, 0);
	assert_int_equal(found->found[0].node, 0);
	assert_string_not_equal(found->reason, "");
	assert_ptr_equal(tide_pool_for_lcore(pool, 0, &choice), tide_pool_on(pool, 0));
	assert_int_equal(choice.reason, TIDE_POOL_REASON_LOCAL);
	assert_ptr_equal(tide_pool_for_port(pool, null_port(), LCORE_ID_ANY, &choice),
		tide_pool_on(pool, 0));
	assert_int_equal(choice.reason, TIDE_POOL_REASON_UNKNOWN);
	assert_int_equal(choice.requested, TIDE_NODE_UNKNOWN);
	assert_int_equal(choice.source, TIDE_NODE_SOURCE_UNKNOWN);
	assert_int_equal(tide_pool_get(pool, 0, &m[0], 1), 0);
	assert_int_equal(tide_pool_get(pool, 1, &m[1], 1), 0);
	assert_int_equal(tide_pool_get(pool, 3, &m[1], 1), -ENOENT);
	assert_ptr_equal(m[1]->pool, tide_pool_on(pool, 1));
	rte_pktmbuf_free(m[0]);
	assert_int_equal(tide_pool_free(pool), -EBUSY);
	rte_pktmbuf_free(m[1]);
	assert_int_equal(tide_pool_free(pool), 0);
	assert_same_trace(before, take_trace());
	tide_topology_free(topo);
}

static void
one_member_that_fails_takes_the_others_with_it(void **state)
{
	static const int nodes[] = {0, 1};
	struct tide_topology *topo = tide_topology_parse("node 0 cpus 0-1 memory 8G\n"
							 "node 1 cpus 2 memory 8G\n"
							 "allowed cpus 0-2 nodes 0\n");
	struct tide_pool_conf conf = conf_of(NULL, 100);
	struct tide_placement failed = {.requested = 77};
	struct trace before;

	assert_non_null(topo);
	before = take_trace();
	conf.topo = topo;
	conf.nodes = nodes;
	conf.nb_nodes = RTE_DIM(nodes);
	conf.failed = &failed;
	assert_null(tide_pool_create(&conf));
	assert_int_equal(rte_errno, EPERM);
	assert_int_equal(failed.requested, 1);
	assert_non_null(strstr(failed.reason, "node 1 cannot give memory to this process"));
	assert_null(rte_mempool_lookup("test_node0"));
	assert_same_trace(before, take_trace());
	tide_topology_free(topo);
}

static void
the_dump_names_counters_and_placement(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 64);
	struct tide_pool *pool = tide_pool_create(&conf);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(pool);
	assert_non_null(f);
	tide_pool_dump(pool, f);
	fclose(f);
	assert_non_null(strstr(text, "test_node0: 64 buffers, 64 free (0 in caches), 0 in use"));
	assert_non_null(strstr(text, "node 0: "));
	assert_int_equal(text[size - 1], '\n');
	free(text);
	assert_int_equal(tide_pool_free(pool), 0);
}

static void
the_size_reckoned_is_the_size_taken(void **state)
{
	struct tide_pool_need need = {
		.rx_queues = 1, .rx_desc = 1024, .data_room = RTE_MBUF_DEFAULT_BUF_SIZE};
	struct tide_pool_conf conf = conf_of(NULL, 1024);
	struct tide_pool *pool = tide_pool_create(&conf);
	struct tide_pool_size size;
	struct rte_mempool *mp;

	assert_non_null(pool);
	mp = tide_pool_on(pool, 0);
	assert_int_equal(tide_pool_size(&need, 0, TIDE_PAGE_2M, &size), 0);
	assert_int_equal(size.object, mp->header_size + mp->elt_size + mp->trailer_size);
	assert_int_equal(size.buffers, 1024);
	assert_true(tide_region_len(pool->members[0].region) >= size.bytes);
	assert_int_equal(tide_pool_free(pool), 0);
}

static void
the_check_sees_each_broken_invariant(void **state)
{
	struct tide_pool_conf conf = conf_of(NULL, 64);
	struct tide_pool *pool = tide_pool_create(&conf);

	assert_non_null(pool);
	pool->index[3] = 0;
	assert_int_equal(tidei_pool_check(pool), -EINVAL);
	pool->index[3] = -1;
	pool->members[0].node = 1;
	assert_int_equal(tidei_pool_check(pool), -EINVAL);
	pool->members[0].node = 0;
	pool->members[0].mp->populated_size--;
	assert_int_equal(tidei_pool_check(pool), -EINVAL);
	pool->members[0].mp->populated_size++;
	assert_int_equal(tidei_pool_check(pool), 0);
	assert_int_equal(tide_pool_free(pool), 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_buffer_wanted_is_there_and_sound),
		cmocka_unit_test(every_backing_and_page_holds_a_pool),
		cmocka_unit_test(get_bulk_takes_nothing_when_short),
		cmocka_unit_test(a_double_free_is_counted_as_misuse),
		cmocka_unit_test(freeing_with_buffers_out_is_ebusy_and_frees_nothing),
		cmocka_unit_test(holders_are_told_apart_with_most_buffers_first),
		cmocka_unit_test(holders_need_tide_ops_and_a_place),
		cmocka_unit_test(buffers_without_a_ledger_word_are_of_unknown_age),
		cmocka_unit_test(buffers_just_taken_have_an_age),
		cmocka_unit_test(buffers_in_a_cache_are_free_and_counted_as_cached),
		cmocka_unit_test(a_thread_without_an_lcore_id_gets_buffers),
		cmocka_unit_test(ports_and_lcores_are_served_with_the_reason),
		cmocka_unit_test(placement_can_be_asked_again_while_buffers_move),
		cmocka_unit_test(a_page_of_a_pool_that_left_is_found_and_found_back),
		cmocka_unit_test(where_a_member_is_that_does_not_exist_is_einval),
		cmocka_unit_test(a_port_receives_into_the_pool),
		cmocka_unit_test(own_memory_is_mapped_for_a_port_and_bad_arguments_are_einval),
		cmocka_unit_test(bad_requests_are_einval),
		cmocka_unit_test(a_cache_is_refused_exactly_where_rte_mempool_refuses_it),
		cmocka_unit_test(a_cache_that_is_too_large_is_named_with_what_fits),
		cmocka_unit_test(the_longest_name_and_the_largest_cache_fit),
		cmocka_unit_test(a_mempool_of_the_same_name_is_eexist),
		cmocka_unit_test(more_buffers_than_memory_are_enomem_with_nothing_left),
		cmocka_unit_test(strict_pages_that_are_not_there_are_enomem_with_nothing_left),
		cmocka_unit_test(a_shortage_is_told_once_by_the_log_or_by_the_caller),
		cmocka_unit_test(a_pool_without_a_memzone_is_enospc_with_advice),
		cmocka_unit_test(a_region_or_a_ring_without_a_memzone_is_enospc_with_advice),
		cmocka_unit_test(ops_that_ask_for_too_little_get_more),
		cmocka_unit_test(ops_that_need_one_piece_get_it_or_fail_cleanly),
		cmocka_unit_test(ops_that_need_an_alignment_get_it),
		cmocka_unit_test(ops_that_refuse_are_an_errno_with_nothing_left),
		cmocka_unit_test(a_member_on_each_node_in_use_serves_its_own),
		cmocka_unit_test(one_member_that_fails_takes_the_others_with_it),
		cmocka_unit_test(the_dump_names_counters_and_placement),
		cmocka_unit_test(the_size_reckoned_is_the_size_taken),
		cmocka_unit_test(the_check_sees_each_broken_invariant),
	};
	bool want_huge = argc < 2 || strcmp(argv[1], "no-huge") != 0;

	huge = test_eal_start(want_huge, 96, "0");
	if (want_huge && !huge) {
		fprintf(stderr, "needs EAL on huge pages: too few 2 MB pages are free\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, register_odd_ops, NULL);
}
