/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: more threads than CPUs, as in containers and virtual machines. The threads register with
 * EAL, so each has an lcore id and a cache, and the kernel moves and preempts them as it likes among
 * the CPUs of EAL's lcores.
 */

#include <errno.h>
#include <pthread.h>

#include <rte_errno.h>
#include <rte_lcore.h>

#include "crew.h"
#include "plan.h"
#include "scenarios.h"

/* The cache that the bar for a crowd with caches names. */
#define CACHE_CROWD 64

#define THREADS_MAX 64

struct joiner {
	struct crew *crew;
	atomic_int ret; /* Negative errno of the first that could not join. */
};

static void *
member(void *arg)
{
	struct joiner *joiner = arg;
	struct crew *crew = joiner->crew;
	int ret;

	ret = -pthread_setaffinity_np(
		pthread_self(), sizeof(crew->turn->bench->cpus), &crew->turn->bench->cpus);
	if (ret == 0 && rte_thread_register() != 0)
		ret = -rte_errno;
	if (ret != 0)
		atomic_store(&joiner->ret, ret);
	/* Also without an lcore id, so that the others need not wait for ever. */
	crew_work(crew);
	rte_thread_unregister();
	return NULL;
}

/* Threads that cannot be created are made up for by this one, so that the rest can end. */
static int
gather(struct joiner *joiner)
{
	struct crew *crew = joiner->crew;
	pthread_t thread[THREADS_MAX];
	unsigned int n = 0;
	int ret = 0;

	while (n < crew->threads && ret == 0) {
		ret = -pthread_create(&thread[n], NULL, member, joiner);
		n += ret == 0;
	}
	if (ret != 0)
		for (unsigned int i = n; i < crew->threads; i++)
			atomic_fetch_add(&crew->arrived, 1);
	if (ret != 0)
		atomic_store(&crew->start, rte_rdtsc_precise());
	for (unsigned int i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	return ret != 0 ? ret : atomic_load(&joiner->ret);
}

static int
crowd_run(struct turn *turn)
{
	struct crew crew = {
		.turn = turn,
		.threads = turn->bench->opt.threads,
		.ticks = source_ticks(turn->bench),
		.lock = ATOMIC_FLAG_INIT,
	};
	struct joiner joiner = {.crew = &crew};
	int ret = gather(&joiner);

	if (ret != 0)
		return app_fail(&turn->err, APP_EXIT_RUN,
			"%u threads could not join EAL: %s; EAL has room for %d lcores, give fewer "
			"with --threads",
			crew.threads, rte_strerror(-ret), RTE_MAX_LCORE);
	return crew_sample(&crew, turn);
}

static bool
crowd_plan(const struct bench *bench, unsigned int i, struct work *work)
{
	if (!plan_cache(bench, i, CACHE_CROWD, &work->cache))
		return false;
	work->buffers = plan_shared(bench->opt.threads, work);
	snprintf(work->label, sizeof(work->label), "cache %u", work->cache);
	return true;
}

const struct scenario scenario_crowd = {
	.name = "crowd",
	.what = "more threads than CPUs take and give back at once",
	.unit = "M objects/s",
	.more_is_better = true,
	.crowding = CROWDING_ANY,
	.plan = crowd_plan,
	.setup = source_setup,
	.run = crowd_run,
	.teardown = source_teardown,
};
