/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_TARGET_TABLE_H
#define BENCH_TARGET_TABLE_H

#include "frame/bench.h"

/* Print all targets of a run as a text table: the figure of each, and whether it is reached. */
void target_table_print(FILE *out, const struct bench *bench);

#endif /* BENCH_TARGET_TABLE_H */
