/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: one core takes a burst and gives it back at once. */

#include "plan.h"
#include "scenarios.h"
#include "source.h"

static __rte_always_inline void
loop(const struct source *s, unsigned int n, uint64_t ticks, struct tally *t, const bool floor)
{
	const uint64_t start = rte_rdtsc_precise();
	void *table[OPTIONS_BULK_MAX];
	uint32_t cursor = 0;

	do {
		for (unsigned int i = 0; i < SOURCE_BATCH; i++) {
			if (unlikely(source_take(s, &cursor, table, n, floor) != 0)) {
				t->failed++;
				continue;
			}
			source_give(s, table, n, floor);
			t->objects += n;
		}
		t->cycles = rte_rdtsc_precise() - start;
	} while (t->cycles < ticks);
}

static void
bulk_loop(const struct turn *turn, uint64_t ticks, struct tally *tally)
{
	if (turn->source.floor)
		loop(&turn->source, turn->work->bulk, ticks, tally, true);
	else
		loop(&turn->source, turn->work->bulk, ticks, tally, false);
}

static int
bulk_run(struct turn *turn)
{
	return source_run_alone(turn, bulk_loop);
}

static void
single_loop(const struct turn *turn, uint64_t ticks, struct tally *tally)
{
	if (turn->source.floor)
		loop(&turn->source, 1, ticks, tally, true);
	else
		loop(&turn->source, 1, ticks, tally, false);
}

static int
single_run(struct turn *turn)
{
	return source_run_alone(turn, single_loop);
}

static bool
single_plan(const struct bench *bench, unsigned int i, struct work *work)
{
	work->bulk = 1;
	return plan_small(bench, i, work);
}

const struct scenario scenario_bulk = {
	.name = "bulk",
	.what = "one core takes a burst and gives it back",
	.unit = "cycles/object",
	.crowding = CROWDING_ALONE,
	.plan = plan_small,
	.setup = source_setup,
	.run = bulk_run,
	.teardown = source_teardown,
};

const struct scenario scenario_single = {
	.name = "single",
	.what = "one core takes one object and gives it back",
	.unit = "cycles/object",
	.crowding = CROWDING_ALONE,
	.plan = single_plan,
	.setup = source_setup,
	.run = single_run,
	.teardown = source_teardown,
};
