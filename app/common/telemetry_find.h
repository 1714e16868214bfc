/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_TELEMETRY_FIND_H
#define APP_TELEMETRY_FIND_H

/*
 * Finds running programs by their telemetry sockets: those of DPDK, dpdk_telemetry.v2, and those of tidepool,
 * tide_telemetry.PID, in the run-time directory of each file prefix.
 */

#include <limits.h>
#include <sys/types.h>

#include "error.h"

struct app_telemetry_peer {
	char path[108]; /* The socket. */
	char prefix[NAME_MAX + 1]; /* File prefix of EAL, the name of the run-time directory. */
	char program[64]; /* Name of the program; "?" if it cannot be read. */
	pid_t pid; /* 0: in another PID namespace, or the process accepts no clients. */
	pid_t own_pid; /* What the process takes for its PID; 0: it did not tell. */
};

/* The program to look at. At most one of the three is given; with none of them it is the only one that runs. */
struct app_telemetry_choice {
	const char *directory; /* The directory above those of the prefixes; NULL: EAL's. */
	const char *prefix;
	const char *socket;
	pid_t pid;
};

/* Write the directory above the run-time directories of EAL for this user. 0, or -1 with err filled. */
int app_telemetry_directory(char *path, size_t len, struct app_error *err);

/*
 * List the programs below a directory, NULL: EAL's, by PID. A program with both sockets is there once, with that of
 * DPDK, which also answers for ports. *hidden counts sockets and directories that this user may not open. Returns
 * the number of peers, which the caller frees, or -1 with err filled.
 */
int app_telemetry_list(const char *directory, struct app_telemetry_peer **peers,
	unsigned int *hidden, struct app_error *err);

/*
 * List the programs that a choice allows: several if it names none, or a file prefix that several have. The program of
 * a socket is there also if it hangs. Returns the number of peers, which the caller frees, or -1. If it is not above 0,
 * err tells why; *hidden is that of app_telemetry_list().
 */
int app_telemetry_matching(const struct app_telemetry_choice *choice,
	struct app_telemetry_peer **peers, unsigned int *hidden, struct app_error *err);

/* Fill the prefix and the name of the program from the path of the socket and the PID. */
void app_telemetry_describe(struct app_telemetry_peer *peer);

/* Find the program of a choice. 0, or -1 with err filled: none, or several, which the text lists. */
int app_telemetry_find(const struct app_telemetry_choice *choice, struct app_telemetry_peer *peer,
	struct app_error *err);

#endif /* APP_TELEMETRY_FIND_H */
