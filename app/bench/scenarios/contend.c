/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: two lcores, each on its own CPU, get from one pool and put back to it. */

#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "frame/plan.h"
#include "frame/scenario.h"
#include "frame/workers.h"

#define THREADS 2

static int
run_worker(void *arg)
{
	workers_run(arg);
	return 0;
}

static int
contend_run(struct sample *sample)
{
	struct workers workers = {
		.sample = sample,
		.threads = THREADS,
		.ticks = sample_ticks(sample->bench),
		.lock = ATOMIC_FLAG_INIT,
	};
	const unsigned int other = rte_get_next_lcore(-1, 1, 0);
	int ret = rte_eal_remote_launch(run_worker, &workers, other);

	if (ret != 0)
		return app_fail(&sample->err, APP_EXIT_RUN, "lcore %u did not start: %s", other,
			rte_strerror(-ret));
	workers_run(&workers);
	rte_eal_wait_lcore(other);
	return workers_figures(&workers, sample);
}

static bool
contend_plan(const struct bench *bench, unsigned int i, struct workload *workload)
{
	if (!plan_cache(bench, i, BENCH_CACHE_DEFAULT, &workload->cache))
		return false;
	workload->buffers = plan_shared(THREADS, workload);
	snprintf(workload->label, sizeof(workload->label), "cache %u", workload->cache);
	return true;
}

static const struct target targets[] = {
	{TIMES_BETTER(6), .ledger = LEDGER_MODE_OFF},
	{TIMES_BETTER(2), .ledger = LEDGER_MODE_FULL},
};

static const struct scenario contend = {
	.name = "contend",
	.order = 80,
	.summary = "two lcores on two CPUs get and put at the same time",
	.description = "Two lcores get bursts and put them back at the same time.\n",
	.unit = "M objects/s",
	.more_is_better = true,
	.concurrency = CONCURRENCY_ANY,
	.lcores = 2,
	.targets = targets,
	.nb_targets = RTE_DIM(targets),
	.plan = contend_plan,
	.setup = backend_setup,
	.run = contend_run,
	.teardown = backend_teardown,
};

SCENARIO_REGISTER(contend)
