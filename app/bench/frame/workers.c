/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: threads that use one pool at the same time. */

#include <sched.h>

#include "frame/pool.h"
#include "frame/workers.h"

/*
 * Get bursts until WORKERS_HELD of them are held, then put them all back, as a thread does that fills
 * descriptors and frees them later. A single burst would never leave a mempool cache. Each operation
 * reads the clock: the longest stall is the widest gap between two readings.
 */
static __rte_always_inline void
loop(const struct workers *workers, uint64_t start, struct tally *t, const bool baseline)
{
	const struct backend *s = &workers->sample->backend;
	const unsigned int n = workers->sample->workload->bulk;
	void *table[WORKERS_HELD][OPTIONS_BULK_MAX];
	uint64_t last = start, now;
	uint32_t cursor = 0;
	unsigned int held = 0;

	do {
		if (held < WORKERS_HELD) {
			if (unlikely(backend_get(s, &cursor, table[held], n, baseline) != 0)) {
				t->failed++;
				now = rte_rdtsc();
				continue;
			}
			held++;
		} else {
			while (held > 0)
				backend_put(s, table[--held], n, baseline);
			t->objects += WORKERS_HELD * n;
		}
		now = rte_rdtsc();
		t->stall = RTE_MAX(t->stall, now - last);
		last = now;
	} while (now - start < workers->ticks);
	/* A thread that completed no operation since then was stalled until the end. */
	t->stall = RTE_MAX(t->stall, now - last);
	while (held > 0)
		backend_put(s, table[--held], n, baseline);
}

/* A waiting worker yields, as there may be fewer CPUs than workers. */
uint64_t
workers_begin(struct workers *workers)
{
	uint64_t start;

	/* Acquire and release: the last worker reads what all others prepared. */
	if (atomic_fetch_add_explicit(&workers->arrived, 1, memory_order_acq_rel) + 1 ==
		workers->threads)
		atomic_store_explicit(&workers->start, rte_rdtsc_precise(), memory_order_release);
	while ((start = atomic_load_explicit(&workers->start, memory_order_acquire)) == 0)
		sched_yield();
	return start;
}

void
workers_end(struct workers *workers, const struct tally *t)
{
	const uint64_t end = rte_rdtsc_precise();

	while (atomic_flag_test_and_set_explicit(&workers->lock, memory_order_acquire))
		sched_yield();
	workers->tally.objects += t->objects;
	workers->tally.failed += t->failed;
	workers->tally.stall = RTE_MAX(workers->tally.stall, t->stall);
	workers->end = RTE_MAX(workers->end, end);
	atomic_flag_clear_explicit(&workers->lock, memory_order_release);
}

void
workers_run(struct workers *workers)
{
	const uint64_t start = workers_begin(workers);
	struct tally tally = {0};

	if (workers->sample->backend.baseline)
		loop(workers, start, &tally, true);
	else
		loop(workers, start, &tally, false);
	workers_end(workers, &tally);
	pool_flush(workers->sample->backend.mp);
}

int
workers_figures(const struct workers *workers, struct sample *sample)
{
	const double hz = (double)rte_get_tsc_hz();
	const double seconds = (double)(workers->end - workers->start) / hz;

	if (workers->tally.objects == 0)
		return app_fail(&sample->err, APP_EXIT_RUN,
			"%s: no thread got an object, though all were free",
			sample->candidate->name);
	sample->figures.value = (double)workers->tally.objects / seconds / 1e6;
	sample->figures.stall_ms = (double)workers->tally.stall / hz * 1e3;
	sample->figures.failed = workers->tally.failed;
	return 0;
}
