/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-top reads samples from a program that answers as it likes, and computes rates between two of them. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "monotonic.h"
#include "sample.h"
#include "telemetry_peer.h"
#include "tree.h"
#include "watch.h"

/* A program with a pool of each kind: "gone" is freed after it was listed. */
static int
sound(const char *question, char *text)
{
	if (question[0] == '\0')
		return test_server_greet(text);
	if (strcmp(question, "/tide/pools") == 0)
		return sprintf(text, "{\"/tide/pools\":[\"rx\",\"gone\",7,\"odd\"]}");
	if (strcmp(question, "/tide/pool,rx") == 0)
		return sprintf(text,
			"{\"/tide/pool\":{\"name\":\"rx\",\"ops\":\"tide\",\"socket_id\":1,"
			"\"cache_size\":256,\"size\":100,\"free\":60,\"in_use\":40,\"cached\":5,"
			"\"peak\":70,\"failures\":9,\"misuse\":2,\"new_metric\":3,"
			"\"placement_pages\":8}}");
	if (strcmp(question, "/tide/pool,gone") == 0)
		return sprintf(text, "{\"/tide/pool\":{\"error\":\"no mempool is called gone\"}}");
	if (strcmp(question, "/tide/pool,odd") == 0)
		return sprintf(text,
			"{\"/tide/"
			"pool\":{\"ops\":5,\"socket_id\":-1,\"size\":\"many\",\"free\":-3}}");
	if (strcmp(question, "/tide/owners,rx") == 0)
		return sprintf(text,
			"{\"/tide/owners\":{\"lcore_1\":{\"buffers\":30,\"oldest_min_ms\":5,"
			"\"oldest_max_ms\":9},\"thread_7\":{\"buffers\":10},\"noise\":4}}");
	if (strcmp(question, "/ethdev/list") == 0)
		return sprintf(text, "{\"/ethdev/list\":[0,3]}");
	if (strcmp(question, "/ethdev/stats,0") == 0)
		return sprintf(text, "{\"/ethdev/stats\":{\"ipackets\":100,\"opackets\":50,"
				     "\"ibytes\":6400,\"obytes\":3200,\"rx_nombuf\":4,"
				     "\"ierrors\":5,\"oerrors\":6}}");
	if (strcmp(question, "/ethdev/info,0") == 0)
		return sprintf(text, "{\"/ethdev/info\":{\"name\":\"net_ring0\"}}");
	return sprintf(text, "{\"%.*s\":null}", (int)strcspn(question, ","), question);
}

static uint64_t
value(const struct top_pool *pool, const char *name)
{
	int i = top_metric_find(name);

	assert_true(i >= 0);
	assert_int_equal(pool->value[i].state, TIDE_METRIC_KNOWN);
	return pool->value[i].count;
}

static void
a_sample_has_each_metric_of_the_table_that_the_pool_has(void **state)
{
	struct app_telemetry *client = test_peer_client(sound);
	struct top_sample sample;
	bool lost = true;

	assert_int_equal(top_sample_take(client, "rx", &sample, &lost, &test_error), 0);
	assert_false(lost);
	assert_int_equal(sample.nb_pools, 2);
	assert_string_equal(sample.pools[0].name, "rx");
	assert_string_equal(sample.pools[0].ops, "tide");
	assert_int_equal(sample.pools[0].node, 1);
	assert_int_equal(sample.pools[0].cache_size, 256);
	assert_int_equal(value(&sample.pools[0], "size"), 100);
	assert_int_equal(value(&sample.pools[0], "cached"), 5);
	assert_true(isnan(sample.pools[0].rate[top_metric_find("failures")]));
	assert_int_equal(value(&sample.pools[0], "misuse"), 2);
	assert_int_equal(value(&sample.pools[0], "placement_pages"), 8);
	assert_int_equal(
		sample.pools[0].value[top_metric_find("spilled_in")].state, TIDE_METRIC_NONE);
	assert_int_equal(top_metric_find("new_metric"), -1);
	top_sample_fini(&sample);
	test_peer_end(client);
}

