/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_CHILD_H
#define TEST_CHILD_H

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/* In a child: say where it went wrong and leave. */
#define EXPECT(condition)                                                               \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			_exit(1);                                                       \
		}                                                                       \
	} while (0)

/* Run work in a child: the case fails when it does, and is skipped when it exits with 77. */
void test_in_child(void (*work)(void));

/*
 * In a child: put one folder in the place of another, for this process alone. False, with a word why
 * on stdout, where that is not allowed.
 */
bool test_cover(const char *folder, const char *by);

#endif /* TEST_CHILD_H */
