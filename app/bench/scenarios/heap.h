/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_HEAP_H
#define BENCH_HEAP_H

/* General allocators, each from the library it comes in, where that is installed. Knows nothing of DPDK. */

#include <stddef.h>

struct heap {
	void *(*get)(size_t size); /* As malloc(3). */
	void (*put)(void *at); /* As free(3). */
};

/* Name of the i-th allocator known, counted from 0; NULL: there are no more. */
const char *heap_name(unsigned int i);

/*
 * Load the i-th. It stays loaded to the end of the process, and leaves malloc() what it is.
 *
 * Returns 0; -1 with one sentence in why when it is not there.
 */
int heap_load(unsigned int i, struct heap *heap, char *why, size_t len);

#endif /* BENCH_HEAP_H */
