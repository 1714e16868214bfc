/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: ends the program when main hangs. */

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <rte_lcore.h>

#include "fwd.h"
#include "guard.h"

static atomic_bool armed;

/* Tell whether a signal that ends the program waits for main. */
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
		"a function of a driver does not return; there is no summary\n",
		rte_get_main_lcore(), FWD_JOIN_S);
	exit(APP_EXIT_RUN);
}

void
fwd_guard_start(void)
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
fwd_guard_arm(void)
{
	/* Relaxed: as in guard(). */
	atomic_store_explicit(&armed, true, memory_order_relaxed);
}
