/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* What a program publishes is in every output until it is withdrawn, and is never sampled afterwards. */

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "answer.h"
#include "eal.h"
#include "tide_telemetry.h"

#define NAME_31 "abcdefghijklmnopqrstuvwxyz_0189"

static bool
take_flows(void *arg, void *sample)
{
	struct tide_flows_sample *flows = sample;

	flows->flows = *(const uint64_t *)arg;
	flows->ip.packets = 2;
	flows->not_ip.bytes = UINT64_MAX - 2;
	return true;
}

static bool
take_nothing(void *arg, void *sample)
{
	return false;
}

static bool
take_arena(void *arg, void *sample)
{
	return tide_arena_stats(arg, 0, sample) == 0;
}

static uint64_t five = 5, six = 6;

static int
withdraw_all(void **state)
{
	static const char *const names[] = {"a", "b", "c", "x", NAME_31};

	for (unsigned int i = 0; i < 5; i++) {
		tide_telemetry_withdraw(TIDE_SCOPE_FLOWS, names[i]);
		tide_telemetry_withdraw(TIDE_SCOPE_ARENA, names[i]);
	}
	return 0;
}

static void
a_program_that_publishes_nothing_has_empty_answers(void **state)
{
	assert_string_equal(test_answer("/tide/flows", ""), "{}");
	assert_string_equal(test_answer("/tide/arena", ""), "{}");
	assert_non_null(strstr(test_answer("/tide/arena", "x"),
		"{\"error\":\"the program has published no arena called x: "));
}

static void
names_and_scopes_that_cannot_be_published_are_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "a b", "a/b", "\"", "caf\xc3\xa9", NAME_31 "2", "a\n"};

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
			tide_telemetry_publish(TIDE_SCOPE_FLOWS, bad[i], take_flows, &five),
			-EINVAL);
	for (int scope = 0; scope <= TIDE_NB_SCOPES; scope++) {
		if (scope != TIDE_SCOPE_ARENA && scope != TIDE_SCOPE_FLOWS)
			assert_int_equal(
				tide_telemetry_publish(scope, "x", take_flows, &five), -EINVAL);
	}
	assert_int_equal(tide_telemetry_withdraw(TIDE_SCOPE_FLOWS, "x"), -ENOENT);
	assert_string_equal(test_answer("/tide/flows", ""), "{}");
}

static void
a_name_is_unique_in_its_scope(void **state)
{
	assert_int_equal(tide_telemetry_publish(TIDE_SCOPE_FLOWS, NAME_31, take_flows, &five), 0);
	assert_int_equal(
		tide_telemetry_publish(TIDE_SCOPE_FLOWS, NAME_31, take_flows, &six), -EEXIST);
	assert_int_equal(tide_telemetry_publish(TIDE_SCOPE_ARENA, NAME_31, take_nothing, NULL), 0);
	assert_non_null(strstr(test_answer("/tide/flows", NAME_31), "{\"flows\":5,\"packets\":2,"));
	assert_int_equal(tide_telemetry_withdraw(TIDE_SCOPE_FLOWS, NAME_31), 0);
	assert_int_equal(tide_telemetry_withdraw(TIDE_SCOPE_FLOWS, NAME_31), -ENOENT);
	assert_int_equal(tide_telemetry_publish(TIDE_SCOPE_FLOWS, NAME_31, take_flows, &six), 0);
	assert_non_null(strstr(test_answer("/tide/flows", NAME_31), "{\"flows\":6,"));
}

#define FLOWS(n)                                                             \
	"{\"flows\":" n ",\"packets\":2,\"bytes\":0,\"not_ip_packets\":0,"   \
	"\"not_ip_bytes\":18446744073709551613,\"not_accounted_packets\":0," \
	"\"not_accounted_bytes\":0}"

static void
all_things_of_a_scope_are_listed_in_order(void **state)
{
	assert_int_equal(tide_telemetry_publish(TIDE_SCOPE_FLOWS, "b", take_flows, &five), 0);
	assert_int_equal(tide_telemetry_publish(TIDE_SCOPE_FLOWS, "c", take_nothing, NULL), 0);
	assert_int_equal(tide_telemetry_publish(TIDE_SCOPE_FLOWS, "a", take_flows, &six), 0);
	assert_string_equal(
		test_answer("/tide/flows", ""), "{\"b\":" FLOWS("5") ",\"a\":" FLOWS("6") "}");
	assert_string_equal(test_answer("/tide/flows", "a"), FLOWS("6"));
	assert_non_null(strstr(test_answer("/tide/flows", "c"), "has no figures now"));
	assert_string_equal(test_answer("/tide/arena", ""), "{}");
	tide_telemetry_withdraw(TIDE_SCOPE_FLOWS, "b");
	assert_string_equal(test_answer("/tide/flows", ""), "{\"a\":" FLOWS("6") "}");
}

