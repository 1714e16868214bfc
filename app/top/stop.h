/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_STOP_H
#define TOP_STOP_H

/* A thread that fetches a signal that ends the program, and lets the question that is being asked end at once. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "telemetry_client.h"

struct top_stop {
	pthread_t thread;
	struct app_telemetry *client;
	int event; /* An eventfd, written when a signal came. */
	_Atomic bool came; /* A signal came. */
};

/* Start the thread; signals are blocked already. 0, or -1 with err filled. */
int top_stop_start(struct top_stop *stop, struct app_telemetry *client, struct app_error *err);

/* Wait until a time of app_now_ns(). true: a signal came. */
bool top_stop_wait(struct top_stop *stop, uint64_t until_ns);

/* End the thread, before the client is closed. */
void top_stop_end(struct top_stop *stop);

#endif /* TOP_STOP_H */
