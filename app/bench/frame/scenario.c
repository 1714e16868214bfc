/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: the scenarios that registered themselves, in the order of a run. */

#include <stddef.h>
#include <string.h>

#include <rte_debug.h>

#include "frame/scenario.h"

/* Written by constructors only, which run one after another. */
static const struct scenario *table[SCENARIOS_MAX + 1];

static bool
precedes(const struct scenario *a, const struct scenario *b)
{
	return a->order != b->order ? a->order < b->order : strcmp(a->name, b->name) < 0;
}

void
scenario_register(const struct scenario *scenario)
{
	unsigned int n = 0;

	while (table[n] != NULL) {
		RTE_VERIFY(strcmp(table[n]->name, scenario->name) != 0);
		n++;
	}
	RTE_VERIFY(n < SCENARIOS_MAX);
	for (; n > 0 && precedes(scenario, table[n - 1]); n--)
		table[n] = table[n - 1];
	table[n] = scenario;
}

const struct scenario *const *
scenarios(void)
{
	return table;
}
