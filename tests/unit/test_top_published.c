/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-top shows the arenas and flows that a program publishes, in each of its outputs. */

#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "export.h"
#include "print.h"
#include "published.h"
#include "sample.h"
#include "telemetry_peer.h"
#include "tree.h"

static unsigned int allocations;
#define NO_FIGURE UINT_MAX

/* Two arenas, of which the second is odd, and flows. */
static int
sound(const char *question, char *text)
{
	if (question[0] == '\0')
		return test_server_greet(text);
	if (strcmp(question, "/tide/pools") == 0)
		return sprintf(text, "{\"/tide/pools\":[]}");
	if (strcmp(question, "/tide/arena") == 0)
		return sprintf(text,
			"{\"/tide/arena\":{\"flows_node_0\":{\"bytes\":4096,\"chunks\":4,"
			"\"chunks_out\":1,\"allocations\":50,\"new_metric\":1},"
			"\"odd\\u001b[31m\":{\"chunks\":\"many\"},\"left_out\":7}}");
	if (strcmp(question, "/tide/flows") == 0)
		return sprintf(text, "{\"/tide/flows\":{\"last_interval\":{\"flows\":3,"
				     "\"packets\":9,\"not_ip_packets\":2}}}");
	return sprintf(text, "{\"%.*s\":null}", (int)strcspn(question, ","), question);
}

/* A library from before there were these endpoints, and one with an error. */
static int
old(const char *question, char *text)
{
	if (strcmp(question, "/tide/flows") == 0)
		return sprintf(text, "{\"/tide/flows\":{\"error\":\"EAL has ended\"}}");
	if (strcmp(question, "/tide/arena") == 0)
		return sprintf(text, "{\"/tide/arena\":null}");
	return sound(question, text);
}

static struct top_sample
take(test_server_answer answers)
{
	struct app_telemetry *client = test_peer_client(answers);
	struct top_sample sample;
	bool lost;

	assert_int_equal(top_sample_take(client, "", &sample, &lost, &test_error), 0);
	assert_int_equal(test_error.code, 0);
	test_peer_end(client);
	return sample;
}

static struct tide_metric_value
value(const struct top_thing *thing, const char *name)
{
	char own[TIDE_METRIC_NAME_MAX];
	const struct tide_metric *m;

	for (unsigned int i = 0; (m = top_figures_metric(thing->scope, i)) != NULL; i++) {
		tide_telemetry_metric_name(m, own);
		if (strcmp(own, name) == 0)
			return thing->value[i];
	}
	fail_msg("no metric %s", name);
	return (struct tide_metric_value){.state = TIDE_METRIC_NONE};
}

static void
a_sample_has_what_the_program_publishes(void **state)
{
	struct top_sample sample = take(sound);

	assert_int_equal(sample.nb_things, 3);
	assert_string_equal(sample.things[0].name, "flows_node_0");
	assert_int_equal(sample.things[0].scope, TIDE_SCOPE_ARENA);
	assert_int_equal(value(&sample.things[0], "bytes").count, 4096);
	assert_int_equal(value(&sample.things[0], "allocations").count, 50);
	assert_int_equal(value(&sample.things[0], "failures").state, TIDE_METRIC_NONE);
	assert_int_equal(value(&sample.things[1], "chunks").state, TIDE_METRIC_NONE);
	assert_int_equal(sample.things[2].scope, TIDE_SCOPE_FLOWS);
	assert_int_equal(value(&sample.things[2], "not_ip_packets").count, 2);
	top_sample_fini(&sample);
}

/* As long as DPDK's telemetry has answers, and one with a name that is too long. */
static int
many(const char *question, char *text)
{
	int len;

	if (question[0] != '\0' && strncmp(question, "/tide/owners", 12) != 0 &&
		strcmp(question, "/tide/arena") != 0)
		return sound(question, text);
	if (question[0] == '\0')
		return test_server_greet(text);
	len = sprintf(text, "{\"%.*s\":{\"%0128d\":{}", (int)strcspn(question, ","), question, 0);
	for (unsigned int i = 0; len < 16300; i++)
		len += sprintf(text + len, ",\"%u\":{}", i);
	return len + sprintf(text + len, "}}");
}

static void
no_program_publishes_without_end(void **state)
{
	struct app_telemetry *client = test_peer_client(many);
	struct top_sample sample;
	bool lost;

	assert_int_equal(top_sample_take(client, "rx", &sample, &lost, &test_error), 0);
	assert_int_equal(sample.nb_things, TOP_THINGS_MAX);
	assert_string_equal(sample.things[0].name, "0");
	assert_int_equal(sample.nb_owners, TOP_OWNERS_MAX);
	top_sample_fini(&sample);
	test_peer_end(client);
}

