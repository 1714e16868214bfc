/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: how long it takes until a pool of many mbufs is ready.
 *
 * Two works. "memory there": the pool is made on memory that EAL has reserved and that has been touched
 * before, the same for each candidate, so the time is that of the ops, of DPDK's list of objects and of
 * the mbufs. "memory new": rte_pktmbuf_pool_create_by_ops() as an application calls it, with huge pages
 * taken from the kernel, zeroed, and given back after each turn. The floor makes the same list and the
 * same mbufs on the same memory and no allocator. tide_pool is what an application of this library
 * calls, with pages touched by several threads and asked of the kernel one by one.
 */

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "memory.h"
#include "pool.h"
#include "scenarios.h"
#include "tide_pool.h"

static bool
create_plan(const struct bench *bench, unsigned int i, struct work *work)
{
	if (i > 1)
		return false;
	work->fresh = i == 1;
	work->bulk = 0;
	work->buffers = bench->opt.size[bench->opt.nb_size - 1];
	snprintf(work->label, sizeof(work->label), "%u buffers, memory %s", work->buffers,
		work->fresh ? "new" : "there");
	return true;
}

static int
create_setup(struct turn *turn)
{
	return 0;
}

/* What rte_mempool does with each object, but for the ops. */
static void
list_objects(struct rte_mempool *mp, char *at)
{
	const size_t stride = (size_t)mp->header_size + mp->elt_size + mp->trailer_size;

	for (unsigned int i = 0; i < mp->size; i++, at += stride) {
		struct rte_mempool_objhdr *hdr = RTE_PTR_ADD(at, mp->header_size - sizeof(*hdr));

		hdr->mp = mp;
		hdr->iova = RTE_BAD_IOVA;
		STAILQ_INSERT_TAIL(&mp->elt_list, hdr, next);
		mp->populated_size++;
	}
}

static int
create_floor(struct turn *turn, const struct memory *memory)
{
	struct source *s = &turn->source;

	s->mp = pool_empty(RTE_MBUF_DEFAULT_MEMPOOL_OPS, turn->work, &turn->err);
	if (s->mp == NULL)
		return -1;
	list_objects(s->mp, memory->mz->addr);
	rte_mempool_obj_iter(s->mp, rte_pktmbuf_init, NULL);
	STAILQ_INIT(&s->mp->elt_list);
	s->mp->populated_size = 0;
	return 0;
}

static int
create_floor_new(struct turn *turn)
{
	struct memory memory = {NULL};
	int ret;

	if (memory_take(&memory, turn->work->buffers, turn->work->object) != 0)
		return app_fail(&turn->err, APP_EXIT_RUN, "floor: EAL has not the memory now");
	ret = create_floor(turn, &memory);
	memory_release(&memory);
	return ret;
}

static int
create_there(struct turn *turn)
{
	struct source *s = &turn->source;

	s->mp = pool_empty(turn->who->name, turn->work, &turn->err);
	if (s->mp == NULL)
		return -1;
	return pool_fill(s->mp, &turn->bench->memory, &turn->err);
}

static int
create_new(struct turn *turn)
{
	const struct work *work = turn->work;

	turn->source.mp = rte_pktmbuf_pool_create_by_ops("bench", work->buffers, work->cache, 0,
		(uint16_t)(work->object - sizeof(struct rte_mbuf)), (int)rte_socket_id(),
		turn->who->name);
	if (turn->source.mp == NULL)
		return app_fail(&turn->err, APP_EXIT_RUN,
			"%s: rte_pktmbuf_pool_create_by_ops() made no pool: %s", turn->who->name,
			rte_strerror(rte_errno));
	return 0;
}

static int
create_set(struct turn *turn)
{
	const int node = (int)rte_socket_id();
	const struct tide_pool_conf conf = {
		.name = "bench",
		.nodes = &node,
		.nb_nodes = 1,
		.buffers = turn->work->buffers,
		.data_room = (uint16_t)(turn->work->object - sizeof(struct rte_mbuf)),
		.cache_size = turn->work->cache,
	};
	struct tide_pool *set = tide_pool_create(&conf);

	if (set == NULL)
		return app_fail(&turn->err, APP_EXIT_RUN, "%s: tide_pool_create(): %s",
			turn->who->name, rte_strerror(rte_errno));
	turn->own = set;
	turn->source.mp = tide_pool_member(set, 0);
	return 0;
}

static int
create_by_ops(struct turn *turn)
{
	return turn->work->fresh ? create_new(turn) : create_there(turn);
}

static int
create_by_nobody(struct turn *turn)
{
	if (turn->work->fresh)
		return create_floor_new(turn);
	return create_floor(turn, &turn->bench->memory);
}

static int
create_run(struct turn *turn)
{
	const uint64_t start = rte_rdtsc_precise();
	uint64_t cycles;
	int ret;

	if (turn->who->set)
		ret = create_set(turn);
	else if (turn->who->floor)
		ret = create_by_nobody(turn);
	else
		ret = create_by_ops(turn);
	cycles = rte_rdtsc_precise() - start;
	turn->sample.value = (double)cycles / (double)rte_get_tsc_hz() * 1e3;
	return ret;
}

static void
create_teardown(struct turn *turn)
{
	if (turn->err.code == 0 && !turn->who->floor)
		pool_check(turn->source.mp, &turn->err);
	if (!turn->who->set)
		rte_mempool_free(turn->source.mp);
	else if (tide_pool_free(turn->own) != 0)
		app_fail(&turn->err, APP_EXIT_RUN, "%s: tide_pool_free() found buffers in use",
			turn->who->name);
}

const struct scenario scenario_create = {
	.name = "create",
	.what = "make a large pool, until its last mbuf is ready",
	.unit = "ms",
	.crowding = CROWDING_ALONE,
	.plan = create_plan,
	.setup = create_setup,
	.run = create_run,
	.teardown = create_teardown,
};
