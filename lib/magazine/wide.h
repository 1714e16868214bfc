/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_WIDE_H
#define TIDEI_MAGAZINE_WIDE_H

/*
 * The common case of get and put: a burst of an allocator of one segment, through the cell used last.
 * Private to lib/magazine. One source, wide_kernel.h, is compiled for each width of vector register.
 */

#include "layout.h"

struct tidei_wide {
	unsigned int bits; /* Of a vector register. */

	/* As in magazine.h. */
	int (*get)(struct tidei_magazines *mags, void **table, unsigned int n,
		const struct tidei_listener *listener);
	unsigned int (*put)(struct tidei_magazines *mags, void *const *table, unsigned int n,
		const struct tidei_listener *listener);

	/*
	 * Of one segment: turn the ledger words of n numbers from free to `to`, if there is a ledger.
	 * False, with all words as free as they were: one is out, or is there twice.
	 */
	bool (*take)(const struct tidei_magazines *mags, struct tidei_cell *cell,
		const uint32_t *number, unsigned int n, uint32_t to);

	/* Of one segment: write the objects of n numbers to a table. */
	void (*expand)(const struct tidei_magazines *mags, const uint32_t *number, void **table,
		unsigned int n);

	/*
	 * Of one segment: write the numbers of n objects, and turn their ledger words from out to `to`,
	 * if there is a ledger. Returns how many of the first it could: fewer than n when one is none of
	 * the segment, is free, or is there twice; no word of the others changed then.
	 */
	unsigned int (*give)(const struct tidei_magazines *mags, struct tidei_cell *cell,
		void *const *table, uint32_t *number, unsigned int n, uint32_t to);
};

/* The helpers in use by this process; never NULL. */
extern const struct tidei_wide *_Atomic tidei_wide;

extern const struct tidei_wide tidei_wide_plain;
#if defined(__x86_64__)
extern const struct tidei_wide tidei_wide_avx2;
#endif

static inline const struct tidei_wide *
wide(void)
{
	/* Relaxed: each answer is right, and what it points to is constant. */
	return atomic_load_explicit(&tidei_wide, memory_order_relaxed);
}

#endif /* TIDEI_MAGAZINE_WIDE_H */
