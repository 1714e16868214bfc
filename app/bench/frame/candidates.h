/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_CANDIDATES_H
#define BENCH_CANDIDATES_H

#include "frame/bench.h"

/*
 * Find the candidates: the baseline, the extra candidates of the scenarios that the user asked for, and
 * mempool ops where a scenario needs them.
 *
 * argc, argv: the arguments of EAL, for ops_find().
 * Returns 0; -1 with *err filled: ops that the user asked for do not exist, or no ops can be measured.
 */
int candidates_find(struct bench *bench, int argc, char **argv, struct app_error *err);

#endif /* BENCH_CANDIDATES_H */
