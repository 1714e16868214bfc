/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_ARENA_ALLOC_H
#define BENCH_ARENA_ALLOC_H

/* The workloads of scenario arena that allocate objects, on one lcore or on two. */

#include "frame/scenario.h"

/* Number of these workloads: all combinations of sizes, threads and whether objects are written. */
#define ARENA_ALLOC_WORKLOADS 8u

/* Plan workload i, below ARENA_ALLOC_WORKLOADS. */
void arena_alloc_plan(unsigned int i, struct workload *workload);

/* As setup, run and teardown of struct scenario. */
int arena_alloc_setup(struct sample *sample);
int arena_alloc_run(struct sample *sample);
void arena_alloc_teardown(struct sample *sample);

#endif /* BENCH_ARENA_ALLOC_H */
