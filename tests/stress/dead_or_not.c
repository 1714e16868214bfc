/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Tests which owners count as dead. A child process ends, or stays, inside a get; then other
 * threads can get the objects in its cell, or cannot.
 */

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "layout.h"
#include "self.h"

#define OBJECTS      (2 * MAGAZINE_MIN)
#define STRIDE       64
#define SHARED_BYTES (1 << 20)
/* Allocators read /proc once a second. */
#define PATIENCE_MS  3500

/* The action of the child at a step of its second get. */
enum end {
	STAYS,
	LEADER_EXITS,
};

struct shared {
	_Atomic bool inside; /* The child has reached that step. */
	alignas(128) char memory[];
};

/* The owner word of a reclaimer, which the test's own process records at each step. */
static bool watches;
static uint64_t reclaimer;

static struct shared *shared;
static struct tidei_magazines *mags;
static enum end end;
static bool ends_now;

void tidei_step(void);

/* Record the owner word of a cell that a reclaimer recovers: see self.h. */
static void
watch(void)
{
	for (uint32_t i = 0; i < mags->nb_cells; i++) {
		uint64_t owner = atomic_load(&mags->cell[i].owner);

		if (owner != 0 && (owner & 1) == 0)
			reclaimer = owner;
	}
}

void
tidei_step(void)
{
	if (watches)
		watch();
	if (!ends_now)
		return;
	ends_now = false;
	atomic_store(&shared->inside, true);
	if (end == LEADER_EXITS)
		pthread_exit(NULL);
	for (;;)
		pause();
}

static void
doze(long ms)
{
	nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static void *
live_on(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

/* A child steals a magazine from the parent, keeps one object and ends, or stays, inside its next get. */
static pid_t
start_child(enum end how)
{
	pthread_t thread;
	void *object;
	pid_t pid;

	atomic_store(&shared->inside, false);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		end = how;
		if (how == LEADER_EXITS && pthread_create(&thread, NULL, live_on, NULL) != 0)
			_exit(2);
		tidei_magazines_get(mags, &object, 1, NULL);
		ends_now = true;
		tidei_magazines_get(mags, &object, 1, NULL);
		_exit(2);
	}
	while (!atomic_load(&shared->inside))
		doze(1);
	return pid;
}

static void
end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static int
set_up(void **state)
{
	char *objects;

	(void)state;
	shared =
		mmap(NULL, SHARED_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -1;
	mags = tidei_magazines_init(shared->memory, OBJECTS, STRIDE, TIDEI_LEDGER_FULL);
	objects = (char *)shared + SHARED_BYTES / 2;
	return tidei_magazines_add(mags, objects, OBJECTS);
}

static int
tear_down(void **state)
{
	(void)state;
	return munmap(shared, SHARED_BYTES);
}

/* Check that all objects are free but the one of the child and the one of its get under way. */
static bool
all_come_back(void)
{
	void *table[OBJECTS];
	bool got = tidei_magazines_get(mags, table, OBJECTS - 2, NULL) == 0;

	if (got)
		tidei_magazines_put(mags, table, OBJECTS - 2, NULL);
	return got;
}

static bool
come_back_in_time(void)
{
	for (int ms = 0; ms < PATIENCE_MS; ms += 50) {
		if (all_come_back())
			return true;
		doze(50);
	}
	return false;
}

static struct tidei_cell *
cell_of(pid_t pid)
{
	for (uint32_t i = 0; i < mags->nb_cells; i++)
		if (atomic_load(&mags->cell[i].pid) == (uint32_t)pid)
			return &mags->cell[i];
	fail_msg("the child has no cell");
	return NULL;
}

static void
a_killed_process_is_dead_at_once(void **state)
{
	pid_t pid = start_child(STAYS);

	(void)state;
	assert_false(all_come_back());
	end_child(pid);
	assert_true(all_come_back());
	assert_null(tidei_magazines_check(mags));
}

static void
a_killed_process_that_nobody_waits_for_is_dead(void **state)
{
	pid_t pid = start_child(STAYS);
	siginfo_t info;

	(void)state;
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_true(come_back_in_time());
	end_child(pid);
}

static void
a_main_thread_that_ended_is_dead_while_its_process_lives(void **state)
{
	pid_t pid = start_child(LEADER_EXITS);

	(void)state;
	assert_true(come_back_in_time());
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	end_child(pid);
}

static void
a_stopped_process_is_not_dead(void **state)
{
	pid_t pid = start_child(STAYS);

	(void)state;
	kill(pid, SIGSTOP);
	assert_false(come_back_in_time());
	end_child(pid);
	assert_true(all_come_back());
}

static void
a_thread_that_started_at_another_time_is_another(void **state)
{
	pid_t pid = start_child(STAYS);

	(void)state;
	/* Make a dead owner whose thread id this thread has, like after the kernel reused the id. */
	atomic_fetch_sub(&cell_of(pid)->start, 1);
	assert_true(come_back_in_time());
	end_child(pid);
}

static void
an_owner_of_another_namespace_is_not_dead(void **state)
{
	pid_t pid = start_child(STAYS);
	struct tidei_cell *cell = cell_of(pid);

	(void)state;
	atomic_fetch_add(&cell->ns, 1);
	end_child(pid);
	assert_false(come_back_in_time());
	atomic_fetch_sub(&cell->ns, 1);
	assert_true(all_come_back());
}

/* Equal words would let a thread swap one whose writer it found dead by an earlier one. */
static void
the_owner_word_of_a_reclaimer_does_not_come_back(void **state)
{
	uint64_t before = 0;

	(void)state;
	for (unsigned int i = 0; i < 5; i++) {
		end_child(start_child(STAYS));
		watches = true;
		assert_int_equal(tidei_magazines_reclaim(mags), 1);
		watches = false;
		assert_int_not_equal(reclaimer, before);
		before = reclaimer;
	}
}

/* Return the thread id of a process that has ended. */
static uint32_t
dead_tid(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return (uint32_t)pid;
}

/* The borrower set its mark, and died before it read that the owner is inside. */
static void
a_loan_whose_owner_is_inside_is_not_taken_over(void **state)
{
	pid_t pid = start_child(STAYS);
	struct tidei_cell *cell = cell_of(pid);
	uint32_t mark = (borrower_mark() & ~(uint32_t)IDENTITY_TID_MASK) | dead_tid();

	(void)state;
	assert_int_equal(atomic_load(&cell->busy), 1);
	atomic_store(&cell->revoked, mark);
	assert_true(tidei_borrower_dead(mark));
	assert_int_equal(tidei_magazines_reclaim(mags), 0);
	assert_int_equal(atomic_load(&cell->revoked), mark);
	assert_int_equal(atomic_load(&cell->busy), 1);
	end_child(pid);
	assert_true(come_back_in_time());
	assert_null(tidei_magazines_check(mags));
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(a_killed_process_is_dead_at_once),
		CASE(a_killed_process_that_nobody_waits_for_is_dead),
		CASE(a_main_thread_that_ended_is_dead_while_its_process_lives),
		CASE(a_stopped_process_is_not_dead),
		CASE(a_thread_that_started_at_another_time_is_another),
		CASE(an_owner_of_another_namespace_is_not_dead),
		CASE(the_owner_word_of_a_reclaimer_does_not_come_back),
		CASE(a_loan_whose_owner_is_inside_is_not_taken_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
