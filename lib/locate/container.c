/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Reads the pointers in rte_rings and rte_stacks. */

#include <string.h>

#include <rte_common.h>
#include <rte_memzone.h>
#include <rte_ring.h>
#include <rte_stack.h>

#include "locate_container.h"
#include "locate_peek.h"

/* Pointers that are copied at a time. */
#define BLOCK 512

/* Call cb for each word of len bytes. */
static void
pointers_of(uintptr_t from, size_t len, tidei_pointer_cb *cb, void *arg)
{
	uintptr_t block[BLOCK];

	while (len >= sizeof(block[0])) {
		size_t got = tidei_peek(block, from, RTE_MIN(len, sizeof(block)));

		for (size_t i = 0; i < got / sizeof(block[0]); i++)
			cb(block[i], arg);
		if (got < RTE_MIN(len, sizeof(block)))
			return;
		from += got;
		len -= got;
	}
}

/*
 * Return the bytes of an element, which a ring does not keep: they follow from its memzone. A ring without one is of
 * pointers, like those of rte_ring_init().
 */
static size_t
element_size(const struct rte_ring *r)
{
	size_t plain = sizeof(*r) + r->size * sizeof(void *);
	struct rte_memzone mz;

	if (r->memzone == NULL ||
		tidei_peek(&mz, (uintptr_t)r->memzone, sizeof(mz)) != sizeof(mz) ||
		mz.len == RTE_CACHE_LINE_ROUNDUP(plain) || mz.len < plain)
		return sizeof(void *);
	return (mz.len - sizeof(*r)) / r->size;
}

/* Read the elements from position `from` to `to`, both free-running. */
static void
elements_of(uintptr_t ring, const struct rte_ring *r, uint32_t from, uint32_t to,
	tidei_pointer_cb *cb, void *arg)
{
	size_t each = element_size(r);

	while (from != to) {
		uint32_t i = from & r->mask;
		uint32_t n = RTE_MIN(to - from, r->size - i);

		pointers_of(ring + sizeof(*r) + i * each, n * each, cb, arg);
		from += n;
	}
}

size_t
tidei_ring_read(uintptr_t ring, tidei_pointer_cb *cb, void *arg)
{
	struct rte_ring r, after;

	if (tidei_peek(&r, ring, sizeof(r)) != sizeof(r) || r.size == 0 ||
		r.size > RTE_RING_SZ_MASK || !rte_is_power_of_2(r.size) || r.mask != r.size - 1)
		return 0;
	/* All kinds of rings have the tails in the same place. */
	if (r.prod.tail - r.cons.tail <= r.size)
		elements_of(ring, &r, r.cons.tail, r.prod.tail, cb, arg);
	/* Elements that were added meanwhile, so that one that goes around is not missed. */
	if (tidei_peek(&after, ring, sizeof(after)) == sizeof(after))
		elements_of(ring, &r,
			after.prod.tail - RTE_MIN(after.prod.tail - r.prod.tail, r.size),
			after.prod.tail, cb, arg);
	return sizeof(r) + r.size * element_size(&r);
}

size_t
tidei_stack_read(uintptr_t stack, tidei_pointer_cb *cb, void *arg)
{
	struct rte_stack s;

	if (tidei_peek(&s, stack, sizeof(s)) != sizeof(s) || s.capacity == 0 ||
		(s.flags & RTE_STACK_F_LF) != 0)
		return 0;
	pointers_of(stack + offsetof(struct rte_stack, stack_std.objs),
		RTE_MIN(s.stack_std.len, s.capacity) * sizeof(void *), cb, arg);
	return offsetof(struct rte_stack, stack_std.objs) + s.capacity * sizeof(void *);
}
