/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: single gets one by one, and how long the slow ones take.
 *
 * Full: all buffers are free; a thousand are got and put back over and over. Short: all buffers but 64 are
 * in use. 64 threads put one of these back each, so each is in another place. The calling lcore then gets
 * them all, one by one, while another lcore is busy. Aged: the order of the pool's buffers was shuffled
 * before. A get that fails makes the candidate wrong, as a buffer is free each time.
 */

#include <errno.h>
#include <stdlib.h>

#include "frame/backend.h"
#include "frame/clock.h"
#include "frame/plan.h"
#include "frame/pool.h"
#include "frame/scenario.h"
#include "scenarios/tail_threads.h"

#define SHARE      4 /* A sample takes this fraction of --time. */
#define FULL       1000 /* Buffers that are got from a full pool one by one. */
#define GETS_MAX   2000000
#define GETS_LEAST 20000
#define GETS_SHORT 2000 /* The least number of gets in a short pool. */

static const struct kind {
	const char *name;
	unsigned int buffers;
	bool aged, is_short;
} kinds[] = {
	{"full, fresh", 16383, false, false},
	{"full, aged", 16383, true, false},
	{"64 free, fresh", 16383, false, true},
	{"64 free, aged", 16383, true, true},
	{"full, aged", 1048575, true, false},
	{"64 free, aged", 1048575, true, true},
};

struct gets {
	uint32_t *cycles;
	unsigned int nb;
	uint64_t cost;
};

static bool
timed_get(struct gets *g, struct rte_mempool *mp, void **object)
{
	uint64_t start = rte_rdtsc(), cycles;
	int ret = rte_mempool_get(mp, object);

	cycles = clock_less(rte_rdtsc() - start, g->cost);
	if (g->nb < GETS_MAX)
		g->cycles[g->nb++] = (uint32_t)RTE_MIN(cycles, (uint64_t)UINT32_MAX);
	return ret == 0;
}

/* Get all buffers, shuffle them, and put all back. */
static bool
age(struct rte_mempool *mp, void **table)
{
	uint64_t state = UINT64_C(0x9e3779b97f4a7c15);
	unsigned int n = 0;

	while (n < mp->size && rte_mempool_get(mp, &table[n]) == 0)
		n++;
	for (unsigned int i = n; i-- > 1;) {
		unsigned int k;
		void *one = table[i];

		/* MMIX: Knuth, "The Art of Computer Programming", volume 2, section 3.3.4. */
		state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		k = (unsigned int)((state >> 33) % (i + 1));
		table[i] = table[k];
		table[k] = one;
	}
	rte_mempool_put_bulk(mp, table, n);
	return n == mp->size;
}

static int
run_short(struct gets *g, struct rte_mempool *mp, void **table, const struct sample *sample)
{
	const uint64_t ticks = sample_ticks(sample->bench) / SHARE;
	struct tail_threads *threads = tail_threads_start(mp, &sample->bench->cpus);
	unsigned int n = 0;
	uint64_t start;
	bool good;

	if (threads == NULL)
		return -ENOMEM;
	while (n < mp->size && rte_mempool_get(mp, &table[n]) == 0)
		n++;
	good = n == mp->size;
	start = rte_rdtsc();
	while (good && (g->nb < GETS_SHORT || rte_rdtsc() - start < ticks)) {
		tail_threads_put(threads, table);
		for (unsigned int i = 0; i < TAIL_THREADS && good; i++)
			good = timed_get(g, mp, &table[i]);
		tail_threads_idle(threads);
	}
	tail_threads_stop(threads);
	/* The pool of a candidate that was found wrong is not checked again. */
	if (good)
		rte_mempool_put_bulk(mp, table, n);
	return good ? 0 : -ENOBUFS;
}