static void
an_arena_has_the_metrics_of_the_table(void **state)
{
	static const int node = 0;
	const struct tide_arena_conf conf = {.name = "published",
		.nodes = &node,
		.nb_nodes = 1,
		.chunk_size = 65536,
		.chunks = 4,
		.epochs = 2,
		.enforce = TIDE_ENFORCE_BEST_EFFORT};
	struct tide_arena *arena = tide_arena_create(&conf);
	const char *answer;

	assert_non_null(arena);
	assert_non_null(tide_arena_alloc(arena, 100, 1));
	assert_int_equal(tide_telemetry_publish(TIDE_SCOPE_ARENA, "x", take_arena, arena), 0);
	answer = test_answer("/tide/arena", "x");
	assert_non_null(strstr(answer, "\"chunks\":4,\"chunks_out\":1,\"chunks_peak\":1,"));
	assert_non_null(strstr(answer, "\"allocations\":1,\"allocated_bytes\":100,"));
	assert_int_equal(tide_telemetry_withdraw(TIDE_SCOPE_ARENA, "x"), 0);
	tide_arena_free(arena);
}

static void
prometheus_has_what_is_published(void **state)
{
	static const char first[] = "# TYPE tide_flows_flows gauge\n"
				    "tide_flows_flows{flows=\"a\"} 5\n"
				    "tide_flows_flows{flows=\"b\"} 6\n";
	char *text = NULL, *after;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(tide_telemetry_publish(TIDE_SCOPE_FLOWS, "a", take_flows, &five), 0);
	assert_int_equal(tide_telemetry_publish(TIDE_SCOPE_FLOWS, "c", take_nothing, NULL), 0);
	assert_int_equal(tide_telemetry_publish(TIDE_SCOPE_FLOWS, "b", take_flows, &six), 0);
	assert_int_equal(tide_telemetry_prometheus(out), 0);
	fclose(out);
	after = strstr(text, first);
	assert_non_null(after);
	assert_null(strstr(after + strlen(first), "tide_flows_flows"));
	assert_null(strstr(text, "tide_arena"));
	free(text);
}

static _Atomic unsigned int entered, left;
static _Atomic bool withdrawn;

/* Long enough for a withdrawal that does not wait to overtake it. */
static bool
take_slowly(void *arg, void *sample)
{
	assert_false(withdrawn);
	entered++;
	usleep(50000);
	left++;
	return true;
}

static void *
ask(void *arg)
{
	test_answer("/tide/flows", "");
	return NULL;
}

static void
a_withdrawal_waits_for_the_sample_that_is_taken(void **state)
{
	pthread_t thread;

	assert_int_equal(tide_telemetry_publish(TIDE_SCOPE_FLOWS, "x", take_slowly, NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, ask, NULL), 0);
	while (entered == 0)
		usleep(100);
	assert_int_equal(tide_telemetry_withdraw(TIDE_SCOPE_FLOWS, "x"), 0);
	withdrawn = true;
	assert_int_equal(left, 1);
	pthread_join(thread, NULL);
	assert_string_equal(test_answer("/tide/flows", ""), "{}");
}

static void *
ask_on(void *stop)
{
	while (!*(_Atomic bool *)stop)
		test_answer("/tide/flows", "");
	return NULL;
}

/* The child has one thread; the lock that another one had in the parent must not stop it. */
static void
a_child_process_can_withdraw(void **state)
{
	_Atomic bool stop = false;
	pthread_t thread;

	assert_int_equal(tide_telemetry_publish(TIDE_SCOPE_FLOWS, "a", take_flows, &five), 0);
	assert_int_equal(pthread_create(&thread, NULL, ask_on, &stop), 0);
	for (unsigned int i = 0; i < 300; i++) {
		int status = -1;
		pid_t pid = fork();

		if (pid == 0) {
			alarm(5);
			_exit(tide_telemetry_withdraw(TIDE_SCOPE_FLOWS, "a") == 0 ? 0 : 1);
		}
		assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
		assert_int_equal(status, 0);
	}
	stop = true;
	pthread_join(thread, NULL);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_teardown(name, withdraw_all)
	const struct CMUnitTest tests[] = {
		CASE(a_program_that_publishes_nothing_has_empty_answers),
		CASE(names_and_scopes_that_cannot_be_published_are_refused),
		CASE(a_name_is_unique_in_its_scope),
		CASE(all_things_of_a_scope_are_listed_in_order),
		CASE(an_arena_has_the_metrics_of_the_table),
		CASE(prometheus_has_what_is_published),
		CASE(a_withdrawal_waits_for_the_sample_that_is_taken),
		CASE(a_child_process_can_withdraw),
	};

	test_eal_start(false, 64, "0");
	return cmocka_run_group_tests_name("publish", tests, NULL, NULL);
}
