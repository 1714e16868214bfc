/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_LEDGER_H
#define TIDEI_MAGAZINE_LEDGER_H

/*
 * The ledger: a word per object, by the granule in which the object begins. Private to lib/magazine.
 *
 * Bit 31 of a word: the object is out. Bits 30 to 21: the caller that moved it last; 20 to 0: when, in
 * units of 128 ms. 0: never moved. Words are read and written plainly, by whoever holds the object: two
 * threads that put one object at once can both pass, and then the get of its second copy finds it out.
 */

#include <time.h>

#include "layout.h"

#define LEDGER_OUT   (UINT32_C(1) << 31)
#define CALLER_SHIFT 21
#define CALLERS_MAX  1024
#define WHEN_MASK    ((UINT32_C(1) << CALLER_SHIFT) - 1)
#define WHEN_LOG_MS  7

/* Gets after which a thread reads the clock again; a get of more than a few objects always does. */
#define CLOCK_GETS  16
#define CLOCK_BURST 8

/* Objects whose words a thread checks and writes before it looks at the result. */
#define LEDGER_CHUNK 64

static inline uint32_t
ledger_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint32_t)((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
}

/* Read the clock into a cell if it is due. */
static inline void
ledger_tick(struct tidei_cell *cell, unsigned int n)
{
	if (n <= CLOCK_BURST && cell->gets++ % CLOCK_GETS != 0)
		return;
	cell->gets = 1;
	atomic_store_explicit(&cell->now, ledger_now(), memory_order_relaxed);
}

/* What words of objects that move through this cell now hold, but for the bit that says out. */
static inline uint32_t
ledger_word(const struct tidei_cell *cell)
{
	return cell->caller << CALLER_SHIFT |
	       (atomic_load_explicit(&cell->now, memory_order_relaxed) >> WHEN_LOG_MS & WHEN_MASK);
}

/* The word of a number; NULL: it has none. */
static inline _Atomic uint32_t *
ledger_of(const struct tidei_magazines *mags, uint32_t number)
{
	uint32_t slot = number >> mags->granule;

	if (mags->mode == TIDEI_LEDGER_FULL)
		return &mags->ledger[slot];
	if (mags->mode == TIDEI_LEDGER_OFF || slot % TIDEI_LEDGER_SAMPLE != 0)
		return NULL;
	return &mags->ledger[slot / TIDEI_LEDGER_SAMPLE];
}

/*
 * Write `to` to the words of n numbers, LEDGER_CHUNK at most, all of which should have `out` as their
 * bit. False, with nothing changed: one has not, or stands twice.
 */
static inline bool
ledger_turn_full(const struct tidei_magazines *mags, const uint32_t *number, unsigned int n,
	uint32_t out, uint32_t to)
{
	_Atomic uint32_t *const ledger = mags->ledger;
	const uint8_t granule = mags->granule;
	uint32_t before[LEDGER_CHUNK], wrong = 0;

	for (unsigned int i = 0; i < n; i++) {
		_Atomic uint32_t *word = &ledger[number[i] >> granule];

		/* Relaxed: see above. */
		before[i] = atomic_load_explicit(word, memory_order_relaxed);
		wrong |= before[i] ^ out;
		atomic_store_explicit(word, to, memory_order_relaxed);
	}
	if (__builtin_expect((wrong & LEDGER_OUT) == 0, 1))
		return true;
	while (n-- > 0)
		atomic_store_explicit(
			&ledger[number[n] >> granule], before[n], memory_order_relaxed);
	return false;
}

/* As above for a ledger that watches some objects. */
static inline bool
ledger_turn_sampled(const struct tidei_magazines *mags, const uint32_t *number, unsigned int n,
	uint32_t out, uint32_t to)
{
	uint32_t watched[LEDGER_CHUNK];
	unsigned int nb = 0;

	for (unsigned int i = 0; i < n; i++) {
		uint32_t slot = number[i] >> mags->granule;

		watched[nb] = slot / TIDEI_LEDGER_SAMPLE << mags->granule;
		nb += slot % TIDEI_LEDGER_SAMPLE == 0;
	}
	return ledger_turn_full(mags, watched, nb, out, to);
}

/* Write `to` to the words of n numbers, or to none and return how many leading ones were turned. */
static inline unsigned int
ledger_turn(const struct tidei_magazines *mags, const uint32_t *number, unsigned int n,
	uint32_t out, uint32_t to)
{
	unsigned int done, chunk;

	if (mags->mode == TIDEI_LEDGER_OFF)
		return n;
	for (done = 0; done < n; done += chunk) {
		chunk = n - done < LEDGER_CHUNK ? n - done : LEDGER_CHUNK;
		if (mags->mode == TIDEI_LEDGER_FULL
				? !ledger_turn_full(mags, number + done, chunk, out, to)
				: !ledger_turn_sampled(mags, number + done, chunk, out, to))
			break;
	}
	return done;
}

/* The clock of a ledger word, in milliseconds before now, for a report. */
static inline uint32_t
ledger_age_ms(uint32_t word, uint32_t now_ms)
{
	return (((now_ms >> WHEN_LOG_MS) - word) & WHEN_MASK) << WHEN_LOG_MS;
}

#endif /* TIDEI_MAGAZINE_LEDGER_H */
