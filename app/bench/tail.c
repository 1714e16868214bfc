/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: single gets one by one, and how long the slow ones take.
 *
 * Full: all buffers are free, and a thousand are taken and given back over and over. Short: all buffers are
 * out but 64, which another lcore gives back; the calling lcore finds them and takes each with a get of its
 * own. Aged: the order of the pool's buffers was mixed before.
 */

#include <stdlib.h>

#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "clock.h"
#include "plan.h"
#include "pool.h"
#include "scenarios.h"
#include "source.h"

#define SHORT      64 /* Free buffers of a pool that runs short. */
#define FULL       1000 /* Buffers taken from a full one at a time. */
#define GETS_MAX   2000000
#define GETS_LEAST 20000

static const struct kind {
	const char *name;
	unsigned int buffers;
	bool aged, dry;
} kinds[] = {
	{"full, fresh", 16383, false, false},
	{"full, aged", 16383, true, false},
	{"full, aged", 1048575, true, false},
	{"64 free, aged", 16383, true, true},
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
	uint64_t start = rte_rdtsc(), end;
	int ret = rte_mempool_get(mp, object);

	end = rte_rdtsc();
	if (g->nb < GETS_MAX)
		g->cycles[g->nb++] = (uint32_t)clock_less(end - start, g->cost);
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

		state = state * UINT64_C(6364136223846793005) + 1;
		k = (unsigned int)((state >> 33) % (i + 1));
		table[i] = table[k];
		table[k] = one;
	}
	rte_mempool_put_bulk(mp, table, n);
	return n == mp->size;
}

struct returned {
	struct rte_mempool *mp;
	void **table;
};

static int
give_short(void *arg)
{
	struct returned *r = arg;

	rte_mempool_put_bulk(r->mp, r->table, SHORT);
	pool_flush(r->mp);
	return 0;
}

static bool
run_short(struct gets *g, struct rte_mempool *mp, void **table, uint64_t ticks)
{
	const unsigned int other = rte_get_next_lcore(-1, 1, 0);
	const uint64_t start = rte_rdtsc();
	struct returned r = {mp, table};
	unsigned int n = 0;
	bool good = true;

	while (n < mp->size && rte_mempool_get(mp, &table[n]) == 0)
		n++;
	while (good && (g->nb < GETS_LEAST / 10 || rte_rdtsc() - start < ticks)) {
		good = rte_eal_remote_launch(give_short, &r, other) == 0 &&
		       rte_eal_wait_lcore(other) == 0;
		for (unsigned int i = 0; i < SHORT && good; i++)
			good = timed_get(g, mp, &table[i]);
	}
	rte_mempool_put_bulk(mp, table, n);
	return good && n == mp->size;
}

static bool
run_full(struct gets *g, struct rte_mempool *mp, void **table, uint64_t ticks)
{
	const uint64_t start = rte_rdtsc();
	bool good = true;

	while (good && (g->nb < GETS_LEAST || rte_rdtsc() - start < ticks)) {
		unsigned int n = 0;

		for (; n < FULL && good; n++)
			good = timed_get(g, mp, &table[n]);
		rte_mempool_put_bulk(mp, table, n);
	}
	return good;
}

static int
compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int
tail_run(struct turn *turn)
{
	const struct kind *kind = &kinds[turn->work->variant];
	const uint64_t ticks = source_ticks(turn->bench);
	struct rte_mempool *mp = turn->source.mp;
	void **table = calloc(mp->size, sizeof(*table));
	struct gets g = {.cycles = calloc(GETS_MAX, sizeof(*g.cycles)), .cost = clock_cost()};
	const double ns = 1e9 / (double)rte_get_tsc_hz();
	bool good = table != NULL && g.cycles != NULL && (!kind->aged || age(mp, table));

	if (good)
		good = kind->dry ? run_short(&g, mp, table, ticks) : run_full(&g, mp, table, ticks);
	if (good) {
		qsort(g.cycles, g.nb, sizeof(*g.cycles), compare);
		turn->sample.value = ns * g.cycles[g.nb / 2];
		turn->sample.tail[TAIL_P99] = ns * g.cycles[(uint64_t)g.nb * 99 / 100];
		turn->sample.tail[TAIL_P999] = ns * g.cycles[(uint64_t)g.nb * 999 / 1000];
		turn->sample.tail[TAIL_MAX] = ns * g.cycles[g.nb - 1];
	}
	free(table);
	free(g.cycles);
	pool_flush(mp);
	if (!good)
		return app_fail(&turn->err, APP_EXIT_RUN,
			"%s: a get failed though buffers were free", turn->who->name);
	return 0;
}

static bool
tail_plan(const struct bench *bench, unsigned int i, struct work *work)
{
	if (i >= RTE_DIM(kinds))
		return false;
	work->variant = i;
	work->buffers = kinds[i].buffers;
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
	.crowding = CROWDING_PAIR,
	.plan = tail_plan,
	.setup = source_setup,
	.run = tail_run,
	.teardown = source_teardown,
};
