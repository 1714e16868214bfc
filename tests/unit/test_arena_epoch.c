/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Epochs of arenas: when chunks return, which reader is stalled, and which calls are refused when. With
 * one argument, "read-late" or "read-early", it reads memory after or before its grace is over, for a
 * case that watches AddressSanitizer.
 */

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "arena_internal.h"
#include "eal.h"
#include "log.h"
#include "ops.h"
#include "range.h"

#define CHUNK  4096
#define WORKER 1 /* An lcore other than the main one. */
#define ENOUGH (5 * 1000000) /* Microseconds no wait of these cases takes. */

static const int node0[] = {0};
static struct tide_arena *arena;

static struct tide_arena_conf
conf_of(uint32_t chunks, uint32_t epochs)
{
	return (struct tide_arena_conf){
		.name = "test",
		.nodes = node0,
		.nb_nodes = 1,
		.chunk_size = CHUNK,
		.chunks = chunks,
		.epochs = epochs,
	};
}

static void
make(uint32_t chunks, uint32_t epochs)
{
	struct tide_arena_conf conf = conf_of(chunks, epochs);

	arena = tide_arena_create(&conf);
	assert_non_null(arena);
}

/* After each case: sound, all chunks back, and gone. */
static int
clean_up(void **state)
{
	if (arena == NULL)
		return 0;
	assert_int_equal(tide_arena_check(arena), 0);
	for (unsigned int reader = 0; reader < TIDEI_ARENA_READERS; reader++)
		tide_arena_reader_unregister(arena, reader);
	assert_int_equal(tide_arena_reset(arena, NULL), 0);
	assert_int_equal(tide_arena_remaining(arena, 0), tide_arena_capacity(arena, 0));
	assert_int_equal(tide_arena_check(arena), 0);
	assert_int_equal(tide_arena_free(arena), 0);
	arena = NULL;
	return 0;
}

static uint32_t
chunks_out(void)
{
	struct tide_arena_stats stats;

	assert_int_equal(tide_arena_stats(arena, 0, &stats), 0);
	return stats.chunks_out;
}

static void *
register_and_leave(void *name)
{
	return (void *)(intptr_t)tide_arena_reader_register(arena, name);
}

/*
 * A reader whose thread is gone: the case reports its quiescent states for it. Without a name one is
 * made up.
 */
static int
ghost(const char *name)
{
	pthread_t thread;
	void *reader;

	assert_int_equal(
		pthread_create(&thread, NULL, register_and_leave, (void *)(uintptr_t)name), 0);
	pthread_join(thread, &reader);
	return (int)(intptr_t)reader;
}

static unsigned int
good_ghost(const char *name)
{
	int reader = ghost(name);

	assert_true(reader >= 0);
	return (unsigned int)reader;
}

static void
a_chunk_returns_when_every_reader_was_quiescent_and_not_before(void **state)
{
	unsigned int a, b;
	uint64_t closed = 0;

	make(8, 0);
	a = good_ghost("a");
	b = good_ghost("b");
	assert_int_equal(tide_arena_epoch(arena), 1);
	assert_non_null(tide_arena_alloc(arena, 100, 0));
	assert_int_equal(tide_arena_flip(arena, &closed), 0);
	assert_int_equal(closed, 1);
	assert_int_equal(tide_arena_epoch(arena), 2);
	assert_int_equal(tide_arena_reclaim(arena), 0);
	tide_arena_quiescent(arena, a);
	assert_int_equal(tide_arena_reclaim(arena), 0);
	assert_int_equal(chunks_out(), 1);
	tide_arena_quiescent(arena, b);
	assert_int_equal(tide_arena_reclaim(arena), 1);
	assert_int_equal(chunks_out(), 0);
	assert_int_equal(tide_arena_reclaim(arena), 0);
}

static void
no_epoch_waits_for_a_reader_that_is_offline(void **state)
{
	unsigned int a;

	make(8, 0);
	a = good_ghost("a");
	tide_arena_offline(arena, a);
	assert_non_null(tide_arena_alloc(arena, 100, 0));
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	assert_int_equal(tide_arena_reclaim(arena), 1);
	tide_arena_online(arena, a);
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	assert_int_equal(tide_arena_reclaim(arena), 0);
	/* The chunk returns after the flip, which waits for no reader. */
	tide_arena_offline(arena, a);
	tide_arena_online(arena, a);
	assert_int_equal(tide_arena_reclaim(arena), 1);
}

