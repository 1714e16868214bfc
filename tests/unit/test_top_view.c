/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* What tide-top draws fits the screen of any size, and keys do what the help says. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "options.h"
#include "print.h"
#include "view.h"

static struct top_sample sample;
static struct top_view view;
static struct top_asked scan, audit;
static struct top_lines lines;
static char *text;

static const struct top_facts facts = {.program = "testpmd",
	.prefix = "rte",
	.version = "DPDK 22.11.11",
	.pid = 7,
	.started = 1000};

static void
set(struct top_pool *pool, const char *name, uint64_t count)
{
	pool->value[top_metric_find(name)] =
		(struct tide_metric_value){.state = TIDE_METRIC_KNOWN, .count = count};
}

/* Make a sample with so many pools and ports; pool i has i buffers in use of 100. */
static void
make_sample(unsigned int pools, unsigned int ports)
{
	sample = (struct top_sample){.time = 1000 + 90061, .nb_pools = pools, .nb_ports = ports};
	sample.pools = calloc(pools + 1, sizeof(*sample.pools));
	sample.ports = calloc(ports + 1, sizeof(*sample.ports));
	for (unsigned int i = 0; i < pools; i++) {
		struct top_pool *pool = &sample.pools[i];

		snprintf(pool->name, sizeof(pool->name), "pool_%03u", i);
		strcpy(pool->ops, "tide");
		for (unsigned int n = 0; n < TOP_METRICS_MAX; n++) {
			pool->value[n].state = TIDE_METRIC_NONE;
			pool->rate[n] = NAN;
		}
		set(pool, "size", 100);
		set(pool, "free", i < 100 ? 100 - i : 0);
		set(pool, "in_use", i);
		set(pool, "failures", 0);
	}
	for (unsigned int i = 0; i < ports; i++) {
		sample.ports[i].id = i;
		strcpy(sample.ports[i].name, "net_ring");
		sample.ports[i].counters.now.runts = TIDE_COUNT_NONE;
	}
}

static int
set_up(void **state)
{
	view = (struct top_view){.sort = -1, .interval_s = 1};
	scan = (struct top_asked){.running = false};
	audit = scan;
	text = NULL;
	top_lines_init(&lines, 80);
	return 0;
}

static int
tear_down(void **state)
{
	top_sample_fini(&sample);
	top_view_fini(&view);
	top_lines_fini(&lines);
	json_decref(scan.answer);
	json_decref(audit.answer);
	free(text);
	return 0;
}

/* Join the lines, each with its end. */
static const char *
all(const struct top_lines *from)
{
	size_t len;
	FILE *out;

	free(text);
	out = open_memstream(&text, &len);
	assert_non_null(out);
	top_lines_print(from, out);
	fclose(out);
	return text;
}

static const char *
drawn(unsigned int rows, unsigned int columns)
{
	const struct top_shown shown = {
		.facts = &facts, .sample = &sample, .scan = &scan, .audit = &audit};

	top_lines_fini(&lines);
	top_lines_init(&lines, columns);
	top_view_draw(&view, &shown, rows, &lines);
	return all(&lines);
}

static void
assert_has(const char *in, const char *part)
{
	if (in == NULL || strstr(in, part) == NULL)
		fail_msg("\"%s\" is not in:\n%s", part, in != NULL ? in : "nothing");
}

static void
assert_lacks(const char *in, const char *part)
{
	if (strstr(in, part) != NULL)
		fail_msg("\"%s\" is in:\n%s", part, in);
}

static void
a_screen_of_any_size_is_never_exceeded(void **state)
{
	static const unsigned int sizes[] = {1, 2, 3, 7, 8, 11, 12, 13, 24, 25, 60, 80, 200, 300};
	static const unsigned int pools[] = {0, 1, 3, 200};

	for (unsigned int p = 0; p < 4; p++) {
		make_sample(pools[p], p * 3);
		for (unsigned int r = 0; r < 14; r++) {
			for (unsigned int c = 0; c < 14; c++) {
				view.panel = (r + c) % 4;
				drawn(sizes[r], sizes[c]);
				assert_int_equal(lines.nb, sizes[r]);
				for (unsigned int i = 0; i < lines.nb; i++)
					assert_true(strlen(lines.line[i].text) <= sizes[c]);
			}
		}
		top_sample_fini(&sample);
	}
}

