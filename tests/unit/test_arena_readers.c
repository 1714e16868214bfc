/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Arenas and the threads that use them: threads that are no readers, thread ids that the kernel uses again,
 * memory that is refused while an arena or a packet set is made.
 */

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>

#include "arena_internal.h"
#include "eal.h"
#include "log.h"
#include "syscalls.h"
#include "tide_pktbuf.h"

#define CHUNK  4096
#define CHUNKS 16

static const int node0[] = {0};
static struct tide_arena *arena;

/* What every thread hears from the kernel as its id; 0: the truth. */
static int pretended_tid;

int __real_rte_sys_gettid(void);
int __wrap_rte_sys_gettid(void);

int
__wrap_rte_sys_gettid(void)
{
	return pretended_tid != 0 ? pretended_tid : __real_rte_sys_gettid();
}

bool
on_syscall(long number, long *result)
{
	*result = pretended_tid;
	return number == SYS_gettid && pretended_tid != 0;
}

/* Which allocation is refused: the nth from now on; 0: none. */
static unsigned int refuse;

static bool
refused(void)
{
	return refuse != 0 && --refuse == 0;
}

#define REFUSABLE(call, parameters, arguments)                     \
	void *__real_##call parameters;                            \
	void *__wrap_##call parameters;                            \
	void *__wrap_##call parameters                             \
	{                                                          \
		return refused() ? NULL : __real_##call arguments; \
	}

/* clang-format off */
REFUSABLE(calloc, (size_t n, size_t size), (n, size))
REFUSABLE(aligned_alloc, (size_t align, size_t size), (align, size))
REFUSABLE(rte_zmalloc, (const char *type, size_t size, unsigned int align), (type, size, align))
REFUSABLE(rte_zmalloc_socket, (const char *type, size_t size, unsigned int align, int node),
	(type, size, align, node))
REFUSABLE(rte_calloc_socket, (const char *type, size_t n, size_t size, unsigned int align, int node),
	(type, n, size, align, node))
/* clang-format on */

/* Debug builds check what they made; that memory is not refused. */
#define NOT_REFUSED(check, type)                     \
	int __real_##check(const struct type *made); \
	int __wrap_##check(const struct type *made); \
	int __wrap_##check(const struct type *made)  \
	{                                            \
		unsigned int later = refuse;         \
		int ret;                             \
                                                     \
		refuse = 0;                          \
		ret = __real_##check(made);          \
		refuse = later;                      \
		return ret;                          \
	}

/* clang-format off */
NOT_REFUSED(tide_arena_check, tide_arena)
NOT_REFUSED(tide_pktbuf_check, tide_pktbuf)
/* clang-format on */

static const struct tide_arena_conf conf = {
	.name = "readers",
	.nodes = node0,
	.nb_nodes = 1,
	.chunk_size = CHUNK,
	.chunks = CHUNKS,
};

static int
make(void **state)
{
	arena = tide_arena_create(&conf);
	return arena == NULL;
}

static int
unmake(void **state)
{
	pretended_tid = 0;
	for (unsigned int reader = 0; reader < TIDEI_ARENA_READERS; reader++)
		tide_arena_reader_unregister(arena, reader);
	return tide_arena_check(arena) != 0 || tide_arena_free(arena) != 0;
}

/* Run a function in a thread without an lcore id, and wait for it. */
static void
in_a_thread(void *(*run)(void *), void *arg)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, run, arg), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static uint64_t
unregistered(void)
{
	struct tide_arena_stats stats;

	assert_int_equal(tide_arena_stats(arena, 0, &stats), 0);
	return stats.unregistered;
}

static void
take(unsigned int n, size_t size)
{
	for (unsigned int i = 0; i < n; i++)
		assert_non_null(tide_arena_alloc(arena, size, 0));
}

static unsigned int
lines_about_unregistered(const char *log)
{
	unsigned int n = 0;

	while ((log = strstr(log, "is not an online reader")) != NULL) {
		log++;
		n++;
	}
	return n;
}

static void
an_lcore_that_is_no_reader_is_noticed_for_each_chunk_and_told_once(void **state)
{
	test_log_catch();
	take(3, 100);
	assert_int_equal(tide_arena_reset(arena, NULL), 0);
	take(3, 100);
	assert_int_equal(lines_about_unregistered(test_log_caught()), 0);
	assert_int_equal(unregistered(), 0);
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	test_log_catch();
	take(1, 100);
	assert_int_equal(unregistered(), 1);
	take(9, 100);
	assert_int_equal(unregistered(), 1);
	take(2, CHUNK - 64);
	assert_int_equal(unregistered(), 3);
	assert_int_equal(lines_about_unregistered(test_log_caught()), 1);
}

