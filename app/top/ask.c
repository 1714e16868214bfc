/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Asks for a scan or an audit in a thread. */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ask.h"
#include "guard.h"

void
top_ask_init(struct top_ask *ask, struct top_watch *watch, const char *command)
{
	*ask = (struct top_ask){.watch = watch, .command = command};
}

static bool
set_client(struct top_ask *ask, struct app_telemetry *client)
{
	bool stop;

	pthread_mutex_lock(&ask->watch->lock);
	ask->client = client;
	stop = ask->stop;
	pthread_mutex_unlock(&ask->watch->lock);
	return !stop;
}

static void *
run(void *arg)
{
	struct top_ask *ask = arg;
	struct app_error err = {0};
	struct app_telemetry *client;
	struct timespec wall;
	json_t *answer = NULL;

	top_guard_thread();
	client = app_telemetry_connect(ask->watch->peer.path, APP_TELEMETRY_TIMEOUT_MS, &err);
	if (client != NULL && set_client(ask, client))
		app_telemetry_ask(client, ask->command,
			ask->asked.pool[0] != '\0' ? ask->asked.pool : NULL, APP_TELEMETRY_SCAN_MS,
			&answer, &err);
	set_client(ask, NULL);
	app_telemetry_close(client);
	clock_gettime(CLOCK_REALTIME, &wall);
	pthread_mutex_lock(&ask->watch->lock);
	ask->asked.answer = answer;
	ask->asked.time = (double)wall.tv_sec + (double)wall.tv_nsec / 1e9;
	if (answer == NULL)
		snprintf(ask->asked.failure, sizeof(ask->asked.failure), "%.511s", err.text);
	ask->asked.running = false;
	pthread_mutex_unlock(&ask->watch->lock);
	top_watch_notify(ask->watch);
	return NULL;
}

void
top_ask_start(struct top_ask *ask, const char *pool)
{
	bool running;

	pthread_mutex_lock(&ask->watch->lock);
	running = ask->asked.running;
	pthread_mutex_unlock(&ask->watch->lock);
	if (running)
		return;
	if (ask->started)
		pthread_join(ask->thread, NULL);
	json_decref(ask->asked.answer);
	ask->asked = (struct top_asked){.running = true};
	snprintf(ask->asked.pool, sizeof(ask->asked.pool), "%s", pool);
	ask->started = pthread_create(&ask->thread, NULL, run, ask) == 0;
	if (!ask->started) {
		ask->asked.running = false;
		strcpy(ask->asked.failure, "no thread for the question: too many are running");
	}
}

void
top_ask_stop(struct top_ask *ask)
{
	pthread_mutex_lock(&ask->watch->lock);
	ask->stop = true;
	if (ask->client != NULL)
		app_telemetry_interrupt(ask->client);
	pthread_mutex_unlock(&ask->watch->lock);
	if (ask->started)
		pthread_join(ask->thread, NULL);
	json_decref(ask->asked.answer);
	ask->asked.answer = NULL;
}