static void
the_title_tells_program_process_age_and_dpdk(void **state)
{
	make_sample(1, 0);
	assert_has(drawn(24, 80), "testpmd  pid 7  up 1 d 1:01:01  DPDK 22.11.11  prefix rte  "
				  "every 1 s\n");
}

static void
no_name_of_a_process_hides_its_start(void **state)
{
	double started = top_started(getpid());
	char name[16];

	assert_true(started > 0);
	assert_int_equal(prctl(PR_GET_NAME, name), 0);
	assert_int_equal(prctl(PR_SET_NAME, "a) 1 2 3 (b"), 0);
	assert_true(top_started(getpid()) == started);
	prctl(PR_SET_NAME, name);
	assert_true(top_started(0) == 0);
}

static void
the_selected_pool_stays_on_the_screen(void **state)
{
	make_sample(200, 0);
	assert_has(drawn(24, 80), "pool_000");
	assert_int_equal(top_view_key(&view, TOP_KEY_END, &sample), TOP_SAMPLE);
	assert_has(drawn(24, 80), "pool_199");
	assert_lacks(text, "pool_000");
	assert_has(text, "owners of pool_199");
	assert_int_equal(top_view_key(&view, TOP_KEY_UP, &sample), TOP_SAMPLE);
	assert_string_equal(view.selected, "pool_198");
	top_view_key(&view, TOP_KEY_HOME, &sample);
	top_view_key(&view, TOP_KEY_UP, &sample);
	assert_string_equal(view.selected, "pool_000");
	top_view_key(&view, TOP_KEY_DOWN, &sample);
	assert_string_equal(view.selected, "pool_001");
	assert_has(drawn(24, 80), "\npool_001");
	top_view_key(&view, TOP_KEY_END, &sample);
	top_view_key(&view, TOP_KEY_DOWN, &sample);
	assert_string_equal(view.selected, "pool_199");
	/* A terminal that grows has no empty rows behind the last pool. */
	drawn(24, 80);
	assert_has(drawn(60, 80), "\npool_160");
	assert_has(text, "\npool_199");
	/* Another sample came, which is not drawn yet. */
	sample.nb_pools = 3;
	assert_int_equal(top_view_key(&view, TOP_KEY_UP, &sample), TOP_NOTHING);
	sample.nb_pools = 200;
}

static void
ports_leave_room_for_pools(void **state)
{
	make_sample(3, 100);
	assert_has(drawn(24, 80), "more ports)");
	assert_has(text, "\npool_000");
	assert_has(text, "owners of pool_000");
}

static void
another_pool_is_selected_when_the_selected_one_is_gone(void **state)
{
	make_sample(3, 0);
	strcpy(view.selected, "freed");
	drawn(24, 80);
	assert_string_equal(view.selected, "pool_000");
	top_sample_fini(&sample);
	make_sample(0, 0);
	drawn(24, 80);
	assert_string_equal(view.selected, "");
	assert_int_equal(top_view_key(&view, TOP_KEY_DOWN, &sample), TOP_NOTHING);
	assert_int_equal(top_view_key(&view, 's', &sample), TOP_NOTHING);
}

static void
sorting_goes_through_the_metrics_that_pools_have(void **state)
{
	unsigned int order[3];

	make_sample(3, 0);
	drawn(24, 80);
	top_view_key(&view, 'o', &sample);
	assert_int_equal(view.sort, top_metric_find("size"));
	top_view_key(&view, 'o', &sample);
	top_view_key(&view, 'o', &sample);
	assert_int_equal(view.sort, top_metric_find("in_use"));
	top_order(&sample, view.sort, order);
	assert_int_equal(order[0], 2);
	assert_int_equal(order[2], 0);
	assert_has(drawn(24, 80), "sorted by in_use");
	assert_true(strstr(text, "pool_002") < strstr(text, "pool_000"));
	/* No pool has a peak. */
	top_view_key(&view, 'o', &sample);
	assert_int_equal(view.sort, top_metric_find("failures"));
	top_view_key(&view, 'o', &sample);
	assert_int_equal(view.sort, -1);
}

