/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

/* What the user asked for, after the "--" that ends EAL's arguments. Knows nothing of DPDK. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "error.h"

#define OPTIONS_LIST_MAX 16 /* Entries in a list option. */
#define OPTIONS_NAME_MAX 32 /* As RTE_MEMPOOL_OPS_NAMESIZE. */
#define OPTIONS_BULK_MAX 512 /* As RTE_MEMPOOL_CACHE_MAX_SIZE: what a cache can hold. */

/* Pools smaller than what the model of a pipeline has on its way would stall it. */
#define OPTIONS_BUFFERS_MIN 4095

struct options {
	uint32_t words; /* Bit i: the i-th scenario is wanted. */
	unsigned int rounds;
	unsigned int time_ms; /* Per measurement. */
	unsigned int bulk; /* Objects per get and put. */
	unsigned int buffers; /* In the pool of the pipeline. */
	unsigned int object; /* Bytes of an mbuf with its data room. */
	unsigned int threads; /* In the crowd. */
	char ops[OPTIONS_LIST_MAX][OPTIONS_NAME_MAX];
	unsigned int nb_ops; /* 0: all there are. */
	unsigned int cache[OPTIONS_LIST_MAX];
	unsigned int nb_cache; /* 0: each scenario's own. */
	unsigned int size[OPTIONS_LIST_MAX]; /* Ascending. */
	unsigned int nb_size;
	const char *json;
	const char *plot;
	const char *probe; /* Internal: try these ops in this process and say how it went. */
	bool list;
	bool help;
};

/*
 * Parse. words: names of the scenarios, NULL at the end; no word at all, or "all", wants each.
 *
 * argv[0] is skipped; argv may be put into another order, and *opt points into it.
 * Returns 0; -1 with *err filled.
 */
int options_parse(int argc, char **argv, const char *const *words, struct options *opt,
	struct app_error *err);

/* Write the help. words: as above; what: a line on each. */
void options_help(FILE *out, const char *const *words, const char *const *what);

#endif /* BENCH_OPTIONS_H */
