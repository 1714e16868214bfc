/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_CANDIDATES_H
#define BENCH_CANDIDATES_H

#include "bench.h"

/*
 * Find the candidates: the floor, the guests of the scenarios that are wanted, and mempool ops where a
 * scenario needs them. Arguments and result as ops_find(); besides -1: ops asked for that do not exist.
 */
int candidates_find(struct bench *bench, int argc, char **argv, struct app_error *err);

#endif /* BENCH_CANDIDATES_H */
