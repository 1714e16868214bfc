/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: threads that allocate and free bursts of objects with one allocator. */

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "frame/workers.h"
#include "scenarios/arena_alloc.h"
#include "scenarios/arena_loop.h"
#include "scenarios/sizes.h"

/* Bits of a workload's number. */
#define MIXED 1u
#define PAIR  2u
#define WRITE 4u

void
arena_alloc_plan(unsigned int i, struct workload *workload)
{
	workload->variant = i;
	workload->object = i & MIXED ? 0 : ARENA_SIZE;
	workload->threads = i & PAIR ? 2 : 1;
	snprintf(workload->label, sizeof(workload->label), "%s, %u thread%s%s",
		i & MIXED ? "mixed sizes" : "64 bytes", workload->threads, i & PAIR ? "s" : "",
		i & WRITE ? ", written" : "");
}

/* The state of a sample. */
struct arena_alloc {
	struct arena_shared shared;
	uint16_t sizes[ARENA_BURST];
	struct arena_thread thread[2]; /* Of the main lcore, and of another one. */
};

static struct arena_alloc *
allocate_state(const struct sample *sample)
{
	static const struct arena_candidate baseline = {.method = ARENA_METHOD_BASELINE};
	const struct arena_candidate *c = sample->candidate->extra;
	/* The size is a multiple of the alignment. */
	struct arena_alloc *a = aligned_alloc(alignof(struct arena_alloc), sizeof(*a));

	if (a == NULL)
		return NULL;
	memset(a, 0, sizeof(*a));
	if (c == NULL)
		c = &baseline;
	a->shared.method = c->method;
	a->shared.heap = c->heap;
	a->shared.write = sample->workload->variant & WRITE;
	sizes_mix(a->sizes, ARENA_BURST);
	if (sample->workload->variant & MIXED)
		a->shared.sizes = a->sizes;
	for (unsigned int i = 0; i < RTE_DIM(a->thread); i++)
		a->thread[i].shared = &a->shared;
	a->thread[0].leader = true;
	return a;
}

/* Verify the allocator with one burst, which also brings its memory into the caches. */
static int
verify(struct arena_thread *thread, struct sample *sample)
{
	int ret = arena_thread_join(thread, &sample->err);

	if (ret != 0 || thread->shared->method == ARENA_METHOD_BASELINE)
		return ret;
	ret = arena_verify(thread, sample->candidate->name, &sample->err);
	arena_thread_leave(thread);
	return ret;
}

int
arena_alloc_setup(struct sample *sample)
{
	struct arena_alloc *a = allocate_state(sample);

	if (a == NULL)
		return app_fail(
			&sample->err, APP_EXIT_RUN, "%s: out of memory", sample->candidate->name);
	sample->state = a;
	if (arena_shared_init(&a->shared, sample) == 0 && verify(&a->thread[0], sample) == 0)
		return 0;
	arena_alloc_teardown(sample);
	return -1;
}

void
arena_alloc_teardown(struct sample *sample)
{
	struct arena_alloc *a = sample->state;

	arena_shared_fini(&a->shared, sample);
	free(a);
}

static void
run_bursts(struct arena_thread *thread, uint64_t start, uint64_t ticks, struct tally *tally)
{
	uint32_t n;

	do {
		n = arena_burst(thread);
		tally->objects += n;
		if (likely(n == ARENA_BURST))
			continue;
		tally->failed++;
		/* A thread that was stopped delays the reclaim: let it run. */
		sched_yield();
	} while (rte_rdtsc_precise() - start < ticks);
}

/*
 * Wait for the other thread and start with an allocator that has all its memory free. While all threads
 * wait, no reader is online. So epochs that a stopped thread kept open in the warm-up are reclaimed here.
 */
static uint64_t
begin(struct arena_thread *thread, struct workers *workers)
{
	struct arena_shared *shared = thread->shared;
	uint64_t start;

	if (shared->method == ARENA_METHOD_TIDE_BUMP) {
		tide_bump_release(thread->bump_reader);
		start = workers_begin(workers);
		arena_close_epoch(shared);
		tide_bump_hold(thread->bump_reader);
		return start;
	}
	if (shared->method != ARENA_METHOD_ARENA)
		return workers_begin(workers);
	tide_arena_offline(shared->arena, thread->reader);
	start = workers_begin(workers);
	arena_close_epoch(shared);
	tide_arena_online(shared->arena, thread->reader);
	return start;
}

/* One thread of a sample. */
struct arena_worker {
	struct workers *workers;
	struct arena_thread *thread;
	struct app_error err;
};

static int
run_worker(void *arg)
{
	struct arena_worker *w = arg;
	struct tally warm = {0}, tally = {0};
	int ret = arena_thread_join(w->thread, &w->err);

	if (ret == 0)
		run_bursts(w->thread, rte_rdtsc_precise(), w->workers->ticks / 10, &warm);
	/* A thread that could not join arrives as well, because the other one waits for it. */
	if (ret == 0)
		run_bursts(w->thread, begin(w->thread, w->workers), w->workers->ticks, &tally);
	else
		workers_begin(w->workers);
	workers_end(w->workers, &tally);
	if (ret == 0)
		arena_thread_leave(w->thread);
	return ret;
}

/* Run the worker of this lcore, and that of another one if there are two. */
static int
run_workers(struct arena_worker worker[2], unsigned int threads, struct app_error *err)
{
	const unsigned int other = rte_get_next_lcore(-1, 1, 0);
	int ret = 0;

	if (threads > 1)
		ret = rte_eal_remote_launch(run_worker, &worker[1], other);
	if (ret != 0)
		return app_fail(
			err, APP_EXIT_RUN, "lcore %u did not start: %s", other, rte_strerror(-ret));
	run_worker(&worker[0]);
	if (threads > 1)
		rte_eal_wait_lcore(other);
	return 0;
}

int
arena_alloc_run(struct sample *sample)
{
	struct arena_alloc *a = sample->state;
	struct workers workers = {
		.sample = sample,
		.threads = sample->workload->threads,
		.ticks = sample_ticks(sample->bench),
		.lock = ATOMIC_FLAG_INIT,
	};
	struct arena_worker worker[] = {
		{.workers = &workers, .thread = &a->thread[0]},
		{.workers = &workers, .thread = &a->thread[1]},
	};

	if (run_workers(worker, workers.threads, &sample->err) != 0)
		return -1;
	for (unsigned int i = 0; i < workers.threads; i++)
		if (worker[i].err.code != 0) {
			sample->err = worker[i].err;
			return -1;
		}
	return workers_figures(&workers, sample);
}
