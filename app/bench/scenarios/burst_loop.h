/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_BURST_LOOP_H
#define BENCH_BURST_LOOP_H

/* The loop of scenarios bulk and single: one lcore gets n objects and puts them back at once. */

#include "frame/backend.h"

static __rte_always_inline void
burst_loop(const struct backend *b, unsigned int n, uint64_t ticks, struct tally *t,
	const bool baseline)
{
	const uint64_t start = rte_rdtsc_precise();
	void *table[OPTIONS_BULK_MAX];
	uint32_t cursor = 0;

	do {
		for (unsigned int i = 0; i < BACKEND_BATCH; i++) {
			if (unlikely(backend_get(b, &cursor, table, n, baseline) != 0)) {
				t->failed++;
				continue;
			}
			backend_put(b, table, n, baseline);
			t->objects += n;
		}
		t->cycles = rte_rdtsc_precise() - start;
	} while (t->cycles < ticks);
}

#endif /* BENCH_BURST_LOOP_H */