static int
allocate_on_worker(void *arg)
{
	for (unsigned int i = 0; i < 5; i++) {
		if (tide_arena_alloc(arena, CHUNK - 64, 0) == NULL)
			return -1;
	}
	return 0;
}

/* Allocations of a thread. */
struct batch {
	unsigned int n;
	size_t size;
};

static void *
allocate_without_lcore(void *arg)
{
	const struct batch *batch = arg;

	for (unsigned int i = 0; i < batch->n; i++) {
		if (tide_arena_alloc(arena, batch->size, 0) == NULL)
			return NULL;
	}
	return arg;
}

static void
in_a_thread_without_lcore_of(unsigned int n, size_t size)
{
	struct batch batch = {.n = n, .size = size};
	pthread_t thread;
	void *all;

	assert_int_equal(pthread_create(&thread, NULL, allocate_without_lcore, &batch), 0);
	pthread_join(thread, &all);
	assert_ptr_equal(all, &batch);
}

/* A chunk for each. */
static void
in_a_thread_without_lcore(unsigned int n)
{
	in_a_thread_without_lcore_of(n, CHUNK / 2 + 64);
}

static void
chunks_of_idle_lcores_and_ended_threads_return_too(void **state)
{
	make(16, 2);
	for (unsigned int i = 0; i < 7; i++) {
		assert_int_equal(rte_eal_remote_launch(allocate_on_worker, NULL, WORKER), 0);
		assert_int_equal(rte_eal_wait_lcore(WORKER), 0);
		in_a_thread_without_lcore(3);
		assert_non_null(tide_arena_alloc(arena, 1, 0));
		assert_int_equal(chunks_out(), 9);
		assert_int_equal(tide_arena_flip(arena, NULL), 0);
		assert_int_equal(tide_arena_reclaim(arena), 1);
		assert_int_equal(chunks_out(), 0);
		assert_int_equal(tide_arena_check(arena), 0);
	}
}

static void
an_allocation_after_a_flip_is_not_in_a_chunk_of_before(void **state)
{
	unsigned int reader;

	make(8, 3);
	reader = good_ghost("a");
	for (uint32_t i = 0; i < 3; i++) {
		assert_non_null(tide_arena_alloc(arena, 8, 0));
		assert_non_null(tide_arena_alloc(arena, 8, 0));
		assert_int_equal(chunks_out(), 2 * i + 1);
		in_a_thread_without_lcore_of(2, 8);
		assert_int_equal(chunks_out(), 2 * i + 2);
		assert_int_equal(tide_arena_flip(arena, NULL), i < 2 ? 0 : -ENOBUFS);
	}
	tide_arena_quiescent(arena, reader);
	assert_int_equal(tide_arena_reclaim(arena), 2);
	assert_int_equal(chunks_out(), 2);
}

/* Epochs and readers, in the plainest terms. */
#define READERS 5
#define EPOCHS  6

struct model {
	uint64_t oldest, current;
	uint32_t chunks[EPOCHS]; /* By epoch, modulo. */
	bool waits[EPOCHS][READERS]; /* For whom it waits. */
	bool online[READERS];
	unsigned int ids[READERS];
};

static unsigned int
model_reclaim(struct model *m)
{
	unsigned int given = 0, r;

	for (; m->oldest < m->current; m->oldest++, given++) {
		for (r = 0; r < READERS; r++) {
			if (m->waits[m->oldest % EPOCHS][r])
				return given;
		}
		m->chunks[m->oldest % EPOCHS] = 0;
	}
	return given;
}

static void
model_quiescent(struct model *m, unsigned int reader)
{
	for (uint64_t epoch = m->oldest; epoch < m->current; epoch++)
		m->waits[epoch % EPOCHS][reader] = false;
}

static void
flip_both(struct model *m)
{
	unsigned int r;
	bool full = m->current + 1 - m->oldest >= EPOCHS;

	if (full)
		full = model_reclaim(m) == 0;
	assert_int_equal(tide_arena_flip(arena, NULL), full ? -ENOBUFS : 0);
	if (full)
		return;
	for (r = 0; r < READERS; r++)
		m->waits[m->current % EPOCHS][r] = m->online[r];
	m->current++;
}

