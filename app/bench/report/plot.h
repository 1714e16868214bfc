/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_PLOT_H
#define BENCH_PLOT_H

#include "frame/bench.h"

/* Make the directory if it does not exist. Returns 0, or -1 with *err filled. */
int plot_try(const char *dir, struct app_error *err);

/*
 * Write the data and a gnuplot script of each chart into an existing directory, and draw SVG pictures
 * where gnuplot is installed. Returns 0, or -1 with *err filled.
 */
int plot_write(const struct bench *bench, const char *dir, struct app_error *err);

#endif /* BENCH_PLOT_H */
