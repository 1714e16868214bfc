/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_POOL_STATE_H
#define FWD_POOL_STATE_H

/*
 * Pools that run empty while packets flow, and buffers that drivers do not free when they close.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "stats.h"

struct fwd;

/*
 * Note whether a pool, as last looked at, has less than a burst left. True when that is news: it begins, and
 * was not told within a minute. `now` is of app_now_ns().
 */
bool fwd_pool_ran_empty(struct fwd_pool_state *watch, uint32_t burst, uint64_t now);

/* Write that a pool is empty and which lcores and ports have its buffers, without a newline; walks the pool. */
void fwd_pool_print_empty(const struct fwd *fwd, unsigned int member, FILE *out);

/*
 * Count the buffers of a pool that are with drivers although their ports are closed: lost, but not by this program.
 * 0 unless that is all there is to it: every port that draws from the pool closed, every packet that was
 * received is accounted for, the allocator is sound, and the queues can have held that many. At rest only.
 */
uint32_t fwd_pool_kept(const struct fwd *fwd, unsigned int member);

/* Write about them, without a newline. */
void fwd_pool_print_kept(const struct fwd *fwd, unsigned int member, FILE *out);

#endif /* FWD_POOL_STATE_H */
