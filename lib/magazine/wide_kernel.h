/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The helpers of wide.h in vectors of the compiler, eight numbers at a time. A source defines TARGET,
 * the attribute that says for which CPU, WIDE, the name of its table, and BITS, and includes this once.
 */

#include "segment.h"
#include "wide.h"

#define LANES  8
#define INLINE TARGET static inline __attribute__((always_inline))

typedef uint32_t numbers_t __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef uint64_t pointers_t __attribute__((vector_size(LANES * 8), aligned(8), may_alias));

INLINE void
expand_lanes(uintptr_t base, uint8_t shift, const uint32_t *number, void **table)
{
	*(pointers_t *)table =
		(__builtin_convertvector(*(const numbers_t *)number, pointers_t) << shift) + base;
}

TARGET static void
expand(const struct tidei_magazines *mags, const struct tidei_segment *s, const uint32_t *number,
	void **table, unsigned int n)
{
	const uint8_t shift = mags->shift;
	const uintptr_t base = s->base;
	unsigned int i = 0;

	for (; i + LANES <= n; i += LANES)
		expand_lanes(base, shift, number + i, table + i);
	for (; i < n; i++)
		table[i] = (void *)(base + ((uint64_t)number[i] << shift));
}

/* What must hold of each number. */
struct rule {
	uintptr_t base;
	uint64_t below_unit; /* Bits of an offset that are 0 in each multiple of the unit. */
	uint32_t units, mask, inverse, per;
	uint8_t shift;
};

/* Write the numbers of eight objects; a lane is not 0 where one is none. */
INLINE numbers_t
compress_lanes(const struct rule *r, void *const *table, uint32_t *number)
{
	pointers_t offset = *(const pointers_t *)table - r->base;
	pointers_t x = offset >> r->shift;
	numbers_t narrow = __builtin_convertvector(x, numbers_t);
	/* An offset that is not whole, or whose number needs more than 32 bits. */
	pointers_t odd = (offset & r->below_unit) | x >> 32;

	*(numbers_t *)number = narrow;
	return __builtin_convertvector(odd, numbers_t) | (numbers_t)(narrow >= r->units) |
	       (numbers_t)((narrow & r->mask) * r->inverse >= r->per);
}

TARGET static bool
compress(const struct tidei_magazines *mags, const struct tidei_segment *s, void *const *table,
	uint32_t *number, unsigned int n)
{
	const struct rule r = {
		.base = s->base,
		.below_unit = (UINT64_C(1) << mags->shift) - 1,
		.units = s->units,
		.mask = s->mask,
		.inverse = mags->inverse,
		.per = s->per,
		.shift = mags->shift,
	};
	numbers_t bad = {0};
	uint32_t any = 0;
	unsigned int i = 0;

	for (; i + LANES <= n; i += LANES)
		bad |= compress_lanes(&r, table + i, number + i);
	for (; i < n; i++) {
		number[i] = segment_number(mags, s, (uintptr_t)table[i]);
		any |= number[i] == NO_NUMBER;
	}
	for (unsigned int lane = 0; lane < LANES; lane++)
		any |= bad[lane];
	return any == 0;
}

const struct tidei_wide WIDE = {BITS, expand, compress};
