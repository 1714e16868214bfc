/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Ends questions when a signal comes. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "signals.h"
#include "stop.h"
#include "telemetry_socket.h"

static void *
run(void *arg)
{
	struct top_stop *stop = arg;
	const uint64_t one = 1;

	while (!app_signals_end(app_signals_wait(UINT64_C(3600) * 1000000000)))
		;
	atomic_store_explicit(&stop->came, true, memory_order_release);
	app_telemetry_interrupt(stop->client);
	/* It fails only if 2^64 - 2 events are unread. */
	if (write(stop->event, &one, sizeof(one)) < 0)
		return NULL;
	return NULL;
}

int
top_stop_start(struct top_stop *stop, struct app_telemetry *client, struct app_error *err)
{
	int rc;

	*stop = (struct top_stop){.client = client, .event = eventfd(0, EFD_CLOEXEC)};
	rc = stop->event < 0 ? errno : pthread_create(&stop->thread, NULL, run, stop);
	if (rc == 0)
		return 0;
	if (stop->event >= 0)
		close(stop->event);
	return app_fail(err, APP_EXIT_RUN, "no thread for signals: %s", strerror(rc));
}

bool
top_stop_wait(struct top_stop *stop, uint64_t until_ns)
{
	return app_telemetry_wait(stop->event, POLLIN, until_ns) == 0;
}

void
top_stop_end(struct top_stop *stop)
{
	/* If a signal came, the thread has ended or is about to; else it takes this one for such. */
	pthread_kill(stop->thread, SIGTERM);
	pthread_join(stop->thread, NULL);
	close(stop->event);
}