static void
pools_in_alarm_are_counted_and_found_by_a_key(void **state)
{
	make_sample(200, 0);
	set(&sample.pools[150], "misuse", 1);
	set(&sample.pools[7], "free", 0);
	for (unsigned int i = 100; i < 200; i++)
		set(&sample.pools[i], "free", 1);
	assert_has(drawn(24, 80), "\npools: 200, 2 in alarm (n: next), ports: 0, sorted by name\n");
	assert_int_equal(lines.line[1].look, TOP_ALARM);
	assert_int_equal(top_view_key(&view, 'n', &sample), TOP_SAMPLE);
	assert_string_equal(view.selected, "pool_007");
	top_view_key(&view, 'n', &sample);
	assert_string_equal(view.selected, "pool_150");
	assert_has(drawn(24, 80), "owners of pool_150");
	top_view_key(&view, 'n', &sample);
	assert_string_equal(view.selected, "pool_007");
	set(&sample.pools[150], "misuse", 0);
	set(&sample.pools[7], "free", 1);
	top_view_key(&view, 'n', &sample);
	assert_string_equal(view.selected, "pool_007");
	assert_lacks(drawn(24, 80), "alarm");
	assert_int_equal(lines.line[1].look, TOP_PLAIN);
}

static void
pools_that_are_missing_are_counted(void **state)
{
	struct top_print print = {.facts = &facts, .sample = &sample, .sort = -1};
	size_t len;
	FILE *out;

	make_sample(1, 0);
	sample.cut = true;
	sample.nb_unanswered = 3;
	assert_has(drawn(24, 80), "pools: 1 or more, 3 without an answer");
	free(text);
	out = open_memstream(&text, &len);
	top_print_text(&print, 0, out);
	fclose(out);
	assert_has(text, "\n3 more did not answer");
	assert_has(text, "There can be more");
}

static void
sorting_by_a_metric_puts_pools_without_it_last(void **state)
{
	unsigned int order[3];

	make_sample(3, 0);
	set(&sample.pools[2], "peak", 0);
	set(&sample.pools[1], "peak", UINT64_MAX);
	top_order(&sample, top_metric_find("peak"), order);
	assert_int_equal(order[0], 1);
	assert_int_equal(order[1], 2);
	assert_int_equal(order[2], 0);
}

static void
the_interval_has_steps_and_ends(void **state)
{
	make_sample(1, 0);
	top_view_key(&view, '-', &sample);
	assert_int_equal(view.interval_s, 1);
	top_view_key(&view, '+', &sample);
	assert_int_equal(view.interval_s, 2);
	view.interval_s = 7;
	top_view_key(&view, '-', &sample);
	assert_int_equal(view.interval_s, 5);
	view.interval_s = TOP_INTERVAL_MAX;
	top_view_key(&view, '+', &sample);
	assert_int_equal(view.interval_s, TOP_INTERVAL_MAX);
}

static void
keys_open_panels_and_ask(void **state)
{
	make_sample(2, 0);
	drawn(24, 80);
	assert_int_equal(top_view_key(&view, 's', &sample), TOP_SCAN);
	scan.running = true;
	strcpy(scan.pool, "pool_000");
	assert_has(drawn(24, 80), "scan of pool_000: asking the program ...");
	assert_int_equal(top_view_key(&view, 'a', &sample), TOP_AUDIT);
	strcpy(audit.failure, "the program has no /tide/audit");
	assert_has(drawn(24, 80), "the program has no /tide/audit");
	assert_int_equal(top_view_key(&view, 'h', &sample), TOP_NOTHING);
	assert_has(drawn(24, 80), "PgUp, PgDn");
	assert_int_equal(top_view_key(&view, 27, &sample), TOP_NOTHING);
	assert_has(drawn(24, 80), "owners of pool_000");
	assert_int_equal(top_view_key(&view, 'q', &sample), TOP_QUIT);
	assert_int_equal(top_view_key(&view, '\\' & 0x1f, &sample), TOP_QUIT);
	assert_int_equal(top_view_key(&view, 'x', &sample), TOP_NOTHING);
}

