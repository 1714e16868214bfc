/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_PROBE_H
#define BENCH_PROBE_H

/*
 * Tries mempool ops in a process of its own, as some ops crash, hang or end the process on a machine
 * without their hardware.
 */

#include <stddef.h>

/*
 * Start this program again to try ops.
 *
 * argc, argv: the arguments of EAL in this process.
 * Returns 0 when the ops work as a packet pool; -1 when they do not, and reason says why.
 */
int probe_run(const char *ops, int argc, char **argv, char *reason, size_t len);

/* Try ops in this process, after EAL has started. Returns 0 when they work, -1 when they do not. */
int probe_try(const char *ops);

#endif /* BENCH_PROBE_H */
