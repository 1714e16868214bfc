/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: order statistics, targets, the command line with everything that can be wrong in it, and
 * general allocators.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "frame/clock.h"
#include "frame/options.h"
#include "frame/stats.h"
#include "frame/targets.h"
#include "range.h"
#include "scenarios/heap.h"
#include "scenarios/sizes.h"

#define ARGS_MAX 64

static const char *const names[] = {"first", "second", "third", NULL};

/* Split at spaces and parse; argv[0] is the "--" as in the program. */
static int
parse(const char *line, struct options *opt, struct app_error *err)
{
	static char text[1024];
	static char dashes[] = "--";
	char *argv[ARGS_MAX], *save = NULL;
	int argc = 0;

	snprintf(text, sizeof(text), "%s", line);
	argv[argc++] = dashes;
	for (char *t = strtok_r(text, " ", &save); t != NULL; t = strtok_r(NULL, " ", &save))
		argv[argc++] = t;
	argv[argc] = NULL;
	memset(err, 0, sizeof(*err));
	return options_parse(argc, argv, names, opt, err);
}

static void
is_good(const char *line, struct options *opt)
{
	struct app_error err;

	if (parse(line, opt, &err) != 0)
		fail_msg("\"%s\": %s", line, err.text);
}

/* One sentence that names what is wrong, and the exit code for wrong use. */
static void
is_bad(const char *line, const char *about)
{
	struct app_error err;
	struct options opt;

	if (parse(line, &opt, &err) == 0)
		fail_msg("\"%s\" was accepted", line);
	assert_int_equal(err.code, APP_EXIT_USAGE);
	if (strstr(err.text, about) == NULL)
		fail_msg("\"%s\": \"%s\" does not speak of %s", line, err.text, about);
	assert_null(strchr(err.text, '\n'));
}

static void
median_of_odd_and_even_counts(void **state)
{
	const double odd[] = {9, 1, 5}, even[] = {4, 1, 3, 2}, one[] = {7};

	assert_true(stats_of(odd, 3).median == 5);
	assert_true(stats_of(even, 4).median == 2.5);
	assert_true(stats_of(one, 1).median == 7);
	assert_true(stats_of(one, 1).min == 7 && stats_of(one, 1).max == 7);
}

static void
values_are_left_in_their_order(void **state)
{
	const double before[] = {3, 1, 2};
	double v[] = {3, 1, 2};

	stats_of(v, 3);
	assert_memory_equal(v, before, sizeof(v));
}

static void
half_the_values_lie_on_each_side_of_the_median(void **state)
{
	const unsigned int seed = (unsigned int)time(NULL);
	double v[STATS_MAX];

	print_message("seed %u\n", seed);
	srandom(seed);
	for (unsigned int n = 1; n <= STATS_MAX; n += n < 20 ? 1 : 97) {
		unsigned int below = 0, above = 0, out = 0;
		struct stats s;

		for (unsigned int i = 0; i < n; i++)
			v[i] = (double)(random() % 50) / 7;
		s = stats_of(v, n);
		for (unsigned int i = 0; i < n; i++) {
			below += v[i] < s.median;
			above += v[i] > s.median;
			out += v[i] < s.min || v[i] > s.max;
		}
		assert_true(below <= n / 2 && above <= n / 2);
		assert_int_equal(out, 0);
	}
}

static void
ratios_are_taken_round_by_round(void **state)
{
	/* The ratio of the medians would be 1. */
	const double a[] = {1, 10, 100}, b[] = {10, 100, 1};

	assert_true(fabs(stats_median_ratio(a, b, 3) - 0.1) < 1e-12);
}

static void
no_word_and_all_want_every_scenario(void **state)
{
	struct options opt;

	is_good("", &opt);
	assert_int_equal(opt.case_mask, 7);
	assert_int_equal(opt.rounds, 7);
	assert_int_equal(opt.nb_cache, 0);
	assert_int_equal(opt.nb_ops, 0);
	is_good("all --rounds 3", &opt);
	assert_int_equal(opt.case_mask, 7);
}