static void
a_program_without_the_endpoints_publishes_nothing(void **state)
{
	struct top_sample sample = take(old);
	struct top_lines lines;

	assert_int_equal(sample.nb_things, 0);
	top_lines_init(&lines, 0);
	top_block_published(&sample, &lines);
	assert_int_equal(lines.nb, 0);
	top_lines_fini(&lines);
	top_sample_fini(&sample);
}

static int
counting(const char *question, char *text)
{
	if (strcmp(question, "/tide/arena") == 0 && allocations == NO_FIGURE)
		return sprintf(text, "{\"/tide/arena\":{\"x\":{\"chunks\":1}}}");
	if (strcmp(question, "/tide/arena") == 0)
		return sprintf(text, "{\"/tide/arena\":{\"x\":{\"chunks\":1,\"allocations\":%u}}}",
			allocations);
	if (strcmp(question, "/tide/flows") == 0)
		return sprintf(text, "{\"/tide/flows\":{\"x\":{\"flows\":1}}}");
	return sound(question, text);
}

static double
rate_after(unsigned int before, unsigned int now)
{
	struct top_sample first, second;
	double rate = NAN;

	allocations = before;
	first = take(counting);
	allocations = now;
	second = take(counting);
	second.ns = first.ns + 2000000000;
	top_sample_rates(&first, &second);
	for (unsigned int i = 0; top_figures_metric(TIDE_SCOPE_ARENA, i) != NULL; i++) {
		if (strcmp(top_figures_metric(TIDE_SCOPE_ARENA, i)->name, "allocations") == 0)
			rate = second.things[0].rate[i];
		else
			assert_true(isnan(second.things[0].rate[i]));
	}
	top_sample_fini(&first);
	top_sample_fini(&second);
	return rate;
}

static void
counters_have_rates_unless_they_begin_again(void **state)
{
	assert_true(rate_after(10, 50) == 20);
	assert_true(isnan(rate_after(50, 10)));
	assert_true(isnan(rate_after(NO_FIGURE, 10)));
	assert_true(isnan(rate_after(10, NO_FIGURE)));
}

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void
each_output_has_it(void **state)
{
	static const struct top_facts facts = {.program = "p"};
	struct top_exported program = {.up = true, .sample = take(sound)};
	const struct top_export export = {.programs = &program, .nb = 1};
	const struct top_print print = {.sample = &program.sample,
		.facts = &facts,
		.socket = "",
		.sort = -1,
		.no_scan = "",
		.no_audit = ""};
	char *text;
	size_t len;
	FILE *out;

	out = open_memstream(&text, &len);
	top_print_text(&print, 0, out);
	fclose(out);
	assert_has(text, "\narena         bytes  chunks  chunks_out  allocations  allocations/s\n"
			 "flows_node_0   4096       4           1           50              -\n");
	assert_has(text, "\nflows          flows  packets  not_ip_packets\n"
			 "last_interval      3        9               2\n");
	assert_null(strchr(text, '\033'));
	free(text);
	out = open_memstream(&text, &len);
	top_print_json(&print, out);
	fclose(out);
	assert_has(text,
		"\"arena\":[{\"name\":\"flows_node_0\",\"bytes\":4096,\"chunks\":4,"
		"\"chunks_out\":1,\"allocations\":50,\"per_second\":{\"allocations\":null}},");
	assert_has(text, "\"flows\":[{\"name\":\"last_interval\",\"flows\":3,\"packets\":9,"
			 "\"not_ip\":{\"packets\":2},\"per_second\":{}}]");
	free(text);
	out = open_memstream(&text, &len);
	top_export_text(&export, out);
	fclose(out);
	assert_has(text, "# TYPE tide_arena_allocations_total counter\n"
			 "tide_arena_allocations_total{program=\"\",prefix=\"\",pid=\"0\","
			 "arena=\"flows_node_0\"} 50\n");
	assert_has(text, "tide_flows_not_ip_packets{program=\"\",prefix=\"\",pid=\"0\","
			 "flows=\"last_interval\"} 2\n");
	assert_null(strstr(text, "arena=\"last_interval\""));
	assert_null(strstr(text, "flows=\"flows_node_0\""));
	assert_null(strchr(text, '\033'));
	free(text);
	top_sample_fini(&program.sample);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, test_peer_set_up, test_peer_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_sample_has_what_the_program_publishes),
		CASE(no_program_publishes_without_end),
		CASE(a_program_without_the_endpoints_publishes_nothing),
		CASE(counters_have_rates_unless_they_begin_again),
		CASE(each_output_has_it),
	};

	return cmocka_run_group_tests_name("top_published", tests, NULL, NULL);
}
