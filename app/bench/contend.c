/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: two lcores, each on its CPU, take from one pool and give back to it. */

#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "crew.h"
#include "plan.h"
#include "scenarios.h"

#define THREADS 2

static int
member(void *arg)
{
	crew_work(arg);
	return 0;
}

static int
contend_run(struct turn *turn)
{
	struct crew crew = {
		.turn = turn,
		.threads = THREADS,
		.ticks = source_ticks(turn->bench),
		.lock = ATOMIC_FLAG_INIT,
	};
	const unsigned int other = rte_get_next_lcore(-1, 1, 0);
	int ret = rte_eal_remote_launch(member, &crew, other);

	if (ret != 0)
		return app_fail(&turn->err, APP_EXIT_RUN, "lcore %u did not start: %s", other,
			rte_strerror(-ret));
	crew_work(&crew);
	rte_eal_wait_lcore(other);
	return crew_sample(&crew, turn);
}

static bool
contend_plan(const struct bench *bench, unsigned int i, struct work *work)
{
	if (!plan_cache(bench, i, BENCH_CACHE_DEFAULT, &work->cache))
		return false;
	work->buffers = plan_shared(THREADS, work);
	snprintf(work->label, sizeof(work->label), "cache %u", work->cache);
	return true;
}

const struct scenario scenario_contend = {
	.name = "contend",
	.what = "two lcores on two CPUs take and give back at once",
	.unit = "M objects/s",
	.more_is_better = true,
	.crowding = CROWDING_ANY,
	.lcores = 2,
	.plan = contend_plan,
	.setup = source_setup,
	.run = contend_run,
	.teardown = source_teardown,
};
