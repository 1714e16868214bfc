/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include "frame/bench.h"

/* Print one result as a text table, with a row per candidate that took part. */
void table_print(FILE *out, const struct bench *bench, const struct result *result);

#endif /* BENCH_TABLE_H */
