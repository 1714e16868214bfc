/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Gives slots back to the map: a burst is folded into one mask per block, and checked. */

#include "word.h"
#include "span.h"
#include "wide.h"

/* Who is told of what is refused, and how much that was. */
struct refusals {
	unsigned int n;
	tidei_refused_cb cb;
	void *arg;
};

static void
refuse(struct tidei_freemap *map, struct refusals *r, enum tidei_misuse kind, const void *object,
	uint32_t slot)
{
	/* Relaxed: a counter. */
	uint64_t before = atomic_fetch_add_explicit(&map->misuse[kind], 1, memory_order_relaxed);

	r->n++;
	if (r->cb != NULL)
		r->cb(&(struct tidei_refusal){kind, object, slot, before + 1}, r->arg);
}

static void
refuse_double(struct tidei_freemap *map, struct refusals *r, uint32_t slot)
{
	refuse(map, r, TIDEI_MISUSE_DOUBLE_FREE, tidei_freemap_object(map, slot), slot);
}

static void
refuse_pointer(struct tidei_freemap *map, struct refusals *r, const void *object)
{
	bool foreign = tidei_span_of_address(map, (uintptr_t)object) == NULL;

	refuse(map, r, foreign ? TIDEI_MISUSE_FOREIGN : TIDEI_MISUSE_MISALIGNED, object, NO_SLOT);
}

/* Give one block its slots; those that were free already are double frees. */
static inline void
give(struct tidei_freemap *map, struct refusals *r, uint32_t block, uint64_t mask, uint32_t open)
{
	uint64_t doubles = word_give(map, block, mask, open);

	for (; __builtin_expect(doubles != 0, 0); doubles &= doubles - 1)
		refuse_double(map, r, block * BLOCK_SLOTS + (uint32_t)__builtin_ctzll(doubles));
}

/*
 * Fold what follows in the table and lies in the same block, several pointers at a time; how many.
 * Looks first whether the last pointer of a step is near: a burst of crumbs is not worth trying.
 */
static inline unsigned int
fold_more(const struct tidei_freemap *map, uint32_t block, void *const *table, unsigned int n,
	uint64_t *mask)
{
	const struct tidei_block *b = &map->block[block];
	const struct wide_block wide_block = {
		b->base, map->strange, map->shift, (uint32_t)map->inverse};
	uint64_t more;
	unsigned int folded;

	if (n < WIDE_MIN || b->split < BLOCK_SLOTS || !map->foldable ||
		(uintptr_t)table[WIDE_MIN - 1] - b->base >= BLOCK_SLOTS * map->stride)
		return 0;
	folded = wide()->fold(&wide_block, table, n, &more);
	if (*mask & more) /* A double free: found one by one. */
		return 0;
	*mask |= more;
	return folded;
}

unsigned int
tidei_freemap_put(struct tidei_freemap *map, uint32_t who, void *const *table, unsigned int n,
	tidei_refused_cb refused, void *arg)
{
	uint32_t open = atomic_load_explicit(&cell_of(map, who)->block, memory_order_relaxed);
	const struct tidei_span *last = &map->spans.span[0];
	struct refusals r = {0, refused, arg};
	uint32_t block = NO_BLOCK;
	uint64_t mask = 0;

	for (unsigned int i = 0; i < n;) {
		const void *object = table[i++];
		uint32_t slot = span_slot(map, object, &last);
		uint64_t bit = UINT64_C(1) << (slot % BLOCK_SLOTS);

		if (__builtin_expect(slot == NO_SLOT, 0)) {
			refuse_pointer(map, &r, object);
			continue;
		}
		if (slot / BLOCK_SLOTS != block) {
			if (mask != 0)
				give(map, &r, block, mask, open);
			block = slot / BLOCK_SLOTS;
			mask = 0;
		}
		if (__builtin_expect((mask & bit) != 0, 0))
			refuse_double(map, &r, slot);
		mask |= bit;
		i += fold_more(map, block, table + i, n - i, &mask);
	}
	if (mask != 0)
		give(map, &r, block, mask, open);
	return r.n;
}
