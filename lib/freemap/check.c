/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* What must hold of a map at rest. */

#include "span.h"
#include "summary.h"

/* Spans: ascending by slot and by address, without overlap. */
static const char *
check_spans(const struct tidei_freemap *map)
{
	const struct tidei_spans *spans = &map->spans;
	uint32_t next = 0, slots = 0;

	if (spans->nb > spans->capacity)
		return "more spans than the table holds";
	for (uint32_t i = 0; i < spans->nb; i++) {
		if (spans->span[i].first < next)
			return "two spans share a slot number";
		next = spans->span[i].first + spans->span[i].slots;
		slots += spans->span[i].slots;
	}
	if (next != map->bound || next > map->blocks * BLOCK_SLOTS)
		return "the highest slot number is not that of the last span";
	if (slots != map->slots || slots > map->capacity)
		return "the slots of all spans do not add up";
	for (uint32_t i = 1; i < spans->nb; i++) {
		const struct tidei_span *a = &spans->span[spans->order[i - 1]];

		if (a->base + a->slots * map->stride > spans->span[spans->order[i]].base)
			return "spans are out of order or overlap";
	}
	return NULL;
}

/* What a block knows of its slots is what the spans say; its free ones are known to the summary. */
static const char *
check_block(const struct tidei_freemap *map, uint32_t block)
{
	const struct tidei_block *b = &map->block[block];
	uint64_t free = atomic_load(&b->free);
	uint64_t some = atomic_load(&group_of(map, block)->some);

	if (free & ~b->slots)
		return "a free bit stands for no slot";
	if ((free != 0) != ((some & group_bit(block)) != 0))
		return free != 0 ? "a block with free slots is missing in `some`"
		                 : "a block without free slots is in `some`";
	for (uint32_t i = 0; i < BLOCK_SLOTS; i++) {
		uint32_t slot = block * BLOCK_SLOTS + i;
		const struct tidei_span *span = tidei_span_of_slot(map, slot);
		bool exists = slot >= span->first && slot - span->first < span->slots;

		if (exists != (b->slots >> i & 1))
			return "a block and the spans disagree which slots there are";
		if (exists && i < b->split &&
			(uintptr_t)tidei_freemap_object(map, slot) != b->base + i * map->stride)
			return "a slot below the split does not follow at base";
	}
	return NULL;
}

const char *
tidei_freemap_check(const struct tidei_freemap *map)
{
	const char *wrong = check_spans(map);

	for (uint32_t block = 0; wrong == NULL && block < map->blocks; block++)
		wrong = check_block(map, block);
	return wrong;
}
