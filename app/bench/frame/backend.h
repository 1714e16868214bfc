/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_BACKEND_H
#define BENCH_BACKEND_H

/*
 * Gets and puts objects for the loops. They come from the mempool of a candidate. For the baseline they
 * come from a small window that the loop cycles through in order, which costs a copy of pointers only.
 *
 * Callers pass a constant `baseline`, so each loop is compiled twice, without a branch on it.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_atomic.h>
#include <rte_cycles.h>
#include <rte_mempool.h>

#include "frame/bench.h"

/* Iterations of a loop between two readings of the clock. */
#define BACKEND_BATCH 128

/* The counters of one thread. */
struct tally {
	uint64_t cycles;
	uint64_t objects; /* Got and put back. */
	uint64_t failed; /* Gets that failed because too few objects were free. */
	uint64_t wrong; /* Packets whose contents had changed. */
	uint64_t stall; /* Longest time without a completed operation, in cycles. */
};

/*
 * Get n objects. Returns as rte_mempool_get_bulk().
 *
 * cursor: the position in the window of the baseline; each thread has its own.
 */
static __rte_always_inline int
backend_get(const struct backend *b, uint32_t *cursor, void **table, unsigned int n,
	const bool baseline)
{
	if (!baseline)
		return rte_mempool_get_bulk(b->mp, table, n);
	memcpy(table, &b->window[*cursor], n * sizeof(*table));
	*cursor = (*cursor + n) & b->mask;
	rte_compiler_barrier();
	return 0;
}

/* Put n objects back. */
static __rte_always_inline void
backend_put(const struct backend *b, void *const *table, unsigned int n, const bool baseline)
{
	if (!baseline) {
		rte_mempool_put_bulk(b->mp, table, n);
		return;
	}
	/* Keeps the compiler from dropping the copy into the table. */
	asm volatile("" : : "r"(table) : "memory");
}

/* How long one measurement lasts, in cycles of the TSC. */
uint64_t sample_ticks(const struct bench *bench);

/*
 * Make and free the pool of a sample: setup and teardown of scenarios that measure an existing pool. The
 * baseline gets its window of objects from a pool of DPDK's default ops.
 */
int backend_setup(struct sample *sample);
void backend_teardown(struct sample *sample);

/*
 * Measure a loop on the calling thread, in cycles per object. The loop runs for a tenth of the time to
 * warm up, then for the time that the user asked for. Returns as run of struct scenario.
 */
int backend_run_alone(struct sample *sample,
	void (*loop)(const struct sample *sample, uint64_t ticks, struct tally *tally));

#endif /* BENCH_BACKEND_H */
