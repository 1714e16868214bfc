/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_SOURCE_H
#define BENCH_SOURCE_H

/*
 * How the loops take objects and give them back: from the mempool of a candidate, or, for the floor,
 * from a small set gone round in order, which costs a copy of pointers and nothing else.
 *
 * `floor` is a constant where these are called, so each loop is compiled twice, without a test.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_atomic.h>
#include <rte_cycles.h>
#include <rte_mempool.h>

#include "bench.h"

/* Rounds of a loop between two looks at the clock. */
#define SOURCE_BATCH 128

/* What one thread did. */
struct tally {
	uint64_t cycles;
	uint64_t objects; /* Taken and given back. */
	uint64_t failed; /* Gets that found too few. */
	uint64_t wrong; /* Packets that were not what was put in. */
	uint64_t stall; /* Cycles. */
};

/* 0, or as rte_mempool_get_bulk(). cursor: the floor's place in the window, one per thread. */
static __rte_always_inline int
source_take(
	const struct source *s, uint32_t *cursor, void **table, unsigned int n, const bool floor)
{
	if (!floor)
		return rte_mempool_get_bulk(s->mp, table, n);
	memcpy(table, &s->window[*cursor], n * sizeof(*table));
	*cursor = (*cursor + n) & s->mask;
	rte_compiler_barrier();
	return 0;
}

static __rte_always_inline void
source_give(const struct source *s, void *const *table, unsigned int n, const bool floor)
{
	if (!floor) {
		rte_mempool_put_bulk(s->mp, table, n);
		return;
	}
	/* The compiler must believe that somebody reads the table. */
	asm volatile("" : : "r"(table) : "memory");
}

/* Cycles that one measurement lasts. */
uint64_t source_ticks(const struct bench *bench);

/*
 * Setup and teardown of the scenarios that work on a pool made beforehand: as in struct scenario.
 * The floor gets a window of objects from a pool of DPDK's default ops.
 */
int source_setup(struct turn *turn);
void source_teardown(struct turn *turn);

/*
 * Measure a loop on the calling thread: a tenth of the time to warm up, then the time asked for. The
 * sample is cycles per object.
 */
int source_run_alone(struct turn *turn,
	void (*loop)(const struct turn *turn, uint64_t ticks, struct tally *tally));

#endif /* BENCH_SOURCE_H */