static void
values_of_a_wrong_kind_are_no_values(void **state)
{
	struct app_telemetry *client = test_peer_client(sound);
	const struct top_pool *odd;
	struct top_sample sample;
	bool lost;

	assert_int_equal(top_sample_take(client, "", &sample, &lost, &test_error), 0);
	odd = top_sample_pool(&sample, "odd");
	assert_non_null(odd);
	assert_string_equal(odd->ops, "?");
	assert_int_equal(odd->node, -1);
	assert_int_equal(odd->value[top_metric_find("size")].state, TIDE_METRIC_NONE);
	assert_int_equal(odd->value[top_metric_find("free")].state, TIDE_METRIC_NONE);
	/* This one was refused, which is no failure. */
	assert_null(top_sample_pool(&sample, "gone"));
	assert_int_equal(test_error.code, 0);
	assert_int_equal(sample.nb_owners, 0);
	top_sample_fini(&sample);
	test_peer_end(client);
}

static void
owners_have_ages_where_the_program_knows_them(void **state)
{
	struct app_telemetry *client = test_peer_client(sound);
	struct top_sample sample;
	bool lost;

	assert_int_equal(top_sample_take(client, "rx", &sample, &lost, &test_error), 0);
	assert_string_equal(sample.owners_of, "rx");
	assert_int_equal(sample.nb_owners, 2);
	assert_string_equal(sample.owners[0].name, "lcore_1");
	assert_true(sample.owners[0].aged);
	assert_int_equal(sample.owners[0].oldest_max_ms, 9);
	assert_int_equal(sample.owners[1].buffers, 10);
	assert_false(sample.owners[1].aged);
	assert_int_equal(top_sample_owners(client, "other", &sample, &test_error), 0);
	assert_int_equal(sample.nb_owners, 0);
	assert_non_null(strstr(sample.no_owners, "/tide/owners"));
	top_sample_fini(&sample);
	test_peer_end(client);
}

static void
a_port_has_what_dpdk_counts_and_no_more(void **state)
{
	struct app_telemetry *client = test_peer_client(sound);
	struct top_sample sample;
	bool lost;

	assert_int_equal(top_sample_take(client, "", &sample, &lost, &test_error), 0);
	/* Port 3 went. */
	assert_int_equal(sample.nb_ports, 1);
	assert_string_equal(sample.ports[0].name, "net_ring0");
	assert_int_equal(sample.ports[0].counters.now.rx, 100);
	assert_int_equal(sample.ports[0].counters.now.tx, 50);
	assert_int_equal(sample.ports[0].counters.now.rx_bytes, 6400);
	assert_int_equal(sample.ports[0].counters.now.tx_bytes, 3200);
	assert_int_equal(sample.ports[0].counters.now.no_buffer, 4);
	assert_int_equal(sample.ports[0].counters.now.rx_error, 5);
	assert_int_equal(sample.ports[0].counters.now.tx_error, 6);
	assert_true(sample.ports[0].counters.now.missed == TIDE_COUNT_NONE);
	assert_true(sample.ports[0].counters.now.tx_full == TIDE_COUNT_NONE);
	top_sample_fini(&sample);
	test_peer_end(client);
}

/* Figures that no counter has; a program of 600 pools, of which telemetry lists 512. */
static int
odd(const char *question, char *text)
{
	char *at = text;

	if (question[0] == '\0')
		return test_server_greet(text);
	if (strcmp(question, "/tide/pools") == 0) {
		at += sprintf(at, "{\"/tide/pools\":[\"huge\",\"gone\",\"");
		memset(at, 'x', TOP_NAME_LEN);
		at += TOP_NAME_LEN;
		for (unsigned int i = 3; i < 512; i++)
			at += sprintf(at, "\",\"huge");
		return (int)(at - text) + sprintf(at, "\"]}");
	}
	if (strcmp(question, "/tide/pool,huge") == 0)
		return sprintf(text, "{\"/tide/pool\":{\"size\":18446744073709549568,\"free\":0.5,"
				     "\"in_use\":1e300,\"failures\":-1,\"misuse\":true}}");
	if (strcmp(question, "/ethdev/list") == 0)
		return sprintf(text, "{\"/ethdev/list\":[-1,65536,\"0\",4294967296,0,0]}");
	if (strncmp(question, "/ethdev/stats,", 14) == 0)
		return sprintf(text, "{\"/ethdev/stats\":{\"ipackets\":-1,\"opackets\":7,"
				     "\"imissed\":18446744073709549568,\"oerrors\":\"1\"}}");
	return sound(question, text);
}

