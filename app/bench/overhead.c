/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: what a pool takes from EAL's heap besides the memory its objects lie in, per buffer.
 * DPDK's own note on each piece of memory (about a hundred bytes) is in it, the same for all.
 */

#include <rte_lcore.h>
#include <rte_malloc.h>

#include "memory.h"
#include "pool.h"
#include "scenarios.h"

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
memory_plan(const struct bench *bench, unsigned int i, struct work *work)
{
	if (i >= bench->opt.nb_size)
		return false;
	work->buffers = bench->opt.size[i];
	work->bulk = 0;
	snprintf(work->label, sizeof(work->label), "%u buffers", work->buffers);
	return true;
}

static int
memory_setup(struct turn *turn)
{
	turn->source.mp = pool_empty(turn->who->name, turn->work, &turn->err);
	return turn->source.mp == NULL ? -1 : 0;
}

static int
memory_run(struct turn *turn)
{
	struct rte_mempool *mp = turn->source.mp;
	const size_t before = heap_in_use();

	if (pool_fill(mp, &turn->bench->memory, &turn->err) != 0)
		return -1;
	turn->sample.value = (double)(heap_in_use() - before) / mp->size;
	return 0;
}

static void
memory_teardown(struct turn *turn)
{
	if (turn->err.code == 0)
		pool_check(turn->source.mp, &turn->err);
	rte_mempool_free(turn->source.mp);
}

const struct scenario scenario_memory = {
	.name = "memory",
	.what = "bytes an allocator takes per buffer, beside the buffer",
	.unit = "bytes/buffer",
	.exact = true,
	.no_floor = true,
	.crowding = CROWDING_ALONE,
	.plan = memory_plan,
	.setup = memory_setup,
	.run = memory_run,
	.teardown = memory_teardown,
};
