/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_ARENA_LOOP_H
#define BENCH_ARENA_LOOP_H

/*
 * The loop of scenario arena: a thread allocates a burst of objects one by one, then frees all of them
 * in the way of the candidate.
 */

#include "scenarios/arena_shared.h"

/* Allocate a burst and free it. Returns how many objects were allocated before memory ran out. */
uint32_t arena_burst(struct arena_thread *thread);

/* Close the epoch of an arena or a tide_bump, and reclaim the epochs that no reader blocks. */
void arena_close_epoch(struct arena_shared *shared);

/*
 * Verify that no byte is handed out twice: allocate a burst, write the first and the last bytes of each
 * object, and read them again. Then free the burst. For one thread.
 *
 * Returns 0, or -1 with *err filled.
 */
int arena_verify(struct arena_thread *thread, const char *name, struct app_error *err);

#endif /* BENCH_ARENA_LOOP_H */
