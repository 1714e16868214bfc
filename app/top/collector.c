/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Collects the metrics of programs in a thread. */

#include <stdlib.h>
#include <string.h>

#include "collector.h"
#include "monotonic.h"

#define FRESH_NS UINT64_C(1000000000)

/* Ask all programs; NULL: out of memory. */
static char *
collect(const struct app_telemetry_choice *choice, size_t *len)
{
	struct top_export export;
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	top_export_collect(choice, &export);
	if (out != NULL) {
		top_export_text(&export, out);
		if (fclose(out) != 0) {
			free(text);
			text = NULL;
		}
	}
	top_export_fini(&export);
	return text;
}

static void
collect_once(struct top_collector *collector)
{
	size_t len = 0;
	char *text;

	pthread_mutex_unlock(&collector->lock);
	text = collect(collector->choice, &len);
	pthread_mutex_lock(&collector->lock);
	/* This text is also for the scrapes that came meanwhile. */
	collector->wanted = false;
	free(collector->text);
	collector->text = text;
	collector->len = len;
	collector->collected_ns = app_now_ns();
	collector->ready(collector->arg);
}

static void *
run(void *arg)
{
	struct top_collector *collector = arg;

	pthread_mutex_lock(&collector->lock);
	while (!collector->stop) {
		if (collector->wanted)
			collect_once(collector);
		else
			pthread_cond_wait(&collector->wake, &collector->lock);
	}
	collector->ready(collector->arg);
	pthread_mutex_unlock(&collector->lock);
	return NULL;
}

int
top_collector_start(struct top_collector *collector, const struct app_telemetry_choice *choice,
	void (*ready)(void *arg), void *arg, struct app_error *err)
{
	int rc;

	*collector = (struct top_collector){.choice = choice, .ready = ready, .arg = arg};
	pthread_mutex_init(&collector->lock, NULL);
	pthread_cond_init(&collector->wake, NULL);
	rc = pthread_create(&collector->thread, NULL, run, collector);
	if (rc == 0)
		return 0;
	return app_fail(err, APP_EXIT_RUN, "no thread to collect metrics: %s", strerror(rc));
}

char *
top_collector_text(struct top_collector *collector, bool old, size_t *len)
{
	char *copy = NULL;

	if (collector->text != NULL && (old || app_now_ns() - collector->collected_ns < FRESH_NS)) {
		copy = malloc(collector->len + 1);
		if (copy != NULL)
			memcpy(copy, collector->text, collector->len + 1);
		*len = collector->len;
		return copy;
	}
	collector->wanted = true;
	pthread_cond_signal(&collector->wake);
	return NULL;
}

void
top_collector_stop(struct top_collector *collector)
{
	pthread_mutex_lock(&collector->lock);
	collector->stop = true;
	pthread_cond_signal(&collector->wake);
	pthread_mutex_unlock(&collector->lock);
	pthread_join(collector->thread, NULL);
	/* Requests that waited are still being answered. */
	pthread_mutex_lock(&collector->lock);
	free(collector->text);
	collector->text = NULL;
	pthread_mutex_unlock(&collector->lock);
}
