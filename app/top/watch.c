/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Takes samples in a thread. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "guard.h"
#include "monotonic.h"
#include "telemetry_socket.h"
#include "watch.h"

/* A program that hangs delays the end of tide-top by this at most. */
#define RECONNECT_MS 500

void
top_watch_notify(struct top_watch *watch)
{
	const uint64_t one = 1;

	/* It fails only if 2^64 - 2 events are unread. */
	if (write(watch->event, &one, sizeof(one)) < 0)
		return;
}

bool
top_program_runs(const struct app_telemetry_peer *peer)
{
	uint64_t until_ns = app_now_ns() + RECONNECT_MS * UINT64_C(1000000);
	pid_t pid = 0;
	int fd = app_telemetry_socket(peer->path, until_ns, &pid);

	if (fd < 0)
		return fd == -ETIMEDOUT;
	app_telemetry_leave(fd, until_ns);
	/* Another program can have the same file prefix by now. */
	return pid == peer->pid;
}

static void
set_client(struct top_watch *watch, struct app_telemetry *client)
{
	struct app_telemetry *old;

	pthread_mutex_lock(&watch->lock);
	old = watch->client;
	watch->client = client;
	pthread_mutex_unlock(&watch->lock);
	app_telemetry_close(old);
}

/* The program did not answer. */
static void
lose(struct top_watch *watch)
{
	bool runs = top_program_runs(&watch->peer);

	set_client(watch, NULL);
	pthread_mutex_lock(&watch->lock);
	watch->ended = !runs;
	pthread_mutex_unlock(&watch->lock);
}

static void
take_sample(struct top_watch *watch, const char *owners_of)
{
	struct top_sample sample, old;
	struct app_error err = {0};
	bool lost;

	if (top_sample_take(watch->client, owners_of, &sample, &lost, &err) < 0) {
		lose(watch);
		return;
	}
	if (watch->samples > 0)
		top_sample_rates(&watch->now, &sample);
	pthread_mutex_lock(&watch->lock);
	old = watch->now;
	watch->now = sample;
	watch->samples++;
	watch->answered_ns = app_now_ns();
	pthread_mutex_unlock(&watch->lock);
	top_sample_fini(&old);
}

static void
take_owners(struct top_watch *watch, const char *owners_of)
{
	struct top_sample part = {0};
	struct top_owner *old;
	struct app_error err = {0};

	if (top_sample_owners(watch->client, owners_of, &part, &err) < 0) {
		lose(watch);
		return;
	}
	pthread_mutex_lock(&watch->lock);
	old = watch->now.owners;
	watch->now.owners = part.owners;
	watch->now.nb_owners = part.nb_owners;
	memcpy(watch->now.owners_of, part.owners_of, sizeof(part.owners_of));
	memcpy(watch->now.no_owners, part.no_owners, sizeof(part.no_owners));
	pthread_mutex_unlock(&watch->lock);
	part.owners = old;
	top_sample_fini(&part);
}

/* Connect again to a program that was silent. */
static void
reconnect(struct top_watch *watch)
{
	struct app_error err = {0};
	struct app_telemetry *client = app_telemetry_connect(watch->peer.path, RECONNECT_MS, &err);

	if (client != NULL && app_telemetry_greeting(client)->pid == watch->peer.pid) {
		set_client(watch, client);
		return;
	}
	app_telemetry_close(client);
	lose(watch);
}

/* The time at which the thread looks again: a program that is silent, or ends, is noticed in a second. */
static uint64_t
next_look(uint64_t due)
{
	uint64_t soon = app_now_ns() + UINT64_C(1000000000);

	return soon < due ? soon : due;
}

/* Wait for the next sample. Returns what is to do: 's'ample, 'o'wners or 'e'nd. */
static char
wait_for_work(struct top_watch *watch, uint64_t begun_ns, char owners_of[TOP_NAME_LEN])
{
	char work = 's';

	pthread_mutex_lock(&watch->lock);
	for (;;) {
		bool silent = watch->client == NULL || app_telemetry_closed(watch->client);
		uint64_t due = begun_ns + UINT64_C(1000000000) * (silent ? 1 : watch->interval_s);
		uint64_t look = next_look(due);
		struct timespec at = {.tv_sec = (time_t)(look / 1000000000),
			.tv_nsec = (long)(look % 1000000000)};

		if (watch->stop || watch->ended)
			work = 'e';
		else if (watch->owners_wanted && !silent)
			work = 'o';
		else if (app_now_ns() < due) {
			pthread_cond_timedwait(&watch->wake, &watch->lock, &at);
			continue;
		}
		break;
	}
	watch->owners_wanted = false;
	memcpy(owners_of, watch->owners_of, TOP_NAME_LEN);
	pthread_mutex_unlock(&watch->lock);
	return work;
}

static void *
run(void *arg)
{
	struct top_watch *watch = arg;
	char owners_of[TOP_NAME_LEN] = "", work = 's';
	uint64_t begun_ns = 0;

	top_guard_thread();
	while (work != 'e') {
		if (work == 's')
			begun_ns = app_now_ns();
		if (watch->client == NULL)
			reconnect(watch);
		if (watch->client != NULL && work == 's')
			take_sample(watch, owners_of);
		else if (watch->client != NULL)
			take_owners(watch, owners_of);
		top_watch_notify(watch);
		work = wait_for_work(watch, begun_ns, owners_of);
	}
	return NULL;
}

int
top_watch_start(struct top_watch *watch, const struct app_telemetry_peer *peer,
	struct app_telemetry *client, unsigned int interval_s, struct app_error *err)
{
	pthread_condattr_t clock;
	int rc;

	*watch = (struct top_watch){.peer = *peer, .client = client, .interval_s = interval_s};
	watch->answered_ns = app_now_ns();
	watch->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&watch->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&watch->wake, &clock);
	pthread_condattr_destroy(&clock);
	rc = watch->event < 0 ? errno : pthread_create(&watch->thread, NULL, run, watch);
	if (rc == 0)
		return 0;
	app_telemetry_close(client);
	return app_fail(err, APP_EXIT_RUN, "no thread for the samples: %s", strerror(rc));
}

void
top_watch_set(struct top_watch *watch, const char *owners_of, unsigned int interval_s)
{
	if (strcmp(watch->owners_of, owners_of) != 0) {
		snprintf(watch->owners_of, sizeof(watch->owners_of), "%s", owners_of);
		watch->owners_wanted = true;
	}
	watch->interval_s = interval_s;
	pthread_cond_signal(&watch->wake);
}

void
top_watch_stop(struct top_watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	watch->stop = true;
	if (watch->client != NULL)
		app_telemetry_interrupt(watch->client);
	pthread_cond_signal(&watch->wake);
	pthread_mutex_unlock(&watch->lock);
	pthread_join(watch->thread, NULL);
	app_telemetry_close(watch->client);
	top_sample_fini(&watch->now);
	close(watch->event);
}
