/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_GUARD_H
#define TOP_GUARD_H

/*
 * A thread that fetches signals. One that ends the program restores the terminal in any case: if the screen does not
 * end in time, because no program reads the terminal, the thread restores it and ends the process.
 */

#include <stdatomic.h>
#include <stdbool.h>

#include "error.h"

struct top_guard {
	_Atomic bool end; /* A signal ends the program. */
	_Atomic bool resized; /* The terminal has another size. */
	int event; /* An eventfd, written when one of these is set. */
};

/* Block the signals in this thread, and start the guard. 0, or -1 with err filled. */
int top_guard_start(struct top_guard *guard, struct app_error *err);

/*
 * Block the signal of Ctrl-Z in this thread: each thread but the one of the screen calls this, as the handler of
 * ncurses draws.
 */
void top_guard_thread(void);

#endif /* TOP_GUARD_H */