static void
figures_that_no_counter_has_are_none(void **state)
{
	struct app_telemetry *client = test_peer_client(odd);
	const struct top_port *port;
	struct top_sample sample;
	const struct top_pool *pool;
	bool lost;

	assert_int_equal(top_sample_take(client, "", &sample, &lost, &test_error), 0);
	assert_int_equal(sample.nb_pools, 1);
	pool = &sample.pools[0];
	assert_true(value(pool, "size") == UINT64_C(18446744073709549568));
	assert_int_equal(pool->value[top_metric_find("free")].state, TIDE_METRIC_NONE);
	assert_int_equal(pool->value[top_metric_find("in_use")].state, TIDE_METRIC_NONE);
	assert_int_equal(pool->value[top_metric_find("failures")].state, TIDE_METRIC_NONE);
	assert_int_equal(pool->value[top_metric_find("misuse")].state, TIDE_METRIC_NONE);
	/* The list can have more pools, and one of it was refused. */
	assert_true(sample.cut);
	assert_int_equal(sample.nb_unanswered, 1);
	assert_int_equal(sample.nb_ports, 1);
	port = &sample.ports[0];
	assert_true(port->counters.now.rx == TIDE_COUNT_NONE);
	assert_int_equal(port->counters.now.tx, 7);
	assert_true(port->counters.now.missed == UINT64_C(18446744073709549568));
	assert_true(port->counters.now.tx_error == TIDE_COUNT_NONE);
	top_sample_fini(&sample);
	test_peer_end(client);
}

/* Each answer alone is in time. */
static int
slow(const char *question, char *text)
{
	if (strcmp(question, "/tide/pools") == 0) {
		int len = sprintf(text, "{\"/tide/pools\":[\"0\"");

		for (int i = 1; i < 100; i++)
			len += sprintf(text + len, ",\"%d\"", i);
		return len + sprintf(text + len, "]}");
	}
	if (question[0] == '\0')
		return test_server_greet(text);
	usleep(TOP_SAMPLE_MS * 1000 / 5);
	return sprintf(text, "{\"/tide/pool\":{}}");
}

static void
a_program_that_is_slow_at_each_question_does_not_answer(void **state)
{
	struct app_telemetry *client = test_peer_client(slow);
	uint64_t begin = app_now_ns();
	struct top_sample sample;
	bool lost;

	assert_int_equal(top_sample_take(client, "", &sample, &lost, &test_error), -1);
	assert_true(lost);
	assert_non_null(strstr(test_error.text, "does not answer"));
	assert_true(app_now_ns() - begin < UINT64_C(1500000) * TOP_SAMPLE_MS);
	test_peer_end(client);
}

/* Its pools have no endpoints of ours. */
static int
without_tide(const char *question, char *text)
{
	return question[0] == '\0' ? test_server_greet(text)
	                           : sprintf(text, "{\"%s\":null}", question);
}

static int
ends_in_between(const char *question, char *text)
{
	return strcmp(question, "/tide/pool,odd") == 0 ? TEST_SERVER_ENDS : sound(question, text);
}

static void
a_program_without_endpoints_and_one_that_ends_are_told_apart(void **state)
{
	struct app_telemetry *client = test_peer_client(without_tide);
	struct top_sample sample;
	bool lost = true;

	assert_int_equal(top_sample_take(client, "", &sample, &lost, &test_error), -1);
	assert_false(lost);
	assert_non_null(strstr(test_error.text, "-d librte_mempool_tide.so"));
	test_peer_end(client);
	client = test_peer_client(ends_in_between);
	assert_int_equal(top_sample_take(client, "", &sample, &lost, &test_error), -1);
	assert_true(lost);
	test_peer_end(client);
}

static struct top_sample
sample_at(uint64_t ns, const char *name, uint64_t failures, uint64_t rx)
{
	struct top_sample sample = {.ns = ns, .nb_pools = 1, .nb_ports = 1};

	sample.pools = calloc(1, sizeof(*sample.pools));
	sample.ports = calloc(1, sizeof(*sample.ports));
	assert_true(sample.pools != NULL && sample.ports != NULL);
	strcpy(sample.pools[0].name, name);
	for (unsigned int i = 0; i < TOP_METRICS_MAX; i++)
		sample.pools[0].rate[i] = NAN;
	sample.pools[0].value[top_metric_find("failures")] =
		(struct tide_metric_value){.state = TIDE_METRIC_KNOWN, .count = failures};
	sample.pools[0].value[top_metric_find("size")] =
		(struct tide_metric_value){.state = TIDE_METRIC_KNOWN, .count = 10};
	sample.ports[0].counters.now.rx = rx;
	return sample;
}

