/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Gets that find their member dry, on a machine only a text knows: best effort puts every member on
 * the memory there is, under the nodes it was made for.
 */

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "eal.h"
#include "pool_internal.h"
#include "tide_mempool.h"
#include "tide_pool.h"
#include "tide_pool_query.h"

#define BUFFERS 64

/* Nodes 0, 1 and 5 have CPUs; 3 is memory alone, nearer to node 0 than node 1 is. */
static const char machine[] = "node 0 cpus 0-1 memory 8G distance 1:21,3:17,5:28\n"
			      "node 1 cpus 2 memory 8G distance 0:21,3:28,5:17\n"
			      "node 3 memory 8G distance 0:17,1:28,5:40\n"
			      "node 5 cpus 3 memory 8G distance 0:28,1:17,3:40\n";

static const int nodes[] = {0, 1, 3, 5};

static struct tide_topology *topo;
static struct tide_pool *pool;
static struct rte_mbuf *held[RTE_DIM(nodes)][BUFFERS];

static struct tide_pool_conf
conf_of(enum tide_spill spill)
{
	return (struct tide_pool_conf){
		.name = "test",
		.topo = topo,
		.nodes = nodes,
		.nb_nodes = RTE_DIM(nodes),
		.buffers = BUFFERS,
		.data_room = RTE_PKTMBUF_HEADROOM,
		.enforce = TIDE_ENFORCE_BEST_EFFORT,
		.page = TIDE_PAGE_4K,
		.spill = spill,
	};
}

static void
pool_with(enum tide_spill spill)
{
	struct tide_pool_conf conf = conf_of(spill);

	pool = tide_pool_create(&conf);
	assert_non_null(pool);
	assert_int_equal(tidei_pool_check(pool), 0);
}

static unsigned int
member_of(int node)
{
	unsigned int i = 0;

	while (nodes[i] != node)
		i++;
	return i;
}

static void
take(int node, unsigned int n)
{
	struct rte_mempool *mp = tide_pool_on(pool, node);

	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, held[member_of(node)], n), 0);
}

static void
give_back(int node, unsigned int n)
{
	rte_pktmbuf_free_bulk(held[member_of(node)], n);
}

/* n buffers for a node come from the member of another; then they are freed. */
static void
comes_from(int node, unsigned int n, int other)
{
	struct rte_mbuf *bufs[BUFFERS];

	assert_int_equal(tide_pool_get(pool, node, bufs, n), 0);
	for (unsigned int i = 0; i < n; i++) {
		assert_ptr_equal(bufs[i]->pool, tide_pool_on(pool, other));
		assert_int_equal(rte_mbuf_refcnt_read(bufs[i]), 1);
	}
	rte_pktmbuf_free_bulk(bufs, n);
}

static void
is_refused(int node, unsigned int n)
{
	struct rte_mbuf *bufs[BUFFERS];

	assert_int_equal(tide_pool_get(pool, node, bufs, n), -ENOBUFS);
}

static void
counted(int node, uint64_t out, uint64_t in)
{
	struct tide_pool_stats stats;

	assert_int_equal(tide_pool_stats(pool, node, &stats), 0);
	assert_int_equal(stats.spilled_out, out);
	assert_int_equal(stats.spilled_in, in);
}

static int
clean_up(void **state)
{
	int ret = tide_pool_free(pool);

	pool = NULL;
	return ret;
}

static void
a_dry_member_does_not_spill_unless_asked_to(void **state)
{
	pool_with(TIDE_SPILL_NEVER);
	take(0, BUFFERS);
	is_refused(0, 1);
	counted(0, 0, 0);
	counted(3, 0, 0);
	give_back(0, BUFFERS);
	comes_from(0, BUFFERS, 0);
}

