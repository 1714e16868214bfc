/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_WIDE_H
#define TIDEI_MAGAZINE_WIDE_H

/*
 * The fast path of get and put: a burst of an allocator with one segment, in the cell used last.
 * Private to lib/magazine. One source, wide_kernel.h, is compiled for each width of vector register.
 */

#include "layout.h"

struct tidei_wide {
	unsigned int bits; /* Width of a vector register. */

	/* tidei_magazines_get() and tidei_magazines_put(). */
	int (*get)(struct tidei_magazines *mags, void **table, unsigned int n,
		const struct tidei_listener *listener);
	unsigned int (*put)(struct tidei_magazines *mags, void *const *table, unsigned int n,
		const struct tidei_listener *listener);

	/*
	 * Check by the ledger, if there is one, that n numbers of the one segment are free, and write
	 * `to` to their words. Returns false, with all words free again, if one is out or occurs twice.
	 */
	bool (*record_get)(const struct tidei_magazines *mags, struct tidei_cell *cell,
		const uint32_t *number, unsigned int n, uint32_t to);

	/* Write the objects of n numbers of the one segment to a table. */
	void (*expand)(const struct tidei_magazines *mags, const uint32_t *number, void **table,
		unsigned int n);

	/*
	 * Write the numbers of n objects of the one segment. Check by the ledger, if there is one, that
	 * they are out, and write `to` to their words. Returns how many it accepted from the start of
	 * the table. They are fewer than n if one is no object of the segment, is free or occurs
	 * twice; then no word of the others changed.
	 */
	unsigned int (*compress_put)(const struct tidei_magazines *mags, struct tidei_cell *cell,
		void *const *table, uint32_t *number, unsigned int n, uint32_t to);
};

/* The functions that this process uses; never NULL. */
extern const struct tidei_wide *_Atomic tidei_wide;

extern const struct tidei_wide tidei_wide_plain;
#if defined(__x86_64__)
extern const struct tidei_wide tidei_wide_avx2;
#endif

static inline const struct tidei_wide *
wide(void)
{
	/* Relaxed: each table is correct, and is constant. */
	return atomic_load_explicit(&tidei_wide, memory_order_relaxed);
}

#endif /* TIDEI_MAGAZINE_WIDE_H */
