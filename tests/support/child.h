/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_CHILD_H
#define TEST_CHILD_H

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/* In a child: print the place of the failure and exit. */
#define EXPECT(condition)                                                               \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			_exit(1);                                                       \
		}                                                                       \
	} while (0)

/* Run work in a child: the case fails if the child fails, and is skipped if it exits with 77. */
void test_in_child(void (*work)(void));

/*
 * In a child: mount one directory over another, for this process only. Returns false, with the reason on
 * stdout, if that is not allowed.
 */
bool test_cover(const char *directory, const char *by);

#endif /* TEST_CHILD_H */
