/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_ERROR_H
#define APP_ERROR_H

/*
 * How everything below main() fails: one sentence for people and the exit code it leads to.
 */

/* The machine, EAL or a device failed. */
#define APP_EXIT_RUN   1
/* The user requested something wrong. */
#define APP_EXIT_USAGE 2

struct app_error {
	int code; /* APP_EXIT_*; 0: none. */
	char text[1024]; /* One sentence, no newline: what is wrong and what to do. */
};

/* Fill err and return -1, so that `return app_fail(...)` is the way out. */
int app_fail(struct app_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* APP_ERROR_H */
