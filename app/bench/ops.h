/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_OPS_H
#define BENCH_OPS_H

#include "bench.h"

/*
 * Find the candidates: the floor and all mempool ops this process has, each tried in a process of its
 * own; mark those present that work as packet pools and are wanted; note those left out.
 *
 * argc, argv: EAL's arguments, of which the trial needs those that load drivers.
 * Returns 0; -1 with *err filled: ops asked for that do not exist, or nothing is left.
 */
int ops_find(struct bench *bench, int argc, char **argv, struct app_error *err);

#endif /* BENCH_OPS_H */