static void
words_and_options_mix(void **state)
{
	struct options opt;

	is_good("third --rounds 9 first --time 5", &opt);
	assert_int_equal(opt.case_mask, 5);
	assert_int_equal(opt.rounds, 9);
	assert_int_equal(opt.time_ms, 5);
}

static void
every_option_is_read(void **state)
{
	struct options opt;

	is_good("--bulk 512 --buffers 4095 --object 128 --threads 64 --ops tide,stack "
		"--cache 0,512 --sizes 70000,4095 --json j --plot p --probe x --list --help",
		&opt);
	assert_int_equal(opt.bulk, 512);
	assert_int_equal(opt.buffers, 4095);
	assert_int_equal(opt.object, 128);
	assert_int_equal(opt.threads, 64);
	assert_int_equal(opt.nb_ops, 2);
	assert_string_equal(opt.ops[0], "tide");
	assert_string_equal(opt.ops[1], "stack");
	assert_int_equal(opt.nb_cache, 2);
	assert_int_equal(opt.cache[1], 512);
	assert_string_equal(opt.json, "j");
	assert_string_equal(opt.plot, "p");
	assert_string_equal(opt.probe, "x");
	assert_true(opt.list && opt.help);
}

static void
sizes_are_sorted(void **state)
{
	struct options opt;

	is_good("--sizes 1048575,4095,70000", &opt);
	assert_int_equal(opt.nb_size, 3);
	assert_int_equal(opt.size[0], 4095);
	assert_int_equal(opt.size[1], 70000);
	assert_int_equal(opt.size[2], 1048575);
}

static void
numbers_out_of_range_or_none_are_refused(void **state)
{
	static const char *const option[] = {
		"--rounds", "--time", "--bulk", "--buffers", "--object", "--threads", "--sizes"};
	static const char *const bad[] = {
		"0", "-1", "x", "7x", "0x10", "99999999999999999999", "4294967297", "+", "1e3"};
	char line[64];

	for (size_t i = 0; i < sizeof(option) / sizeof(*option); i++)
		for (size_t k = 0; k < sizeof(bad) / sizeof(*bad); k++) {
			snprintf(line, sizeof(line), "%s %s", option[i], bad[k]);
			is_bad(line, option[i]);
		}
	is_bad("--bulk 513", "--bulk");
	is_bad("--cache 513", "--cache");
	is_bad("--object 127", "--object");
	is_bad("--object 65536", "--object");
	is_bad("--sizes 4094", "--sizes");
	is_bad("--threads 65", "--threads");
	is_bad("--rounds 1001", "--rounds");
}

