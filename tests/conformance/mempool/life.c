/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Claims about the making and freeing of pools, and about registration. */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_memzone.h>

#include "audit.h"

static size_t
heap_in_use(void)
{
	struct rte_malloc_socket_stats stats;
	size_t bytes = 0;

	for (int socket = 0; socket < RTE_MAX_NUMA_NODES; socket++)
		if (rte_malloc_get_socket_stats(socket, &stats) == 0)
			bytes += stats.heap_allocsz_bytes;
	return bytes;
}

/* Make a pool, use it as the flags of the claim say, free it; nothing may remain. */
static enum verdict
make_and_free(struct trial *t, unsigned int out, unsigned int cached)
{
	size_t before = 0;

	/* The first round may allocate memory that the process keeps. */
	for (unsigned int round = 0; round < 20; round++) {
		void *objs[500];
		struct audit b;

		if (round == 1)
			before = heap_in_use();
		NEED(audit_make(&b, t, RTE_DIM(objs), 200, cached > 0 ? 64 : 0, 0));
		if (cached > 0)
			NEED(audit_get(&b, objs, cached) && audit_put(&b, objs, cached));
		for (unsigned int i = 0; i < out && rte_mempool_get(b.mp, &objs[i]) == 0; i++)
			;
		audit_close(&b);
	}
	CHECK(t, heap_in_use() == before, "%zd bytes of EAL's heap are missing after 19 pools",
		(ssize_t)(heap_in_use() - before));
	return VERDICT_PASS;
}

static enum verdict
free_returns_all(struct trial *t)
{
	return make_and_free(t, 0, 0);
}

static enum verdict
free_with_objects_out(struct trial *t)
{
	enum verdict v = make_and_free(t, 1, 0);

	if (v == VERDICT_PASS)
		v = make_and_free(t, 500, 0);
	return v == VERDICT_PASS ? make_and_free(t, 100, 32) : v;
}

static enum verdict
free_unpopulated(struct trial *t)
{
	struct rte_mempool *mp = pool_empty(t, 100, 200, 0, 0);

	NEED(mp != NULL);
	rte_mempool_free(mp);
	return VERDICT_PASS;
}

/* Populate fails with an errno because memory is short, and leaves no memory allocated. */
static enum verdict
out_of_memory(struct trial *t)
{
	size_t before = 0;

	for (unsigned int round = 0; round < 3; round++) {
		struct rte_mempool *mp;
		int ret;

		if (round == 1)
			before = heap_in_use();
		/* Above 2 GB; EAL has MEMORY_SMALL_MB and allocates no more. */
		mp = pool_empty(t, 1 << 20, 2176, 0, 0);
		NEED(mp != NULL);
		ret = rte_mempool_populate_default(mp);
		CHECK(t, ret < 0, "populate of 2 GB made %d objects of %d MB", ret,
			MEMORY_SMALL_MB);
		rte_mempool_free(mp);
	}
	CHECK(t, heap_in_use() == before, "%zd bytes of EAL's heap are missing after 2 failures",
		(ssize_t)(heap_in_use() - before));
	return VERDICT_PASS;
}

static bool
registered(const char *name)
{
	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++)
		if (strcmp(rte_mempool_ops_table.ops[i].name, name) == 0)
			return true;
	return false;
}

static int
nothing(struct rte_mempool *mp)
{
	return -ENOTSUP;
}

static int
put_nothing(struct rte_mempool *mp, void *const *table, unsigned int n)
{
	return -ENOTSUP;
}

static int
get_nothing(struct rte_mempool *mp, void **table, unsigned int n)
{
	return -ENOTSUP;
}

static unsigned int
count_nothing(const struct rte_mempool *mp)
{
	return 0;
}

/* Fill all free places before EAL loads plugins. */
static enum verdict
fill_ops_table(struct trial *t)
{
	struct rte_mempool_ops ops = {.alloc = nothing,
		.enqueue = put_nothing,
		.dequeue = get_nothing,
		.get_count = count_nothing};

	if (registered(t->ops))
		return skips(t, "linked into this program, so it registered first");
	for (unsigned int i = 0; rte_mempool_ops_table.num_ops < RTE_MEMPOOL_MAX_OPS_IDX; i++) {
		snprintf(ops.name, sizeof(ops.name), "filler%u", i);
		CHECK(t, rte_mempool_register_ops(&ops) >= 0, "the table of ops cannot be filled");
	}
	return VERDICT_PASS;
}