static void
move_reader(struct model *m, unsigned int reader, unsigned int dice)
{
	if (!m->online[reader]) {
		tide_arena_online(arena, m->ids[reader]);
		m->online[reader] = true;
	} else if (dice == 0) {
		model_quiescent(m, reader);
		tide_arena_offline(arena, m->ids[reader]);
		m->online[reader] = false;
	} else if (dice == 1) {
		char name[8];

		/* Gone for good; another comes. */
		model_quiescent(m, reader);
		assert_int_equal(tide_arena_reader_unregister(arena, m->ids[reader]), 0);
		snprintf(name, sizeof(name), "r%u", reader);
		m->ids[reader] = good_ghost(name);
	} else {
		model_quiescent(m, reader);
		tide_arena_quiescent(arena, m->ids[reader]);
	}
}

static void
allocate_both(struct model *m, bool other)
{
	uint32_t before = chunks_out();

	if (other)
		in_a_thread_without_lcore(1);
	else
		assert_non_null(tide_arena_alloc(arena, CHUNK / 2 + 64, 0));
	m->chunks[m->current % EPOCHS] += chunks_out() - before;
	/* Each takes more than half a chunk. */
	assert_int_equal(chunks_out(), before + 1);
}

static void
any_order_of_flips_and_quiescent_states_agrees_with_a_naive_model(void **state)
{
	unsigned int seed = (unsigned int)time(NULL), steps = 30000, r;
	struct model m = {.oldest = 1, .current = 1};
	uint64_t flips;

	print_message("seed %u\n", seed);
	make(64, EPOCHS);
	for (r = 0; r < READERS; r++) {
		char name[8];

		snprintf(name, sizeof(name), "r%u", r);
		m.ids[r] = good_ghost(name);
		m.online[r] = true;
	}
	while (steps-- > 0) {
		uint32_t out = 0;
		unsigned int dice = (unsigned int)rand_r(&seed) % 16;

		if (dice == 0)
			flip_both(&m);
		else if (dice < 3)
			assert_int_equal(tide_arena_reclaim(arena), model_reclaim(&m));
		else if (dice < 5 && chunks_out() < 64)
			allocate_both(&m, dice == 3 && rand_r(&seed) % 8 == 0);
		else
			move_reader(&m, (unsigned int)rand_r(&seed) % READERS,
				(unsigned int)rand_r(&seed) % 32);
		for (unsigned int i = 0; i < EPOCHS; i++)
			out += m.chunks[i];
		assert_int_equal(chunks_out(), out);
		assert_int_equal(tide_arena_epoch(arena), m.current);
		if (steps % 100 == 0)
			assert_int_equal(tide_arena_check(arena), 0);
	}
	flips = m.current;
	print_message("%" PRIu64 " epochs\n", flips);
	assert_true(flips > 100);
}

static void *
register_on_worker(const char *name)
{
	return (void *)(intptr_t)tide_arena_reader_register(arena, name);
}

static int
launch_register(void *name)
{
	return (int)(intptr_t)register_on_worker(name);
}

static void
a_reader_that_never_reports_is_named_with_its_lcore_and_age(void **state)
{
	struct tide_arena_stalled stalled;
	unsigned int prompt;
	char text[256] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	make(8, 0);
	assert_int_equal(tide_arena_stalled(arena, &stalled), -ENOENT);
	assert_int_equal(
		rte_eal_remote_launch(launch_register, (void *)(uintptr_t) "asleep", WORKER), 0);
	assert_int_equal(rte_eal_wait_lcore(WORKER), WORKER);
	prompt = good_ghost("prompt");
	assert_non_null(tide_arena_alloc(arena, 1, 0));
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(tide_arena_flip(arena, NULL), 0);
	nanosleep(&(struct timespec){0, 20000000}, NULL);
	tide_arena_quiescent(arena, prompt);
	assert_int_equal(tide_arena_stalled(arena, &stalled), 0);
	assert_string_equal(stalled.name, "asleep");
	assert_int_equal(stalled.reader, WORKER);
	assert_int_equal(stalled.lcore_id, WORKER);
	assert_int_not_equal(stalled.tid, 0);
	assert_int_equal(stalled.epoch, 1);
	assert_uint_in_range(stalled.stalled_us, 20000, ENOUGH);
	assert_non_null(out);
	stalled.stalled_us = 1234567;
	tide_arena_stalled_dump(&stalled, out);
	fclose(out);
	assert_non_null(strstr(text, "\"asleep\" (id 1, lcore 1, thread"));
	assert_non_null(strstr(text, "since epoch 1 was closed 1.234567 s ago"));
	/* The call that waited for the reader goes on. */
	assert_int_equal(tide_arena_reclaim(arena), 0);
	assert_int_equal(tide_arena_reader_unregister(arena, WORKER), 0);
	assert_int_equal(tide_arena_stalled(arena, &stalled), -ENOENT);
	assert_int_equal(tide_arena_reclaim(arena), 3);
}

