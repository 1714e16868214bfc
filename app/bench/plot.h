/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_PLOT_H
#define BENCH_PLOT_H

#include "bench.h"

/* Make the folder if need be. 0, or -1 with *err filled. */
int plot_try(const char *dir, struct app_error *err);

/*
 * Write for each scenario data and a gnuplot script into a folder that is there, and have gnuplot draw SVG where it is present. 0, or -1 with *err filled.
 */
int plot_write(const struct bench *bench, const char *dir, struct app_error *err);

#endif /* BENCH_PLOT_H */
