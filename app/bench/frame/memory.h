/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

/*
 * The memory that the pools of all candidates are made on, one after another. All candidates get the
 * same pages, which are touched before the first sample.
 */

#include "frame/bench.h"

/*
 * Make *memory large enough for a pool of so many mbufs of `object` bytes. Keeps the present memory when
 * it is large enough.
 *
 * Returns 0; -ENOMEM: EAL has too little memory, and *memory holds none.
 */
int memory_fit(struct memory *memory, unsigned int buffers, unsigned int object);

/*
 * Reserve memory for a pool of so many mbufs that only EAL has touched. *memory must hold none. Returns
 * as memory_fit().
 */
int memory_take(struct memory *memory, unsigned int buffers, unsigned int object);

/* Return the memory to EAL. */
void memory_release(struct memory *memory);

#endif /* BENCH_MEMORY_H */
