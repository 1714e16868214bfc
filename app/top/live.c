/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Joins samples, keys and the screen. */

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>

#include "ask.h"
#include "guard.h"
#include "live.h"
#include "monotonic.h"
#include "screen.h"
#include "view.h"
#include "watch.h"

struct live {
	const struct top_options *options;
	const struct top_facts *facts;
	struct top_watch watch;
	struct top_ask scan, audit;
	struct top_guard guard;
	struct top_view view;
	bool keys; /* Standard input may have keys. */
	bool quit;
	bool ended; /* The program has. */
};

/* For the holder of the lock of the samples. */
static void
draw(struct live *live)
{
	struct top_watch *watch = &live->watch;
	double since = (double)(app_now_ns() - watch->answered_ns) / 1e9;
	struct top_shown shown = {
		.facts = live->facts,
		.sample = &watch->now,
		.scan = &live->scan.asked,
		.audit = &live->audit.asked,
		.silent_s =
			since > live->view.interval_s + 2.0 || watch->client == NULL ? since : 0,
	};
	struct top_lines lines;
	unsigned int rows, columns;

	top_screen_size(&rows, &columns);
	top_lines_init(&lines, columns);
	top_view_draw(&live->view, &shown, rows, &lines);
	top_screen_draw(&lines);
	top_lines_fini(&lines);
	top_watch_set(watch, live->view.selected, live->view.interval_s);
}

static void
obey(struct live *live, int key)
{
	enum top_action action;

	pthread_mutex_lock(&live->watch.lock);
	action = top_view_key(&live->view, key, &live->watch.now);
	pthread_mutex_unlock(&live->watch.lock);
	if (action == TOP_QUIT)
		live->quit = true;
	else if (action == TOP_SCAN)
		top_ask_start(&live->scan, live->view.selected);
	else if (action == TOP_AUDIT)
		top_ask_start(&live->audit, "");
}

static void
read_keys(struct live *live, short events)
{
	int key;
	bool any = false;

	while (!live->quit && (key = top_screen_key()) != -1) {
		obey(live, key);
		any = true;
	}
	/* The end of standard input: the terminal is gone, or it never was one. */
	if (!any && (events & (POLLIN | POLLHUP | POLLERR)) != 0) {
		live->keys = false;
		live->quit = live->quit || isatty(STDIN_FILENO) || (events & POLLERR) != 0;
	}
}

static void
forget(int event)
{
	uint64_t count;

	if (read(event, &count, sizeof(count)) < 0)
		return;
}

/* Wait for a key, a sample, an answer or a signal; a second at most, as ages grow. */
static void
wait_for_any(struct live *live)
{
	struct pollfd fds[] = {
		{.fd = live->keys ? STDIN_FILENO : -1, .events = POLLIN},
		{.fd = live->watch.event, .events = POLLIN},
		{.fd = live->guard.event, .events = POLLIN},
	};

	if (poll(fds, RTE_DIM(fds), 1000) < 0)
		return;
	forget(live->watch.event);
	forget(live->guard.event);
	if (atomic_exchange_explicit(&live->guard.resized, false, memory_order_acquire))
		top_screen_resize();
	if (fds[0].revents != 0)
		read_keys(live, fds[0].revents);
}

static bool
is_over(struct live *live)
{
	const struct top_options *options = live->options;

	return live->quit || live->watch.ended ||
	       atomic_load_explicit(&live->guard.end, memory_order_acquire) ||
	       (options->count != 0 && live->watch.samples >= options->count);
}

static void
run(struct live *live)
{
	bool over = false;

	while (!over) {
		pthread_mutex_lock(&live->watch.lock);
		if (live->watch.samples > 0)
			draw(live);
		over = is_over(live);
		live->ended = live->watch.ended && !live->quit;
		pthread_mutex_unlock(&live->watch.lock);
		if (!over)
			wait_for_any(live);
	}
}

int
top_live(const struct top_options *options, const struct app_telemetry_peer *peer,
	const struct top_facts *facts, struct app_telemetry *client, struct app_error *err)
{
	struct live live = {.options = options, .facts = facts, .keys = true};

	live.view = (struct top_view){.sort = options->sort, .interval_s = options->interval};
	strcpy(live.view.selected, options->pool);
	if (top_guard_start(&live.guard, err) < 0 || top_screen_begin(err) < 0) {
		app_telemetry_close(client);
		return -1;
	}
	if (top_watch_start(&live.watch, peer, client, options->interval, err) < 0) {
		top_screen_end();
		return -1;
	}
	top_ask_init(&live.scan, &live.watch, "/tide/scan");
	top_ask_init(&live.audit, &live.watch, "/tide/audit");
	run(&live);
	top_screen_end();
	top_ask_stop(&live.scan);
	top_ask_stop(&live.audit);
	top_watch_stop(&live.watch);
	top_view_fini(&live.view);
	if (live.ended)
		return app_fail(err, TOP_EXIT_ENDED, "%s, pid %d, has ended", facts->program,
			(int)facts->pid);
	return 0;
}
