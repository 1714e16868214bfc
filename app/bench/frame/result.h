/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_RESULT_H
#define BENCH_RESULT_H

/* The result of one workload: the samples of all candidates, and their statistics. */

#include "frame/bench.h"

/*
 * Append an empty result for a workload, with room for so many rounds. It counts as a result of the
 * run once the caller adds 1 to bench->nb_results. Returns NULL when memory is short.
 */
struct result *
result_append(struct bench *bench, const struct workload *workload, unsigned int rounds);

/* Store the figures of one sample. */
void result_store(struct row *row, unsigned int round, const struct figures *figures);

/* Compute the statistics of all rows, find the best peer, and compute the ratios to it. */
void result_finish(const struct bench *bench, struct result *result);

/* Free what a result holds. */
void result_close(struct result *result);

/* Whether a row has figures to compare. */
static inline bool
row_valid(const struct row *row)
{
	return row->takes_part && row->wrong[0] == '\0';
}

#endif /* BENCH_RESULT_H */
