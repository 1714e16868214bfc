/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_SIGNALS_H
#define FWD_SIGNALS_H

/*
 * Signals that end the program (SIGINT, SIGTERM, SIGHUP) or ask it where its memory is (SIGUSR1).
 * They are blocked in every thread and fetched by main between two steps, so that one at any time,
 * also during start-up, finds nothing half done.
 */

#include <stdbool.h>
#include <stdint.h>

/* Before any thread is made. */
void fwd_signals_block(void);

/*
 * Start a thread that ends the program, with exit code 1, when main has not taken a signal for FWD_JOIN_S seconds
 * that should end it: a function of a driver does not return to main. It does so once it is armed. Before
 * EAL pins main to a CPU.
 */
void fwd_signals_guard(void);
void fwd_signals_arm(void);

/* Wait at most so long for a signal; its number, or 0. */
int fwd_signals_wait(uint64_t ns);

/* Whether what fwd_signals_wait() returned is a signal that ends the program. */
bool fwd_signals_end(int signal);

#endif /* FWD_SIGNALS_H */
