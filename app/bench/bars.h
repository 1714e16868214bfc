/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_BARS_H
#define BENCH_BARS_H

/* What tide shall reach, and the arithmetic of it; judge.c finds the figures. Knows nothing of DPDK. */

#include <stdbool.h>

#define BAR_ANY (-1)

enum bar_against {
	BAR_BEST_PEER, /* The best ops of DPDK at the same work. */
	BAR_NAMED, /* The ops named in `peer`. */
	BAR_SMALLEST, /* Itself, the largest pool against the smallest. */
	BAR_NOTHING, /* The figure alone. */
};

enum bar_kind {
	BAR_QUOTIENT, /* limit is a quotient, at most. */
	BAR_TIMES, /* It is how many times better, at least. */
	BAR_MORE, /* It is how much more in the work's unit, at most. */
};

enum bar_ledger {
	BAR_ANY_LEDGER, /* Of a bar: any. Of a run: neither of the others. */
	BAR_FULL,
	BAR_OFF,
};

/* As TIDE_LEDGER names it; "sampled" where the bars know nothing. */
const char *bars_ledger_name(enum bar_ledger ledger);

struct bar {
	const char *scenario;
	const char *subject; /* The candidate it is about. */
	const char *label; /* The work's; if it ends in a comma, the beginning of it; NULL: any. */
	int cache; /* BAR_ANY: judged at each cache size that was measured. */
	unsigned int bulk; /* 0: at any. */
	unsigned int buffers; /* At pools of so many or more. */
	bool fresh; /* Where memory is taken anew, or where it is there. */
	enum bar_against against;
	const char *peer;
	enum bar_kind kind;
	double limit;
	enum bar_ledger ledger; /* Of the tide ops, TIDE_LEDGER. */
};

/* Ends with an entry without scenario. */
extern const struct bar bars[];

/*
 * The figure that a bar is about. own: that of the subject; ref: that of what it is compared with, not
 * used with BAR_NOTHING.
 */
double bar_figure(const struct bar *bar, bool more_is_better, double own, double ref);

/* Whether a bar is about works with such a label. */
bool bar_fits(const struct bar *bar, const char *label);

/* Whether a bar is one of a run with such a ledger of the tide ops. */
bool bar_counts(const struct bar *bar, enum bar_ledger ledger);

/* Whether such a figure reaches the bar; a figure at the limit does. */
bool bar_reached(const struct bar *bar, double figure);

/* Rounds a judgement needs to count. */
#define BARS_ROUNDS 7

#endif /* BENCH_BARS_H */
