/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_OPS_H
#define BENCH_OPS_H

#include "bench.h"

/* Whether all ops asked for exist. 0, or -1 with *err filled. */
int ops_check(const struct options *opt, struct app_error *err);

/*
 * Add the mempool ops that are wanted, each tried in a process of its own; mark those present that
 * work as packet pools; note those left out.
 *
 * argc, argv: EAL's arguments, of which the trial needs those that load drivers.
 * Returns 0; -1 with *err filled: nothing is left.
 */
int ops_find(struct bench *bench, int argc, char **argv, struct app_error *err);

#endif /* BENCH_OPS_H */