/* EAL has started, so the plugin did not end the process. */
static enum verdict
ops_table_full(struct trial *t)
{
	CHECK(t, rte_mempool_ops_table.num_ops == RTE_MEMPOOL_MAX_OPS_IDX,
		"the table of ops has %d places and %u entries", RTE_MEMPOOL_MAX_OPS_IDX,
		rte_mempool_ops_table.num_ops);
	CHECK(t, !registered(t->ops), "with a full table of ops the name is in it");
	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++)
		CHECK(t, rte_mempool_ops_table.ops[i].alloc == nothing,
			"an entry of the full table was overwritten");
	return VERDICT_PASS;
}

static enum verdict
registered_once(struct trial *t)
{
	unsigned int n = 0;

	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++)
		n += strcmp(rte_mempool_ops_table.ops[i].name, t->ops) == 0;
	CHECK(t, n == 1, "the table of ops has the name %u times", n);
	return VERDICT_PASS;
}

/* Check the fields that rte_mbuf guarantees of a buffer that is free. */
static enum verdict
buffers_are_clean(struct trial *t, struct rte_mbuf **m, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		CHECK(t,
			rte_mbuf_refcnt_read(m[i]) == 1 && m[i]->next == NULL &&
				m[i]->nb_segs == 1 && m[i]->buf_addr != NULL &&
				RTE_MBUF_DIRECT(m[i]),
			"the pool changed a packet buffer between put and get");
	return VERDICT_PASS;
}

static enum verdict
packet_buffers(struct trial *t)
{
	struct rte_mbuf *m[255], *clone, *second;
	struct rte_mempool *mp;
	enum verdict v;
	struct audit b;

	mp = rte_pktmbuf_pool_create_by_ops(
		"packets", RTE_DIM(m) + 1, 32, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY, t->ops);
	CHECK(t, mp != NULL, "no packet pool: %s", rte_strerror(rte_errno));
	NEED(audit_open(&b, t, mp, RTE_DIM(m) + 1));
	for (unsigned int round = 0; round < 100; round++) {
		CHECK(t, rte_pktmbuf_alloc_bulk(mp, m, RTE_DIM(m)) == 0, "no %zu of %u buffers",
			RTE_DIM(m), b.n);
		v = buffers_are_clean(t, m, RTE_DIM(m));
		if (v != VERDICT_PASS)
			return v;
		clone = rte_pktmbuf_clone(m[0], mp);
		CHECK(t, clone != NULL, "no buffer for a clone");
		second = rte_pktmbuf_alloc(mp);
		CHECK(t, second == NULL, "more buffers than the pool has");
		CHECK(t, rte_pktmbuf_chain(m[1], m[2]) == 0, "buffers cannot be chained");
		m[2] = NULL;
		rte_pktmbuf_free_bulk(m, RTE_DIM(m));
		rte_pktmbuf_free(clone);
		CHECK(t, rte_mempool_avail_count(mp) == b.n, "%u of %u buffers are back",
			rte_mempool_avail_count(mp), b.n);
	}
	rte_mempool_cache_flush(NULL, mp);
	NEED(audit_all_free(&b));
	return VERDICT_PASS;
}

const struct claim claims_life[] = {
	{.name = "registered-once",
		.sentence = "the table of ops has the name once",
		.basis = BASIS_CONTRACT,
		.run = registered_once},
	{.name = "ops-table-full",
		.sentence = "loaded into a full table of ops, it does no harm and is not found",
		.basis = BASIS_CONTRACT,
		.run = ops_table_full,
		.before_eal = fill_ops_table},
	{.name = "free-returns-all",
		.sentence = "freeing a pool returns all memory",
		.basis = BASIS_CONTRACT,
		.run = free_returns_all},
	{.name = "free-with-objects-out",
		.sentence = "freeing a pool with objects out, or cached, does the same",
		.basis = BASIS_CONTRACT,
		.run = free_with_objects_out},
	{.name = "free-unpopulated",
		.sentence = "a pool can be freed before it is populated",
		.basis = BASIS_CONTRACT,
		.run = free_unpopulated},
	{.name = "out-of-memory",
		.sentence = "a pool too large for the machine is an errno and leaves nothing",
		.basis = BASIS_CONTRACT,
		.memory = MEMORY_SMALL,
		.run = out_of_memory},
	{.name = "packet-buffers",
		.sentence = "a packet pool: allocate, clone, chain, free, all back and clean",
		.basis = BASIS_USERS,
		.run = packet_buffers},
	{.name = NULL},
};
