/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include "frame/bench.h"

/* Check that the file can be written; it is made if it does not exist. Returns 0, or -1 with *err filled. */
int json_try(const char *path, struct app_error *err);

/* Write all results and targets to a file. Returns 0, or -1 with *err filled. */
int json_write(const struct bench *bench, const char *path, struct app_error *err);

#endif /* BENCH_JSON_H */
