/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: one lcore gets a burst and puts it back at once. */

#include "frame/backend.h"
#include "frame/plan.h"
#include "frame/scenario.h"
#include "scenarios/burst_loop.h"

static void
bulk_loop(const struct sample *sample, uint64_t ticks, struct tally *tally)
{
	if (sample->backend.baseline)
		burst_loop(&sample->backend, sample->workload->bulk, ticks, tally, true);
	else
		burst_loop(&sample->backend, sample->workload->bulk, ticks, tally, false);
}

static int
bulk_run(struct sample *sample)
{
	return backend_run_alone(sample, bulk_loop);
}

static const struct target targets[] = {
	{.bulk = 32, AT_MOST(0.8), .ledger = LEDGER_MODE_OFF},
	{.bulk = 32, AT_MOST(1.5), .ledger = LEDGER_MODE_FULL},
};

static const struct scenario bulk = {
	.name = "bulk",
	.order = 10,
	.summary = "one lcore gets a burst and puts it back",
	.description = "One lcore gets a burst and puts it back at once.\n",
	.unit = "cycles/object",
	.concurrency = CONCURRENCY_ONE,
	.targets = targets,
	.nb_targets = RTE_DIM(targets),
	.plan = plan_small,
	.setup = backend_setup,
	.run = bulk_run,
	.teardown = backend_teardown,
};

SCENARIO_REGISTER(bulk)
