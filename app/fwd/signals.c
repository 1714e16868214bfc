/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: signals are waited for, never handled. */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <rte_lcore.h>

#include "fwd.h"
#include "signals.h"

static atomic_bool armed;

static void
our_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGUSR1);
}

void
fwd_signals_block(void)
{
	sigset_t set;

	our_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	/* A closed pipe is seen as a failed write, and so is a file that has reached RLIMIT_FSIZE. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	/* In the background of a terminal with "stty tostop" a write would stop the whole process. */
	signal(SIGTTOU, SIG_IGN);
}

/* Whether a signal that ends the program waits for main. */
static bool
end_is_pending(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigpending(&set);
	return sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1 ||
	       sigismember(&set, SIGHUP) == 1;
}

static void *
guard(void *arg)
{
	unsigned int waited = 0;

	while (waited < FWD_JOIN_S) {
		nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
		/* Relaxed: it orders nothing. */
		waited = atomic_load_explicit(&armed, memory_order_relaxed) && end_is_pending()
		                 ? waited + 1
		                 : 0;
	}
	fprintf(stderr,
		"tide-fwd: main, which is lcore %u, has taken no signal for %d s and is given up: "
		"a "
		"function of a driver does not return; there is no summary\n",
		rte_get_main_lcore(), FWD_JOIN_S);
	exit(APP_EXIT_RUN);
}

void
fwd_signals_guard(void)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	/* Without it, signals still end the program, as long as main looks for them. */
	if (pthread_create(&thread, &attr, guard, NULL) == 0)
		pthread_setname_np(thread, "tide-guard");
	pthread_attr_destroy(&attr);
}

void
fwd_signals_arm(void)
{
	atomic_store_explicit(&armed, true, memory_order_relaxed);
}

int
fwd_signals_wait(uint64_t ns)
{
	uint64_t until = fwd_now_ns() + ns;
	sigset_t set;

	our_signals(&set);
	for (;;) {
		struct timespec left = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
		int nr = sigtimedwait(&set, NULL, &left);
		uint64_t now;

		if (nr > 0)
			return nr;
		if (errno != EINTR)
			return 0;
		now = fwd_now_ns();
		ns = now < until ? until - now : 0;
	}
}

bool
fwd_signals_end(int signal)
{
	return signal != 0 && signal != SIGUSR1;
}
