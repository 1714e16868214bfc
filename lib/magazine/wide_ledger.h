/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_WIDE_LEDGER_H
#define TIDEI_MAGAZINE_WIDE_LEDGER_H

/*
 * Updates ledger words with vectors. Private to lib/magazine, for wide_kernel.h.
 *
 * Each function checks that the words of a chunk have `out`, LEDGER_OUT or 0, as that bit, and writes
 * `to` to them. It returns false, with each word as before, if one has the other bit or occurs twice.
 */

#include "wide_vector.h"

/* Update the words of RUN consecutive slots. *remote: see struct tidei_cell. */
INLINE bool
update_run(_Atomic uint32_t *ledger, uint32_t out, uint32_t to, uint8_t *remote)
{
	/* A vector store may split, but no 32-bit word of it does. */
	numbers_t *words = (numbers_t *)(uintptr_t)ledger, wrong = {0};

	*remote = ((words[0][0] ^ to) & CALLER_MASK) != 0;
	for (unsigned int i = 0; i < RUN / LANES; i++)
		wrong |= words[i] ^ out;
	if (__builtin_expect(ANY(wrong & LEDGER_OUT), 0))
		return false;
	for (unsigned int i = 0; i < RUN / LANES; i++)
		STORE(words + i, (numbers_t){0} + to);
	return true;
}

/*
 * Fetch n words for writing, many at once, before the thread uses them one by one. For words that
 * another CPU wrote last, a read and a later write would cost two transfers between the CPUs.
 */
INLINE void
prefetch_words(_Atomic uint32_t *ledger, const uint32_t *slot, unsigned int n)
{
	for (size_t i = 0; i < n; i++)
		PREFETCH((uint32_t *)(uintptr_t)&ledger[slot[i]]);
}

/* Update the words of n slots in any order. *remote: see struct tidei_cell. */
INLINE bool
update_each(_Atomic uint32_t *ledger, const uint32_t *slot, unsigned int n, uint32_t out,
	uint32_t to, uint8_t *remote)
{
	uint32_t before[RUN], seen = out;

	if (out != 0 && __builtin_expect(*remote, 0))
		prefetch_words(ledger, slot, n);

#pragma GCC unroll 8
	for (size_t i = 0; i < n; i++) {
		_Atomic uint32_t *word = &ledger[slot[i]];

		/* Relaxed: only the thread that has an object accesses its word. */
		before[i] = atomic_load_explicit(word, memory_order_relaxed);
		atomic_store_explicit(word, to, memory_order_relaxed);
		seen = out == 0 ? seen | before[i] : seen & before[i];
	}
	if (n != 0)
		*remote = ((before[0] ^ to) & CALLER_MASK) != 0;
	if (__builtin_expect(((seen ^ out) & LEDGER_OUT) == 0, 1))
		return true;
	while (n-- > 0)
		atomic_store_explicit(&ledger[slot[n]], before[n], memory_order_relaxed);
	return false;
}

/* Replace n slots of a chunk by the indices of their words in a sampled ledger. Returns how many have one. */
INLINE unsigned int
sample(uint32_t *slot, unsigned int n)
{
	unsigned int nb = 0, i = 0;
	uint32_t sampled = 0;

	for (; i + LANES <= n; i += LANES)
		sampled |= (uint32_t)SET(*(const numbers_t *)(slot + i) % TIDEI_LEDGER_SAMPLE == 0)
		           << i;
	for (; i < n; i++)
		sampled |= (uint32_t)(slot[i] % TIDEI_LEDGER_SAMPLE == 0) << i;
	for (; sampled != 0; sampled &= sampled - 1)
		slot[nb++] = slot[__builtin_ctz(sampled)] / TIDEI_LEDGER_SAMPLE;
	return nb;
}

/* Update the words of n slots of a chunk. The slots are overwritten if the ledger is sampled. */
INLINE bool
update_slots(const struct tidei_magazines *mags, uint32_t *slot, unsigned int n, uint32_t out,
	uint32_t to, uint8_t *remote)
{
	if (__builtin_expect(mags->mode == TIDEI_LEDGER_SAMPLED, 0))
		n = sample(slot, n);
	return update_each(mags->ledger, slot, n, out, to, remote);
}

#endif /* TIDEI_MAGAZINE_WIDE_LEDGER_H */
