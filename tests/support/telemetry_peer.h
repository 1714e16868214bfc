/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_TELEMETRY_PEER_H
#define TEST_TELEMETRY_PEER_H

/* One program with a telemetry socket below the directory of tree.h, and a client of it. */

#include "telemetry_client.h"
#include "telemetry_server.h"

/* The error of the last call that failed; test_peer_set_up() clears it. */
extern struct app_error test_error;

/* For each case: make the directory, and remove it. */
int test_peer_set_up(void **state);
int test_peer_tear_down(void **state);

/* Return the path of a socket of a file prefix, valid until the next call; the directory of the prefix is made. */
const char *test_peer_path(const char *prefix, const char *name);

/* Return the path of the socket of the program. */
const char *test_peer_socket(void);

/* Start the program, in place of one that was started before at the same path. */
void test_peer_start(test_server_answer answers);

/* Return its PID. */
pid_t test_peer_pid(void);

/* Start the program and connect to it; NULL with test_error filled. */
struct app_telemetry *test_peer_client(test_server_answer answers);

/* End the program, and close its client, which may be NULL. */
void test_peer_end(struct app_telemetry *client);

#endif /* TEST_TELEMETRY_PEER_H */