static void
a_reader_that_is_online_counts_as_registered_and_one_that_is_offline_does_not(void **state)
{
	int reader = tide_arena_reader_register(arena, "main");

	assert_true(reader >= 0);
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	take(4, CHUNK - 64);
	assert_int_equal(unregistered(), 0);
	tide_arena_offline(arena, (unsigned int)reader);
	take(1, CHUNK - 64);
	assert_int_equal(unregistered(), 1);
	tide_arena_online(arena, (unsigned int)reader);
	take(1, CHUNK - 64);
	assert_int_equal(unregistered(), 1);
}

static void *
take_some(void *arg)
{
	take(8, 64);
	return NULL;
}

static void *
register_and_take_some(void *arg)
{
	int reader = tide_arena_reader_register(arena, "plain");

	assert_true(reader >= RTE_MAX_LCORE);
	take(8, 64);
	assert_int_equal(tide_arena_reader_unregister(arena, (unsigned int)reader), 0);
	return NULL;
}

/* The chunk was taken by a reader, and the unregistered thread bumps in it. */
static void
a_thread_that_shares_the_chunk_of_a_reader_is_noticed_too(void **state)
{
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	in_a_thread(register_and_take_some, NULL);
	assert_int_equal(unregistered(), 0);
	test_log_catch();
	in_a_thread(take_some, NULL);
	assert_int_equal(unregistered(), 1);
	in_a_thread(take_some, NULL);
	assert_int_equal(unregistered(), 2);
	assert_int_equal(lines_about_unregistered(test_log_caught()), 1);
}

/* Allocate in a flipped arena that is made and freed; return its node's address. */
static uintptr_t
allocate_in_a_new_arena(void)
{
	struct tide_arena_conf brief = conf;
	struct tide_arena_stats stats;
	struct tide_arena *made;
	uintptr_t node;

	brief.name = "brief";
	made = tide_arena_create(&brief);
	assert_non_null(made);
	node = (uintptr_t)made->more->nodes[0];
	assert_int_equal(tide_arena_flip(made, NULL), 0);
	assert_non_null(tide_arena_alloc(made, 64, 0));
	assert_int_equal(tide_arena_stats(made, 0, &stats), 0);
	assert_int_equal(stats.unregistered, 1);
	assert_int_equal(tide_arena_free(made), 0);
	return node;
}

static void *
allocate_at_one_address_twice(void *arg)
{
	uintptr_t first = allocate_in_a_new_arena();
	unsigned int tries = 16;

	/* EAL hands out the memory that was freed last, unless another thread takes it. */
	while (allocate_in_a_new_arena() != first)
		assert_true(--tries > 0);
	return NULL;
}

static void
a_new_arena_at_the_address_of_an_old_one_notices_a_thread_again(void **state)
{
	in_a_thread(allocate_at_one_address_twice, NULL);
}

static void *
register_only(void *arg)
{
	*(int *)arg = tide_arena_reader_register(arena, "dead");
	return NULL;
}

/* A thread that has the id of a dead one, whose registration is still there. */
static void
a_thread_is_not_the_dead_reader_whose_id_it_got(void **state)
{
	int dead = -1, second = -1;
	uint64_t was;

	pretended_tid = 4242;
	in_a_thread(register_only, &dead);
	assert_true(dead >= RTE_MAX_LCORE);
	in_a_thread(register_only, &second);
	assert_true(second >= RTE_MAX_LCORE && second != dead);
	was = __atomic_load_n(&arena->readers->qsbr_cnt[dead].cnt, __ATOMIC_RELAXED);
	assert_int_not_equal(was, __RTE_QSBR_CNT_THR_OFFLINE);
}

/* Register with EAL, and as a reader that does not unregister itself. */
static void *
register_as_lcore(void *arg)
{
	assert_int_equal(rte_thread_register(), 0);
	*(int *)arg = tide_arena_reader_register(arena, NULL);
	take(1, 64);
	assert_int_equal(tide_arena_reader_register(arena, "again"), -EEXIST);
	rte_thread_unregister();
	return NULL;
}

static void
a_thread_with_the_lcore_id_of_a_dead_reader_is_a_reader_too(void **state)
{
	int dead = -1, second = -1;
	struct tide_arena_stalled stalled;

	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	in_a_thread(register_as_lcore, &dead);
	assert_true(dead >= 0 && dead < RTE_MAX_LCORE);
	in_a_thread(register_as_lcore, &second);
	assert_true(second >= RTE_MAX_LCORE);
	assert_int_equal(unregistered(), 0);
	/* Nothing has reported that the memory of the dead one is unused. */
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	assert_int_equal(tide_arena_reader_unregister(arena, (unsigned int)second), 0);
	assert_int_equal(tide_arena_reclaim_wait(arena, 1000, &stalled), -ETIMEDOUT);
	assert_int_equal(stalled.reader, dead);
	assert_int_equal(tide_arena_reader_unregister(arena, (unsigned int)dead), 0);
	in_a_thread(register_as_lcore, &second);
	assert_int_equal(second, dead);
}

