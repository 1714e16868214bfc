/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: the time from a flip until all chunks of the epoch are back, for a thread that is the only
 * reader: the price of giving back, which scenario arena otherwise spreads over many objects.
 */

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_lcore.h>

#include "arena_flip.h"
#include "source.h"

struct tide_arena *
arena_make(struct app_error *err)
{
	const int node = (int)rte_socket_id();
	const struct tide_arena_conf conf = {
		.name = "bench",
		.nodes = &node,
		.nb_nodes = 1,
		.chunk_size = ARENA_CHUNK_SIZE,
		.chunks = ARENA_CHUNKS,
	};
	struct tide_arena *arena = tide_arena_create(&conf);

	if (arena == NULL)
		app_fail(err, APP_EXIT_RUN, "%s: tide_arena_create(): %s", ARENA_SUBJECT,
			rte_strerror(rte_errno));
	return arena;
}

static uint64_t
missing(const struct tide_arena *arena)
{
	const int node = (int)rte_socket_id();

	return tide_arena_capacity(arena, node) - tide_arena_remaining(arena, node);
}

void
arena_unmake(struct tide_arena *arena, struct app_error *err)
{
	/* A turn that failed may have left anything. */
	if (err->code == 0 && tide_arena_reset(arena, NULL) != 0)
		app_fail(err, APP_EXIT_RUN, "%s: readers are left", ARENA_SUBJECT);
	if (err->code == 0 && (tide_arena_check(arena) != 0 || missing(arena) != 0))
		app_fail(err, APP_EXIT_RUN, "%s: its books are wrong, or %lu bytes are missing",
			ARENA_SUBJECT, (unsigned long)missing(arena));
	if (tide_arena_free(arena) != 0)
		app_fail(err, APP_EXIT_RUN, "%s: tide_arena_free() found readers", ARENA_SUBJECT);
}

void
arena_flip_plan(struct work *work)
{
	work->only = ARENA_SUBJECT;
	work->unit = "microseconds";
	work->more_is_better = false;
	work->threads = 1;
	snprintf(work->label, sizeof(work->label), "flip of %d chunks", ARENA_CHUNKS);
}

int
arena_flip_setup(struct turn *turn)
{
	turn->own = arena_make(&turn->err);
	return turn->own != NULL ? 0 : -1;
}

/* Take every chunk, then give all back; TSC cycles of the latter, 0 with *err filled. */
static uint64_t
one_flip(struct tide_arena *arena, unsigned int reader, struct app_error *err)
{
	uint64_t start, cycles;
	int given;

	for (unsigned int i = 0; i < ARENA_CHUNKS; i++)
		if (tide_arena_alloc(arena, ARENA_CHUNK_SIZE, 0) == NULL) {
			app_fail(err, APP_EXIT_RUN, "%s: it has chunk %u not, of %d", ARENA_SUBJECT,
				i, ARENA_CHUNKS);
			return 0;
		}
	start = rte_rdtsc_precise();
	tide_arena_flip(arena, NULL);
	tide_arena_quiescent(arena, reader);
	given = tide_arena_reclaim(arena);
	cycles = rte_rdtsc_precise() - start;
	if (given == 1 && missing(arena) == 0)
		return cycles;
	app_fail(err, APP_EXIT_RUN, "%s: a flip gave %d epochs back and %lu bytes are missing",
		ARENA_SUBJECT, given, (unsigned long)missing(arena));
	return 0;
}

int
arena_flip_run(struct turn *turn)
{
	const uint64_t ticks = source_ticks(turn->bench), start = rte_rdtsc_precise();
	int reader = tide_arena_reader_register(turn->own, NULL);
	double us[STATS_MAX];
	unsigned int n = 0;

	if (reader < 0)
		return app_fail(&turn->err, APP_EXIT_RUN, "%s: this thread was not registered: %s",
			ARENA_SUBJECT, rte_strerror(-reader));
	/* The first is to warm up. */
	one_flip(turn->own, (unsigned int)reader, &turn->err);
	do {
		us[n++] = (double)one_flip(turn->own, (unsigned int)reader, &turn->err) /
		          (double)rte_get_tsc_hz() * 1e6;
	} while (turn->err.code == 0 && n < STATS_MAX && rte_rdtsc_precise() - start < ticks);
	turn->sample.value = stats_of(us, n).median;
	tide_arena_reader_unregister(turn->own, (unsigned int)reader);
	return turn->err.code == 0 ? 0 : -1;
}

void
arena_flip_teardown(struct turn *turn)
{
	arena_unmake(turn->own, &turn->err);
}
