/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TELEMETRY_REQUEST_H
#define TELEMETRY_REQUEST_H

/*
 * The protocol of DPDK's telemetry, version 2: a greeting, then one reply for each request. Each is one packet of a
 * socket. A request is "COMMAND" or "COMMAND,PARAMETERS".
 */

#include <stdbool.h>
#include <stddef.h>

#include "endpoint.h"

/* Bytes of the longest request, with a NUL; a longer one is cut. */
#define TIDEI_REQUEST_MAX 1024

struct tidei_request {
	char text[TIDEI_REQUEST_MAX]; /* As received; then cut at the first comma. */
	const char *command;
	const char *params; /* Behind the comma; NULL: there is no comma, or nothing behind it. */
	const struct tidei_endpoint *endpoint; /* NULL: "/", "/info", "/help", or unknown. */
};

/* Read the request of len bytes in request->text. */
void tidei_request_read(struct tidei_request *request, size_t len);

/* Write the reply, at most TIDEI_ANSWER_REPLY bytes; the endpoint is called. Returns its bytes. */
size_t tidei_request_reply(const struct tidei_request *request, char *reply);

/* Reply only that the endpoint cannot answer now, for a reason. */
size_t tidei_request_refuse(const struct tidei_request *request, const char *reason, char *reply);

/* Write the greeting for a new client. Returns its bytes. */
size_t tidei_request_greeting(char *greeting, size_t size);

#endif /* TELEMETRY_REQUEST_H */
