/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_RECKON_H
#define BENCH_RECKON_H

#include "bench.h"

/* Work out the statistics of a result, its best peer and the ratios to that. */
void reckon(const struct bench *bench, struct result *result);

/* Whether a row has figures to compare. */
static inline bool
reckon_valid(const struct row *row)
{
	return row->ran && row->wrong[0] == '\0';
}

#endif /* BENCH_RECKON_H */