static void
late_names_the_oldest_epoch_that_waits_for_that_reader(void **state)
{
	struct tide_arena_stalled stalled;
	unsigned int a, b;

	make(8, 0);
	a = good_ghost("a");
	b = good_ghost("b");
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(tide_arena_flip(arena, NULL), 0);
		if (i < 2)
			tide_arena_quiescent(arena, a);
		if (i < 3)
			tide_arena_quiescent(arena, b);
	}
	assert_int_equal(tide_arena_stalled(arena, &stalled), 0);
	assert_string_equal(stalled.name, "a");
	assert_int_equal(stalled.lcore_id, LCORE_ID_ANY);
	assert_int_equal(stalled.epoch, 3);
	tide_arena_quiescent(arena, a);
	assert_int_equal(tide_arena_stalled(arena, &stalled), 0);
	assert_string_equal(stalled.name, "b");
	assert_int_equal(stalled.epoch, 4);
}

static void
a_flip_that_finds_no_room_changes_nothing(void **state)
{
	unsigned int reader;
	uint64_t closed = 77;

	make(8, 3);
	reader = good_ghost("a");
	assert_non_null(tide_arena_alloc(arena, 1, 0));
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	assert_int_equal(tide_arena_flip(arena, &closed), -ENOBUFS);
	assert_int_equal(closed, 77);
	assert_int_equal(tide_arena_epoch(arena), 3);
	assert_int_equal(chunks_out(), 1);
	/* It helps itself when the grace is over. */
	tide_arena_quiescent(arena, reader);
	assert_int_equal(tide_arena_flip(arena, &closed), 0);
	assert_int_equal(closed, 3);
	assert_int_equal(chunks_out(), 0);
}

static void
one_thread_at_a_time_flips_and_the_others_are_told(void **state)
{
	uint64_t closed = 77;

	make(8, 0);
	assert_non_null(tide_arena_alloc(arena, 1, 0));
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	/* As if another were at it. */
	assert_false(atomic_flag_test_and_set(&arena->more->busy));
	assert_int_equal(tide_arena_flip(arena, &closed), -EAGAIN);
	assert_int_equal(closed, 77);
	assert_int_equal(tide_arena_reclaim(arena), -EAGAIN);
	assert_int_equal(tide_arena_reset(arena, NULL), -EAGAIN);
	assert_int_equal(tide_arena_reclaim_wait(arena, 1000, NULL), -EAGAIN);
	assert_int_equal(tide_arena_epoch(arena), 2);
	assert_int_equal(chunks_out(), 1);
	atomic_flag_clear(&arena->more->busy);
	assert_int_equal(tide_arena_reclaim(arena), 1);
}

static void *
register_twice(void *arg)
{
	int first = tide_arena_reader_register(arena, NULL);
	int second = tide_arena_reader_register(arena, NULL);

	tide_arena_reader_unregister(arena, (unsigned int)first);
	return (void *)(intptr_t)(second == -EEXIST ? first : -1);
}

