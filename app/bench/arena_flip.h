/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_ARENA_FLIP_H
#define BENCH_ARENA_FLIP_H

/* Scenario arena: the arena that is measured, and the work that closes an epoch and gives it back. */

#include "bench.h"
#include "tide_arena.h"

#define ARENA_SUBJECT    "tide_arena"
#define ARENA_CHUNKS     1000
#define ARENA_CHUNK_SIZE 65536

/* An arena on the node of the main lcore; NULL with *err filled. */
struct tide_arena *arena_make(struct app_error *err);

/* Prove that everything is back, which it must be, and free it. Fills *err when it is not. */
void arena_unmake(struct tide_arena *arena, struct app_error *err);

/* As the members of struct scenario. */
void arena_flip_plan(struct work *work);
int arena_flip_setup(struct turn *turn);
int arena_flip_run(struct turn *turn);
void arena_flip_teardown(struct turn *turn);

#endif /* BENCH_ARENA_FLIP_H */
