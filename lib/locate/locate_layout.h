/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef LOCATE_LAYOUT_H
#define LOCATE_LAYOUT_H

/*
 * The layout of this process's memory at one moment: which ranges are read, which are left out, and which place an
 * address is in.
 */

#include <stdbool.h>
#include <stdint.h>

#include "locate_places.h"
#include "locate_scratch.h"

/* Spans of one layer do not overlap. An address belongs to the first layer that has it. */
enum tidei_layer {
	TIDEI_LAYER_QUEUE,
	TIDEI_LAYER_MEMZONE,
	TIDEI_LAYER_HEAP, /* Busy elements of EAL's heaps. */
	TIDEI_LAYER_STACK,
	TIDEI_LAYER_DATA, /* Data segments of the program and of its libraries. */
	TIDEI_LAYER_MAPPING, /* All mappings that can be read and written. */
	TIDEI_LAYERS,
};

/* The begin of each is the key of its sort. */
struct tidei_span {
	uintptr_t from, to;
	const char *name; /* In the scratch memory. */
	uint32_t place; /* Number of the place; 0: nothing refers to a buffer from here yet. */
	uint8_t kind; /* enum tide_locate_kind. */
	uint8_t weak; /* Its memory keeps pointers that are no longer used. */
	uint8_t has_file; /* Of a mapping. */
	/* Of a data segment: what its file's addresses lack, and the variable or gap found last. */
	uintptr_t bias, last_from, last_to;
	uint32_t last_place;
};

struct tidei_range {
	uintptr_t from, to;
};

struct tidei_layout {
	struct tidei_scratch *scratch;
	struct tidei_vector layer[TIDEI_LAYERS];
	struct tidei_vector holes; /* Ranges that are not read. */
	bool failed; /* There was no memory for a span. */
	unsigned int threads, asleep; /* Threads found, and those in a system call. */
};

/* Add a span; name is copied (NULL: none). Returns it, or NULL with failed set. */
struct tidei_span *tidei_layout_add(struct tidei_layout *l, enum tidei_layer layer, uintptr_t from,
	uintptr_t to, enum tide_locate_kind kind, const char *name);

/* Leave a range out. */
void tidei_layout_leave_out(struct tidei_layout *l, uintptr_t from, uintptr_t to);

/* Forget all spans and holes. */
void tidei_layout_clear(struct tidei_layout *l);

/* Sort one layer, after which tidei_layout_find() finds its spans. */
void tidei_layout_sort(struct tidei_layout *l, enum tidei_layer layer);

/* Sort the holes, and join those that overlap. */
void tidei_layout_sort_holes(struct tidei_layout *l);

/* Find the span of one layer that has an address; NULL: none. */
struct tidei_span *
tidei_layout_find(const struct tidei_layout *l, enum tidei_layer layer, uintptr_t address);

/* Find the memzone that has an address, or else the block of EAL's heap; NULL: neither. */
struct tidei_span *tidei_layout_block(const struct tidei_layout *l, uintptr_t address);

/* Return the number of the place that has an address; 0: the address is in no known mapping. */
uint32_t tidei_layout_place(struct tidei_layout *l, struct tidei_places *p, uintptr_t address);

#endif /* LOCATE_LAYOUT_H */