static void
a_thread_registers_once(void **state)
{
	static const char longest[] = "12345678901234567890123";
	char too_long[sizeof(longest) + 1];
	pthread_t thread;
	void *place;

	snprintf(too_long, sizeof(too_long), "%sx", longest);
	make(8, 0);
	assert_int_equal(tide_arena_reader_register(arena, too_long), -EINVAL);
	assert_int_equal(tide_arena_reader_register(arena, longest), rte_lcore_id());
	assert_int_equal(tide_arena_reader_register(arena, "again"), -EEXIST);
	assert_int_equal(
		rte_eal_remote_launch(launch_register, (void *)(uintptr_t) "worker", WORKER), 0);
	assert_int_equal(rte_eal_wait_lcore(WORKER), WORKER);
	assert_int_equal(pthread_create(&thread, NULL, register_twice, NULL), 0);
	pthread_join(thread, &place);
	assert_int_equal((intptr_t)place, RTE_MAX_LCORE);
	assert_int_equal(tide_arena_reader_unregister(arena, RTE_MAX_LCORE), -ENOENT);
	assert_int_equal(tide_arena_reader_unregister(arena, UINT32_MAX), -ENOENT);
	assert_int_equal(tide_arena_reader_unregister(arena, 0), 0);
	assert_int_equal(tide_arena_reader_register(arena, NULL), 0);
}

static void
the_table_of_readers_has_an_end(void **state)
{
	make(8, 0);
	for (unsigned int i = 0; i < TIDE_ARENA_THREADS_MAX; i++)
		assert_int_equal(ghost(NULL), RTE_MAX_LCORE + i);
	assert_int_equal(ghost("one too many"), -ENOSPC);
	assert_int_equal(tide_arena_reader_unregister(arena, RTE_MAX_LCORE + 7), 0);
	assert_int_equal(ghost("in its place"), RTE_MAX_LCORE + 7);
	/* Lcores have places of their own. */
	assert_int_equal(tide_arena_reader_register(arena, NULL), rte_lcore_id());
	/* With every thread there all must be asked. */
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	for (unsigned int i = 0; i < TIDE_ARENA_THREADS_MAX; i++)
		tide_arena_quiescent(arena, RTE_MAX_LCORE + i);
	assert_int_equal(tide_arena_reclaim(arena), 0);
	tide_arena_quiescent(arena, rte_lcore_id());
	assert_int_equal(tide_arena_reclaim(arena), 1);
}

static void
a_refused_reset_names_the_active_reader(void **state)
{
	struct tide_arena_stalled stalled = {.reader = 1234};
	unsigned int other;
	int self;

	make(8, 2);
	assert_non_null(tide_arena_alloc(arena, 1, 0));
	self = tide_arena_reader_register(arena, "self");
	other = good_ghost("other");
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	assert_non_null(tide_arena_alloc(arena, 1, 0));
	tide_arena_quiescent(arena, other);
	assert_int_equal(tide_arena_reset(arena, &stalled), -EBUSY);
	assert_string_equal(stalled.name, "other");
	assert_int_equal(stalled.reader, other);
	assert_int_equal(stalled.epoch, 2);
	assert_int_equal(stalled.stalled_us, 0);
	/* Nothing was changed: the caller was not even quiescent. */
	assert_int_equal(tide_arena_epoch(arena), 2);
	assert_int_equal(chunks_out(), 2);
	assert_int_equal(tide_arena_reclaim(arena), 0);
	tide_arena_offline(arena, other);
	stalled.reader = 1234;
	assert_int_equal(tide_arena_reset(arena, &stalled), 0);
	assert_int_equal(stalled.reader, 1234);
	assert_int_equal(chunks_out(), 0);
	assert_int_equal(tide_arena_remaining(arena, 0), 8 * CHUNK);
	/* The caller is still online. */
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	assert_int_equal(tide_arena_reclaim(arena), 0);
	tide_arena_quiescent(arena, (unsigned int)self);
	assert_int_equal(tide_arena_reclaim(arena), 1);
	/* And what was bumped in before is not any more. */
	for (unsigned int i = 0; i < 8; i++)
		assert_non_null(tide_arena_alloc(arena, CHUNK, 0));
}

static void
an_arena_with_readers_is_not_freed(void **state)
{
	unsigned int reader;

	make(8, 0);
	reader = good_ghost("lodger");
	tide_arena_offline(arena, reader);
	test_log_catch();
	assert_int_equal(tide_arena_free(arena), -EBUSY);
	assert_non_null(strstr(test_log_caught(), "reader \"lodger\""));
	assert_non_null(tide_arena_alloc(arena, 1, 0));
}

