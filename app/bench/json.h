/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include "bench.h"

/* Whether the file can be written; it is made if need be. 0, or -1 with *err filled. */
int json_try(const char *path, struct app_error *err);

/* Write all results and verdicts to a file. 0, or -1 with *err filled. */
int json_write(const struct bench *bench, const char *path, struct app_error *err);

#endif /* BENCH_JSON_H */
