/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: how long it takes until a pool of many mbufs is ready.
 *
 * There are two workloads. In "existing memory" the pool is made on memory that EAL has reserved and that
 * was touched before, the same for each candidate. So the time is that of the ops, of DPDK's list of
 * objects and of the mbufs. In "new memory" rte_pktmbuf_pool_create_by_ops() is called as an application
 * calls it: the kernel zeroes huge pages, which return to it after each sample.
 *
 * The baseline makes the same list and the same mbufs on the same memory, without an allocator.
 * tide_pool is tide_pool_create(), which touches pages from several threads and asks the kernel for the
 * node of each page.
 */

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "frame/bench.h"
#include "frame/memory.h"
#include "frame/pool.h"
#include "tide_pool.h"

static bool
create_plan(const struct bench *bench, unsigned int i, struct workload *workload)
{
	if (i > 1)
		return false;
	workload->fresh = i == 1;
	workload->bulk = 0;
	workload->buffers = bench->opt.size[bench->opt.nb_size - 1];
	snprintf(workload->label, sizeof(workload->label), "%u buffers, %s memory",
		workload->buffers, workload->fresh ? "new" : "existing");
	return true;
}

static int
create_setup(struct sample *sample)
{
	return 0;
}

/* Do what rte_mempool does with each object, except for the ops. */
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
create_baseline(struct sample *sample, const struct memory *memory)
{
	struct backend *b = &sample->backend;

	b->mp = pool_empty(RTE_MBUF_DEFAULT_MEMPOOL_OPS, sample->workload, &sample->err);
	if (b->mp == NULL)
		return -1;
	list_objects(b->mp, memory->mz->addr);
	rte_mempool_obj_iter(b->mp, rte_pktmbuf_init, NULL);
	STAILQ_INIT(&b->mp->elt_list);
	b->mp->populated_size = 0;
	return 0;
}

static int
create_baseline_on_new(struct sample *sample)
{
	struct memory memory = {NULL};
	int ret;

	if (memory_take(&memory, sample->workload->buffers, sample->workload->object) != 0)
		return app_fail(&sample->err, APP_EXIT_RUN, "baseline: EAL has too little memory");
	ret = create_baseline(sample, &memory);
	memory_release(&memory);
	return ret;
}

static int
create_on_existing(struct sample *sample)
{
	struct backend *b = &sample->backend;

	b->mp = pool_empty(sample->candidate->name, sample->workload, &sample->err);
	if (b->mp == NULL)
		return -1;
	return pool_fill(b->mp, &sample->bench->memory, &sample->err);
}

static int
create_on_new(struct sample *sample)
{
	const struct workload *workload = sample->workload;

	sample->backend.mp = rte_pktmbuf_pool_create_by_ops("bench", workload->buffers,
		workload->cache, 0, (uint16_t)(workload->object - sizeof(struct rte_mbuf)),
		(int)rte_socket_id(), sample->candidate->name);
	if (sample->backend.mp == NULL)
		return app_fail(&sample->err, APP_EXIT_RUN,
			"%s: rte_pktmbuf_pool_create_by_ops() made no pool: %s",
			sample->candidate->name, rte_strerror(rte_errno));
	return 0;
}

static int
create_set(struct sample *sample)
{
	const int node = (int)rte_socket_id();
	const struct tide_pool_conf conf = {
		.name = "bench",
		.nodes = &node,
		.nb_nodes = 1,
		.buffers = sample->workload->buffers,
		.data_room = (uint16_t)(sample->workload->object - sizeof(struct rte_mbuf)),
		.cache_size = sample->workload->cache,
	};
	struct tide_pool *set = tide_pool_create(&conf);

	if (set == NULL)
		return app_fail(&sample->err, APP_EXIT_RUN, "%s: tide_pool_create(): %s",
			sample->candidate->name, rte_strerror(rte_errno));
	sample->state = set;
	sample->backend.mp = tide_pool_on(set, node);
	return 0;
}

static int
create_by_ops(struct sample *sample)
{
	return sample->workload->fresh ? create_on_new(sample) : create_on_existing(sample);
}

static int
create_by_baseline(struct sample *sample)
{
	if (sample->workload->fresh)
		return create_baseline_on_new(sample);
	return create_baseline(sample, &sample->bench->memory);
}

static int
create_run(struct sample *sample)
{
	const uint64_t start = rte_rdtsc_precise();
	uint64_t cycles;
	int ret;

	if (sample->candidate->set)
		ret = create_set(sample);
	else if (sample->candidate->baseline)
		ret = create_by_baseline(sample);
	else
		ret = create_by_ops(sample);
	cycles = rte_rdtsc_precise() - start;
	sample->figures.value = (double)cycles / (double)rte_get_tsc_hz() * 1e3;
	return ret;
}

static void
create_teardown(struct sample *sample)
{
	if (sample->err.code == 0 && !sample->candidate->baseline)
		pool_check(sample->backend.mp, &sample->err);
	if (!sample->candidate->set)
		rte_mempool_free(sample->backend.mp);
	else if (tide_pool_free(sample->state) != 0)
		app_fail(&sample->err, APP_EXIT_RUN, "%s: tide_pool_free() found buffers in use",
			sample->candidate->name);
}

static const struct target targets[] = {
	{.cache = TARGET_ANY_CACHE, .buffers = 1048575, AGAINST("ring_mp_mc"), TIMES_BETTER(1.5)},
	{.subject = BENCH_SET,
		.cache = TARGET_ANY_CACHE,
		.buffers = 1048575,
		.fresh = true,
		AGAINST("ring_mp_mc"),
		TIMES_BETTER(1.5)},
};

static const struct scenario create = {
	.name = "create",
	.order = 100,
	.summary = "make a large pool, until its last mbuf is ready",
	.description = "Time until the last mbuf of a large pool is ready: on memory that exists\n"
		       "and is touched, and with memory newly taken from the kernel. tide_pool is\n"
		       "tide_pool_create(), the others are rte_pktmbuf_pool_create_by_ops().\n",
	.unit = "ms",
	.concurrency = CONCURRENCY_ONE,
	.targets = targets,
	.nb_targets = RTE_DIM(targets),
	.plan = create_plan,
	.setup = create_setup,
	.run = create_run,
	.teardown = create_teardown,
};

SCENARIO_REGISTER(create)