static void
lists_with_holes_doubles_or_too_many_are_refused(void **state)
{
	is_bad("--cache 1,,2", "--cache");
	is_bad("--cache 1,", "--cache");
	is_bad("--cache 3,4,3", "twice");
	is_bad("--cache 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "--cache");
	is_bad("--ops a,,b", "--ops");
	is_bad("--ops a,b,a", "twice");
	is_bad("--ops a_name_that_is_longer_than_any_ops_have", "--ops");
	is_bad("--ops a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", "--ops");
	is_bad("--json= --rounds 2", "--json");
	is_bad("--plot=", "--plot");
}

static void
unknown_words_and_options_are_named(void **state)
{
	is_bad("fourth", "fourth");
	is_bad("first fourth", "fourth");
	is_bad("--no-such", "--no-such");
	is_bad("-x", "-x");
	is_bad("--list=3", "--list");
	is_bad("--rounds", "--rounds");
}

static void
the_help_names_scenarios_and_options_but_not_the_internal_one(void **state)
{
	static const char *const summaries[] = {"a", "b", "c", NULL};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	options_help(out, names, summaries);
	fclose(out);
	assert_non_null(strstr(text, "\n  third           c\n"));
	assert_non_null(strstr(text, "\n  --rounds N "));
	assert_null(strstr(text, "--probe"));
	free(text);
}

#define MIX   8192
#define DRAWS (16 * MIX)

static void
every_run_draws_the_same_sizes(void **state)
{
	static uint16_t a[MIX], b[2 * MIX];

	sizes_mix(a, MIX);
	sizes_mix(b, 2 * MIX);
	assert_memory_equal(a, b, sizeof(a));
	assert_memory_not_equal(b, b + MIX, sizeof(a));
}

static void
sizes_reach_their_bounds_and_are_small_more_often(void **state)
{
	static uint16_t size[DRAWS];
	unsigned int least = UINT16_MAX, most = 0, odd = 0, small = 0;

	sizes_mix(size, DRAWS);
	for (unsigned int i = 0; i < DRAWS; i++) {
		least = size[i] < least ? size[i] : least;
		most = size[i] > most ? size[i] : most;
		odd += size[i] % 2;
		small += size[i] < (SIZES_MIN + SIZES_MAX) / 4;
	}
	assert_int_equal(least, SIZES_MIN);
	assert_int_equal(most, SIZES_MAX);
	assert_uint_in_range(odd, DRAWS / 3, DRAWS * 2 / 3);
	assert_true(small > DRAWS / 2);
}

static void
every_heap_gives_memory_or_says_why_not(void **state)
{
	struct heap heap;
	char why[192];
	char *a, *b;

	for (unsigned int i = 0; heap_name(i) != NULL; i++) {
		why[0] = '\0';
		if (heap_load(i, &heap, why, sizeof(why)) != 0) {
			print_message("%s: %s\n", heap_name(i), why);
			assert_true(why[0] != '\0');
			assert_string_not_equal(heap_name(i), "glibc");
			continue;
		}
		a = heap.get(64);
		b = heap.get(64);
		assert_true(a != NULL && b != NULL);
		assert_true(a + 64 <= b || b + 64 <= a);
		heap.put(a);
		heap.put(b);
	}
}

static void
the_cost_of_the_clock_is_taken_off_and_no_more(void **state)
{
	assert_int_equal(clock_less(100, 25), 75);
	assert_int_equal(clock_less(25, 25), 0);
	assert_int_equal(clock_less(3, 25), 0);
}

static void
percentiles_are_values_by_nearest_rank(void **state)
{
	uint32_t v[1000];

	for (unsigned int i = 0; i < 1000; i++)
		v[i] = i + 1;
	assert_int_equal(stats_percentile(v, 1000, 500), 500);
	assert_int_equal(stats_percentile(v, 1000, 990), 990);
	assert_int_equal(stats_percentile(v, 1000, 999), 999);
	assert_int_equal(stats_percentile(v, 1000, 1000), 1000);
	assert_int_equal(stats_percentile(v, 999, 999), 999);
	assert_int_equal(stats_percentile(v, 2, 500), 1);
	assert_int_equal(stats_percentile(v, 2, 501), 2);
	assert_int_equal(stats_percentile(v, 1, 1), 1);
	assert_int_equal(stats_percentile(v, 1, 1000), 1);
}

static void
no_more_calls_than_its_share_exceed_a_percentile(void **state)
{
	static const unsigned int share[] = {1, 500, 990, 999, 1000};
	const unsigned int seed = (unsigned int)time(NULL);
	uint32_t v[2500];

	print_message("seed %u\n", seed);
	srandom(seed);
	for (unsigned int n = 1; n <= 2500; n += n < 20 ? 1 : 97) {
		for (unsigned int i = 0; i < n; i++)
			v[i] = (uint32_t)random() * (i % 2 == 0 ? 1 : 3);
		stats_sort(v, n);
		for (size_t k = 0; k < sizeof(share) / sizeof(*share); k++) {
			uint32_t p = stats_percentile(v, n, share[k]);
			uint64_t below = 0, upto = 0;

			for (unsigned int i = 0; i < n; i++) {
				below += v[i] < p;
				upto += v[i] <= p;
				assert_true(i == 0 || v[i - 1] <= v[i]);
			}
			assert_true(upto * 1000 >= (uint64_t)n * share[k]);
			assert_true(below * 1000 < (uint64_t)n * share[k]);
		}
	}
}

static void
is_checked(struct target target, bool more, double own, double ref, double figure, bool reached)
{
	target.limit = 4;
	assert_true(fabs(target_figure(&target, more, own, ref) - figure) < 1e-12);
	assert_int_equal(target_reached(&target, figure), reached);
}

static void
targets_compare_in_their_own_way(void **state)
{
	const struct target quotient = {.against = TARGET_BEST_PEER, .kind = TARGET_QUOTIENT};
	const struct target times = {.against = TARGET_NAMED, .kind = TARGET_TIMES};
	const struct target more = {.against = TARGET_BEST_PEER, .kind = TARGET_MORE};
	const struct target alone = {.against = TARGET_NOTHING, .kind = TARGET_QUOTIENT};

	is_checked(quotient, false, 6, 2, 3, true);
	is_checked(quotient, false, 9, 2, 4.5, false);
	/* Times better: by a larger figure where more is better, by a smaller one elsewhere. */
	is_checked(times, true, 10, 2, 5, true);
	is_checked(times, true, 2, 10, 0.2, false);
	is_checked(times, false, 2, 10, 5, true);
	is_checked(times, false, 10, 2, 0.2, false);
	is_checked(more, false, 5.5, 2, 3.5, true);
	is_checked(more, false, 2, 5.5, -3.5, true);
	is_checked(more, false, 7, 2, 5, false);
	is_checked(alone, false, 3, 0, 3, true);
	is_checked(alone, false, 5, 100, 5, false);
}

static void
a_figure_at_the_limit_reaches_the_target(void **state)
{
	const enum target_kind kind[] = {TARGET_QUOTIENT, TARGET_TIMES, TARGET_MORE};

	for (size_t i = 0; i < sizeof(kind) / sizeof(*kind); i++) {
		const struct target target = {.kind = kind[i], .limit = 1.5};

		assert_true(target_reached(&target, 1.5));
		assert_int_equal(target_reached(&target, 1.51), kind[i] == TARGET_TIMES);
		assert_int_equal(target_reached(&target, 1.49), kind[i] != TARGET_TIMES);
	}
}

static void
a_target_fits_its_label_or_labels_that_begin_so(void **state)
{
	const struct target any = {.label = NULL}, one = {.label = "64 bytes, 1 thread"};
	const struct target begin = {.label = "1 lcore,"};

	assert_true(target_fits(&any, "cache 0"));
	assert_true(target_fits(&one, "64 bytes, 1 thread"));
	assert_false(target_fits(&one, "64 bytes, 1 thread, written"));
	assert_false(target_fits(&one, "64 bytes, 1"));
	assert_true(target_fits(&begin, "1 lcore, 8 queues"));
	assert_false(target_fits(&begin, "1 lcores, 8 queues"));
	assert_false(target_fits(&begin, "1 lcore"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(median_of_odd_and_even_counts),
		cmocka_unit_test(values_are_left_in_their_order),
		cmocka_unit_test(half_the_values_lie_on_each_side_of_the_median),
		cmocka_unit_test(ratios_are_taken_round_by_round),
		cmocka_unit_test(percentiles_are_values_by_nearest_rank),
		cmocka_unit_test(no_more_calls_than_its_share_exceed_a_percentile),
		cmocka_unit_test(targets_compare_in_their_own_way),
		cmocka_unit_test(a_figure_at_the_limit_reaches_the_target),
		cmocka_unit_test(a_target_fits_its_label_or_labels_that_begin_so),
		cmocka_unit_test(no_word_and_all_want_every_scenario),
		cmocka_unit_test(words_and_options_mix),
		cmocka_unit_test(every_option_is_read),
		cmocka_unit_test(sizes_are_sorted),
		cmocka_unit_test(numbers_out_of_range_or_none_are_refused),
		cmocka_unit_test(lists_with_holes_doubles_or_too_many_are_refused),
		cmocka_unit_test(unknown_words_and_options_are_named),
		cmocka_unit_test(the_help_names_scenarios_and_options_but_not_the_internal_one),
		cmocka_unit_test(the_cost_of_the_clock_is_taken_off_and_no_more),
		cmocka_unit_test(every_run_draws_the_same_sizes),
		cmocka_unit_test(sizes_reach_their_bounds_and_are_small_more_often),
		cmocka_unit_test(every_heap_gives_memory_or_says_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