static void
nearest_tries_the_nearest_by_distance_and_no_more(void **state)
{
	pool_with(TIDE_SPILL_NEAREST);
	comes_from(0, BUFFERS, 0);
	counted(0, 0, 0);
	take(0, BUFFERS);
	comes_from(0, BUFFERS, 3);
	take(1, BUFFERS);
	comes_from(1, 1, 5);
	/* Node 1 has been dry all along, and is not asked: 3 is the nearest. */
	take(3, BUFFERS);
	is_refused(0, 1);
	counted(0, 1, 0);
	counted(1, 1, 0);
	counted(3, 0, 1);
	counted(5, 0, 1);
	give_back(0, BUFFERS);
	give_back(1, BUFFERS);
	give_back(3, BUFFERS);
}

static void
any_tries_all_others_nearest_first(void **state)
{
	pool_with(TIDE_SPILL_ANY);
	take(0, BUFFERS);
	comes_from(0, 1, 3);
	take(3, BUFFERS);
	comes_from(0, 1, 1);
	take(1, BUFFERS);
	comes_from(0, 1, 5);
	comes_from(3, 1, 5);
	take(5, BUFFERS);
	is_refused(0, 1);
	give_back(0, BUFFERS);
	/* 17 to node 1, 28 to node 0, 40 to node 3. */
	comes_from(5, 1, 0);
	counted(0, 3, 1);
	counted(1, 0, 1);
	counted(3, 1, 1);
	counted(5, 1, 2);
	give_back(1, BUFFERS);
	give_back(3, BUFFERS);
	give_back(5, BUFFERS);
}

/* What two members have together is not enough for either to serve. */
static void
a_get_is_served_by_one_member_or_not_at_all(void **state)
{
	struct tide_pool_stats stats;

	pool_with(TIDE_SPILL_ANY);
	take(0, 30);
	take(3, 20);
	take(1, 10);
	take(5, 40);
	comes_from(0, BUFFERS - 30, 0);
	comes_from(0, BUFFERS - 20, 3);
	comes_from(0, BUFFERS - 10, 1);
	is_refused(0, BUFFERS - 9);
	give_back(0, 30);
	give_back(1, 10);
	give_back(3, 20);
	give_back(5, 40);
	for (unsigned int i = 0; i < RTE_DIM(nodes); i++) {
		assert_int_equal(tide_pool_stats(pool, nodes[i], &stats), 0);
		assert_int_equal(stats.free, BUFFERS);
	}
}

static void
a_node_without_a_member_does_not_spill(void **state)
{
	struct tide_pool_conf conf = conf_of(TIDE_SPILL_ANY);
	struct rte_mbuf *m;

	conf.nb_nodes = 1;
	pool = tide_pool_create(&conf);
	assert_non_null(pool);
	assert_int_equal(tidei_pool_check(pool), 0);
	assert_int_equal(tide_pool_get(pool, 1, &m, 1), -ENOENT);
	take(0, BUFFERS);
	is_refused(0, 1);
	give_back(0, BUFFERS);
}

#define THREADS 4
#define ROUNDS  1000000

static void *
spill_often(void *arg)
{
	_Atomic uint64_t *served = arg;
	struct rte_mbuf *bufs[3];

	for (unsigned int i = 0; i < ROUNDS; i++) {
		if (tide_pool_get(pool, 0, bufs, RTE_DIM(bufs)) != 0)
			continue;
		atomic_fetch_add_explicit(served, 1, memory_order_relaxed);
		rte_pktmbuf_free_bulk(bufs, RTE_DIM(bufs));
	}
	return NULL;
}

static void
every_get_that_spilled_is_counted_once_whatever_the_threads(void **state)
{
	_Atomic uint64_t served = 0;
	struct tide_pool_stats stats;
	pthread_t threads[THREADS];
	uint64_t in = 0;

	pool_with(TIDE_SPILL_ANY);
	take(0, BUFFERS);
	/* Node 3 has room for one of them at a time. */
	take(3, BUFFERS - 4);
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, spill_often, &served), 0);
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (unsigned int i = 0; i < RTE_DIM(nodes); i++) {
		assert_int_equal(tide_pool_stats(pool, nodes[i], &stats), 0);
		in += stats.spilled_in;
	}
	assert_int_equal(served, THREADS * ROUNDS);
	assert_int_equal(in, served);
	counted(0, served, 0);
	give_back(0, BUFFERS);
	give_back(3, BUFFERS - 4);
}

