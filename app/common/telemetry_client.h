/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_TELEMETRY_CLIENT_H
#define APP_TELEMETRY_CLIENT_H

/*
 * A client of the telemetry of a running program: DPDK's own socket, and that of tidepool, which speaks the same
 * protocol. telemetry_find.h finds the sockets.
 *
 * A program that ends, hangs or answers with anything but JSON is an error after a limited time. One client belongs
 * to one thread, but app_telemetry_interrupt().
 */

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "error.h"

/* A program answers at once unless it is stopped or its machine is overloaded; a scan takes longer. */
#define APP_TELEMETRY_TIMEOUT_MS 2000
#define APP_TELEMETRY_SCAN_MS    60000

struct app_telemetry;

/* What a program tells to each client first. */
struct app_telemetry_greeting {
	char version[64]; /* "DPDK 22.11.11". */
	pid_t pid; /* Of the process that listens; 0: it is in another PID namespace. */
	size_t max_output; /* Bytes of its longest answer. */
};

enum app_telemetry_result {
	APP_TELEMETRY_ANSWERED,
	APP_TELEMETRY_REFUSED, /* The program answered with an error, which the text has. */
	APP_TELEMETRY_UNKNOWN, /* The program has no such command. */
	APP_TELEMETRY_LOST, /* No sound answer; the client can only be closed. */
};

/* Connect and read the greeting, in timeout_ms at most. NULL with err filled. */
struct app_telemetry *
app_telemetry_connect(const char *path, unsigned int timeout_ms, struct app_error *err);

const struct app_telemetry_greeting *app_telemetry_greeting(const struct app_telemetry *client);

/*
 * Ask a command, such as "/tide/pool"; params is what follows it after a comma, NULL: nothing. *answer is set only if
 * the result is APP_TELEMETRY_ANSWERED, to the answer without the command around it, for json_decref(); with any
 * other result err is filled.
 */
enum app_telemetry_result app_telemetry_ask(struct app_telemetry *client, const char *command,
	const char *params, unsigned int timeout_ms, json_t **answer, struct app_error *err);

/* Give all questions from now on timeout_ms together; one that comes later is lost at once. 0: no limit. */
void app_telemetry_limit(struct app_telemetry *client, unsigned int timeout_ms);

/* Let a call of another thread on this client, and all later ones, end at once with APP_TELEMETRY_LOST. */
void app_telemetry_interrupt(struct app_telemetry *client);

/* Tell, without waiting, whether the program closed the connection. */
bool app_telemetry_closed(const struct app_telemetry *client);

/* Close the connection; NULL does nothing. */
void app_telemetry_close(struct app_telemetry *client);

#endif /* APP_TELEMETRY_CLIENT_H */
