/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_FREEMAP_SPAN_H
#define TIDEI_FREEMAP_SPAN_H

/*
 * From a pointer to its slot and back. Private to lib/freemap.
 *
 * A pointer belongs to a span if and only if its offset is q * stride with q below the span's slots.
 * With stride = d * 2^k, d odd, one rotation by k and one multiplication by the inverse of d modulo
 * 2^64 answer range, boundary and slot at once: both are bijections of 64-bit words, and they send
 * q * stride to q for every such q, so no other offset can land below `slots` (exact division:
 * Granlund and Montgomery, "Division by Invariant Integers using Multiplication", section 9).
 */

#include "layout.h"

static inline uint64_t
span_quotient(const struct tidei_freemap *map, uintptr_t offset)
{
	uint32_t shift = map->divisor.shift;
	uint64_t rotated = (offset >> shift) | (offset << (-shift & 63));

	return rotated * map->divisor.inverse;
}

/* The span that holds a slot that exists. */
const struct tidei_span *tidei_span_of_slot(const struct tidei_freemap *map, uint32_t slot);

/* The span an address lies in; NULL: none. */
const struct tidei_span *tidei_span_of_address(const struct tidei_freemap *map, uintptr_t address);

/*
 * The slot of an object; NO_SLOT when it is none. *last is the span found before, tried first, and
 * becomes the span of this one.
 */
static inline uint32_t
span_slot(const struct tidei_freemap *map, const void *object, const struct tidei_span **last)
{
	uint64_t q = span_quotient(map, (uintptr_t)object - (*last)->base);
	const struct tidei_span *span;

	if (__builtin_expect(q < (*last)->slots, 1))
		return (*last)->first + (uint32_t)q;
	if (map->spans.nb == 1)
		return NO_SLOT;
	span = tidei_span_of_address(map, (uintptr_t)object);
	if (span == NULL)
		return NO_SLOT;
	*last = span;
	q = span_quotient(map, (uintptr_t)object - span->base);
	return q < span->slots ? span->first + (uint32_t)q : NO_SLOT;
}

#endif /* TIDEI_FREEMAP_SPAN_H */