static void
the_dump_tells_what_spilled(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	pool_with(TIDE_SPILL_NEAREST);
	take(0, BUFFERS);
	comes_from(0, 1, 3);
	give_back(0, BUFFERS);
	tide_pool_dump(pool, f);
	fclose(f);
	assert_non_null(strstr(text, "test_node0: 64 buffers, 64 free"));
	assert_non_null(strstr(text, "1 gets spilled out, 0 in; "));
	assert_non_null(strstr(text, "0 gets spilled out, 1 in; "));
	free(text);
}

static void
the_check_sees_a_member_that_is_to_help_itself(void **state)
{
	uint16_t first;

	pool_with(TIDE_SPILL_ANY);
	first = pool->spill.order[0];
	pool->spill.order[0] = 0;
	assert_int_equal(tidei_pool_check(pool), -EINVAL);
	pool->spill.order[0] = RTE_DIM(nodes);
	assert_int_equal(tidei_pool_check(pool), -EINVAL);
	pool->spill.order[0] = pool->spill.order[1];
	assert_int_equal(tidei_pool_check(pool), -EINVAL);
	pool->spill.order[0] = first;
	assert_int_equal(tidei_pool_check(pool), 0);
}

/* EAL would give header and caches from any heap it has. */
static void
nothing_of_a_mempool_lies_on_a_node_that_may_not_be_used(void **state)
{
	/* EAL has a heap on node 0 only. */
	static const struct {
		int node, heap;
		const char *text;
	} cases[] = {
		{1, 0, "node 0 cpus 0 memory 8G\nnode 1 cpus 1 memory 8G\nallowed membind 0\n"},
		{0, SOCKET_ID_ANY,
			"node 0 cpus 0 memory 8G\nnode 1 cpus 1 memory 8G\nallowed nodes 1\n"},
	};

	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		struct tide_pool_conf conf = conf_of(TIDE_SPILL_NEVER);
		struct tide_topology *part = tide_topology_parse(cases[i].text);

		assert_non_null(part);
		conf.topo = part;
		conf.nodes = &cases[i].node;
		conf.nb_nodes = 1;
		pool = tide_pool_create(&conf);
		assert_non_null(pool);
		assert_int_equal(tide_pool_on(pool, cases[i].node)->socket_id, cases[i].heap);
		assert_int_equal(tide_pool_free(pool), 0);
		tide_topology_free(part);
	}
	/* Memory without CPUs has no heap of EAL: what goes with the buffers is as near as can be. */
	pool_with(TIDE_SPILL_NEVER);
	assert_int_equal(tide_pool_on(pool, 3)->socket_id, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_dry_member_does_not_spill_unless_asked_to, clean_up),
		cmocka_unit_test_teardown(
			nearest_tries_the_nearest_by_distance_and_no_more, clean_up),
		cmocka_unit_test_teardown(any_tries_all_others_nearest_first, clean_up),
		cmocka_unit_test_teardown(a_get_is_served_by_one_member_or_not_at_all, clean_up),
		cmocka_unit_test_teardown(a_node_without_a_member_does_not_spill, clean_up),
		cmocka_unit_test_teardown(
			every_get_that_spilled_is_counted_once_whatever_the_threads, clean_up),
		cmocka_unit_test_teardown(the_dump_tells_what_spilled, clean_up),
		cmocka_unit_test_teardown(the_check_sees_a_member_that_is_to_help_itself, clean_up),
		cmocka_unit_test_teardown(
			nothing_of_a_mempool_lies_on_a_node_that_may_not_be_used, clean_up),
	};
	int ret;

	test_eal_start(false, 64, "0");
	topo = tide_topology_parse(machine);
	if (topo == NULL)
		return 1;
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	tide_topology_free(topo);
	return ret;
}
