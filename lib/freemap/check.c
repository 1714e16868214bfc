/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* What must hold of a map at rest. */

#include "span.h"
#include "summary.h"

/* Spans: by slot without gaps, by address without overlap. */
static const char *
check_spans(const struct tidei_freemap *map)
{
	const struct tidei_spans *spans = &map->spans;
	uint32_t next = 0;

	if (spans->nb > spans->capacity)
		return "more spans than the table holds";
	for (uint32_t i = 0; i < spans->nb; i++) {
		if (spans->span[i].first != next)
			return "spans leave a gap in the slot numbers";
		next += spans->span[i].slots;
	}
	if (next != map->slots || next > map->capacity)
		return "the slots of all spans do not add up";
	for (uint32_t i = 1; i < spans->nb; i++) {
		const struct tidei_span *a = &spans->span[spans->order[i - 1]];

		if (a->base + a->slots * map->stride > spans->span[spans->order[i]].base)
			return "spans are out of order or overlap";
	}
	return NULL;
}

static const char *
check_block(const struct tidei_freemap *map, uint32_t block)
{
	const struct tidei_block *b = &map->block[block];
	uint64_t free = atomic_load(&b->free), slots = block_slots(map, block);
	uint64_t some = atomic_load(&map->some[block / SOME_BLOCKS]);

	if (free & ~slots)
		return "a free bit stands for no slot";
	if ((free != 0) != ((some & some_bit(block)) != 0))
		return free != 0 ? "a block with free slots is missing in `some`"
		                 : "a block without free slots is in `some`";
	if (slots == 0)
		return NULL;
	if (b->base != (uintptr_t)tidei_freemap_object(map, block * BLOCK_SLOTS))
		return "a block has the wrong base";
	for (uint32_t i = 1; i < BLOCK_SLOTS && slots >> i & 1; i++) {
		uintptr_t at = (uintptr_t)tidei_freemap_object(map, block * BLOCK_SLOTS + i);

		/* Beyond the split a slot may by chance still follow its neighbour. */
		if (i < b->split && at != b->base + i * map->stride)
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
