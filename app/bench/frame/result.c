/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: keeps samples and computes statistics and ratios from them. */

#include <stdlib.h>
#include <string.h>

#include "frame/result.h"

static bool
open_row(struct row *row, unsigned int rounds)
{
	row->value = calloc(rounds, sizeof(*row->value));
	row->stall = calloc(rounds, sizeof(*row->stall));
	if (row->value == NULL || row->stall == NULL)
		return false;
	for (unsigned int i = 0; i < PERCENTILE_NB; i++) {
		row->percentile[i] = calloc(rounds, sizeof(*row->percentile[i]));
		if (row->percentile[i] == NULL)
			return false;
	}
	return true;
}

struct result *
result_append(struct bench *bench, const struct workload *workload, unsigned int rounds)
{
	struct result *result =
		realloc(bench->result, (bench->nb_results + 1) * sizeof(*bench->result));

	if (result == NULL)
		return NULL;
	bench->result = result;
	result += bench->nb_results;
	memset(result, 0, sizeof(*result));
	result->workload = *workload;
	for (unsigned int i = 0; i < bench->nb_candidates; i++)
		if (!open_row(&result->row[i], rounds)) {
			result_close(result);
			return NULL;
		}
	return result;
}

void
result_store(struct row *row, unsigned int round, const struct figures *figures)
{
	row->value[round] = figures->value;
	row->stall[round] = figures->stall_ms;
	for (unsigned int i = 0; i < PERCENTILE_NB; i++)
		row->percentile[i][round] = figures->percentile[i];
	row->failed += figures->failed;
}

void
result_close(struct result *result)
{
	for (unsigned int i = 0; i < BENCH_CANDIDATES_MAX; i++) {
		free(result->row[i].value);
		free(result->row[i].stall);
		for (unsigned int k = 0; k < PERCENTILE_NB; k++)
			free(result->row[i].percentile[k]);
	}
}

static bool
better(const struct result *result, double a, double b)
{
	return result->workload.more_is_better ? a > b : a < b;
}

static void
find_best(const struct bench *bench, struct result *result)
{
	result->best = -1;
	for (unsigned int i = 0; i < bench->nb_candidates; i++) {
		const struct row *row = &result->row[i];

		if (!row_valid(row) || !candidate_is_peer(&bench->candidate[i]))
			continue;
		if (result->best < 0 ||
			better(result, row->stats.median, result->row[result->best].stats.median))
			result->best = (int)i;
	}
}

static void
compute_statistics(struct row *row, unsigned int rounds)
{
	row->stats = stats_of(row->value, rounds);
	row->stall_ms = stats_of(row->stall, rounds);
	for (unsigned int i = 0; i < PERCENTILE_NB; i++)
		row->percentiles[i] = stats_of(row->percentile[i], rounds);
}

static void
compute_ratios(struct row *row, const struct row *best, unsigned int rounds)
{
	row->ratio = row->stats.median / best->stats.median;
	row->round_ratio = stats_median_ratio(row->value, best->value, rounds);
}

void
result_finish(const struct bench *bench, struct result *result)
{
	for (unsigned int i = 0; i < bench->nb_candidates; i++)
		if (row_valid(&result->row[i]))
			compute_statistics(&result->row[i], result->rounds);
	find_best(bench, result);
	if (result->best < 0)
		return;
	for (unsigned int i = 0; i < bench->nb_candidates; i++)
		if (row_valid(&result->row[i]))
			compute_ratios(&result->row[i], &result->row[result->best], result->rounds);
}
