/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Makes a map, and answers questions about it. Taking and giving back are in get.c and put.c. */

#include <errno.h>
#include <string.h>

#include "span.h"
#include "summary.h"

/* Byte offsets of the arrays behind the map, and of their end. */
struct offsets {
	size_t block, group, end;
};

/* Blocks for so many slots, with some to spare for spans that begin with a block of their own. */
static uint32_t
blocks_of(uint32_t slots)
{
	uint32_t blocks = slots / BLOCK_SLOTS + (slots % BLOCK_SLOTS != 0);

	return blocks + blocks / 8;
}

static uint32_t
groups_of(uint32_t blocks)
{
	return (blocks + GROUP_BLOCKS - 1) / GROUP_BLOCKS;
}

static size_t
round_to_line(size_t bytes)
{
	return (bytes + LINE - 1) / LINE * LINE;
}

/* Hint cells for so many blocks: one for two, so that a small map stays small. */
static uint32_t
cells_of(uint32_t blocks)
{
	uint32_t cells = CELLS_MIN;

	while (cells < CELLS_MAX && cells * 2 < blocks)
		cells *= 2;
	return cells;
}

static struct offsets
offsets_of(uint32_t slots)
{
	const struct tidei_freemap shape = {
		.blocks = blocks_of(slots), .cells = cells_of(blocks_of(slots))};
	struct offsets o;

	o.block = round_to_line(sizeof(shape) + cells_in_all(&shape) * sizeof(struct tidei_cell));
	o.group = o.block + shape.blocks * sizeof(struct tidei_block);
	o.end = o.group + groups_of(shape.blocks) * sizeof(struct tidei_group);
	return o;
}

size_t
tidei_freemap_size(uint32_t slots)
{
	return slots == 0 || slots > TIDEI_FREEMAP_SLOTS_MAX ? 0 : offsets_of(slots).end;
}

/* The inverse of an odd number modulo 2^64, by Newton's iteration: each step doubles the bits. */
static uint64_t
inverse_of(uint64_t odd)
{
	uint64_t inverse = odd; /* Right in the lowest 3 bits. */

	for (int bits = 3; bits < 64; bits *= 2)
		inverse *= 2 - odd * inverse;
	return inverse;
}

static struct tidei_divisor
divisor_of(uint64_t stride)
{
	uint32_t shift = (uint32_t)__builtin_ctzll(stride);
	uint64_t odd = stride >> shift;

	return (struct tidei_divisor){
		.inverse = inverse_of(odd),
		.near = odd < (UINT64_C(1) << 32) / BLOCK_SLOTS ? BLOCK_SLOTS * stride : 0,
		.strange = ~(((UINT64_C(1) << 32) - 1) << shift),
		.shift = shift,
	};
}

struct tidei_freemap *
tidei_freemap_init(void *mem, uint32_t slots, size_t stride)
{
	const struct offsets o = offsets_of(slots);
	struct tidei_freemap *map = mem;

	if (tidei_freemap_size(slots) == 0 || stride < sizeof(uint64_t) || stride > STRIDE_MAX)
		return NULL;
	memset(mem, 0, o.end);
	map->stride = stride;
	map->layout = LAYOUT;
	map->divisor = divisor_of(stride);
	map->capacity = slots;
	map->blocks = blocks_of(slots);
	map->groups = groups_of(map->blocks);
	map->cells = cells_of(map->blocks);
	map->block = (struct tidei_block *)((char *)mem + o.block);
	map->group = (struct tidei_group *)((char *)mem + o.group);
	map->spans = (struct tidei_spans){SPANS_INLINE, 0, map->inline_span, map->inline_order};
	for (unsigned int i = 0; i < cells_in_all(map); i++)
		atomic_init(&map->cell[i].block, NO_BLOCK);
	return map;
}

bool
tidei_freemap_is_map(const void *mem)
{
	return ((const struct tidei_freemap *)mem)->layout == LAYOUT;
}

uint32_t
tidei_freemap_slots(const struct tidei_freemap *map)
{
	return map->slots;
}

uint32_t
tidei_freemap_bound(const struct tidei_freemap *map)
{
	return map->bound;
}

uint32_t
tidei_freemap_count(const struct tidei_freemap *map)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i * BLOCK_SLOTS < map->bound; i++)
		/* Relaxed: a snapshot of each word, not of all. */
		count += (uint32_t)__builtin_popcountll(
			atomic_load_explicit(&map->block[i].free, memory_order_relaxed));
	return count;
}

uint64_t
tidei_freemap_failures(const struct tidei_freemap *map)
{
	uint64_t failures = 0;

	for (unsigned int i = 0; i < cells_in_all(map); i++)
		failures += atomic_load_explicit(&map->cell[i].failures, memory_order_relaxed);
	return failures;
}

uint64_t
tidei_freemap_misuses(const struct tidei_freemap *map, enum tidei_misuse kind)
{
	return atomic_load_explicit(&map->misuse[kind], memory_order_relaxed);
}

int
tidei_freemap_slot_of(const struct tidei_freemap *map, const void *object, uint32_t *slot)
{
	const struct tidei_span *span = &map->spans.span[0];
	uint32_t found = span_slot(map, object, &span);

	if (found != NO_SLOT) {
		*slot = found;
		return 0;
	}
	return tidei_span_of_address(map, (uintptr_t)object) == NULL ? -ENOENT : -EINVAL;
}

bool
tidei_freemap_is_free(const struct tidei_freemap *map, uint32_t slot)
{
	/* Relaxed: true or false only for this moment. */
	return atomic_load_explicit(&map->block[slot / BLOCK_SLOTS].free, memory_order_relaxed) >>
	               slot % BLOCK_SLOTS &
	       1;
}

void *
tidei_freemap_object(const struct tidei_freemap *map, uint32_t slot)
{
	const struct tidei_span *span = tidei_span_of_slot(map, slot);

	return (void *)(span->base + (slot - span->first) * map->stride);
}
