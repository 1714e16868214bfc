/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Fetches signals for the live screen. */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

#include "guard.h"
#include "signals.h"

#define PATIENCE_S 3

static struct termios before;
static bool is_terminal;

static void
set(struct top_guard *guard, _Atomic bool *what)
{
	const uint64_t one = 1;

	atomic_store_explicit(what, true, memory_order_release);
	/* It fails only if 2^64 - 2 events are unread. */
	if (write(guard->event, &one, sizeof(one)) < 0)
		return;
}

/* The other end of the terminal does not read: drop what it has not taken, and leave its alternate screen. */
static void
restore_by_force(void)
{
	static const char leave[] = "\033[?1049l\033[0m\r\n";

	if (is_terminal) {
		tcflush(STDOUT_FILENO, TCOFLUSH);
		tcsetattr(STDOUT_FILENO, TCSANOW, &before);
	}
	fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
	if (write(STDOUT_FILENO, leave, sizeof(leave) - 1) < 0)
		return;
}

void
top_guard_thread(void)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	pthread_sigmask(SIG_BLOCK, &stop, NULL);
}

static void *
run(void *arg)
{
	struct top_guard *guard = arg;
	int signal = 0;

	top_guard_thread();
	while (!app_signals_end(signal)) {
		signal = app_signals_wait(UINT64_C(3600) * 1000000000);
		if (signal == SIGWINCH)
			set(guard, &guard->resized);
	}
	set(guard, &guard->end);
	sleep(PATIENCE_S);
	restore_by_force();
	_exit(0);
}

int
top_guard_start(struct top_guard *guard, struct app_error *err)
{
	pthread_t thread;
	int rc;

	app_signals_block(SIGWINCH);
	is_terminal = tcgetattr(STDOUT_FILENO, &before) == 0;
	guard->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	rc = guard->event < 0 ? errno : pthread_create(&thread, NULL, run, guard);
	if (rc != 0)
		return app_fail(err, APP_EXIT_RUN, "no thread for signals: %s", strerror(rc));
	pthread_detach(thread);
	return 0;
}
