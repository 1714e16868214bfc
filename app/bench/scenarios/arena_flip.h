/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_ARENA_FLIP_H
#define BENCH_ARENA_FLIP_H

/* The workload of scenario arena that times the end of an epoch. */

#include "frame/scenario.h"

/* Plan the workload. */
void arena_flip_plan(struct workload *workload);

/* As setup, run and teardown of struct scenario. */
int arena_flip_setup(struct sample *sample);
int arena_flip_run(struct sample *sample);
void arena_flip_teardown(struct sample *sample);

#endif /* BENCH_ARENA_FLIP_H */
