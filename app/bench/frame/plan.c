/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: plans that several scenarios share. */

#include <rte_common.h>

#include "frame/plan.h"
#include "frame/workers.h"

bool
plan_cache(const struct bench *bench, unsigned int i, unsigned int other, unsigned int *cache)
{
	if (i >= (bench->opt.nb_cache > 0 ? bench->opt.nb_cache : 2))
		return false;
	if (bench->opt.nb_cache > 0)
		*cache = bench->opt.cache[i];
	else
		*cache = i == 0 ? 0 : other;
	return true;
}

bool
plan_small(const struct bench *bench, unsigned int i, struct workload *workload)
{
	if (!plan_cache(bench, i, BENCH_CACHE_DEFAULT, &workload->cache))
		return false;
	workload->buffers = BENCH_BUFFERS_SMALL;
	snprintf(workload->label, sizeof(workload->label), "cache %u", workload->cache);
	return true;
}

unsigned int
plan_shared(unsigned int threads, const struct workload *workload)
{
	unsigned int need = threads * (2 * workload->cache + (WORKERS_HELD + 1) * workload->bulk);

	/* Three quarters of a power of two, which is the size of a ring. */
	need = RTE_MAX(need, (unsigned int)BENCH_BUFFERS_SHARED);
	return rte_align32pow2((need + 2) / 3 * 4) / 4 * 3;
}