static void
waiting_ends_in_time_and_names_the_stalled_reader(void **state)
{
	struct tide_arena_stalled stalled;
	struct timespec begin, end;
	int64_t took_us;
	unsigned int slow;
	int self;

	make(8, 0);
	slow = good_ghost("slow");
	self = tide_arena_reader_register(arena, "self");
	assert_non_null(tide_arena_alloc(arena, 1, 0));
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	tide_arena_quiescent(arena, slow);
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	test_log_catch();
	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_int_equal(tide_arena_reclaim_wait(arena, 30000, &stalled), -ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_non_null(strstr(test_log_caught(), "reader \"slow\" (id 128, thread"));
	took_us = (end.tv_sec - begin.tv_sec) * 1000000 + (end.tv_nsec - begin.tv_nsec) / 1000;
	assert_uint_in_range(took_us, 30000, ENOUGH);
	assert_string_equal(stalled.name, "slow");
	assert_int_equal(stalled.epoch, 2);
	/* Epochs that did not wait for it were reclaimed; none waited for the caller. */
	assert_int_equal(chunks_out(), 0);
	tide_arena_offline(arena, slow);
	assert_int_equal(tide_arena_reclaim_wait(arena, 0, &stalled), 0);
	/* The caller is online again; one that was offline stays so. */
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	assert_int_equal(tide_arena_reclaim(arena), 0);
	tide_arena_offline(arena, (unsigned int)self);
	assert_int_equal(tide_arena_reclaim_wait(arena, UINT64_MAX, NULL), 0);
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	assert_int_equal(tide_arena_reclaim(arena), 1);
}

static void *
be_quiescent_later(void *arg)
{
	nanosleep(&(struct timespec){0, 10000000}, NULL);
	tide_arena_quiescent(arena, *(unsigned int *)arg);
	return NULL;
}

static void
waiting_ends_when_the_last_reader_was_quiescent(void **state)
{
	pthread_t thread;
	unsigned int slow;

	make(8, 0);
	slow = good_ghost("slow");
	assert_non_null(tide_arena_alloc(arena, 1, 0));
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, be_quiescent_later, &slow), 0);
	assert_int_equal(tide_arena_reclaim_wait(arena, ENOUGH, NULL), 0);
	assert_int_equal(chunks_out(), 0);
	pthread_join(thread, NULL);
}

static void
giving_back_touches_no_chunk(void **state)
{
	struct tide_arena_conf conf = conf_of(1000, 0);
	struct tidei_arena_node *node;
	void *first;
	size_t len;

	conf.backing = TIDE_BACKING_OWN;
	arena = tide_arena_create(&conf);
	assert_non_null(arena);
	node = arena->more->nodes[0];
	first = tide_region_addr(node->objects.region);
	len = tide_region_len(node->objects.region);
	for (unsigned int i = 0; i < 990; i++)
		assert_non_null(tide_arena_alloc(arena, CHUNK, 0));
	in_a_thread_without_lcore(10);
	/* A touch would end this program. */
	assert_int_equal(mprotect(first, len, PROT_NONE), 0);
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	assert_int_equal(tide_arena_reclaim(arena), 1);
	assert_int_equal(mprotect(first, len, PROT_READ | PROT_WRITE), 0);
	assert_int_equal(chunks_out(), 0);
}

static void
a_shared_chunk_is_forgotten_with_its_epoch_whatever_the_number(void **state)
{
	make(8, 2);
	in_a_thread_without_lcore(1);
	/* Its tag comes round. */
	for (unsigned int i = 0; i < TIDEI_ARENA_TAGS; i++) {
		assert_int_equal(tide_arena_flip(arena, NULL), 0);
		assert_int_equal(tide_arena_reclaim(arena), 1);
	}
	/* The chunk it had is another's now. */
	for (unsigned int i = 0; i < 8; i++)
		assert_non_null(tide_arena_alloc(arena, CHUNK, 0));
	assert_int_equal(chunks_out(), 8);
	rte_errno = 0;
	assert_null(tidei_arena_alloc_shared(arena, arena->more->nodes[0], 64, 63));
	assert_int_equal(rte_errno, ENOMEM);
}

/* Mempool ops inside whose get another thread comes in between, as it were. */
static rte_mempool_dequeue_t plain_dequeue;
static bool flip_inside;
static unsigned char *allocated_inside;
static bool allocate_inside;

