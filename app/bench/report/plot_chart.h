/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_PLOT_CHART_H
#define BENCH_PLOT_CHART_H

/* The charts of a run: which workloads one chart shows, and the two files that gnuplot reads. */

#include "frame/bench.h"

/* Whether a chart shows several workloads. */
static inline bool
chart_is_combined(const struct workload *w)
{
	return w->scenario->chart == CHART_BY_SIZE || w->scenario->chart == CHART_BY_KIND;
}

/* Whether two workloads of combined charts are in the same one. */
static inline bool
chart_is_same(const struct workload *a, const struct workload *b)
{
	return a->scenario == b->scenario && a->cache == b->cache &&
	       (a->scenario->chart != CHART_BY_KIND || a->buffers == b->buffers);
}

/* Write the data of the chart that shows a result. */
void chart_data(FILE *f, const struct bench *bench, const struct result *result);

/* Write the script of that chart. stem: the name of both files without their suffix. */
void
chart_script(FILE *f, const struct bench *bench, const struct result *result, const char *stem);

#endif /* BENCH_PLOT_CHART_H */
