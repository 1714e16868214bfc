/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_POOL_H
#define BENCH_POOL_H

/* The packet pools of the candidates, and the check that each buffer of a pool is free exactly once. */

#include "frame/bench.h"

/*
 * Make a pool of the named ops without memory: nothing is allocated for buffers yet. Returns NULL with
 * *err filled on failure.
 */
struct rte_mempool *
pool_empty(const char *ops, const struct workload *workload, struct app_error *err);

/* Add all buffers to a pool, on the given memory, and initialise them. Returns 0, or -1 with *err filled. */
int pool_fill(struct rte_mempool *mp, const struct memory *memory, struct app_error *err);

/*
 * Check that every buffer is free exactly once, by taking all of them.
 *
 * No thread may use the pool meanwhile, and all mempool caches must have been flushed.
 * Returns 0, or -1 with *err filled.
 */
int pool_check(struct rte_mempool *mp, struct app_error *err);

/* Read the mode of the tide ops' ledger in this process: see TIDE_LEDGER in tide_mempool.h. */
enum ledger_mode pool_ledger(void);

/* Flush the mempool cache of the calling thread into the pool. */
void pool_flush(struct rte_mempool *mp);

#endif /* BENCH_POOL_H */
