/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_LIST_H
#define BENCH_LIST_H

/* Lists of scenarios and candidates. */

#include "frame/bench.h"

/* The names and summaries of all scenarios in the order of a run, NULL at the end. */
struct scenario_names {
	const char *name[SCENARIOS_MAX + 1];
	const char *summary[SCENARIOS_MAX + 1];
};

/* Collect the names and summaries of the registered scenarios. */
void list_names(struct scenario_names *names);

/* Print the description of each scenario that the user named. */
void list_describe(FILE *out, const struct bench *bench);

/* Print all scenarios, and all candidates with the reason where one is left out. */
void list_print(FILE *out, const struct bench *bench);

#endif /* BENCH_LIST_H */
