/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: from samples to statistics and ratios. */

#include "reckon.h"

static bool
better(const struct result *result, double a, double b)
{
	return result->work.more_is_better ? a > b : a < b;
}

static void
find_best(const struct bench *bench, struct result *result)
{
	result->best = -1;
	for (unsigned int i = 0; i < bench->nb_candidates; i++) {
		const struct row *row = &result->row[i];

		if (!reckon_valid(row) || !bench_is_peer(&bench->candidate[i]))
			continue;
		if (result->best < 0 ||
			better(result, row->stats.median, result->row[result->best].stats.median))
			result->best = (int)i;
	}
}

void
reckon(const struct bench *bench, struct result *result)
{
	const struct row *best;

	for (unsigned int i = 0; i < bench->nb_candidates; i++) {
		struct row *row = &result->row[i];

		if (!reckon_valid(row))
			continue;
		row->stats = stats_of(row->value, result->rounds);
		row->stall_ms = stats_of(row->stall, result->rounds);
		for (unsigned int k = 0; k < TAIL_NB; k++)
			row->tails[k] = stats_of(row->tail[k], result->rounds);
	}
	find_best(bench, result);
	if (result->best < 0)
		return;
	best = &result->row[result->best];
	for (unsigned int i = 0; i < bench->nb_candidates; i++) {
		struct row *row = &result->row[i];

		if (!reckon_valid(row))
			continue;
		row->ratio = row->stats.median / best->stats.median;
		row->round_ratio = stats_median_ratio(row->value, best->value, result->rounds);
	}
}