static void
rates_are_of_counters_and_of_the_same_pool(void **state)
{
	struct top_sample before = sample_at(0, "rx", 100, 1000);
	struct top_sample now = sample_at(2000000000, "rx", 160, 5000);
	struct top_sample other = sample_at(3000000000, "tx", 500, 5000);
	struct top_sample again = sample_at(4000000000, "tx", 3, 5000);
	int failures = top_metric_find("failures");

	top_sample_rates(&before, &now);
	assert_true(now.seconds == 2);
	assert_true(now.pools[0].rate[failures] == 30);
	assert_true(isnan(now.pools[0].rate[top_metric_find("size")]));
	assert_int_equal(now.ports[0].counters.before.rx, 1000);
	assert_int_equal(now.ports[0].counters.ns, 2000000000);
	/* Another device has the id now. */
	strcpy(other.ports[0].name, "other");
	top_sample_rates(&now, &other);
	assert_true(isnan(other.pools[0].rate[failures]));
	assert_int_equal(other.ports[0].counters.ns, 0);
	/* A new pool of the same name counts from 0. */
	top_sample_rates(&other, &again);
	assert_true(isnan(again.pools[0].rate[failures]));
	top_sample_fini(&before);
	top_sample_fini(&now);
	top_sample_fini(&other);
	top_sample_fini(&again);
}

static const struct tide_metric *
port_metric(const char *name)
{
	const struct tide_metric *m;

	for (unsigned int i = 0; (m = tide_telemetry_metric(TIDE_SCOPE_PORT, i)) != NULL; i++) {
		if (strcmp(m->name, name) == 0)
			return m;
	}
	fail_msg("no metric %s", name);
	return NULL;
}

static void
set_counters(struct top_sample *sample, uint64_t count)
{
	struct tide_port_counters *now = &sample->ports[0].counters.now;

	now->rx = now->tx = now->rx_bytes = now->tx_bytes = count;
}

/* The rate between two samples that are a second apart; all counters have the same values. */
static double
port_rate(const char *name, uint64_t before, uint64_t now)
{
	struct top_sample a = sample_at(1000000000, "rx", 0, 0);
	struct top_sample b = sample_at(2000000000, "rx", 0, 0);
	struct tide_metric_value value;

	set_counters(&a, before);
	set_counters(&b, now);
	top_sample_rates(&a, &b);
	value = top_port_read(port_metric(name), &b.ports[0]);
	assert_int_equal(value.state, TIDE_METRIC_KNOWN);
	top_sample_fini(&a);
	top_sample_fini(&b);
	return value.real;
}

static void
no_rate_is_below_0_or_of_a_counter_that_is_missing(void **state)
{
	static const char *const rates[] = {"rx_pps", "tx_pps", "rx_mbps", "tx_mbps"};
	struct top_sample first = sample_at(0, "rx", 0, 5);

	assert_true(port_rate("rx_pps", 5, 12) == 7);
	for (unsigned int i = 0; i < 4; i++) {
		assert_true(port_rate(rates[i], 5, 12) > 0);
		assert_true(port_rate(rates[i], 12, 5) == 0);
		assert_true(port_rate(rates[i], 5, TIDE_COUNT_NONE) == 0);
		assert_true(port_rate(rates[i], TIDE_COUNT_NONE, 5) == 0);
		assert_true(port_rate(rates[i], TIDE_COUNT_NONE, TIDE_COUNT_NONE) == 0);
	}
	for (unsigned int i = 0; tide_telemetry_metric(TIDE_SCOPE_PORT, i) != NULL; i++) {
		const struct tide_metric *m = tide_telemetry_metric(TIDE_SCOPE_PORT, i);

		assert_true((top_port_read(m, &first.ports[0]).state == TIDE_METRIC_UNKNOWN) ==
			    (m->get != NULL));
	}
	top_sample_fini(&first);
}

static void
the_table_fits_into_a_sample(void **state)
{
	const struct tide_metric *m;
	unsigned int n = 0;

	while ((m = tide_telemetry_metric(TIDE_SCOPE_POOL, n)) != NULL)
		n++;
	assert_true(n <= TOP_METRICS_MAX);
	assert_null(top_metric(n));
}

