/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Updates ledger words of objects of any segments, and reads the clock for them. */

#include "ledger.h"

void
tidei_ledger_clock(struct tidei_cell *cell)
{
	uint32_t now = ledger_now();
	bool busy = now - cell->clock_ms < CLOCK_STALE_MS;

	cell->clock_ms = now;
	cell->clock_every = busy ? CLOCK_EVERY : 1;
	cell->clock_left = cell->clock_every;
	cell->record = (uint32_t)cell->caller << CALLER_SHIFT | (now >> WHEN_LOG_MS & WHEN_MASK);
}

bool
tidei_ledger_update(const struct tidei_magazines *mags, const uint32_t *number, unsigned int n,
	uint32_t out, uint32_t to)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct tidei_segment *s = tidei_segment_of(mags, number[i]);

		if (ledger_update_one(mags, s, number[i], out, to))
			continue;
		/* Restore the bits; the callers and times of these words are lost. */
		while (i-- > 0)
			ledger_update_one(mags, tidei_segment_of(mags, number[i]), number[i],
				out ^ LEDGER_OUT, to ^ LEDGER_OUT);
		return false;
	}
	return true;
}
