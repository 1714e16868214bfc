/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: works that several scenarios plan alike. */

#include <rte_common.h>

#include "crew.h"
#include "plan.h"

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
plan_small(const struct bench *bench, unsigned int i, struct work *work)
{
	if (!plan_cache(bench, i, BENCH_CACHE_DEFAULT, &work->cache))
		return false;
	work->buffers = BENCH_BUFFERS_SMALL;
	snprintf(work->label, sizeof(work->label), "cache %u", work->cache);
	return true;
}

unsigned int
plan_shared(unsigned int threads, const struct work *work)
{
	unsigned int need = threads * (2 * work->cache + (CREW_HELD + 1) * work->bulk);

	/* Three quarters of a power of two, which is what rings are made of. */
	need = RTE_MAX(need, (unsigned int)BENCH_BUFFERS_SHARED);
	return rte_align32pow2((need + 2) / 3 * 4) / 4 * 3;
}
