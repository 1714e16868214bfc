/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_COLLECTOR_H
#define TOP_COLLECTOR_H

/*
 * A thread that collects the metrics when a scrape asks for them. Scrapes that come meanwhile get the same text, and
 * so do those within a second, so that no number of scrapes burdens the observed programs.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "export.h"

struct top_collector {
	const struct app_telemetry_choice *choice;
	void (*ready)(void *arg); /* A text is ready, or the thread ends. Called with the lock. */
	void *arg;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;

	/* By the holder of the lock. */
	bool wanted;
	bool stop;
	char *text; /* NULL: none yet. */
	size_t len;
	uint64_t collected_ns;
};

/* Start the thread. 0, or -1 with err filled. */
int top_collector_start(struct top_collector *collector, const struct app_telemetry_choice *choice,
	void (*ready)(void *arg), void *arg, struct app_error *err);

/* Copy the text if it is not older than a second, or old is true; else let the thread make one, and return NULL. */
char *top_collector_text(struct top_collector *collector, bool old, size_t *len);

/* End the thread, after a last ready(). */
void top_collector_stop(struct top_collector *collector);

#endif /* TOP_COLLECTOR_H */
