/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_POOL_H
#define BENCH_POOL_H

/* Packet pools of the candidates, and the proof that they lost and invented nothing. */

#include "bench.h"

/* A pool without memory: the ops are set, nothing is allocated yet. NULL with *err filled. */
struct rte_mempool *pool_empty(const char *ops, const struct work *work, struct app_error *err);

/* Put all buffers into it, on the memory held, and initialise them. 0, or -1 with *err filled. */
int pool_fill(struct rte_mempool *mp, const struct memory *memory, struct app_error *err);

/*
 * At rest: that every buffer is there exactly once, by taking them all. Caches of threads must have
 * been flushed. 0, or -1 with *err filled.
 */
int pool_check(struct rte_mempool *mp, struct app_error *err);

/* What the ledger of the tide ops knows in this process: see TIDE_LEDGER in tide_mempool.h. */
enum bar_ledger pool_ledger(void);

/* Give what the calling thread has in its cache of the pool back to the pool. */
void pool_flush(struct rte_mempool *mp);

#endif /* BENCH_POOL_H */
