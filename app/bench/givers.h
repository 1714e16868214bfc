/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_GIVERS_H
#define BENCH_GIVERS_H

/*
 * Threads that give single buffers back, so that the few free ones of a pool are in as many places as its
 * ops have for threads. They are no lcores. All functions are for the main lcore.
 */

#include <sched.h>

#include <rte_mempool.h>

/* Threads, and buffers that they give back at a time. */
#define GIVERS 64

struct givers;

/*
 * Start the threads, on some CPUs, and a loop on the next EAL lcore, which must be idle.
 *
 * Returns NULL if the threads or the loop do not start.
 */
struct givers *givers_start(struct rte_mempool *mp, const cpu_set_t *cpus);

/* Have each thread give one of GIVERS buffers back, and the other lcore be busy from then on. */
void givers_give(struct givers *givers, void **table);

/* The other lcore lets threads run again. */
void givers_rest(struct givers *givers);

/* End the threads and the loop. */
void givers_end(struct givers *givers);

#endif /* BENCH_GIVERS_H */
