/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_TAIL_THREADS_H
#define BENCH_TAIL_THREADS_H

/*
 * Threads of scenario tail that put single buffers back. Ops that keep free buffers per thread then have
 * the few free ones of a pool in as many places. The threads are no lcores. Only the main lcore may call
 * these functions.
 */

#include <sched.h>

#include <rte_mempool.h>

/* Threads, and buffers that they put back at a time. */
#define TAIL_THREADS 64

struct tail_threads;

/*
 * Start the threads on some CPUs, and a loop on the next EAL lcore, which must be idle.
 *
 * Returns NULL if the threads or the loop do not start.
 */
struct tail_threads *tail_threads_start(struct rte_mempool *mp, const cpu_set_t *cpus);

/* Make each thread put one of TAIL_THREADS buffers back; then the other lcore is busy. */
void tail_threads_put(struct tail_threads *threads, void **table);

/* Make the other lcore idle, so that its CPU can run threads. */
void tail_threads_idle(struct tail_threads *threads);

/* Stop the threads and the loop, and free them. */
void tail_threads_stop(struct tail_threads *threads);

#endif /* BENCH_TAIL_THREADS_H */
