/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: single gets one by one, and how long the slow ones take.
 *
 * Full: all buffers are free, and a thousand are taken and given back over and over. Short: all buffers are
 * out but 64; 64 threads give one of these back each, so each is somewhere else, and the calling lcore takes
 * them all, one per get, while another lcore is busy. Aged: the order of the pool's buffers was mixed before.
 * A get that fails is wrong here: a buffer is free each time.
 */

#include <errno.h>
#include <stdlib.h>

#include "clock.h"
#include "givers.h"
#include "plan.h"
#include "pool.h"
#include "scenarios.h"
#include "source.h"

#define SHARE      4 /* A turn is so much shorter than in other scenarios. */
#define FULL       1000 /* Buffers taken from a full pool one at a time. */
#define GETS_MAX   2000000
#define GETS_LEAST 20000
#define GETS_SHORT 2000 /* The least of them in a short pool. */

static const struct kind {
	const char *name;
	unsigned int buffers;
	bool aged, dry;
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

/* Take all, mix, give all back. */
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
run_short(struct gets *g, struct rte_mempool *mp, void **table, const struct turn *turn)
{
	const uint64_t ticks = source_ticks(turn->bench) / SHARE;
	struct givers *givers = givers_start(mp, &turn->bench->cpus);
	unsigned int n = 0;
	uint64_t start;
	bool good;

	if (givers == NULL)
		return -ENOMEM;
	while (n < mp->size && rte_mempool_get(mp, &table[n]) == 0)
		n++;
	good = n == mp->size;
	start = rte_rdtsc();
	while (good && (g->nb < GETS_SHORT || rte_rdtsc() - start < ticks)) {
		givers_give(givers, table);
		for (unsigned int i = 0; i < GIVERS && good; i++)
			good = timed_get(g, mp, &table[i]);
		givers_rest(givers);
	}
	givers_end(givers);
	/* The pool of a candidate that was found wrong is not looked at again. */
	if (good)
		rte_mempool_put_bulk(mp, table, n);
	return good ? 0 : -ENOBUFS;
}

static int
run_full(struct gets *g, struct rte_mempool *mp, void **table, const struct turn *turn)
{
	const uint64_t ticks = source_ticks(turn->bench) / SHARE, start = rte_rdtsc();
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
sample(struct turn *turn, struct gets *g)
{
	const double ns = 1e9 / (double)rte_get_tsc_hz();

	stats_sort(g->cycles, g->nb);
	turn->sample.value = ns * stats_percentile(g->cycles, g->nb, 500);
	turn->sample.tail[TAIL_P99] = ns * stats_percentile(g->cycles, g->nb, 990);
	turn->sample.tail[TAIL_P999] = ns * stats_percentile(g->cycles, g->nb, 999);
	turn->sample.tail[TAIL_MAX] = ns * stats_percentile(g->cycles, g->nb, 1000);
}

static int
tail_run(struct turn *turn)
{
	const struct kind *kind = &kinds[turn->work->variant];
	struct rte_mempool *mp = turn->source.mp;
	void **table = calloc(mp->size, sizeof(*table));
	struct gets g = {
		.cycles = calloc(GETS_MAX, sizeof(*g.cycles)),
		.cost = turn->bench->clock_cost,
	};
	int ret = 0;

	if (table == NULL || g.cycles == NULL)
		ret = -ENOMEM;
	else if (kind->aged && !age(mp, table))
		ret = -ENOBUFS;
	if (ret == 0)
		ret = kind->dry ? run_short(&g, mp, table, turn) : run_full(&g, mp, table, turn);
	if (ret == 0)
		sample(turn, &g);
	free(table);
	free(g.cycles);
	if (ret == -ENOMEM)
		return app_fail(&turn->err, APP_EXIT_RUN, "%s: no memory or no threads for it",
			turn->who->name);
	if (ret != 0)
		return app_fail(&turn->err, APP_EXIT_RUN,
			"%s: a get failed though a buffer was free", turn->who->name);
	return 0;
}

static bool
tail_plan(const struct bench *bench, unsigned int i, struct work *work)
{
	if (i >= RTE_DIM(kinds))
		return false;
	work->variant = i;
	work->buffers = kinds[i].buffers;
	/* Nothing touches the buffers, so those of large pools can be small. */
	work->object = BENCH_OBJECT_SMALL;
	work->bulk = 1;
	work->threads = kinds[i].dry ? 2 : 1;
	snprintf(work->label, sizeof(work->label), "%s, %u", kinds[i].name, work->buffers);
	return true;
}

const struct scenario scenario_tail = {
	.name = "tail",
	.what = "single gets one by one: the median, and how long the slow ones take",
	.unit = "ns/get",
	.no_floor = true,
	.crowding = CROWDING_ANY,
	.plan = tail_plan,
	.setup = source_setup,
	.run = tail_run,
	.teardown = source_teardown,
};
