/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_LEDGER_H
#define TIDEI_MAGAZINE_LEDGER_H

/*
 * The ledger: a word per slot, or per TIDEI_LEDGER_SAMPLE slots. Private to lib/magazine.
 *
 * Bit 31 of a word: the object is out. Bits 30 to 21: the caller that moved it last; 20 to 0: when, in
 * units of 128 ms. 0: never moved. Words are read and written plainly, by whoever holds the object: two
 * threads that put one object at once can both pass, and then the get of its second copy finds it out.
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

/* Gets and puts of a busy thread after which it reads the clock again. */
#define CLOCK_EVERY    8
/* A thread that finds so many milliseconds gone since its last reading is not busy: it reads each time. */
#define CLOCK_STALE_MS 16

/* Objects whose words a thread turns together: a burst. */
#define LEDGER_CHUNK 32

static inline uint32_t
ledger_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint32_t)((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
}

/* Read the clock into a cell. */
void tidei_ledger_clock(struct tidei_cell *cell);

/* What the words of objects that move through this cell now hold, but for the bit that says out. */
static inline uint32_t
ledger_word(struct tidei_cell *cell)
{
	if (__builtin_expect(--cell->until == 0, 0))
		tidei_ledger_clock(cell);
	return cell->word;
}

/* The word of a slot; NULL: it has none. */
static inline _Atomic uint32_t *
ledger_of(const struct tidei_magazines *mags, uint32_t slot)
{
	if (__builtin_expect(mags->mode == TIDEI_LEDGER_FULL, 1))
		return &mags->ledger[slot];
	if (mags->mode == TIDEI_LEDGER_OFF || slot % TIDEI_LEDGER_SAMPLE != 0)
		return NULL;
	return &mags->ledger[slot / TIDEI_LEDGER_SAMPLE];
}

/*
 * Write `to` to the words of n numbers of any segments, all of which should have `out`, LEDGER_OUT or 0,
 * as their bit. False, with nothing changed: one has not, or stands twice.
 */
bool tidei_ledger_turn(const struct tidei_magazines *mags, const uint32_t *number, unsigned int n,
	uint32_t out, uint32_t to);

/* Whether an object is out by its word; false where it has none. */
static inline bool
ledger_says_out(const struct tidei_magazines *mags, const struct tidei_segment *s, uint32_t number)
{
	const _Atomic uint32_t *word = ledger_of(mags, segment_slot(mags, s, number));

	/* Relaxed: see above. */
	return word != NULL && (atomic_load_explicit(word, memory_order_relaxed) & LEDGER_OUT);
}

/* Turn the word of one number. False, with nothing changed: its bit is not as it should be. */
static inline bool
ledger_turn_one(const struct tidei_magazines *mags, const struct tidei_segment *s, uint32_t number,
	uint32_t out, uint32_t to)
{
	_Atomic uint32_t *word;

	if (mags->mode == TIDEI_LEDGER_OFF)
		return true;
	word = ledger_of(mags, segment_slot(mags, s, number));
	if (word == NULL)
		return true;
	/* Relaxed: see above. */
	if ((atomic_load_explicit(word, memory_order_relaxed) ^ out) & LEDGER_OUT)
		return false;
	atomic_store_explicit(word, to, memory_order_relaxed);
	return true;
}

/* The clock of a ledger word, in milliseconds before now, for a report. */
static inline uint32_t
ledger_age_ms(uint32_t word, uint32_t now_ms)
{
	return (((now_ms >> WHEN_LOG_MS) - word) & WHEN_MASK) << WHEN_LOG_MS;
}

#endif /* TIDEI_MAGAZINE_LEDGER_H */
