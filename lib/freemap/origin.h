/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_FREEMAP_ORIGIN_H
#define TIDEI_FREEMAP_ORIGIN_H

/* Stamping a block when it is opened. Private to lib/freemap. */

#include "layout.h"

/*
 * Stamp a block that `who` opens; `before` is its word before it took from it.
 *
 * Slots that are out now are from now on `older`. If none of the older ones is still out, all that
 * are out were taken since the last opening: its stamp is theirs. Else the one they have stays: it is
 * right for the oldest. Relaxed throughout: two threads may open a block at once, and a stamp is
 * read racily and says so.
 */
static inline void
stamp(struct tidei_block *b, uint32_t who, uint64_t before)
{
	if ((atomic_load_explicit(&b->older, memory_order_relaxed) & ~before) == 0) {
		atomic_store_explicit(&b->older_who,
			atomic_load_explicit(&b->who, memory_order_relaxed), memory_order_relaxed);
		atomic_store_explicit(&b->older_when_ms,
			atomic_load_explicit(&b->when_ms, memory_order_relaxed),
			memory_order_relaxed);
	}
	atomic_store_explicit(&b->older, ~before, memory_order_relaxed);
	atomic_store_explicit(&b->who, who, memory_order_relaxed);
	atomic_store_explicit(&b->when_ms, tidei_freemap_now_ms(), memory_order_relaxed);
	atomic_store_explicit(&b->epoch, atomic_load_explicit(&b->epoch, memory_order_relaxed) + 1,
		memory_order_relaxed);
}

#endif /* TIDEI_FREEMAP_ORIGIN_H */
