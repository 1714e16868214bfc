/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The spans of a map: adding them, and finding one by slot or by address. */

#include <errno.h>
#include <string.h>

#include "word.h"
#include "span.h"

static uintptr_t
span_end(const struct tidei_freemap *map, const struct tidei_span *span)
{
	return span->base + span->slots * map->stride;
}

/* How many spans, in order of address, begin at or below an address. */
static uint32_t
spans_below(const struct tidei_spans *spans, uintptr_t address)
{
	uint32_t low = 0, high = spans->nb;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (spans->span[spans->order[middle]].base <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct tidei_span *
tidei_span_of_address(const struct tidei_freemap *map, uintptr_t address)
{
	const struct tidei_spans *spans = &map->spans;
	uint32_t below = spans_below(spans, address);
	const struct tidei_span *span;

	if (below == 0)
		return NULL;
	span = &spans->span[spans->order[below - 1]];
	return address < span_end(map, span) ? span : NULL;
}

const struct tidei_span *
tidei_span_of_slot(const struct tidei_freemap *map, uint32_t slot)
{
	const struct tidei_span *span = map->spans.span;
	uint32_t low = 0, high = map->spans.nb;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (span[middle].first <= slot)
			low = middle;
		else
			high = middle;
	}
	return &span[low];
}

/* Whether a new span wraps around or overlaps one that is there. */
static bool
collides(const struct tidei_freemap *map, const struct tidei_span *new)
{
	const struct tidei_spans *spans = &map->spans;
	uint32_t below = spans_below(spans, new->base);

	if (new->slots > (UINTPTR_MAX - new->base) / map->stride)
		return true;
	if (below > 0 && span_end(map, &spans->span[spans->order[below - 1]]) > new->base)
		return true;
	return below < spans->nb && spans->span[spans->order[below]].base < span_end(map, new);
}

static void
insert(struct tidei_spans *spans, const struct tidei_span *new)
{
	uint32_t below = spans_below(spans, new->base);

	memmove(&spans->order[below + 1], &spans->order[below],
		(spans->nb - below) * sizeof(spans->order[0]));
	spans->order[below] = spans->nb;
	spans->span[spans->nb++] = *new;
}

/* Tell a block of slots that it gets, from bit `at` on, and free them. */
static void
extend_block(struct tidei_freemap *map, uint32_t block, uint32_t at, uint32_t n, uintptr_t base)
{
	struct tidei_block *b = &map->block[block];
	uint64_t mask = UINT64_MAX >> (BLOCK_SLOTS - n) << at;

	if (at == 0) {
		b->base = base;
		b->split = n;
	}
	b->slots |= mask;
	b->many = ((uint32_t)__builtin_popcountll(b->slots) * 3 + 3) / 4;
	word_give(map, block, mask, NO_BLOCK);
}

static void
open_blocks(struct tidei_freemap *map, const struct tidei_span *new)
{
	uint32_t end = new->first + new->slots, n;

	for (uint32_t slot = new->first; slot < end; slot += n) {
		uint32_t at = slot % BLOCK_SLOTS;

		n = BLOCK_SLOTS - at < end - slot ? BLOCK_SLOTS - at : end - slot;
		extend_block(map, slot / BLOCK_SLOTS, at, n,
			new->base + (slot - new->first) * map->stride);
	}
}

/*
 * The first slot number of a span of n slots. A block that two spans share is slower, so a span that
 * is not small begins with a block of its own, as long as there are blocks to spare for what is
 * still to come.
 */
static uint32_t
first_slot(const struct tidei_freemap *map, uint32_t n)
{
	uint64_t aligned = ((uint64_t)map->bound + BLOCK_SLOTS - 1) / BLOCK_SLOTS * BLOCK_SLOTS;
	uint64_t to_come = map->capacity - map->slots;

	if (n < SPAN_ALIGN_MIN || aligned + to_come > (uint64_t)map->blocks * BLOCK_SLOTS)
		return map->bound;
	return (uint32_t)aligned;
}

int
tidei_freemap_add_span(struct tidei_freemap *map, void *base, uint32_t n)
{
	struct tidei_span new = {(uintptr_t)base, 0, n};

	if (n == 0 || base == NULL || collides(map, &new))
		return -EINVAL;
	if (n > map->capacity - map->slots)
		return -ENOSPC;
	if (map->spans.nb == map->spans.capacity)
		return -ENOBUFS;
	new.first = first_slot(map, n);
	insert(&map->spans, &new);
	map->slots += n;
	map->bound = new.first + n;
	open_blocks(map, &new);
	return 0;
}

uint32_t
tidei_freemap_spans_capacity(const struct tidei_freemap *map)
{
	return map->spans.capacity;
}

size_t
tidei_freemap_spans_size(uint32_t capacity)
{
	return capacity * (sizeof(struct tidei_span) + sizeof(uint32_t));
}

void *
tidei_freemap_grow_spans(struct tidei_freemap *map, void *mem, uint32_t capacity)
{
	struct tidei_spans *spans = &map->spans;
	struct tidei_span *span = mem;
	uint32_t *order = (uint32_t *)(span + capacity);
	void *before = map->spans_table;

	memcpy(span, spans->span, spans->nb * sizeof(*span));
	memcpy(order, spans->order, spans->nb * sizeof(*order));
	*spans = (struct tidei_spans){capacity, spans->nb, span, order};
	map->spans_table = mem;
	return before;
}

void *
tidei_freemap_spans_table(const struct tidei_freemap *map)
{
	return map->spans_table;
}
