/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef LOCATE_SCRATCH_H
#define LOCATE_SCRATCH_H

/*
 * The memory of one scan. The scan must not find its own tables, so all of them are in one mapping,
 * which it skips. Nothing of them is in the C heap, where freed memory would keep addresses of buffers.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tidei_scratch {
	char *base;
	size_t reserved; /* Bytes of the mapping. */
	size_t committed; /* Bytes from base on that are accessible. */
	size_t used;
};

/* Reserve the mapping. Returns false if the process may not map 64 MB more. */
bool tidei_scratch_init(struct tidei_scratch *s);
void tidei_scratch_fini(struct tidei_scratch *s);

/* Allocate zeroed memory, aligned to 64 bytes; NULL: there is none left. */
void *tidei_scratch_alloc(struct tidei_scratch *s, size_t size);

/* An array that grows. It keeps its room when nb is set to 0. */
struct tidei_vector {
	void *at;
	size_t nb, room; /* Elements. */
};

/* Append an element of `each` bytes, all zero. Returns it, or NULL if there is no memory. */
void *tidei_vector_add(struct tidei_scratch *s, struct tidei_vector *v, size_t each);

/*
 * Sort elements of `each` bytes by their first 8 bytes, a number. Returns false, with nothing changed, if there
 * is no memory. qsort(3) is not used because it leaves copies in the C heap.
 */
bool tidei_scratch_sort(struct tidei_scratch *s, void *at, size_t nb, size_t each);

#endif /* LOCATE_SCRATCH_H */