static void
a_long_panel_scrolls_to_its_end_and_back(void **state)
{
	static struct top_owner owners[50];

	make_sample(1, 0);
	sample.owners = calloc(50, sizeof(*sample.owners));
	sample.nb_owners = 50;
	strcpy(sample.owners_of, "pool_000");
	for (unsigned int i = 0; i < 50; i++) {
		snprintf(owners[i].name, sizeof(owners[i].name), "lcore_%u", i);
		owners[i].buffers = 1000 - i;
	}
	memcpy(sample.owners, owners, sizeof(owners));
	assert_has(drawn(24, 80), "lcore 0 ");
	assert_has(text, "more lines: PgDn)");
	for (unsigned int i = 0; i < 20; i++) {
		top_view_key(&view, TOP_KEY_PAGE_DOWN, &sample);
		drawn(24, 80);
	}
	assert_has(text, "lcore 49 ");
	assert_lacks(text, "more lines");
	for (unsigned int i = 0; i < 20; i++)
		top_view_key(&view, TOP_KEY_PAGE_UP, &sample);
	assert_has(drawn(24, 80), "lcore 0 ");
	/* The panel of another pool begins at its top. */
	top_view_key(&view, TOP_KEY_PAGE_DOWN, &sample);
	top_view_key(&view, TOP_KEY_DOWN, &sample);
	assert_has(drawn(24, 80), "lcore 0 ");
}

static void
narrow_screens_leave_out_details_first(void **state)
{
	make_sample(1, 0);
	set(&sample.pools[0], "cached", 5);
	set(&sample.pools[0], "placement_pages", 5);
	assert_has(drawn(24, 200), "placement_pages");
	assert_has(text, "failures/s");
	assert_lacks(drawn(24, 70), "placement_pages");
	assert_has(text, "cached");
	assert_lacks(drawn(24, 50), "failures/s");
	assert_has(text, "in_use");
	assert_lacks(drawn(24, 40), "cached");
	/* A detail goes before any column that is none. */
	for (unsigned int columns = 20; columns < 80; columns++) {
		drawn(24, columns);
		if (strstr(text, " cached") != NULL)
			assert_has(text, " failures");
	}
	/* Of columns that are alike, the right one goes first. */
	set(&sample.pools[0], "placement_local", 5);
	for (unsigned int columns = 60; columns < 140; columns++) {
		drawn(24, columns);
		if (strstr(text, "placement_local") != NULL)
			assert_has(text, "placement_pages");
	}
}

/* The rest of a number that is cut is another number. */
static void
no_number_is_cut(void **state)
{
	make_sample(1, 1);
	set(&sample.pools[0], "in_use", 777777);
	sample.ports[0].counters.now.tx_error = 888888;
	for (unsigned int columns = 1; columns < 150; columns++) {
		drawn(40, columns);
		for (unsigned int i = 0; i < lines.nb; i++) {
			const char *line = lines.line[i].text, *at = strpbrk(line, "78");

			if (at == NULL || strstr(line, "pid") != NULL)
				continue;
			assert_true(strspn(at, "78") == 6);
			assert_has(text, *at == '7' ? "in_use" : "tx_error");
		}
	}
	assert_has(text, "777777");
	assert_has(text, "888888");
}

static void
a_program_that_does_not_answer_is_shown_as_such(void **state)
{
	const struct top_shown shown = {.facts = &facts,
		.sample = &sample,
		.scan = &scan,
		.audit = &audit,
		.silent_s = 12.3};

	make_sample(1, 0);
	top_view_draw(&view, &shown, 24, &lines);
	assert_has(all(&lines), "no answer for 12 s");
	assert_has(text, "pool_000");
}

static void
no_byte_of_a_name_can_control_the_terminal(void **state)
{
	make_sample(1, 1);
	strcpy(sample.pools[0].name, "\033[2Jx\n\x7f\x9b\xc3\xa4");
	strcpy(sample.ports[0].name, "\a\b");
	drawn(24, 80);
	for (const char *at = text; *at != '\0'; at++)
		assert_true(*at == '\n' || (*at >= ' ' && *at <= '~'));
	assert_has(text, "?[2Jx?????");
}

static void
a_pool_is_in_alarm_when_it_is_empty_fails_or_refused(void **state)
{
	struct top_pool *pool;

	make_sample(1, 0);
	pool = &sample.pools[0];
	set(pool, "failures", 8);
	set(pool, "misuse", 0);
	assert_false(top_pool_alarm(pool));
	pool->rate[top_metric_find("failures")] = 0.5;
	assert_true(top_pool_alarm(pool));
	pool->rate[top_metric_find("failures")] = 0;
	set(pool, "misuse", 1);
	assert_true(top_pool_alarm(pool));
	set(pool, "misuse", 0);
	set(pool, "free", 0);
	assert_true(top_pool_alarm(pool));
}