static int
interrupted_dequeue(struct rte_mempool *mp, void **table, unsigned int n)
{
	if (flip_inside && tide_arena_flip(arena, NULL) != 0)
		return -EIO;
	if (allocate_inside) {
		allocate_inside = false;
		allocated_inside = tide_arena_alloc(arena, 64, 0);
	}
	return plain_dequeue(mp, table, n);
}

static rte_mempool_enqueue_t plain_enqueue;
static bool allocate_behind;

static int
interrupted_enqueue(struct rte_mempool *mp, void *const *table, unsigned int n)
{
	int ret = plain_enqueue(mp, table, n);

	if (allocate_behind) {
		allocate_behind = false;
		allocated_inside = tide_arena_alloc(arena, 64, 0);
	}
	return ret;
}

static int
register_interrupted_ops(void)
{
	struct rte_mempool_ops ops;

	for (unsigned int i = 0; i < rte_mempool_ops_table.num_ops; i++) {
		if (strcmp(rte_mempool_ops_table.ops[i].name, "tide") == 0)
			ops = rte_mempool_ops_table.ops[i];
	}
	snprintf(ops.name, sizeof(ops.name), "interrupted");
	plain_dequeue = ops.dequeue;
	ops.dequeue = interrupted_dequeue;
	plain_enqueue = ops.enqueue;
	ops.enqueue = interrupted_enqueue;
	return test_ops_add(&ops);
}

static void *
allocate_flipped(void *arg)
{
	int reader = tide_arena_reader_register(arena, "flipped");

	if (reader < 0 || tide_arena_alloc(arena, 64, 0) == NULL)
		return NULL;
	/* Its chunk is of the epoch that was closed inside, and waits for this thread. */
	if (chunks_out() != 1 || tide_arena_reclaim(arena) != 0 || chunks_out() != 1)
		return NULL;
	tide_arena_quiescent(arena, (unsigned int)reader);
	if (tide_arena_reclaim(arena) != 1 || chunks_out() != 0)
		return NULL;
	tide_arena_reader_unregister(arena, (unsigned int)reader);
	return arena;
}

static void
an_allocation_that_a_flip_overtakes_is_in_the_closed_epoch(void **state)
{
	struct tide_arena_conf conf = conf_of(8, 2);
	pthread_t thread;
	void *good;

	conf.ops = "interrupted";
	arena = tide_arena_create(&conf);
	assert_non_null(arena);
	flip_inside = true;
	/* Once on an lcore, once without. */
	good = allocate_flipped(NULL);
	assert_non_null(good);
	assert_int_equal(tide_arena_epoch(arena), 2);
	assert_int_equal(pthread_create(&thread, NULL, allocate_flipped, NULL), 0);
	pthread_join(thread, &good);
	flip_inside = false;
	assert_non_null(good);
	assert_int_equal(tide_arena_epoch(arena), 3);
}

static void
chunks_taken_while_others_return_are_not_counted_twice(void **state)
{
	struct tide_arena_conf conf = conf_of(1, 0);
	struct tide_arena_stats stats;

	conf.ops = "interrupted";
	arena = tide_arena_create(&conf);
	assert_non_null(arena);
	assert_non_null(tide_arena_alloc(arena, 64, 0));
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	allocated_inside = NULL;
	allocate_behind = true;
	assert_int_equal(tide_arena_reclaim(arena), 1);
	assert_non_null(allocated_inside);
	assert_int_equal(tide_arena_stats(arena, 0, &stats), 0);
	assert_int_equal(stats.chunks_out, 1);
	assert_int_equal(stats.chunks_high, 1);
}

static void *
allocate_64(void *arg)
{
	return tide_arena_alloc(arena, 64, 0);
}

static void
the_loser_of_the_race_for_a_shared_chunk_uses_the_winners(void **state)
{
	/* Once there are chunks for both, once only for one. */
	for (uint32_t chunks = 1; chunks <= 2; chunks++) {
		struct tide_arena_conf conf = conf_of(chunks, 0);
		struct tide_arena_stats stats;
		pthread_t thread;
		void *at;

		conf.ops = "interrupted";
		arena = tide_arena_create(&conf);
		assert_non_null(arena);
		allocate_inside = true;
		assert_int_equal(pthread_create(&thread, NULL, allocate_64, NULL), 0);
		pthread_join(thread, &at);
		assert_false(allocate_inside);
		assert_non_null(allocated_inside);
		assert_ptr_equal(at, allocated_inside + 64);
		assert_int_equal(tide_arena_stats(arena, 0, &stats), 0);
		assert_int_equal(stats.chunks_out, 1);
		assert_int_equal(stats.chunks_high, 1);
		assert_int_equal(stats.refills, 1);
		assert_int_equal(stats.failures, 0);
		clean_up(NULL);
	}
}

