/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_WATCH_H
#define TOP_WATCH_H

/*
 * A thread that takes samples of the observed program, so that the screen obeys keys while the program does not
 * answer. While the program is silent the thread connects again and again; when it has ended, so does the thread.
 */

#include <pthread.h>

#include "sample.h"
#include "telemetry_find.h"

struct top_watch {
	/* Set by top_watch_start(). */
	struct app_telemetry_peer peer;
	int event; /* An eventfd: something changed. */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;

	/* By the holder of the lock. */
	struct app_telemetry *client; /* NULL: the program is silent. Only the thread changes it. */
	struct top_sample now;
	unsigned int samples; /* Number of samples so far. */
	uint64_t answered_ns; /* Time of the last one. */
	char owners_of[TOP_NAME_LEN];
	unsigned int interval_s;
	bool owners_wanted; /* The owners alone, now. */
	bool stop;
	bool ended; /* The program has ended. */
};

/* Watch a program; takes over the client. 0, or -1 with err filled and the client closed. */
int top_watch_start(struct top_watch *watch, const struct app_telemetry_peer *peer,
	struct app_telemetry *client, unsigned int interval_s, struct app_error *err);

/* Change the pool whose owners are asked, and the interval. For the holder of the lock. */
void top_watch_set(struct top_watch *watch, const char *owners_of, unsigned int interval_s);

/* Report a change to the reader of the event. */
void top_watch_notify(struct top_watch *watch);

/* Tell whether the program of a peer still listens, or at least exists. */
bool top_program_runs(const struct app_telemetry_peer *peer);

/* End the thread, without waiting for an answer, and free all. */
void top_watch_stop(struct top_watch *watch);

#endif /* TOP_WATCH_H */
