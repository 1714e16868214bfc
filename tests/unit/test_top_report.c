/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Samples without a screen end at once with a signal, also while the program hangs. */

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "monotonic.h"
#include "report.h"
#include "signals.h"
#include "telemetry_peer.h"
#include "tree.h"

static struct app_telemetry_peer peer;
static struct top_options options;
static struct top_facts facts = {.program = "testpmd"};

static int
set_up(void **state)
{
	test_peer_set_up(state);
	peer = (struct app_telemetry_peer){.pid = 0};
	top_options_init(&options);
	/* The lines of samples go to the log of the test. */
	options.json = 1;
	return 0;
}

static int
scans_for_ever(const char *question, char *text)
{
	if (question[0] == '\0')
		return test_server_greet(text);
	if (strcmp(question, "/tide/pools") == 0)
		return sprintf(text, "{\"/tide/pools\":[\"rx\"]}");
	if (strcmp(question, "/tide/pool,rx") == 0)
		return sprintf(text, "{\"/tide/pool\":{\"size\":5}}");
	if (strcmp(question, "/tide/scan,rx") == 0)
		return TEST_SERVER_HANGS;
	return sprintf(text, "{\"%.*s\":null}", (int)strcspn(question, ","), question);
}

/* The second sample takes almost two seconds. */
static int
pauses(const char *question, char *text)
{
	static unsigned int samples;

	if (strcmp(question, "/tide/pools") == 0 && ++samples == 2)
		usleep(1900000);
	return scans_for_ever(question, text);
}

static void
samples_that_were_missed_are_not_made_up_for(void **state)
{
	struct app_telemetry *client = test_peer_client(pauses);
	uint64_t begin = app_now_ns();

	options.interval = 1;
	options.count = 4;
	assert_int_equal(top_report(&options, &peer, &facts, client, &test_error), 0);
	/* The fourth is a second after the third, and that one at the end of the second. */
	assert_true(app_now_ns() - begin > 3700000000);
	test_peer_end(client);
}

static void *
signal_soon(void *arg)
{
	usleep(500000);
	kill(getpid(), SIGTERM);
	return NULL;
}

/* Report until a signal that comes in half a second. */
static int
reported(void)
{
	struct app_telemetry *client = test_peer_client(scans_for_ever);
	uint64_t begin = app_now_ns();
	pthread_t thread;
	int rc;

	assert_non_null(client);
	strcpy(peer.path, test_peer_socket());
	peer.pid = test_peer_pid();
	assert_int_equal(pthread_create(&thread, NULL, signal_soon, NULL), 0);
	rc = top_report(&options, &peer, &facts, client, &test_error);
	pthread_join(thread, NULL);
	/* The report ended before it. */
	app_signals_wait(0);
	assert_true(app_now_ns() - begin < 5000000000);
	test_peer_end(client);
	return rc;
}

static void
a_signal_ends_a_scan_that_takes_long(void **state)
{
	options.scan = 1;
	strcpy(options.pool, "rx");
	assert_int_equal(reported(), -1);
	assert_int_equal(test_error.code, APP_EXIT_RUN);
	assert_non_null(strstr(test_error.text, "before the first sample"));
}

static void
a_signal_between_samples_is_no_failure(void **state)
{
	options.interval = 3600;
	assert_int_equal(reported(), 0);
	assert_int_equal(test_error.code, 0);
}

static void
a_pool_that_is_not_there_is_an_error(void **state)
{
	strcpy(options.pool, "absent");
	assert_int_equal(reported(), -1);
	assert_non_null(strstr(test_error.text, "the program has no pool absent"));
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, test_peer_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_signal_ends_a_scan_that_takes_long),
		CASE(a_signal_between_samples_is_no_failure),
		CASE(samples_that_were_missed_are_not_made_up_for),
		CASE(a_pool_that_is_not_there_is_an_error),
	};

	app_signals_block(0);
	return cmocka_run_group_tests_name("top_report", tests, NULL, NULL);
}