static void *
wait_for_all(void *arg)
{
	*(int *)arg = tide_arena_reclaim_wait(arena, 1000, NULL);
	return NULL;
}

static void
a_waiting_thread_does_not_take_the_dead_reader_offline_whose_id_it_got(void **state)
{
	int dead = -1, ret = 0;

	pretended_tid = 4243;
	in_a_thread(register_only, &dead);
	assert_true(dead >= RTE_MAX_LCORE);
	take(1, 64);
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	/* No thread has reported that the dead reader's memory is unused. */
	in_a_thread(wait_for_all, &ret);
	assert_int_equal(ret, -ETIMEDOUT);
}

static void
a_chunk_serves_one_thread_whatever_remains(void **state)
{
	struct tide_arena_conf one = conf;
	char text[1024] = "";
	struct tide_arena *big;
	FILE *out;

	one.name = "one";
	one.chunk_size = 1 << 20;
	one.chunks = 1;
	big = tide_arena_create(&one);
	assert_non_null(big);
	assert_non_null(tide_arena_alloc(big, 1024, 0));
	assert_int_equal(tide_arena_remaining(big, 0), (1 << 20) - 1024);
	/* Another user of the node: it would need a chunk. */
	assert_null(tidei_arena_alloc_shared(big, big->more->nodes[0], 64, 7));
	assert_int_equal(rte_errno, ENOMEM);
	out = fmemopen(text, sizeof(text), "w");
	tide_arena_dump(big, out);
	fclose(out);
	assert_non_null(
		strstr(text, "no chunk is free: what remains serves only the threads that have"));
	assert_int_equal(tide_arena_free(big), 0);
}

/* Refuse one allocation after the other: each that is not done without has its line in the log. */
static void
each_refusal_is_told(bool (*create)(void))
{
	unsigned int nth = 0, told = 0;
	bool made, asked;

	do {
		const char *said;

		test_log_catch();
		refuse = ++nth;
		rte_errno = 0;
		made = create();
		asked = refuse == 0;
		refuse = 0;
		said = test_log_caught();
		if (made)
			continue;
		assert_int_equal(rte_errno, ENOMEM);
		if (strstr(said, "refusals") == NULL)
			fail_msg("allocation %u is refused and the log says \"%s\"", nth, said);
		told++;
	} while (asked);
	assert_true(told > 2);
}

static struct tide_topology *topo;

static bool
create_arena(void)
{
	struct tide_arena_conf refusals = conf;
	struct tide_arena *made;

	refusals.name = "refusals";
	refusals.topo = topo;
	made = tide_arena_create(&refusals);
	tide_arena_free(made);
	return made != NULL;
}

static bool
create_pktbuf(void)
{
	const struct tide_pktbuf_conf refusals = {
		.name = "refusals",
		.topo = topo,
		.nodes = node0,
		.nb_nodes = 1,
		.packets = 64,
		.chunks = 16,
		.chunk_size = 65536,
	};
	struct tide_pktbuf *made = tide_pktbuf_create(&refusals);

	tide_pktbuf_free(made);
	return made != NULL;
}

static void
an_arena_that_gets_no_memory_says_so(void **state)
{
	each_refusal_is_told(create_arena);
}

static void
a_packet_set_that_gets_no_memory_says_so(void **state)
{
	each_refusal_is_told(create_pktbuf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(claim) cmocka_unit_test_setup_teardown(claim, make, unmake)
		CASE(an_lcore_that_is_no_reader_is_noticed_for_each_chunk_and_told_once),
		CASE(a_reader_that_is_online_counts_as_registered_and_one_that_is_offline_does_not),
		CASE(a_thread_that_shares_the_chunk_of_a_reader_is_noticed_too),
		CASE(a_new_arena_at_the_address_of_an_old_one_notices_a_thread_again),
		CASE(a_thread_is_not_the_dead_reader_whose_id_it_got),
		CASE(a_thread_with_the_lcore_id_of_a_dead_reader_is_a_reader_too),
		CASE(a_waiting_thread_does_not_take_the_dead_reader_offline_whose_id_it_got),
		CASE(a_chunk_serves_one_thread_whatever_remains),
		CASE(an_arena_that_gets_no_memory_says_so),
		CASE(a_packet_set_that_gets_no_memory_says_so),
	};
	int ret;

	test_eal_start(false, 64, "0");
	topo = tide_topology_create();
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	tide_topology_free(topo);
	return ret;
}
