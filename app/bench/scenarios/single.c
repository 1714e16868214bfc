/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: one lcore gets one object and puts it back at once. */

#include "frame/backend.h"
#include "frame/plan.h"
#include "frame/scenario.h"
#include "scenarios/burst_loop.h"

static void
single_loop(const struct sample *sample, uint64_t ticks, struct tally *tally)
{
	if (sample->backend.baseline)
		burst_loop(&sample->backend, 1, ticks, tally, true);
	else
		burst_loop(&sample->backend, 1, ticks, tally, false);
}

static int
single_run(struct sample *sample)
{
	return backend_run_alone(sample, single_loop);
}

static bool
single_plan(const struct bench *bench, unsigned int i, struct workload *workload)
{
	workload->bulk = 1;
	return plan_small(bench, i, workload);
}

static const struct target targets[] = {
	{AT_MOST(0.8), .ledger = LEDGER_MODE_OFF},
	{AT_MOST(1.0), .ledger = LEDGER_MODE_FULL},
};

static const struct scenario single = {
	.name = "single",
	.order = 20,
	.summary = "one lcore gets one object and puts it back",
	.description = "One lcore gets one object and puts it back at once.\n",
	.unit = "cycles/object",
	.concurrency = CONCURRENCY_ONE,
	.targets = targets,
	.nb_targets = RTE_DIM(targets),
	.plan = single_plan,
	.setup = backend_setup,
	.run = single_run,
	.teardown = backend_teardown,
};

SCENARIO_REGISTER(single)
