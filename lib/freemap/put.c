/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Gives slots back to the map: a burst is folded into one mask per block, and checked. */

#include "word.h"
#include "span.h"
#include "wide.h"

/* Who is told of what is refused. */
struct listener {
	tidei_refused_cb cb;
	void *arg;
};

/* Refuse one object; how many that is. */
__attribute__((cold, noinline)) static unsigned int
refuse(struct tidei_freemap *map, struct listener l, enum tidei_misuse kind, const void *object,
	uint32_t slot)
{
	/* Relaxed: a counter. */
	uint64_t before = atomic_fetch_add_explicit(&map->misuse[kind], 1, memory_order_relaxed);

	if (l.cb != NULL)
		l.cb(&(struct tidei_refusal){kind, object, slot, before + 1}, l.arg);
	return 1;
}

__attribute__((cold, noinline)) static unsigned int
refuse_double(struct tidei_freemap *map, struct listener l, uint32_t slot)
{
	return refuse(map, l, TIDEI_MISUSE_DOUBLE_FREE, tidei_freemap_object(map, slot), slot);
}

/* Refuse the slots of a block that were free already; how many. */
__attribute__((cold, noinline)) static unsigned int
refuse_doubles(struct tidei_freemap *map, struct listener l, uint32_t block, uint64_t doubles)
{
	unsigned int refused = 0;

	for (; doubles != 0; doubles &= doubles - 1)
		refused += refuse_double(
			map, l, block * BLOCK_SLOTS + (uint32_t)__builtin_ctzll(doubles));
	return refused;
}

__attribute__((cold, noinline)) static unsigned int
refuse_pointer(struct tidei_freemap *map, struct listener l, const void *object)
{
	bool foreign = tidei_span_of_address(map, (uintptr_t)object) == NULL;

	return refuse(
		map, l, foreign ? TIDEI_MISUSE_FOREIGN : TIDEI_MISUSE_MISALIGNED, object, NO_SLOT);
}

/*
 * The mask of leading pointers of a table that lie in one block, several at a time; 0 when there are
 * too few. Looks first whether the last pointer of a step is near: a burst of crumbs is not worth
 * trying.
 */
static inline uint64_t
fold_wide(const struct tidei_freemap *map, const struct tidei_block *b, void *const *table,
	unsigned int n)
{
	if (n < WIDE_MIN || b->split < BLOCK_SLOTS ||
		(uintptr_t)table[WIDE_MIN - 1] - b->base >= map->divisor.near)
		return 0;
	return wide()->fold(&map->divisor, b->base, table, n);
}

/*
 * Give back the leading pointers of a table that lie in the block of the first, which is `slot`. How
 * many; those that stand twice are refused and added to *refused.
 */
static inline unsigned int
give_leading(struct tidei_freemap *map, struct listener l, uint32_t slot, void *const *table,
	unsigned int n, uint32_t open, unsigned int *refused)
{
	uint32_t block = slot / BLOCK_SLOTS;
	const struct tidei_block *b = &map->block[block];
	uint64_t mask = fold_wide(map, b, table, n), doubles;
	unsigned int i;

	if (mask == 0)
		mask = UINT64_C(1) << slot % BLOCK_SLOTS;
	for (i = (unsigned int)__builtin_popcountll(mask); i < n; i++) {
		uint64_t q = span_quotient(map, (uintptr_t)table[i] - b->base);

		if (q >= b->split)
			break;
		if (__builtin_expect(mask >> q & 1, 0))
			*refused += refuse_double(map, l, block * BLOCK_SLOTS + (uint32_t)q);
		mask |= UINT64_C(1) << q;
	}
	doubles = word_give(map, block, mask, open);
	if (__builtin_expect(doubles != 0, 0))
		*refused += refuse_doubles(map, l, block, doubles);
	return i;
}

static __attribute__((noinline)) unsigned int
put_many(struct tidei_freemap *map, struct tidei_cell *cell, void *const *table, unsigned int n,
	tidei_refused_cb cb, void *arg)
{
	/* Relaxed: hints, of which any is right. */
	uint32_t open = atomic_load_explicit(&cell->block, memory_order_relaxed);
	uint32_t hint = atomic_load_explicit(&cell->span, memory_order_relaxed);
	const struct tidei_span *last = &map->spans.span[hint], *first = last;
	const struct listener l = {cb, arg};
	unsigned int refused = 0;

	for (unsigned int i = 0; i < n;) {
		uint32_t slot = span_slot(map, table[i], &last);

		if (__builtin_expect(slot == NO_SLOT, 0))
			refused += refuse_pointer(map, l, table[i++]);
		else
			i += give_leading(map, l, slot, table + i, n - i, open, &refused);
	}
	if (last != first)
		atomic_store_explicit(
			&cell->span, (uint32_t)(last - map->spans.span), memory_order_relaxed);
	return refused;
}

/*
 * The mask of a table that is a run of one block, up or down, as mempool caches turn bursts round; 0
 * when it is none. The first is `slot`; n is 1 to 64.
 */
static inline uint64_t
run_mask(const struct tidei_freemap *map, uint32_t slot, void *const *table, unsigned int n)
{
	uint64_t stride = map->stride;
	uint32_t low = slot % BLOCK_SLOTS;

	if (n == 1)
		return UINT64_C(1) << low;
	if ((uintptr_t)table[1] < (uintptr_t)table[0]) {
		if (low < n - 1)
			return 0;
		low -= n - 1;
		stride = -stride;
	}
	if (low + n > map->block[slot / BLOCK_SLOTS].split ||
		wide()->follow((uintptr_t)*table, stride, table, n) != n)
		return 0;
	return UINT64_MAX >> (BLOCK_SLOTS - n) << low;
}

unsigned int
tidei_freemap_put(struct tidei_freemap *map, uint32_t who, void *const *table, unsigned int n,
	tidei_refused_cb cb, void *arg)
{
	struct tidei_cell *cell = cell_of(map, who);
	const struct tidei_span *span;
	uint64_t q, doubles, mask;
	uint32_t slot;

	if (n - 1 >= BLOCK_SLOTS)
		return put_many(map, cell, table, n, cb, arg);
	/* Most puts: one object, or a run of one block, of the span given to last. Relaxed: hints. */
	span = &map->spans.span[atomic_load_explicit(&cell->span, memory_order_relaxed)];
	q = span_quotient(map, (uintptr_t)*table - span->base);
	if (q >= span->slots)
		return put_many(map, cell, table, n, cb, arg);
	slot = span->first + (uint32_t)q;
	mask = run_mask(map, slot, table, n);
	if (mask == 0)
		return put_many(map, cell, table, n, cb, arg);
	doubles = word_give(map, slot / BLOCK_SLOTS, mask,
		atomic_load_explicit(&cell->block, memory_order_relaxed));
	if (__builtin_expect(doubles != 0, 0))
		return refuse_doubles(map, (struct listener){cb, arg}, slot / BLOCK_SLOTS, doubles);
	return 0;
}
