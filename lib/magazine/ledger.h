/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_LEDGER_H
#define TIDEI_MAGAZINE_LEDGER_H

/*
 * The ledger: a word per slot, or per TIDEI_LEDGER_SAMPLE slots. Private to lib/magazine.
 *
 * Bit 31 of a word says that the object is out. Bits 30 to 21 are the caller that moved it last, bits
 * 20 to 0 the time of that in units of 128 ms. The word of an object that never moved is 0.
 * Only the thread that has the object accesses its word, with relaxed loads and stores. If two threads
 * put one object at the same time, both can pass; then the get of the second copy finds the object out.
 */

#include <time.h>

#include "layout.h"
#include "segment.h"

#define LEDGER_OUT   (UINT32_C(1) << 31)
#define CALLER_SHIFT 21
#define CALLERS_MAX  1024
#define CALLER_MASK  ((uint32_t)(CALLERS_MAX - 1) << CALLER_SHIFT)
#define WHEN_MASK    ((UINT32_C(1) << CALLER_SHIFT) - 1)
#define WHEN_LOG_MS  7

/* A busy thread reads the clock once in this many gets and puts. */
#define CLOCK_EVERY    8
/* A thread whose last reading is at least so old is not busy, and reads the clock each time. */
#define CLOCK_STALE_MS 16

/* The most objects whose words a thread updates together. */
#define LEDGER_CHUNK 32

static inline uint32_t
ledger_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint32_t)((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
}

/* Read the clock, and renew the ledger word of objects that move through a cell. */
void tidei_ledger_clock(struct tidei_cell *cell);

/* Return the ledger word of objects that move through this cell now, without LEDGER_OUT. */
static inline uint32_t
ledger_record(struct tidei_cell *cell)
{
	if (__builtin_expect(--cell->clock_left == 0, 0))
		tidei_ledger_clock(cell);
	return cell->record;
}

/* Return the word of a slot; NULL: it has none. */
static inline _Atomic uint32_t *
ledger_at(const struct tidei_magazines *mags, uint32_t slot)
{
	if (__builtin_expect(mags->mode == TIDEI_LEDGER_FULL, 1))
		return &mags->ledger[slot];
	if (mags->mode == TIDEI_LEDGER_OFF || slot % TIDEI_LEDGER_SAMPLE != 0)
		return NULL;
	return &mags->ledger[slot / TIDEI_LEDGER_SAMPLE];
}

/*
 * Check that the words of n numbers of any segments have `out`, LEDGER_OUT or 0, as that bit, and
 * write `to` to them. Returns false if a word has the other bit, or a number occurs twice; then each
 * word has its bit of before.
 */
bool tidei_ledger_update(const struct tidei_magazines *mags, const uint32_t *number, unsigned int n,
	uint32_t out, uint32_t to);

/* Tell whether an object is out by its word; false if it has none. */
static inline bool
ledger_is_out(const struct tidei_magazines *mags, const struct tidei_segment *s, uint32_t number)
{
	const _Atomic uint32_t *word = ledger_at(mags, segment_slot(mags, s, number));

	/* Relaxed: see above. */
	return word != NULL && (atomic_load_explicit(word, memory_order_relaxed) & LEDGER_OUT);
}

/* Update the word of one number. Returns false, with nothing changed, if its bit is not `out`. */
static inline bool
ledger_update_one(const struct tidei_magazines *mags, const struct tidei_segment *s,
	uint32_t number, uint32_t out, uint32_t to)
{
	_Atomic uint32_t *word;

	if (mags->mode == TIDEI_LEDGER_OFF)
		return true;
	word = ledger_at(mags, segment_slot(mags, s, number));
	if (word == NULL)
		return true;
	/* Relaxed: see above. */
	if ((atomic_load_explicit(word, memory_order_relaxed) ^ out) & LEDGER_OUT)
		return false;
	atomic_store_explicit(word, to, memory_order_relaxed);
	return true;
}

/* Compute the age of a ledger word in milliseconds. */
static inline uint32_t
ledger_age_ms(uint32_t word, uint32_t now_ms)
{
	return (((now_ms >> WHEN_LOG_MS) - word) & WHEN_MASK) << WHEN_LOG_MS;
}

#endif /* TIDEI_MAGAZINE_LEDGER_H */
