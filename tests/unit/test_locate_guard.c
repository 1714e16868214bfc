/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The guard of work on EAL's memory. Each case runs in a child, most of them because they end EAL. */

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <pthread.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memzone.h>
#include <rte_tailq.h>

#include "child.h"
#include "eal.h"
#include "locate_friend.h"
#include "tide_locate.h"

static unsigned int calls;
static volatile unsigned int handled; /* A fault changes it. */
static char *page;

/* Returns the signal that ended a child; 0: it ended by itself. */
static int
signal_that_ends(void (*work)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		/* The handlers of a sanitizer would turn the signal into an exit code. */
		signal(SIGSEGV, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		work();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static int
count(void *arg)
{
	(void)arg;
	calls++;
	return 7;
}

static int
end_eal_and_look_up(void *arg)
{
	(void)arg;
	rte_eal_cleanup();
	return rte_eal_tailq_lookup("RTE_MEMPOOL") == NULL;
}

static void
ignore_memzone(const struct rte_memzone *mz, void *arg)
{
	(void)mz;
	(void)arg;
}

static int
end_eal_and_walk(void *arg)
{
	(void)arg;
	rte_eal_cleanup();
	rte_memzone_walk(ignore_memzone, NULL);
	return 0;
}

static int
end_eal_and_dump(void *arg)
{
	rte_eal_cleanup();
	rte_malloc_dump_heaps(arg);
	return 0;
}

static void
all_works_end(void)
{
	EXPECT(tidei_eal_guarded(count, NULL) == 7 && calls == 1);
	EXPECT(tidei_eal_guarded(end_eal_and_look_up, NULL) == -ECANCELED);
	EXPECT(tidei_eal_guarded(count, NULL) == -ECANCELED && calls == 1);
	EXPECT(tide_locate_create(NULL) == NULL && rte_errno == ECANCELED);
}

static void
a_walk_ends(void)
{
	EXPECT(tidei_eal_guarded(end_eal_and_walk, NULL) == -ECANCELED);
}

static void
a_dump_ends(void)
{
	FILE *out = fopen("/dev/null", "w");

	EXPECT(tidei_eal_guarded(end_eal_and_dump, out) == -ECANCELED);
}

static void
the_end_of_eal_ends_the_work(void **state)
{
	(void)state;
	test_in_child(all_works_end);
	test_in_child(a_walk_ends);
	test_in_child(a_dump_ends);
}

/* The program's handler makes the page accessible, as programs do that watch their memory. */
static void
open_page(int signum)
{
	(void)signum;
	handled++;
	mprotect(page, 4096, PROT_READ | PROT_WRITE);
}

static void
open_page_at(int signum, siginfo_t *info, void *context)
{
	(void)context;
	EXPECT(info->si_addr == page);
	open_page(signum);
}

static int
touch_page(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++) {
		mprotect(page, 4096, PROT_NONE);
		*(volatile char *)page = 1;
	}
	return 3;
}

static void
faults_are_handed_on(void)
{
	struct sigaction plain = {.sa_handler = open_page}, now;
	struct sigaction full = {.sa_sigaction = open_page_at, .sa_flags = SA_SIGINFO};

	sigaction(SIGSEGV, &plain, NULL);
	EXPECT(tidei_eal_guarded(touch_page, NULL) == 3 && handled == 3);
	sigaction(SIGSEGV, NULL, &now);
	EXPECT(now.sa_handler == open_page);
	sigaction(SIGSEGV, &full, NULL);
	EXPECT(tidei_eal_guarded(touch_page, NULL) == 3 && handled == 6);
	sigaction(SIGSEGV, NULL, &now);
	EXPECT(now.sa_sigaction == open_page_at);
}

static void
other_faults_reach_the_handler_of_the_program(void **state)
{
	(void)state;
	test_in_child(faults_are_handed_on);
}

static int
fault(void *arg)
{
	(void)arg;
	mprotect(page, 4096, PROT_NONE);
	*(volatile char *)page = 1;
	return 0;
}

static void
fault_in_work(void)
{
	tidei_eal_guarded(fault, NULL);
}

static void *
fault_in_thread(void *arg)
{
	fault(arg);
	return NULL;
}

static int
end_eal_while_another_faults(void *arg)
{
	pthread_t thread;

	rte_eal_cleanup();
	pthread_create(&thread, NULL, fault_in_thread, arg);
	pthread_join(thread, NULL);
	return 0;
}

static void
fault_elsewhere(void)
{
	tidei_eal_guarded(end_eal_while_another_faults, NULL);
}

static int
send_bus_error(void *arg)
{
	(void)arg;
	rte_eal_cleanup();
	raise(SIGBUS);
	return 0;
}

static void
sent_signal(void)
{
	tidei_eal_guarded(send_bus_error, NULL);
}

static void
other_faults_end_a_program_without_handlers(void **state)
{
	(void)state;
	assert_int_equal(signal_that_ends(fault_in_work), SIGSEGV);
	assert_int_equal(signal_that_ends(fault_elsewhere), SIGSEGV);
	assert_int_equal(signal_that_ends(sent_signal), SIGBUS);
}

static int
set_handler(void *arg)
{
	signal(SIGSEGV, open_page);
	return arg != NULL;
}

static void
new_handlers_stay(void)
{
	struct sigaction now;

	EXPECT(tidei_eal_guarded(set_handler, NULL) == 0);
	sigaction(SIGSEGV, NULL, &now);
	EXPECT(now.sa_handler == open_page);
}

static struct sigaction put_away;

static int
replace_for_a_time(void *arg)
{
	sigaction(SIGSEGV, &(struct sigaction){.sa_handler = SIG_IGN}, &put_away);
	return arg != NULL;
}

/* EAL replaces the handler of SIGBUS for a time too, while it touches new huge pages. */
static void
replaced_for_a_time(void)
{
	struct sigaction plain = {.sa_handler = open_page}, now;

	sigaction(SIGSEGV, &plain, NULL);
	EXPECT(tidei_eal_guarded(replace_for_a_time, NULL) == 0);
	sigaction(SIGSEGV, &put_away, NULL);
	touch_page(NULL);
	EXPECT(handled == 3);
	EXPECT(tidei_eal_guarded(touch_page, NULL) == 3 && handled == 6);
	touch_page(NULL);
	sigaction(SIGSEGV, NULL, &now);
	EXPECT(handled == 9 && now.sa_handler == open_page);
}

static void
a_handler_that_was_replaced_for_a_time_is_not_lost(void **state)
{
	(void)state;
	test_in_child(replaced_for_a_time);
}

static int
guard_inside(void *arg)
{
	EXPECT(tidei_eal_guarded(count, arg) == 7);
	return 0;
}

static void *
guard_in_thread(void *arg)
{
	guard_inside(arg);
	return NULL;
}

static int
outlive_another(void *arg)
{
	pthread_t thread;

	pthread_create(&thread, NULL, guard_in_thread, arg);
	pthread_join(thread, NULL);
	return end_eal_and_look_up(arg);
}

static void
several_at_once(void)
{
	EXPECT(tidei_eal_guarded(outlive_another, NULL) == -ECANCELED);
}

static void
handlers_stay_as_long_as_one_thread_is_inside(void **state)
{
	(void)state;
	test_in_child(several_at_once);
	test_in_child(new_handlers_stay);
}

static void
blocked_signals(void)
{
	sigset_t set, now;

	sigfillset(&set);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	EXPECT(tidei_eal_guarded(end_eal_and_look_up, NULL) == -ECANCELED);
	pthread_sigmask(SIG_BLOCK, NULL, &now);
	EXPECT(sigismember(&now, SIGSEGV) == 1 && sigismember(&now, SIGBUS) == 1);
}

static void
a_thread_that_blocks_signals_is_guarded_too(void **state)
{
	(void)state;
	test_in_child(blocked_signals);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_of_eal_ends_the_work),
		cmocka_unit_test(other_faults_reach_the_handler_of_the_program),
		cmocka_unit_test(other_faults_end_a_program_without_handlers),
		cmocka_unit_test(handlers_stay_as_long_as_one_thread_is_inside),
		cmocka_unit_test(a_handler_that_was_replaced_for_a_time_is_not_lost),
		cmocka_unit_test(a_thread_that_blocks_signals_is_guarded_too),
	};

	test_eal_start(false, 64, "0");
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
