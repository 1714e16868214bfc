/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_WIDE_H
#define TIDEI_MAGAZINE_WIDE_H

/*
 * Numbers to pointers and back for an allocator of one segment, several at a time. Private to
 * lib/magazine. One source, wide_kernel.h, is compiled for each width of vector register.
 */

#include "layout.h"

struct tidei_wide {
	unsigned int bits; /* Of a vector register. */

	/* Write the objects of n numbers of the segment to a table. */
	void (*expand)(const struct tidei_magazines *mags, const struct tidei_segment *s,
		const uint32_t *number, void **table, unsigned int n);

	/* Write the numbers of n objects. Returns false when one of them is none of the segment. */
	bool (*compress)(const struct tidei_magazines *mags, const struct tidei_segment *s,
		void *const *table, uint32_t *number, unsigned int n);
};

/* The helpers in use by this process; never NULL. */
extern const struct tidei_wide *_Atomic tidei_wide;

extern const struct tidei_wide tidei_wide_plain;
#if defined(__x86_64__)
extern const struct tidei_wide tidei_wide_avx2;
extern const struct tidei_wide tidei_wide_avx512;
#endif

static inline const struct tidei_wide *
wide(void)
{
	/* Relaxed: each answer is right, and what it points to is constant. */
	return atomic_load_explicit(&tidei_wide, memory_order_relaxed);
}

#endif /* TIDEI_MAGAZINE_WIDE_H */
