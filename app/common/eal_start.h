/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_EAL_START_H
#define APP_EAL_START_H

#include <stdbool.h>

#include "error.h"

/*
 * Start EAL for a program whose own options come after "--".
 */

/* Return where EAL's arguments end: the index of "--", or argc. */
int app_eal_end(int argc, char *const argv[]);

/* Tell whether --proc-type asks for a secondary process: it would wait in EAL for a primary that may never come. */
bool app_eal_asks_for_secondary(int argc, char *const argv[]);

/*
 * Start EAL, with no more in its logs than errors and with memory this machine has, unless the arguments
 * say otherwise; print when that was the choice of this call. Its run-time directory goes when the program exits, and
 * so do its files in each mounted hugetlbfs, except with --huge-unlink=never.
 * If EAL ends the process because of an error, the error goes to stderr and its code is the exit code.
 *
 * program: its name, for the error. argc, argv: the program's arguments up to "--". first: arguments
 * of the program's own, NULL behind the last, or NULL; one that the user gave too is left out.
 */
int app_eal_start(const char *program, int argc, char *const argv[], char *const first[],
	struct app_error *err);

#endif /* APP_EAL_START_H */
