/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Tests an allocator that processes with and without membarrier(2) share. A process without it fences at
 * each entry, and leaves alone the cells of owners that do not fence; one with it steals from all cells.
 * The test's own process never uses the allocator, so that each worker registers for itself.
 */

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "layout.h"
#include "membarrier.h"

#define WORKERS      4
#define OBJECTS      (2 * MAGAZINE_MIN)
#define STRIDE       64
#define SHARED_BYTES (1 << 20)
#define HAMMER_MS    1500
#define PATIENCE_MS  20000

/* Whether the kernel lets a worker use membarrier(2). */
enum membarrier {
	REGISTERS,
	REFUSED,
	REFUSED_LATER, /* After it has registered. */
};

enum order {
	NOTHING,
	ADD, /* Make the allocator and add all objects. */
	GET, /* Get n objects; result: success. */
	PUT, /* Put all objects of the worker. */
	PUT_FIRST, /* Put the first object, which another worker may have. */
	OVERSUBSCRIBE, /* Start more threads than cells, whose gets fail, and which stay. */
	FENCED, /* Result: tidei_magazines_fenced(). */
	HAMMER, /* Get and put at random; result: no fault. */
	CHECK, /* Result: the allocator passes its check and all objects are free. */
};

struct worker {
	pid_t pid;
	_Atomic int order;
	unsigned int n;
	bool result;
};

struct shared {
	struct worker worker[WORKERS];
	alignas(128) char memory[];
};

static struct shared *shared;
static struct tidei_magazines *mags;
static unsigned int nb_workers, step_seed;

static void *held[OBJECTS];
static unsigned int nb_held;

void tidei_step(void);

void
tidei_step(void)
{
	if (rand_r(&step_seed) % 64 == 0)
		sched_yield();
}

/* --- A worker. --- */

static bool
get(unsigned int n)
{
	if (nb_held + n > OBJECTS || tidei_magazines_get(mags, &held[nb_held], n, NULL) != 0)
		return false;
	nb_held += n;
	return true;
}

static bool
put(unsigned int n)
{
	n = n < nb_held ? n : nb_held;
	nb_held -= n;
	return tidei_magazines_put(mags, &held[nb_held], n, NULL) == 0;
}

/* Set or clear the marks of objects. Returns false if another worker has marked one. */
static bool
swap_marks(unsigned int from, unsigned int to, uint64_t before, uint64_t after)
{
	for (unsigned int i = from; i < to; i++)
		if (atomic_exchange((_Atomic uint64_t *)held[i], after) != before)
			return false;
	return true;
}

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool
hammer(void)
{
	uint64_t end = now_ms() + HAMMER_MS, mark = (uint64_t)getpid();
	unsigned int seed = (unsigned int)mark, n, had;
	bool good = true;

	while (good && now_ms() < end) {
		n = 1 + (unsigned int)rand_r(&seed) % 12;
		had = nb_held;
		if (rand_r(&seed) % 2 != 0)
			good = !get(n) || swap_marks(had, nb_held, 0, mark);
		else
			good = swap_marks(had > n ? had - n : 0, had, mark, 0) && put(n);
	}
	return good && swap_marks(0, nb_held, mark, 0) && put(OBJECTS);
}

static void *
get_and_stay(void *arg)
{
	void *object;

	if (tidei_magazines_get(mags, &object, 1, NULL) == 0)
		_exit(2);
	pthread_barrier_wait(arg);
	for (;;)
		pause();
	return NULL;
}

static bool
oversubscribe(void)
{
	pthread_barrier_t tried;
	pthread_t thread;

	pthread_barrier_init(&tried, NULL, CELLS_MAX + 1);
	for (unsigned int i = 0; i < CELLS_MAX; i++)
		if (pthread_create(&thread, NULL, get_and_stay, &tried) != 0)
			return false;
	pthread_barrier_wait(&tried);
	return true;
}

static bool
execute(enum order order, unsigned int n)
{
	char *objects = (char *)shared + SHARED_BYTES / 2;

	switch (order) {
	case ADD:
		tidei_magazines_init(mags, OBJECTS, STRIDE, TIDEI_LEDGER_FULL);
		return tidei_magazines_add(mags, objects, OBJECTS) == 0;
	case GET:
		return get(n);
	case PUT:
		return put(OBJECTS);
	case PUT_FIRST:
		return tidei_magazines_put(mags, &(void *){objects}, 1, NULL) == 0;
	case OVERSUBSCRIBE:
		return oversubscribe();
	case FENCED:
		return tidei_magazines_fenced();
	case HAMMER:
		return hammer();
	case CHECK:
		return tidei_magazines_check(mags) == NULL &&
		       tidei_magazines_count(mags) == OBJECTS;
	default:
		return false;
	}
}

static void
serve(struct worker *w, enum membarrier membarrier)
{
	int order;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	step_seed = (unsigned int)getpid();
	if (membarrier == REFUSED_LATER && tidei_magazines_fenced())
		_exit(2);
	if (membarrier != REGISTERS && !refuse_membarrier())
		_exit(77);
	for (;;) {
		order = atomic_load(&w->order);
		if (order == NOTHING) {
			nanosleep(&(struct timespec){0, 100000}, NULL);
			continue;
		}
		w->result = execute((enum order)order, w->n);
		atomic_store(&w->order, NOTHING);
	}
}

/* --- The test. --- */

static unsigned int
start(enum membarrier membarrier)
{
	unsigned int number = nb_workers++;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		serve(&shared->worker[number], membarrier);
	shared->worker[number].pid = pid;
	return number;
}

static void
tell(unsigned int number, enum order order, unsigned int n)
{
	shared->worker[number].n = n;
	atomic_store(&shared->worker[number].order, order);
}

