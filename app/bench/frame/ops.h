/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_OPS_H
#define BENCH_OPS_H

#include "frame/bench.h"

/* Check that all ops that the user asked for exist. Returns 0, or -1 with *err filled. */
int ops_check(const struct options *opt, struct app_error *err);

/*
 * Add the mempool ops that the user asked for. Each is tried in a process of its own; those that do not
 * work as a packet pool are left out, and a note says why.
 *
 * argc, argv: the arguments of EAL; the trial uses those that load drivers.
 * Returns 0; -1 with *err filled: no ops are left.
 */
int ops_find(struct bench *bench, int argc, char **argv, struct app_error *err);

#endif /* BENCH_OPS_H */
