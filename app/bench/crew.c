/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: threads that work on one pool together. */

#include <sched.h>

#include "crew.h"
#include "pool.h"

/*
 * Take bursts until `held` are in hand, then give them all back, as a thread does that fills
 * descriptors and frees them later: one burst to and fro would never leave a mempool cache. Every
 * operation looks at the clock: the longest stall is the widest gap between two looks.
 */
static __rte_always_inline void
loop(const struct crew *crew, uint64_t start, struct tally *t, const bool floor)
{
	const struct source *s = &crew->turn->source;
	const unsigned int n = crew->turn->work->bulk;
	void *table[CREW_HELD][OPTIONS_BULK_MAX];
	uint64_t last = start, now;
	uint32_t cursor = 0;
	unsigned int held = 0;

	do {
		if (held < CREW_HELD) {
			if (unlikely(source_take(s, &cursor, table[held], n, floor) != 0)) {
				t->failed++;
				now = rte_rdtsc();
				continue;
			}
			held++;
		} else {
			while (held > 0)
				source_give(s, table[--held], n, floor);
			t->objects += CREW_HELD * n;
		}
		now = rte_rdtsc();
		t->stall = RTE_MAX(t->stall, now - last);
		last = now;
	} while (now - start < crew->ticks);
	/* A thread that got nothing done since then was stalled until the end. */
	t->stall = RTE_MAX(t->stall, now - last);
	while (held > 0)
		source_give(s, table[--held], n, floor);
}

/* Yields while it waits: there may be fewer CPUs than members. */
uint64_t
crew_begin(struct crew *crew)
{
	uint64_t start;

	/* Acquire and release make sure that the last sees what all the others prepared. */
	if (atomic_fetch_add_explicit(&crew->arrived, 1, memory_order_acq_rel) + 1 == crew->threads)
		atomic_store_explicit(&crew->start, rte_rdtsc_precise(), memory_order_release);
	while ((start = atomic_load_explicit(&crew->start, memory_order_acquire)) == 0)
		sched_yield();
	return start;
}

void
crew_end(struct crew *crew, const struct tally *t)
{
	const uint64_t end = rte_rdtsc_precise();

	while (atomic_flag_test_and_set_explicit(&crew->lock, memory_order_acquire))
		sched_yield();
	crew->tally.objects += t->objects;
	crew->tally.failed += t->failed;
	crew->tally.stall = RTE_MAX(crew->tally.stall, t->stall);
	crew->end = RTE_MAX(crew->end, end);
	atomic_flag_clear_explicit(&crew->lock, memory_order_release);
}

void
crew_work(struct crew *crew)
{
	const uint64_t start = crew_begin(crew);
	struct tally tally = {0};

	if (crew->turn->source.floor)
		loop(crew, start, &tally, true);
	else
		loop(crew, start, &tally, false);
	crew_end(crew, &tally);
	pool_flush(crew->turn->source.mp);
}

int
crew_sample(const struct crew *crew, struct turn *turn)
{
	const double hz = (double)rte_get_tsc_hz();
	const double seconds = (double)(crew->end - crew->start) / hz;

	if (crew->tally.objects == 0)
		return app_fail(&turn->err, APP_EXIT_RUN,
			"%s: no thread got a single object, though all were free", turn->who->name);
	turn->sample.value = (double)crew->tally.objects / seconds / 1e6;
	turn->sample.stall_ms = (double)crew->tally.stall / hz * 1e3;
	turn->sample.failed = crew->tally.failed;
	return 0;
}
