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
	/* One sentence of printable characters: what is wrong and what to do. */
	char text[1024];
};

/* Replace what is no printable character of UTF-8 by '?': names come from anywhere, and none may control a terminal. */
void app_clean(char *text);

/* Fill err and return -1, so that `return app_fail(...)` is the way out. */
int app_fail(struct app_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* APP_ERROR_H */
