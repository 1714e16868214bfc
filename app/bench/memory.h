/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

/*
 * The memory that the pools of all candidates are made on, one after another: the same pages for
 * each, touched before anybody is measured.
 */

#include "bench.h"

/*
 * Have room for a pool of so many mbufs of `object` bytes. Keeps what there is when it is enough.
 *
 * Returns 0; -ENOMEM: EAL has not so much memory; then there is none.
 */
int memory_fit(struct memory *memory, unsigned int buffers, unsigned int object);

/*
 * Reserve memory for a pool of so many mbufs, not touched by anybody but EAL. As memory_fit();
 * *memory must hold none.
 */
int memory_take(struct memory *memory, unsigned int buffers, unsigned int object);

/* Give the memory back to EAL. */
void memory_release(struct memory *memory);

#endif /* BENCH_MEMORY_H */
