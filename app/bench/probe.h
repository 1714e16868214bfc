/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_PROBE_H
#define BENCH_PROBE_H

/*
 * Tries mempool ops in a process of its own, so that ops that crash, hang or cannot work here cannot
 * end the run.
 */

#include <stddef.h>

/*
 * Start this program again to try ops. argc, argv: EAL's arguments of this process.
 *
 * Returns 0: they serve as a packet pool; -1: they do not, and reason says why.
 */
int probe_run(const char *ops, int argc, char **argv, char *reason, size_t len);

/* What that other process does after EAL is up. 0: they serve; -1: they do not. */
int probe_try(const char *ops);

#endif /* BENCH_PROBE_H */
