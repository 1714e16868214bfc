/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_HEAP_H
#define BENCH_HEAP_H

/* General allocators, each loaded from its own library where that is installed. This file does not use DPDK. */

#include <stddef.h>

struct heap {
	void *(*get)(size_t size); /* As malloc(3). */
	void (*put)(void *at); /* As free(3). */
};

/* Get the name of allocator i, counted from 0. Returns NULL when there is no such allocator. */
const char *heap_name(unsigned int i);

/*
 * Load allocator i. It stays loaded until the process ends, and malloc() of the process does not change.
 *
 * Returns 0; -1 with one sentence in why when it cannot be loaded.
 */
int heap_load(unsigned int i, struct heap *heap, char *why, size_t len);

#endif /* BENCH_HEAP_H */