static void
a_bar_shows_use_caches_and_peak(void **state)
{
	struct top_pool *pool;
	char bar[11];

	make_sample(1, 0);
	pool = &sample.pools[0];
	set(pool, "in_use", 30);
	set(pool, "cached", 20);
	top_pool_bar(pool, 10, bar);
	assert_string_equal(bar, "###++-----");
	set(pool, "peak", 80);
	top_pool_bar(pool, 10, bar);
	assert_string_equal(bar, "###++---|-");
	set(pool, "in_use", 1000);
	set(pool, "peak", 1000);
	top_pool_bar(pool, 10, bar);
	assert_string_equal(bar, "#########|");
	set(pool, "size", 0);
	set(pool, "peak", 0);
	top_pool_bar(pool, 10, bar);
	assert_string_equal(bar, "----------");
}

static json_t *
parsed(const char *json)
{
	json_t *value = json_loads(json, 0, NULL);

	assert_non_null(value);
	return value;
}

static void
a_scan_shows_places_clusters_and_limits(void **state)
{
	scan.answer =
		parsed("{\"outstanding\":9,\"located\":7,\"leaked\":2,\"scans\":3,"
		       "\"scan_us\":1500,\"place_0\":{\"buffers\":7,\"name\":\"ring r\"},"
		       "\"place_1\":{\"buffers\":2,\"name\":\"leaked\"},"
		       "\"cluster_0\":{\"buffers\":7,\"lcore\":3,\"age_max_ms\":2500,"
		       "\"place\":\"ring r\",\"ether_type\":\"0x0800\"},"
		       "\"leaked_0\":{\"address\":\"0x1000\",\"thread\":77,\"bytes\":\"00ff\"},"
		       "\"limit_0\":\"No registers.\",\"left_out\":4}");
	top_block_scan(scan.answer, &lines);
	assert_has(all(&lines), "9 outstanding: 7 located, 2 leaked, 0 unknown");
	assert_int_equal(lines.line[0].look, TOP_ALARM);
	assert_has(text, "3 scans, 1.5 ms");
	assert_has(text, "      7  ring r\n      2  leaked\n");
	assert_has(text, "lcore 3    2.5 s");
	assert_has(text, "0x0800");
	assert_has(text, "0x1000  thread 77");
	assert_has(text, "00ff");
	assert_has(text, "No registers.\n");
	assert_has(text, "4 entries did not fit into the answer.\n");
	json_decref(scan.answer);
	scan.answer =
		parsed("{\"place_0\":{\"buffers\":7,\"name\":\"0123456789012345678901234567890123"
		       "456789012345678901234567890123456789\"}}");
	top_block_scan(scan.answer, &lines);
	/* A cell has 64 bytes at most. */
	assert_has(all(&lines), "7890123\n");
}

static void
findings_have_their_remedies_and_long_texts_are_whole(void **state)
{
	audit.answer =
		parsed("{\"errors\":1,\"finding_0\":{\"severity\":\"error\",\"fact\":\"Pool rx "
		       "was \",\"fact_2\":\"empty.\",\"remedy\":\"Make it larger.\"},"
		       "\"finding_1\":{\"severity\":\"info\",\"fact\":\"Fine.\"},"
		       "\"limit_0\":\"Not all is known.\"}");
	top_block_audit(audit.answer, &lines);
	assert_has(all(&lines), "error: Pool rx was empty.\n    Make it larger.\ninfo: Fine.\n");
	assert_int_equal(lines.line[0].look, TOP_ALARM);
	assert_has(text, "Not all is known.\n");
	json_decref(audit.answer);
	audit.answer = parsed("{\"errors\":0}");
	top_lines_fini(&lines);
	top_lines_init(&lines, 80);
	top_block_audit(audit.answer, &lines);
	assert_has(all(&lines), "no findings");
}

static void
paragraphs_are_wrapped_between_words(void **state)
{
	top_lines_init(&lines, 12);
	top_lines_wrap(&lines, TOP_PLAIN, 2, "some words and averyveryverylongone");
	assert_string_equal(all(&lines), "some words\n  and\n  averyveryv\n  erylongone\n");
	top_lines_fini(&lines);
	top_lines_init(&lines, 0);
	top_lines_wrap(&lines, TOP_PLAIN, 2, "some words and averyveryverylongone");
	top_lines_wrap(&lines, TOP_PLAIN, 2, "");
	assert_string_equal(all(&lines), "some words and averyveryverylongone\n");
}

