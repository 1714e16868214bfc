/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: scenario pipeline with pools from small to large. */

#include "frame/backend.h"
#include "frame/plan.h"
#include "frame/scenario.h"
#include "scenarios/pipeline.h"

static bool
sweep_plan(const struct bench *bench, unsigned int i, struct workload *workload)
{
	if (!plan_cache(bench, i / bench->opt.nb_size, BENCH_CACHE_DEFAULT, &workload->cache))
		return false;
	workload->buffers = bench->opt.size[i % bench->opt.nb_size];
	snprintf(workload->label, sizeof(workload->label), "%u buffers, cache %u",
		workload->buffers, workload->cache);
	return true;
}

static const struct target targets[] = {
	{AT_MOST(1.0), .ledger = LEDGER_MODE_OFF},
	{.cache = 256, AT_MOST(1.1), .ledger = LEDGER_MODE_OFF},
	{.cache = TARGET_ANY_CACHE, AT_MOST_MORE(4), .ledger = LEDGER_MODE_FULL},
};

static const struct scenario sweep = {
	.name = "sweep",
	.order = 70,
	.summary = "pipeline, with pools from small to large",
	.description = "Scenario pipeline, with pools from small to large (--sizes).\n",
	.unit = "cycles/packet",
	.concurrency = CONCURRENCY_PAIR,
	.chart = CHART_BY_SIZE,
	.lcores = 2,
	.targets = targets,
	.nb_targets = RTE_DIM(targets),
	.plan = sweep_plan,
	.setup = backend_setup,
	.run = pipeline_run,
	.teardown = backend_teardown,
};

SCENARIO_REGISTER(sweep)
