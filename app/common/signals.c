/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Waits for signals; no handler runs. */

#include <errno.h>
#include <pthread.h>
#include <signal.h>

#include "monotonic.h"
#include "signals.h"

static int other;

static void
our_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	if (other != 0)
		sigaddset(set, other);
}

void
app_signals_block(int more)
{
	sigset_t set;

	other = more;
	our_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* A write to a file that has reached RLIMIT_FSIZE fails too. */
	signal(SIGXFSZ, SIG_IGN);
	/* In the background of a terminal with "stty tostop" a write would stop the whole process. */
	signal(SIGTTOU, SIG_IGN);
}

int
app_signals_wait(uint64_t ns)
{
	uint64_t until = app_now_ns() + ns;
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
		now = app_now_ns();
		ns = now < until ? until - now : 0;
	}
}

bool
app_signals_end(int signal)
{
	return signal != 0 && signal != other;
}
