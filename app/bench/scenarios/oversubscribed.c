/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: more threads than CPUs, as in containers and virtual machines. The threads register with
 * EAL, so each has an lcore id and a cache. The kernel moves and preempts them on the CPUs of EAL's
 * lcores.
 */

#include <errno.h>
#include <pthread.h>

#include <rte_errno.h>
#include <rte_lcore.h>

#include "frame/plan.h"
#include "frame/scenario.h"
#include "frame/workers.h"

/* Measured beside no cache. */
#define CACHE_SMALL 64

#define THREADS_MAX 64

struct launch {
	struct workers *workers;
	atomic_int ret; /* Negative errno of a worker that could not register with EAL. */
};

static void *
run_worker(void *arg)
{
	struct launch *launch = arg;
	struct workers *workers = launch->workers;
	int ret;

	ret = -pthread_setaffinity_np(pthread_self(), sizeof(workers->sample->bench->cpus),
		&workers->sample->bench->cpus);
	if (ret == 0 && rte_thread_register() != 0)
		ret = -rte_errno;
	if (ret != 0)
		atomic_store(&launch->ret, ret);
	/* A worker without an lcore id runs as well, because the others wait for it. */
	workers_run(workers);
	rte_thread_unregister();
	return NULL;
}

/* Run all workers. This thread counts as arrived for workers that cannot be created. */
static int
run_workers(struct launch *launch)
{
	struct workers *workers = launch->workers;
	pthread_t thread[THREADS_MAX];
	unsigned int n = 0;
	int ret = 0;

	while (n < workers->threads && ret == 0) {
		ret = -pthread_create(&thread[n], NULL, run_worker, launch);
		n += ret == 0;
	}
	if (ret != 0)
		for (unsigned int i = n; i < workers->threads; i++)
			atomic_fetch_add(&workers->arrived, 1);
	if (ret != 0)
		atomic_store(&workers->start, rte_rdtsc_precise());
	for (unsigned int i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	return ret != 0 ? ret : atomic_load(&launch->ret);
}

static int
oversubscribed_run(struct sample *sample)
{
	struct workers workers = {
		.sample = sample,
		.threads = sample->bench->opt.threads,
		.ticks = sample_ticks(sample->bench),
		.lock = ATOMIC_FLAG_INIT,
	};
	struct launch launch = {.workers = &workers};
	int ret = run_workers(&launch);

	if (ret != 0)
		return app_fail(&sample->err, APP_EXIT_RUN,
			"%u threads could not register with EAL: %s; EAL has room for %d lcores, "
			"give fewer threads with --threads",
			workers.threads, rte_strerror(-ret), RTE_MAX_LCORE);
	return workers_figures(&workers, sample);
}

static bool
oversubscribed_plan(const struct bench *bench, unsigned int i, struct workload *workload)
{
	if (!plan_cache(bench, i, CACHE_SMALL, &workload->cache))
		return false;
	workload->buffers = plan_shared(bench->opt.threads, workload);
	snprintf(workload->label, sizeof(workload->label), "cache %u", workload->cache);
	return true;
}

static const struct target targets[] = {
	{.bulk = 32, TIMES_BETTER(20), .ledger = LEDGER_MODE_OFF},
	{.bulk = 32, TIMES_BETTER(8), .ledger = LEDGER_MODE_FULL},
};

static const struct scenario oversubscribed = {
	.name = "oversubscribed",
	.order = 90,
	.summary = "more threads than CPUs get and put at the same time",
	.description = "Eight threads (--threads) that register with EAL get bursts and put them\n"
		       "back on the CPUs of EAL's lcores. They are not pinned to single CPUs, so\n"
		       "the kernel preempts them. The table shows the longest time in which a\n"
		       "thread completed no operation.\n",
	.unit = "M objects/s",
	.more_is_better = true,
	.concurrency = CONCURRENCY_ANY,
	.targets = targets,
	.nb_targets = RTE_DIM(targets),
	.plan = oversubscribed_plan,
	.setup = backend_setup,
	.run = oversubscribed_run,
	.teardown = backend_teardown,
};

SCENARIO_REGISTER(oversubscribed)