/* Wait until the watch has a number of samples, or the program has ended. */
static void
wait_for(struct top_watch *watch, unsigned int samples)
{
	for (unsigned int i = 0; i < 500; i++) {
		bool enough;

		pthread_mutex_lock(&watch->lock);
		enough = watch->ended || (samples > 0 && watch->samples >= samples);
		pthread_mutex_unlock(&watch->lock);
		if (enough)
			return;
		usleep(10000);
	}
	fail_msg("the watch saw nothing in 5 seconds");
}

static void
the_end_of_the_program_ends_the_watch_before_the_next_sample(void **state)
{
	struct app_telemetry *client = test_peer_client(sound);
	struct app_telemetry_peer peer = {.pid = test_peer_pid()};
	struct top_watch watch;

	strcpy(peer.path, test_peer_socket());
	assert_int_equal(top_watch_start(&watch, &peer, client, 3600, &test_error), 0);
	wait_for(&watch, 1);
	assert_false(watch.ended);
	test_peer_end(NULL);
	wait_for(&watch, 0);
	assert_true(watch.ended);
	assert_false(top_program_runs(&peer));
	top_watch_stop(&watch);
}

/* Wait until the watch has the owners of a pool. */
static unsigned int
wait_for_owners(struct top_watch *watch)
{
	unsigned int owners = 0;

	for (unsigned int i = 0; i < 200 && owners == 0; i++) {
		usleep(10000);
		pthread_mutex_lock(&watch->lock);
		owners = watch->now.nb_owners;
		pthread_mutex_unlock(&watch->lock);
	}
	return owners;
}

static void
a_watch_has_rates_and_asks_for_owners_at_once(void **state)
{
	struct app_telemetry *client = test_peer_client(sound);
	struct app_telemetry_peer peer = {.pid = test_peer_pid()};
	struct top_watch watch;

	strcpy(peer.path, test_peer_socket());
	assert_int_equal(top_watch_start(&watch, &peer, client, 1, &test_error), 0);
	wait_for(&watch, 2);
	pthread_mutex_lock(&watch.lock);
	assert_true(watch.now.seconds > 0);
	assert_true(watch.now.pools[0].rate[top_metric_find("failures")] == 0);
	top_watch_set(&watch, "rx", 3600);
	pthread_mutex_unlock(&watch.lock);
	assert_int_equal(wait_for_owners(&watch), 2);
	top_watch_stop(&watch);
	test_peer_end(NULL);
}

static int
hangs_in_between(const char *question, char *text)
{
	return strcmp(question, "/tide/pool,odd") == 0 ? TEST_SERVER_HANGS : sound(question, text);
}

static void
a_watch_of_a_program_that_hangs_stops_at_once(void **state)
{
	struct app_telemetry *client = test_peer_client(hangs_in_between);
	struct app_telemetry_peer peer = {.pid = test_peer_pid()};
	struct top_watch watch;
	uint64_t begin;

	strcpy(peer.path, test_peer_socket());
	assert_true(top_program_runs(&peer));
	peer.pid++;
	assert_false(top_program_runs(&peer));
	peer.pid--;
	assert_int_equal(top_watch_start(&watch, &peer, client, 1, &test_error), 0);
	usleep(100000);
	begin = app_now_ns();
	top_watch_stop(&watch);
	assert_true(app_now_ns() - begin < 1000000000);
	test_peer_end(NULL);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, test_peer_set_up, test_peer_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_sample_has_each_metric_of_the_table_that_the_pool_has),
		CASE(values_of_a_wrong_kind_are_no_values),
		CASE(owners_have_ages_where_the_program_knows_them),
		CASE(a_port_has_what_dpdk_counts_and_no_more),
		CASE(figures_that_no_counter_has_are_none),
		CASE(a_program_that_is_slow_at_each_question_does_not_answer),
		CASE(a_program_without_endpoints_and_one_that_ends_are_told_apart),
		CASE(rates_are_of_counters_and_of_the_same_pool),
		CASE(no_rate_is_below_0_or_of_a_counter_that_is_missing),
		CASE(the_table_fits_into_a_sample),
		CASE(the_end_of_the_program_ends_the_watch_before_the_next_sample),
		CASE(a_watch_has_rates_and_asks_for_owners_at_once),
		CASE(a_watch_of_a_program_that_hangs_stops_at_once),
	};

	return cmocka_run_group_tests_name("top_sample", tests, NULL, NULL);
}