#ifdef TIDEI_ARENA_ASAN
/* What the child of the next case does. Returns the exit code, where it lives that long. */
static int
read_around_the_grace(bool stalled)
{
	volatile const unsigned char *byte;
	unsigned char seen;

	make(8, 0);
	byte = tide_arena_alloc(arena, 64, 0);
	seen = byte[0];
	if (tide_arena_flip(arena, NULL) != 0)
		return 2;
	seen = byte[0];
	if (tide_arena_reclaim(arena) != 1)
		return 3;
	if (stalled)
		seen = byte[0];
	/* Memory others get is theirs. */
	if (tide_arena_free(arena) != 0)
		return 4;
	return seen == 1 ? 5 : 0;
}

static int
exit_of(const char *what, char *said, size_t size)
{
	char program[] = "/proc/self/exe", arg[16], directory[256];
	char *argv[] = {program, arg, NULL};
	size_t len = 0;
	int status, fds[2];
	ssize_t n;
	pid_t pid;

	snprintf(arg, sizeof(arg), "%s", what);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		execv(program, argv);
		_exit(127);
	}
	close(fds[1]);
	while ((n = read(fds[0], said + len, size - 1 - len)) > 0)
		len += (size_t)n;
	said[len] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* A child that the sanitizer ends leaves its run-time directory, see support/eal.c. */
	snprintf(directory, sizeof(directory), "%s/../tide_test_%d", rte_eal_get_runtime_dir(),
		(int)pid);
	rmdir(directory);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void
the_address_sanitizer_catches_a_read_after_the_grace(void **state)
{
	static char said[65536];

	assert_int_equal(exit_of("read-early", said, sizeof(said)), 0);
	assert_int_not_equal(exit_of("read-late", said, sizeof(said)), 0);
	assert_non_null(strstr(said, "use-after-poison"));
}
#endif

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define CASE(claim) cmocka_unit_test_teardown(claim, clean_up)
		CASE(a_chunk_returns_when_every_reader_was_quiescent_and_not_before),
		CASE(no_epoch_waits_for_a_reader_that_is_offline),
		CASE(chunks_of_idle_lcores_and_ended_threads_return_too),
		CASE(any_order_of_flips_and_quiescent_states_agrees_with_a_naive_model),
		CASE(an_allocation_after_a_flip_is_not_in_a_chunk_of_before),
		CASE(the_loser_of_the_race_for_a_shared_chunk_uses_the_winners),
		CASE(chunks_taken_while_others_return_are_not_counted_twice),
		CASE(a_reader_that_never_reports_is_named_with_its_lcore_and_age),
		CASE(late_names_the_oldest_epoch_that_waits_for_that_reader),
		CASE(a_flip_that_finds_no_room_changes_nothing),
		CASE(one_thread_at_a_time_flips_and_the_others_are_told),
		CASE(a_thread_registers_once),
		CASE(the_table_of_readers_has_an_end),
		CASE(a_refused_reset_names_the_active_reader),
		CASE(an_arena_with_readers_is_not_freed),
		CASE(waiting_ends_in_time_and_names_the_stalled_reader),
		CASE(waiting_ends_when_the_last_reader_was_quiescent),
		CASE(giving_back_touches_no_chunk),
		CASE(a_shared_chunk_is_forgotten_with_its_epoch_whatever_the_number),
		CASE(an_allocation_that_a_flip_overtakes_is_in_the_closed_epoch),
#ifdef TIDEI_ARENA_ASAN
		CASE(the_address_sanitizer_catches_a_read_after_the_grace),
#endif
	};

	test_eal_start(false, 64, "0@0,1@0");
#ifdef TIDEI_ARENA_ASAN
	if (argc == 2)
		return read_around_the_grace(strcmp(argv[1], "read-late") == 0);
#endif
	if (register_interrupted_ops() != 0) {
		fprintf(stderr, "no place for ops of this test\n");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
