/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_TELEMETRY_SERVER_H
#define TEST_TELEMETRY_SERVER_H

#include <stddef.h>
#include <sys/types.h>

/* A process that listens on a telemetry socket and says what a test wants. */

/* In place of the length of an answer. */
#define TEST_SERVER_HANGS (-1)
#define TEST_SERVER_ENDS  (-2)

/* Bytes of room for an answer. */
#define TEST_SERVER_ROOM 65536

/* Write the answer to a question, "" for the greeting; returns its length, or one of the above. */
typedef int (*test_server_answer)(const char *question, char *answer);

/* Start a process that listens at path. Returns its PID; the caller ends it. */
pid_t test_server_start(const char *path, test_server_answer answer);

/* End a server. */
void test_server_end(pid_t pid);

/* The greeting of DPDK 22.11, as an answer. */
int test_server_greet(char *answer);

#endif /* TEST_TELEMETRY_SERVER_H */
