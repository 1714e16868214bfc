/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_ASK_H
#define TOP_ASK_H

/*
 * Asks one question that can take seconds, in a thread and over a connection of its own, so that samples and keys go
 * on meanwhile.
 */

#include "view.h"
#include "watch.h"

struct top_ask {
	struct top_watch *watch; /* Its lock protects all below; its event tells of the answer. */
	const char *command;
	pthread_t thread;
	bool started; /* There is a thread to join. */
	struct app_telemetry *client;
	bool stop;
	struct top_asked asked;
};

void top_ask_init(struct top_ask *ask, struct top_watch *watch, const char *command);

/* Ask about a pool, "": about none, unless the last question has no answer yet. Without the lock. */
void top_ask_start(struct top_ask *ask, const char *pool);

/* Give up the question and free the answer. Before top_watch_stop(), without the lock. */
void top_ask_stop(struct top_ask *ask);

#endif /* TOP_ASK_H */
