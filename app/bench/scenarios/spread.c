/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: buffers are freed in another order than they were allocated.
 *
 * Queues: the packets of a burst go to transmit queues at random, as a hash of flows sends them. Each
 * queue frees its oldest burst when it is full. On two lcores, one gets buffers and the other one has the
 * queues. Random: a part of the pool is held. Bursts of held buffers, drawn at random, are put back and
 * replaced.
 *
 * Aged: before the clock runs, buffers are got and put until their number is several times that of the
 * pool. So the order is that of a pool in use for long. Fresh: the pool starts in the order of addresses
 * and hands out all its buffers once. Then all are put back in that order, over and over.
 *
 * Only get and put are timed.
 */

#include <rte_errno.h>

#include "frame/backend.h"
#include "frame/plan.h"
#include "frame/scenario.h"
#include "scenarios/spread_loop.h"

#define SHARE 5 /* A sample takes this fraction of --time, as there are many workloads. */

static const struct spread_kind kinds[] = {
	{"1 lcore, 2 queues of 512", 1, 2, 512, 0, false},
	{"1 lcore, 8 queues of 512", 1, 8, 512, 0, false},
	{"1 lcore, 16 deep queues", 1, 16, 0, 0, false},
	{"1 lcore, random, half held", 1, 0, 0, 5, false},
	{"1 lcore, random, 9 of 10 held", 1, 0, 0, 9, false},
	{"2 lcores, 8 queues", 2, 8, 512, 0, false},
	{"2 lcores, 16 queues", 2, 16, 512, 0, false},
	{"1 lcore, 2 queues, fresh", 1, 2, 512, 0, true},
	{"1 lcore, 8 queues, fresh", 1, 8, 512, 0, true},
	{"1 lcore, 16 deep, fresh", 1, 16, 0, 0, true},
	{"1 lcore, half held, fresh", 1, 0, 0, 5, true},
	{"1 lcore, 9 of 10 held, fresh", 1, 0, 0, 9, true},
};

static const unsigned int sizes[] = {16383, 131071};

static int
fill_figures(struct sample *sample, const struct spread *s)
{
	if (s->get.objects == 0 || s->put.objects == 0)
		return app_fail(&sample->err, APP_EXIT_RUN,
			"%s: no packet came through: too few gets succeeded",
			sample->candidate->name);
	sample->figures.value = (double)s->get.cycles / (double)s->get.objects +
	                        (double)s->put.cycles / (double)s->put.objects;
	sample->figures.failed = s->get.failed;
	return 0;
}

static int
spread_run(struct sample *sample)
{
	struct spread s = {
		.sample = sample,
		.kind = &kinds[sample->workload->variant],
		.random = UINT64_C(0x9e3779b97f4a7c15),
		.timer = sample->bench->clock_cost,
		.ticks = sample_ticks(sample->bench) / SHARE,
	};
	int ret = spread_open(&s);

	if (ret == 0)
		ret = spread_measure(&s);
	spread_close(&s);
	if (ret != 0)
		return app_fail(&sample->err, APP_EXIT_RUN, "%s: nothing could be measured: %s",
			sample->candidate->name, rte_strerror(-ret));
	return fill_figures(sample, &s);
}

static bool
spread_plan(const struct bench *bench, unsigned int i, struct workload *workload)
{
	for (unsigned int c = 0; plan_cache(bench, c, BENCH_CACHE_DEFAULT, &workload->cache); c++)
		for (unsigned int k = 0; k < RTE_DIM(sizes) * RTE_DIM(kinds); k++) {
			const struct spread_kind *kind = &kinds[k % RTE_DIM(kinds)];

			if ((kind->fresh && workload->cache > 0) || i-- > 0)
				continue;
			workload->buffers = sizes[k / RTE_DIM(kinds)];
			workload->variant = k % RTE_DIM(kinds);
			workload->threads = kind->lcores;
			workload->kind = kind->name;
			snprintf(workload->label, sizeof(workload->label), "%s, %u, cache %u",
				kind->name, workload->buffers, workload->cache);
			return true;
		}
	return false;
}

/* The label of a workload starts with the number of its lcores. */
static const struct target targets[] = {
	{.label = "1 lcore,",
		.cache = TARGET_ANY_CACHE,
		.bulk = 32,
		AT_MOST(1.05),
		.ledger = LEDGER_MODE_OFF},
	{.label = "1 lcore,",
		.cache = TARGET_ANY_CACHE,
		.bulk = 32,
		AT_MOST_MORE(4),
		.ledger = LEDGER_MODE_FULL},
	{.label = "2 lcores,",
		.cache = TARGET_ANY_CACHE,
		.bulk = 32,
		AT_MOST(1.05),
		.ledger = LEDGER_MODE_OFF},
	{.label = "2 lcores,",
		.cache = TARGET_ANY_CACHE,
		.bulk = 32,
		AT_MOST_MORE(5),
		.ledger = LEDGER_MODE_FULL},
};

static const struct scenario spread = {
	.name = "spread",
	.order = 40,
	.summary = "buffers are freed out of order: get and put alone",
	.description =
		"Buffers are freed in another order than they were allocated. Bursts are\n"
		"spread over transmit queues, which complete in their own time, on the same\n"
		"lcore or on a second one. Or buffers are replaced at random while half or\n"
		"nine tenths of the pool are held. Pools have 16383 and 131071 buffers.\n"
		"They are aged: buffers were allocated and freed until their number is\n"
		"three times that of the pool; or fresh: in the order of addresses. Only\n"
		"get and put are timed; the cost of reading the clock, which the first\n"
		"lines show, is subtracted. A sample takes a fifth of --time.\n",
	.unit = "cycles/object",
	/* Ops for one producer or consumer are no peers, and would add a third to the time. */
	.concurrency = CONCURRENCY_ANY,
	.chart = CHART_BY_KIND,
	.targets = targets,
	.nb_targets = RTE_DIM(targets),
	.plan = spread_plan,
	.setup = backend_setup,
	.run = spread_run,
	.teardown = backend_teardown,
};

SCENARIO_REGISTER(spread)
