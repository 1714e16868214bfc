/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

/* The options of tide-bench, which follow the "--" after EAL's arguments. This part does not use DPDK. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "option_table.h"

#define OPTIONS_LIST_MAX 16 /* Entries in a list option. */
#define OPTIONS_NAME_MAX 32 /* As RTE_MEMPOOL_OPS_NAMESIZE. */
#define OPTIONS_BULK_MAX 512 /* As RTE_MEMPOOL_CACHE_MAX_SIZE: what a cache can hold. */

/* A smaller pool would run dry in pipeline, whose ring and bursts hold this many buffers. */
#define OPTIONS_BUFFERS_MIN 4095

struct options {
	uint64_t case_mask; /* Bit i: scenario i runs. */
	bool all; /* No scenario was named. */
	uint32_t rounds;
	uint32_t time_ms; /* Per measurement. */
	uint32_t bulk; /* Objects per get and put. */
	uint32_t buffers; /* In the pool of pipeline. */
	uint32_t object; /* Bytes of an mbuf with its data room. */
	uint32_t threads; /* In oversubscribed. */
	char ops[OPTIONS_LIST_MAX][OPTIONS_NAME_MAX];
	unsigned int nb_ops; /* 0: all that work. */
	unsigned int cache[OPTIONS_LIST_MAX];
	unsigned int nb_cache; /* 0: the default of each scenario. */
	unsigned int size[OPTIONS_LIST_MAX]; /* Ascending. */
	unsigned int nb_size;
	const char *json;
	const char *plot;
	const char *probe; /* Internal: try these ops in this process and print the outcome. */
	uint32_t list;
	bool help;
	bool version;
	const char *const *names; /* Of the scenarios. */
};

/* The table. */
extern const struct app_program bench_program;

/*
 * Parse the options.
 *
 * argv[0] is skipped. The order of argv may change, and *opt points into it.
 *
 * names: the names of the scenarios, NULL at the end. No name on the command line, or "all", selects each.
 * Returns 0; -1 with *err filled.
 */
int options_parse(int argc, char **argv, const char *const *names, struct options *opt,
	struct app_error *err);

/* Write the help. names: as above; summaries: a line about each. */
void options_help(FILE *out, const char *const *names, const char *const *summaries);

#endif /* BENCH_OPTIONS_H */
