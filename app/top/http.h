/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_HTTP_H
#define TOP_HTTP_H

/*
 * Serves the text of a collector over HTTP. Each connection is for one request and ends after some seconds, however
 * slow its client is; a thread of libmicrohttpd serves all.
 */

#include "collector.h"

struct MHD_Daemon;
struct top_http_connection;

struct top_http {
	struct top_collector collector;
	struct MHD_Daemon *daemon;
	uint64_t life_ns; /* Time that a connection has; top_http_start() sets it. */
	struct top_http_connection
		*connections; /* Open ones; by the holder of the lock of the collector. */
};

/* Listen and serve. 0, or -1 with err filled. */
int top_http_start(struct top_http *http, const struct top_address *address,
	const struct app_telemetry_choice *choice, struct app_error *err);

/* End connections that are too old; call it every second. */
void top_http_sweep(struct top_http *http);

void top_http_stop(struct top_http *http);

#endif /* TOP_HTTP_H */