static bool
result(unsigned int number)
{
	struct worker *w = &shared->worker[number];

	uint64_t end = now_ms() + PATIENCE_MS;

	while (atomic_load(&w->order) != NOTHING) {
		if (now_ms() > end)
			fail_msg("worker %u does not answer", number);
		nanosleep(&(struct timespec){0, 100000}, NULL);
		assert_int_equal(waitpid(w->pid, NULL, WNOHANG), 0);
	}
	return w->result;
}

static bool
ask(unsigned int number, enum order order, unsigned int n)
{
	tell(number, order, n);
	return result(number);
}

static int
set_up(void **state)
{
	(void)state;
	nb_workers = 0;
	shared =
		mmap(NULL, SHARED_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	mags = (void *)shared->memory;
	return shared == MAP_FAILED ? -1 : 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < nb_workers; i++) {
		kill(shared->worker[i].pid, SIGKILL);
		waitpid(shared->worker[i].pid, NULL, 0);
	}
	return munmap(shared, SHARED_BYTES);
}

static void
each_process_says_whether_it_fences(void **state)
{
	unsigned int with = start(REGISTERS), without = start(REFUSED),
		     later = start(REFUSED_LATER);

	(void)state;
	assert_false(ask(with, FENCED, 0));
	assert_true(ask(without, FENCED, 0));
	assert_false(ask(later, FENCED, 0));
}

/* A process that adds the objects, gets all and puts them back has them in its cell. */
static void
keep_all(unsigned int number)
{
	assert_true(ask(number, ADD, 0));
	assert_true(ask(number, GET, OBJECTS));
	assert_true(ask(number, PUT, 0));
}

static void
one_without_leaves_cells_of_one_with_alone(void **state)
{
	unsigned int with = start(REGISTERS), without = start(REFUSED);

	(void)state;
	keep_all(with);
	assert_false(ask(without, GET, 1));
	assert_true(ask(with, GET, OBJECTS));
	assert_true(ask(with, PUT, 0));
}

static void
one_refused_after_it_registered_leaves_them_alone(void **state)
{
	unsigned int with = start(REGISTERS), later = start(REFUSED_LATER);

	(void)state;
	keep_all(with);
	assert_false(ask(later, GET, 1));
	assert_true(ask(with, GET, OBJECTS));
}

static void
one_with_takes_from_cells_of_all(void **state)
{
	unsigned int with = start(REGISTERS), without = start(REFUSED), other = start(REGISTERS);

	(void)state;
	keep_all(without);
	assert_true(ask(with, GET, 5));
	assert_true(ask(other, GET, MAGAZINE_MIN));
	assert_true(ask(with, PUT, 0));
	assert_true(ask(other, PUT, 0));
	assert_true(ask(other, GET, OBJECTS));
}

static void
one_without_takes_from_cells_of_its_like(void **state)
{
	unsigned int without = start(REFUSED), other = start(REFUSED);

	(void)state;
	keep_all(without);
	assert_true(ask(other, GET, OBJECTS));
}

static void
one_that_can_order_no_owner_has_a_cell_when_all_have_owners(void **state)
{
	unsigned int with = start(REGISTERS), without = start(REFUSED),
		     later = start(REFUSED_LATER);

	(void)state;
	assert_true(ask(with, ADD, 0));
	assert_true(ask(with, GET, OBJECTS));
	assert_true(ask(with, OVERSUBSCRIBE, 0));
	assert_true(ask(without, PUT_FIRST, 0));
	assert_true(ask(later, GET, 1));
	assert_true(ask(later, PUT, 0));
	assert_true(ask(without, GET, 1));
	assert_false(ask(without, GET, 1));
}

static void
hammer_together(const enum membarrier worlds[WORKERS])
{
	unsigned int number[WORKERS];

	for (unsigned int i = 0; i < WORKERS; i++)
		number[i] = start(worlds[i]);
	assert_true(ask(number[0], ADD, 0));
	for (unsigned int i = 0; i < WORKERS; i++)
		tell(number[i], HAMMER, 0);
	for (unsigned int i = 0; i < WORKERS; i++)
		assert_true(result(number[i]));
	assert_true(ask(number[0], CHECK, 0));
}

static void
two_with_and_two_without_share_safely(void **state)
{
	(void)state;
	hammer_together((enum membarrier[WORKERS]){REGISTERS, REFUSED, REGISTERS, REFUSED});
}

static void
four_without_share_safely(void **state)
{
	(void)state;
	hammer_together((enum membarrier[WORKERS]){REFUSED, REFUSED, REFUSED, REFUSED});
}

static void
one_refused_later_shares_safely(void **state)
{
	(void)state;
	hammer_together(
		(enum membarrier[WORKERS]){REGISTERS, REFUSED_LATER, REFUSED_LATER, REFUSED});
}

/* Tell whether the kernel accepts a filter, and lets a process without one register. */
static bool
can_be_tried(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(!tidei_magazines_fenced() && refuse_membarrier() ? 0 : 77);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(each_process_says_whether_it_fences),
		CASE(one_without_leaves_cells_of_one_with_alone),
		CASE(one_refused_after_it_registered_leaves_them_alone),
		CASE(one_with_takes_from_cells_of_all),
		CASE(one_without_takes_from_cells_of_its_like),
		CASE(one_that_can_order_no_owner_has_a_cell_when_all_have_owners),
		CASE(two_with_and_two_without_share_safely),
		CASE(four_without_share_safely),
		CASE(one_refused_later_shares_safely),
	};

	if (!can_be_tried()) {
		printf("the kernel has no membarrier(2) for this process, or takes no seccomp "
		       "filter\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
