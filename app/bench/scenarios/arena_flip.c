/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: the time from a flip until all chunks of the epoch are free, for a thread that is the only
 * reader. In the other workloads of scenario arena this cost is divided by the number of objects.
 */

#include <rte_cycles.h>
#include <rte_errno.h>

#include "frame/backend.h"
#include "scenarios/arena_flip.h"
#include "scenarios/arena_shared.h"

void
arena_flip_plan(struct workload *workload)
{
	workload->only = ARENA_SUBJECT;
	workload->unit = "microseconds";
	workload->more_is_better = false;
	workload->threads = 1;
	snprintf(workload->label, sizeof(workload->label), "flip of %d chunks", ARENA_CHUNKS);
}

int
arena_flip_setup(struct sample *sample)
{
	sample->state = arena_create(&sample->err);
	return sample->state != NULL ? 0 : -1;
}

/*
 * Allocate every chunk, then free all by a flip. Returns the cycles of the latter; 0 with *err filled on
 * failure.
 */
static uint64_t
one_flip(struct tide_arena *arena, unsigned int reader, struct app_error *err)
{
	uint64_t start, cycles;
	int reclaimed;

	for (unsigned int i = 0; i < ARENA_CHUNKS; i++)
		if (tide_arena_alloc(arena, ARENA_CHUNK_SIZE, 0) == NULL) {
			app_fail(err, APP_EXIT_RUN, "%s: there is no chunk after %u of %d",
				ARENA_SUBJECT, i, ARENA_CHUNKS);
			return 0;
		}
	start = rte_rdtsc_precise();
	tide_arena_flip(arena, NULL);
	tide_arena_quiescent(arena, reader);
	reclaimed = tide_arena_reclaim(arena);
	cycles = rte_rdtsc_precise() - start;
	if (reclaimed == 1 && arena_missing(arena) == 0)
		return cycles;
	app_fail(err, APP_EXIT_RUN, "%s: a flip reclaimed %d epochs and %lu bytes are missing",
		ARENA_SUBJECT, reclaimed, (unsigned long)arena_missing(arena));
	return 0;
}

int
arena_flip_run(struct sample *sample)
{
	const uint64_t ticks = sample_ticks(sample->bench), start = rte_rdtsc_precise();
	int reader = tide_arena_reader_register(sample->state, NULL);
	double us[STATS_MAX];
	unsigned int n = 0;

	if (reader < 0)
		return app_fail(&sample->err, APP_EXIT_RUN,
			"%s: this thread was not registered: %s", ARENA_SUBJECT,
			rte_strerror(-reader));
	/* The first flip warms up. */
	one_flip(sample->state, (unsigned int)reader, &sample->err);
	do {
		us[n++] = (double)one_flip(sample->state, (unsigned int)reader, &sample->err) /
		          (double)rte_get_tsc_hz() * 1e6;
	} while (sample->err.code == 0 && n < STATS_MAX && rte_rdtsc_precise() - start < ticks);
	sample->figures.value = stats_of(us, n).median;
	tide_arena_reader_unregister(sample->state, (unsigned int)reader);
	return sample->err.code == 0 ? 0 : -1;
}

void
arena_flip_teardown(struct sample *sample)
{
	arena_destroy(sample->state, &sample->err);
}
