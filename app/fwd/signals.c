/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: signals are waited for, never handled. */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "fwd.h"
#include "signals.h"

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
