/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_ERROR_H
#define BENCH_ERROR_H

/*
 * How everything below main() fails: one sentence for people and the exit code it leads to.
 */

/* The machine or EAL did not play along, or an allocator was found wrong. */
#define BENCH_EXIT_RUN   1
/* What was asked for is wrong. */
#define BENCH_EXIT_USAGE 2

struct bench_error {
	int code; /* BENCH_EXIT_*; 0: none. */
	char text[512]; /* One sentence, no newline: what is wrong and what to do. */
};

/* Fill err and return -1, so that `return bench_fail(...)` is the way out. */
int bench_fail(struct bench_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* BENCH_ERROR_H */
