/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_SIGNALS_H
#define APP_SIGNALS_H

/*
 * Signals that end a program: SIGINT, SIGTERM, SIGHUP. They are blocked in every thread, and the main thread
 * fetches them between two steps, so that one at any time, also during start-up, finds nothing half done.
 */

#include <stdbool.h>
#include <stdint.h>

/*
 * Block the signals, before any thread is made. `more` is one more signal to fetch, which does not end the
 * program; 0: none. Writing to a closed pipe fails from then on, and sends no signal.
 */
void app_signals_block(int more);

/* Wait for a signal, `ns` nanoseconds at most. Returns its number, or 0. */
int app_signals_wait(uint64_t ns);

/* Tell whether the result of app_signals_wait() is a signal that ends the program. */
bool app_signals_end(int signal);

#endif /* APP_SIGNALS_H */
