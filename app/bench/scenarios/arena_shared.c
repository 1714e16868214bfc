/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: makes the allocators of scenario arena, registers their threads, and checks them. */

#include <rte_errno.h>
#include <rte_lcore.h>

#include "scenarios/arena_shared.h"

struct tide_arena *
arena_create(struct app_error *err)
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

uint64_t
arena_missing(const struct tide_arena *arena)
{
	const int node = (int)rte_socket_id();

	return tide_arena_capacity(arena, node) - tide_arena_remaining(arena, node);
}

void
arena_destroy(struct tide_arena *arena, struct app_error *err)
{
	/* A sample that failed may have left readers and open epochs. */
	if (err->code == 0 && tide_arena_reset(arena, NULL) != 0)
		app_fail(err, APP_EXIT_RUN, "%s: readers are left", ARENA_SUBJECT);
	if (err->code == 0 && (tide_arena_check(arena) != 0 || arena_missing(arena) != 0))
		app_fail(err, APP_EXIT_RUN,
			"%s: tide_arena_check() failed, or %lu bytes are missing", ARENA_SUBJECT,
			(unsigned long)arena_missing(arena));
	if (tide_arena_free(arena) != 0)
		app_fail(err, APP_EXIT_RUN, "%s: tide_arena_free() found readers", ARENA_SUBJECT);
}

static int
create_bump(struct arena_shared *shared, struct sample *sample)
{
	const struct tide_bump_conf conf = {
		.name = "bench", .addr = shared->base, .len = shared->len, .epochs = 2};
	char reason[TIDE_BUMP_REASON_MAX];

	shared->bump = tide_bump_create(&conf, reason);
	if (shared->bump == NULL)
		return app_fail(
			&sample->err, APP_EXIT_RUN, "%s: %s", sample->candidate->name, reason);
	return 0;
}

static void
destroy_bump(struct tide_bump *bump, struct sample *sample)
{
	char reason[TIDE_BUMP_REASON_MAX];

	/* A sample that failed may have left readers. */
	if (sample->err.code == 0 && tide_bump_check(bump, reason) != 0)
		app_fail(&sample->err, APP_EXIT_RUN, "%s: %s", sample->candidate->name, reason);
	if (tide_bump_free(bump) != 0)
		app_fail(&sample->err, APP_EXIT_RUN, "%s: readers are left",
			sample->candidate->name);
}

/* Get as much memory as the arena has, in the way the arena gets its own. */
static int
create_region(struct arena_shared *shared, struct sample *sample)
{
	const struct tide_region_conf conf = {
		.name = "bench_bump",
		.node = (int)rte_socket_id(),
		.len = (size_t)ARENA_CHUNKS * ARENA_CHUNK_SIZE,
	};

	shared->region = tide_region_create(&conf, NULL);
	if (shared->region == NULL)
		return app_fail(&sample->err, APP_EXIT_RUN, "%s: tide_region_create(): %s",
			sample->candidate->name, rte_strerror(rte_errno));
	shared->base = tide_region_addr(shared->region);
	shared->len = tide_region_len(shared->region);
	return 0;
}

int
arena_shared_init(struct arena_shared *shared, struct sample *sample)
{
	if (shared->method == ARENA_METHOD_HEAP)
		return 0;
	if (shared->method == ARENA_METHOD_ARENA) {
		shared->arena = arena_create(&sample->err);
		return shared->arena != NULL ? 0 : -1;
	}
	if (create_region(shared, sample) != 0)
		return -1;
	return shared->method == ARENA_METHOD_TIDE_BUMP ? create_bump(shared, sample) : 0;
}

void
arena_shared_fini(struct arena_shared *shared, struct sample *sample)
{
	if (shared->arena != NULL)
		arena_destroy(shared->arena, &sample->err);
	if (shared->bump != NULL)
		destroy_bump(shared->bump, sample);
	tide_region_free(shared->region);
}

static int
join_bump(struct arena_thread *thread, struct app_error *err)
{
	thread->bump_reader = tide_bump_reader_register(thread->shared->bump, NULL);
	if (thread->bump_reader == NULL)
		return app_fail(err, APP_EXIT_RUN, "tide_bump: a reader was not registered");
	tide_bump_hold(thread->bump_reader);
	return 0;
}

static int
join_arena(struct arena_thread *thread, struct app_error *err)
{
	int reader = tide_arena_reader_register(thread->shared->arena, NULL);

	if (reader < 0)
		return app_fail(err, APP_EXIT_RUN, "%s: a thread was not registered: %s",
			ARENA_SUBJECT, rte_strerror(-reader));
	thread->reader = (unsigned int)reader;
	return 0;
}

int
arena_thread_join(struct arena_thread *thread, struct app_error *err)
{
	switch (thread->shared->method) {
	case ARENA_METHOD_TIDE_BUMP:
		return join_bump(thread, err);
	case ARENA_METHOD_ARENA:
		return join_arena(thread, err);
	default:
		return 0;
	}
}

void
arena_thread_leave(struct arena_thread *thread)
{
	if (thread->shared->method == ARENA_METHOD_ARENA)
		tide_arena_reader_unregister(thread->shared->arena, thread->reader);
	if (thread->shared->method == ARENA_METHOD_TIDE_BUMP)
		tide_bump_reader_unregister(thread->bump_reader);
}
