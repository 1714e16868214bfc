/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: the figures to reach, and how they come out of what was measured. */

#include <stddef.h>
#include <string.h>

#include "bars.h"

#define QUOTIENT(limit) BAR_QUOTIENT, limit
#define TIMES(limit)    BAR_TIMES, limit
#define MORE(limit)     BAR_MORE, limit

/* One work of the tide ops against the best peer. */
#define BEST(scenario, cache, bulk, want, ledger)                                                \
	{                                                                                        \
		scenario, "tide", NULL, cache, bulk, 0, false, BAR_BEST_PEER, NULL, want, ledger \
	}

/* The label of a work of scenario spread begins with the number of its lcores. */
#define SPREAD(lcores, want, ledger)                                                               \
	{                                                                                          \
		"spread", "tide", lcores, BAR_ANY, 32, 0, false, BAR_BEST_PEER, NULL, want, ledger \
	}

/* Any figure of the tide ops by itself. */
#define ALONE(scenario, label, buffers, want, ledger)                                         \
	{                                                                                     \
		scenario, "tide", label, BAR_ANY, 0, buffers, false, BAR_NOTHING, NULL, want, \
			ledger                                                                \
	}

/* A work of scenario arena goes by its label. */
#define ARENA(label, against, peer, want)                                                         \
	{                                                                                         \
		"arena", "tide_arena", label, 0, 0, 0, false, against, peer, want, BAR_ANY_LEDGER \
	}

/* clang-format off */
const struct bar bars[] = {
	BEST("bulk",    0,       32, QUOTIENT(0.8),  BAR_OFF),
	BEST("bulk",    0,       32, QUOTIENT(1.5),  BAR_FULL),
	BEST("single",  0,       0,  QUOTIENT(0.8),  BAR_OFF),
	BEST("single",  0,       0,  QUOTIENT(1.0),  BAR_FULL),
	BEST("nic",     0,       0,  QUOTIENT(1.0),  BAR_OFF),
	BEST("nic",     0,       0,  MORE(2.5),      BAR_FULL),
	SPREAD("1 lcore,",           QUOTIENT(1.05), BAR_OFF),
	SPREAD("1 lcore,",           MORE(4),        BAR_FULL),
	SPREAD("2 lcores,",          QUOTIENT(1.05), BAR_OFF),
	SPREAD("2 lcores,",          MORE(5),        BAR_FULL),
	BEST("sweep",   0,       0,  QUOTIENT(1.0),  BAR_OFF),
	BEST("sweep",   256,     0,  QUOTIENT(1.1),  BAR_OFF),
	BEST("sweep",   BAR_ANY, 0,  MORE(4),        BAR_FULL),
	BEST("contend", 0,       0,  TIMES(6),       BAR_OFF),
	BEST("contend", 0,       0,  TIMES(2),       BAR_FULL),
	BEST("crowd",   0,       32, TIMES(20),      BAR_OFF),
	BEST("crowd",   0,       32, TIMES(8),       BAR_FULL),
	ALONE("memory", NULL, 16383, QUOTIENT(10),   BAR_OFF),
	ALONE("memory", NULL, 16383, QUOTIENT(16),   BAR_FULL),
	/* Nanoseconds. */
	ALONE("tail",   "64 free,", 1048575, QUOTIENT(20000), BAR_ANY_LEDGER),
	{"create", "tide", NULL, BAR_ANY, 0, 1048575, false, BAR_NAMED, "ring_mp_mc", TIMES(1.5),
		BAR_ANY_LEDGER},
	{"create", "tide_pool", NULL, BAR_ANY, 0, 1048575, true, BAR_NAMED, "ring_mp_mc", TIMES(1.5),
		BAR_ANY_LEDGER},
	ARENA("64 bytes, 1 thread",      BAR_NAMED,     "shared_bump", TIMES(1.5)),
	ARENA("64 bytes, 1 thread",      BAR_BEST_PEER, NULL,          TIMES(3)),
	ARENA("mixed sizes, 1 thread",   BAR_NAMED,     "shared_bump", TIMES(1.5)),
	ARENA("mixed sizes, 1 thread",   BAR_BEST_PEER, NULL,          TIMES(3)),
	ARENA("64 bytes, 2 threads",     BAR_NAMED,     "shared_bump", TIMES(8)),
	ARENA("64 bytes, 2 threads",     BAR_BEST_PEER, NULL,          TIMES(3)),
	ARENA("mixed sizes, 2 threads",  BAR_NAMED,     "shared_bump", TIMES(8)),
	ARENA("mixed sizes, 2 threads",  BAR_BEST_PEER, NULL,          TIMES(3)),
	ARENA("flip of 1000 chunks",     BAR_NOTHING,   NULL,          QUOTIENT(20)),
	{"hold", "tide_pktbuf", "64 bytes", BAR_ANY, 0, 0, false, BAR_NAMED, "plain", TIMES(8),
		BAR_ANY_LEDGER},
	{.scenario = NULL},
};
/* clang-format on */

double
bar_figure(const struct bar *bar, bool more_is_better, double own, double ref)
{
	if (bar->against == BAR_NOTHING)
		return own;
	if (bar->kind == BAR_MORE)
		return own - ref;
	if (bar->kind == BAR_TIMES && !more_is_better)
		return ref / own;
	return own / ref;
}

bool
bar_fits(const struct bar *bar, const char *label)
{
	size_t len;

	if (bar->label == NULL)
		return true;
	len = strlen(bar->label);
	if (len > 0 && bar->label[len - 1] == ',')
		return strncmp(bar->label, label, len) == 0;
	return strcmp(bar->label, label) == 0;
}

bool
bar_counts(const struct bar *bar, enum bar_ledger ledger)
{
	return bar->ledger == BAR_ANY_LEDGER || bar->ledger == ledger;
}

bool
bar_reached(const struct bar *bar, double figure)
{
	return bar->kind == BAR_TIMES ? figure >= bar->limit : figure <= bar->limit;
}

const char *
bars_ledger_name(enum bar_ledger ledger)
{
	switch (ledger) {
	case BAR_FULL:
		return "full";
	case BAR_OFF:
		return "off";
	default:
		return "sampled";
	}
}