static int
run_full(struct gets *g, struct rte_mempool *mp, void **table, const struct sample *sample)
{
	const uint64_t ticks = sample_ticks(sample->bench) / SHARE, start = rte_rdtsc();
	bool good = true;

	while (good && (g->nb < GETS_LEAST || rte_rdtsc() - start < ticks)) {
		unsigned int n = 0;

		while (n < FULL && (good = timed_get(g, mp, &table[n])))
			n++;
		rte_mempool_put_bulk(mp, table, n);
	}
	return good ? 0 : -ENOBUFS;
}

static void
fill_figures(struct sample *sample, struct gets *g)
{
	const double ns = 1e9 / (double)rte_get_tsc_hz();

	stats_sort(g->cycles, g->nb);
	sample->figures.value = ns * stats_percentile(g->cycles, g->nb, 500);
	sample->figures.percentile[PERCENTILE_99] = ns * stats_percentile(g->cycles, g->nb, 990);
	sample->figures.percentile[PERCENTILE_999] = ns * stats_percentile(g->cycles, g->nb, 999);
	sample->figures.percentile[PERCENTILE_MAX] = ns * stats_percentile(g->cycles, g->nb, 1000);
}

static int
tail_run(struct sample *sample)
{
	const struct kind *kind = &kinds[sample->workload->variant];
	struct rte_mempool *mp = sample->backend.mp;
	void **table = calloc(mp->size, sizeof(*table));
	struct gets g = {
		.cycles = calloc(GETS_MAX, sizeof(*g.cycles)),
		.cost = sample->bench->clock_cost,
	};
	int ret = 0;

	if (table == NULL || g.cycles == NULL)
		ret = -ENOMEM;
	else if (kind->aged && !age(mp, table))
		ret = -ENOBUFS;
	if (ret == 0)
		ret = kind->is_short ? run_short(&g, mp, table, sample)
		                     : run_full(&g, mp, table, sample);
	if (ret == 0)
		fill_figures(sample, &g);
	free(table);
	free(g.cycles);
	if (ret == -ENOMEM)
		return app_fail(&sample->err, APP_EXIT_RUN,
			"%s: no memory, or no threads could be started", sample->candidate->name);
	if (ret != 0)
		return app_fail(&sample->err, APP_EXIT_RUN,
			"%s: a get failed though a buffer was free", sample->candidate->name);
	return 0;
}

static bool
tail_plan(const struct bench *bench, unsigned int i, struct workload *workload)
{
	if (i >= RTE_DIM(kinds))
		return false;
	workload->variant = i;
	workload->buffers = kinds[i].buffers;
	/* The loop writes to no buffer, so those of large pools can be small. */
	workload->object = BENCH_OBJECT_SMALL;
	workload->bulk = 1;
	workload->threads = kinds[i].is_short ? 2 : 1;
	snprintf(workload->label, sizeof(workload->label), "%s, %u", kinds[i].name,
		workload->buffers);
	return true;
}

static const struct target targets[] = {
	/* Nanoseconds. */
	{.label = "64 free,",
		.cache = TARGET_ANY_CACHE,
		.buffers = 1048575,
		.against = TARGET_NOTHING,
		AT_MOST(20000)},
};

static const struct scenario tail = {
	.name = "tail",
	.order = 50,
	.summary = "single gets one by one, and how long the slow ones take",
	.description =
		"Single gets one by one: the median, the 99th and 99.9th percentile and the\n"
		"longest, in nanoseconds and in cycles. They are from full pools, and from\n"
		"pools of which 64 buffers are free, each put back by another thread. The\n"
		"latter need two lcores. A sample takes a quarter of --time.\n",
	.unit = "ns/get",
	.no_baseline = true,
	.concurrency = CONCURRENCY_ANY,
	.chart = CHART_PERCENTILES,
	.targets = targets,
	.nb_targets = RTE_DIM(targets),
	.plan = tail_plan,
	.setup = backend_setup,
	.run = tail_run,
	.teardown = backend_teardown,
};

SCENARIO_REGISTER(tail)
