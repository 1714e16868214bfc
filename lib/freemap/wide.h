/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_FREEMAP_WIDE_H
#define TIDEI_FREEMAP_WIDE_H

/*
 * Several pointers at a time: helpers inside get and put, by width of the vector unit. Private to
 * lib/freemap.
 *
 * Within one block whose slots all follow at its base, offsets are small: with stride = d * 2^k and
 * 64 * d below 2^32, 32 bits of (offset >> k) times the inverse of d modulo 2^32 give the slot for
 * each slot's start, and a number of 64 or more for any other offset below 2^(32 + k) that is a
 * multiple of 2^k. That is the division of span.h, narrowed to what four lanes multiply at once.
 */

#include "layout.h"

struct tidei_wide {
	unsigned int bits; /* Of a vector register. */

	/*
	 * Fold the leading pointers of table that are slots of the block at base, and stop before a
	 * step of bits / 64 pointers that holds any other. Returns the mask, a bit for each pointer
	 * folded; 0 when one of them stands twice. The divisor's near is not 0.
	 */
	uint64_t (*fold)(const struct tidei_divisor *divisor, uintptr_t base, void *const *table,
		unsigned int n);

	/*
	 * How many leading pointers of table are what run() would have written; the stride may be
	 * negative, modulo 2^64. Put asks this first:
	 * the mask of a run comes from its first pointer alone, so the atomic that gives it back
	 * waits for no more than that.
	 */
	unsigned int (*follow)(
		uintptr_t first, uint64_t stride, void *const *table, unsigned int n);

	/* Write n pointers, the first and then each a stride further. */
	void (*run)(uintptr_t first, uint64_t stride, void **table, unsigned int n);
};

/* The helpers in use by this process; never NULL. */
extern const struct tidei_wide *_Atomic tidei_wide;

/* Fewest pointers worth a step. */
#define WIDE_MIN 4

extern const struct tidei_wide tidei_wide_plain;
#if defined(__x86_64__)
extern const struct tidei_wide tidei_wide_avx2;
extern const struct tidei_wide tidei_wide_avx512;
#elif defined(__aarch64__)
extern const struct tidei_wide tidei_wide_neon;
#endif

static inline const struct tidei_wide *
wide(void)
{
	/* Relaxed: each answer is right, and what it points to is constant. */
	return atomic_load_explicit(&tidei_wide, memory_order_relaxed);
}

#endif /* TIDEI_FREEMAP_WIDE_H */
