/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Turns ledger words in bursts, and reads the clock for them. */

#include "ledger.h"

void
tidei_ledger_clock(struct tidei_cell *cell)
{
	uint32_t now = ledger_now();
	bool busy = now - cell->now < CLOCK_STALE_MS;

	cell->now = now;
	cell->every = busy ? CLOCK_EVERY : 1;
	cell->until = cell->every;
	cell->word = (uint32_t)cell->caller << CALLER_SHIFT | (now >> WHEN_LOG_MS & WHEN_MASK);
}

bool
tidei_ledger_turn(const struct tidei_magazines *mags, const uint32_t *number, unsigned int n,
	uint32_t out, uint32_t to)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct tidei_segment *s = tidei_segment_of(mags, number[i]);

		if (ledger_turn_one(mags, s, number[i], out, to))
			continue;
		/* What the words said of time and caller is lost. */
		while (i-- > 0)
			ledger_turn_one(mags, tidei_segment_of(mags, number[i]), number[i],
				out ^ LEDGER_OUT, to ^ LEDGER_OUT);
		return false;
	}
	return true;
}