/* Print as JSON and parse it again. */
static json_t *
printed(const struct top_print *print)
{
	json_t *value;
	size_t len;
	FILE *out;

	free(text);
	out = open_memstream(&text, &len);
	assert_non_null(out);
	top_print_json(print, out);
	fclose(out);
	assert_ptr_equal(strchr(text, '\n'), text + len - 1);
	value = json_loads(text, 0, NULL);
	assert_non_null(value);
	return value;
}

static void
json_has_groups_rates_and_what_was_asked(void **state)
{
	struct top_print print = {.facts = &facts, .socket = "/s", .sample = &sample, .sort = -1};
	json_t *json, *pool;

	make_sample(2, 1);
	set(&sample.pools[0], "placement_pages", 8);
	sample.pools[0].rate[top_metric_find("failures")] = 2.5;
	strcpy(sample.owners_of, "pool_000");
	strcpy(sample.no_owners, "it \"keeps\" none");
	print.scan = parsed(
		"{\"yes\":true,\"no\":false,\"leaked\":2,\"deep\":{\"a\":[1,{\"b\":\"c\"}]}}");
	strcpy(print.no_audit, "no audit");
	json = printed(&print);
	pool = json_array_get(json_object_get(json, "pools"), 0);
	assert_int_equal(json_integer_value(json_object_get(pool, "size")), 100);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(pool, "placement"), "pages")),
		8);
	assert_true(json_real_value(json_object_get(
			    json_object_get(pool, "per_second"), "failures")) == 2.5);
	assert_null(json_object_get(pool, "peak"));
	assert_has(text, "\"per_second\":{\"failures\":null}");
	assert_has(text, "\"rx_pps\":null");
	assert_has(text, "\"error\":\"it \\\"keeps\\\" none\"");
	assert_has(text, "\"scan\":{\"yes\":true,\"no\":false,\"leaked\":2,\"deep\":{\"a\":[1,{"
			 "\"b\":\"c\"}]}}");
	assert_has(text, "\"audit\":{\"error\":\"no audit\"}");
	assert_has(text, "\"pools_unanswered\":0,\"pools_cut\":false");
	/* It fails gets. */
	assert_true(json_is_true(json_object_get(pool, "alarm")));
	pool = json_array_get(json_object_get(json, "pools"), 1);
	assert_true(json_is_false(json_object_get(pool, "alarm")));
	json_decref(json);
	json_decref(print.scan);
}

static void
each_option_has_its_default_in_the_help(void **state)
{
	for (unsigned int i = 0; i < top_program.nb_options; i++)
		assert_non_null(top_program.options[i].usual);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_screen_of_any_size_is_never_exceeded),
		CASE(the_title_tells_program_process_age_and_dpdk),
		CASE(no_name_of_a_process_hides_its_start),
		CASE(the_selected_pool_stays_on_the_screen),
		CASE(ports_leave_room_for_pools),
		CASE(another_pool_is_selected_when_the_selected_one_is_gone),
		CASE(sorting_goes_through_the_metrics_that_pools_have),
		CASE(pools_in_alarm_are_counted_and_found_by_a_key),
		CASE(pools_that_are_missing_are_counted),
		CASE(sorting_by_a_metric_puts_pools_without_it_last),
		CASE(the_interval_has_steps_and_ends),
		CASE(keys_open_panels_and_ask),
		CASE(a_long_panel_scrolls_to_its_end_and_back),
		CASE(narrow_screens_leave_out_details_first),
		CASE(no_number_is_cut),
		CASE(a_program_that_does_not_answer_is_shown_as_such),
		CASE(no_byte_of_a_name_can_control_the_terminal),
		CASE(a_pool_is_in_alarm_when_it_is_empty_fails_or_refused),
		CASE(a_bar_shows_use_caches_and_peak),
		CASE(a_scan_shows_places_clusters_and_limits),
		CASE(findings_have_their_remedies_and_long_texts_are_whole),
		CASE(paragraphs_are_wrapped_between_words),
		CASE(json_has_groups_rates_and_what_was_asked),
		CASE(each_option_has_its_default_in_the_help),
	};

	return cmocka_run_group_tests_name("top_view", tests, NULL, NULL);
}
