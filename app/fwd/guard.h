/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_GUARD_H
#define FWD_GUARD_H

/*
 * A thread that ends the program, with exit code 1, when main has not taken a signal for FWD_JOIN_S seconds
 * that should end it: a function of a driver does not return to main. It does so once it is armed.
 */

/* Start the thread, after app_signals_block() and before EAL pins main to a CPU. */
void fwd_guard_start(void);

/* Arm it: from now on main fetches signals. */
void fwd_guard_arm(void);

#endif /* FWD_GUARD_H */
