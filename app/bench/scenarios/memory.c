/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: how many bytes a pool takes from EAL's heap per buffer, without the memory of the buffers.
 * This includes DPDK's own record of each piece of memory, about a hundred bytes, for every candidate.
 */

#include <rte_lcore.h>
#include <rte_malloc.h>

#include "frame/bench.h"
#include "frame/memory.h"
#include "frame/pool.h"

static size_t
heap_in_use(void)
{
	struct rte_malloc_socket_stats stats;
	size_t sum = 0;

	for (unsigned int i = 0; i < rte_socket_count(); i++)
		if (rte_malloc_get_socket_stats(rte_socket_id_by_idx(i), &stats) == 0)
			sum += stats.heap_allocsz_bytes;
	return sum;
}

static bool
memory_plan(const struct bench *bench, unsigned int i, struct workload *workload)
{
	if (i >= bench->opt.nb_size)
		return false;
	workload->buffers = bench->opt.size[i];
	workload->bulk = 0;
	snprintf(workload->label, sizeof(workload->label), "%u buffers", workload->buffers);
	return true;
}

static int
memory_setup(struct sample *sample)
{
	sample->backend.mp = pool_empty(sample->candidate->name, sample->workload, &sample->err);
	return sample->backend.mp == NULL ? -1 : 0;
}

static int
memory_run(struct sample *sample)
{
	struct rte_mempool *mp = sample->backend.mp;
	const size_t before = heap_in_use();

	if (pool_fill(mp, &sample->bench->memory, &sample->err) != 0)
		return -1;
	sample->figures.value = (double)(heap_in_use() - before) / mp->size;
	return 0;
}

static void
memory_teardown(struct sample *sample)
{
	if (sample->err.code == 0)
		pool_check(sample->backend.mp, &sample->err);
	rte_mempool_free(sample->backend.mp);
}

static const struct target targets[] = {
	{.cache = TARGET_ANY_CACHE,
		.buffers = 16383,
		.against = TARGET_NOTHING,
		AT_MOST(10),
		.ledger = LEDGER_MODE_OFF},
	{.cache = TARGET_ANY_CACHE,
		.buffers = 16383,
		.against = TARGET_NOTHING,
		AT_MOST(16),
		.ledger = LEDGER_MODE_FULL},
};

static const struct scenario memory = {
	.name = "memory",
	.order = 110,
	.summary = "bytes that an allocator takes per buffer, beside the buffer",
	.description = "Bytes that ops take from EAL's heap per buffer, beside the buffer.\n",
	.unit = "bytes/buffer",
	.exact = true,
	.no_baseline = true,
	.concurrency = CONCURRENCY_ONE,
	.chart = CHART_BY_SIZE,
	.targets = targets,
	.nb_targets = RTE_DIM(targets),
	.plan = memory_plan,
	.setup = memory_setup,
	.run = memory_run,
	.teardown = memory_teardown,
};

SCENARIO_REGISTER(memory)
