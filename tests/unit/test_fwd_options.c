/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Options by command line and by file: the same names, ranges and sentences. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config.h"
#include "options.h"

static struct fwd_options opts;
static struct app_error err;

#define PARSE(...) parse((char *[]){"tide-fwd", __VA_ARGS__, NULL})

static int
parse(char *argv[])
{
	int argc = 0;

	while (argv[argc] != NULL)
		argc++;
	fwd_options_init(&opts);
	memset(&err, 0, sizeof(err));
	return fwd_options_parse(&opts, argc, argv, &err);
}

static void
says(const char *text)
{
	if (strstr(err.text, text) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, text);
	assert_int_equal(err.code, APP_EXIT_USAGE);
}

/* A file of this text; its name is valid until the next call. */
static char *
file(const char *text)
{
	static char name[64];
	FILE *f;

	snprintf(name, sizeof(name), "/tmp/tide_fwd_options_%d.cfg", (int)getpid());
	f = fopen(name, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return name;
}

static int
load(const char *text)
{
	char *name = file(text);
	int rc;

	fwd_options_init(&opts);
	memset(&err, 0, sizeof(err));
	rc = fwd_config_load(&opts, name, &err);
	unlink(name);
	return rc;
}

static void
nothing_given_leaves_the_defaults(void **state)
{
	assert_int_equal(parse((char *[]){"tide-fwd", NULL}), 0);
	assert_int_equal(opts.ports.nb, 0);
	assert_int_equal(opts.queues, 1);
	assert_int_equal(opts.mode, FWD_MODE_MACSWAP);
	assert_int_equal(opts.promiscuous, 1);
	assert_int_equal(opts.burst, 32);
	assert_string_equal(opts.ops, "tide");
	assert_int_equal(opts.page, TIDE_PAGE_AUTO);
	assert_int_equal(opts.backing, TIDE_BACKING_AUTO);
	assert_int_equal(opts.measure_latency, FWD_MEASURE_AUTO);
	assert_int_equal(opts.stats, 1);
	assert_int_equal(opts.duration, 0);
	assert_int_equal(opts.strict, 0);
	assert_int_equal(opts.check, 10);
	assert_int_equal(opts.flows, 0);
	assert_int_equal(fwd_options_flows_interval(&opts), 1);
	assert_int_equal(opts.flows_memory, 32);
}

static void
each_option_is_taken(void **state)
{
	assert_int_equal(PARSE("--ports", "0,2", "--portmap=(0,2)", "--mode", "mac", "--queues=4",
				 "--mtu", "9000", "--buffer-size", "4096", "--promiscuous=off",
				 "--rx-desc", "512", "--tx-desc=256", "--burst", "64"),
		0);
	assert_int_equal(opts.ports.nb, 2);
	assert_int_equal(opts.portmap.nb, 1);
	assert_int_equal(opts.mode, FWD_MODE_MAC);
	assert_int_equal(opts.queues, 4);
	assert_int_equal(opts.mtu, 9000);
	assert_int_equal(opts.buffer_size, 4096);
	assert_int_equal(opts.promiscuous, 0);
	assert_int_equal(opts.rx_desc, 512);
	assert_int_equal(opts.tx_desc, 256);
	assert_int_equal(opts.burst, 64);
	assert_int_equal(
		PARSE("--buffers", "8192", "--cache", "0", "--ops", "stack", "--page", "4k",
			"--strict", "--port-node", "(0,1)", "--pool-node", "(0,2)(1,3)", "--stats",
			"0", "--screen", "--json", "--duration", "7", "--dry-run=yes",
			"--measure-latency", "off", "--check-placement", "0"),
		0);
	assert_int_equal(opts.buffers, 8192);
	assert_int_equal(opts.cache, 0);
	assert_string_equal(opts.ops, "stack");
	assert_int_equal(opts.page, TIDE_PAGE_4K);
	assert_int_equal(opts.strict, 1);
	assert_int_equal(opts.port_nodes.nb, 1);
	assert_int_equal(opts.pool_nodes.nb, 2);
	assert_int_equal(opts.pool_nodes.pair[1].a, 1);
	assert_int_equal(opts.pool_nodes.pair[1].b, 3);
	assert_int_equal(opts.stats, 0);
	assert_int_equal(opts.check, 0);
	assert_int_equal(opts.screen, 1);
	assert_int_equal(opts.json, 1);
	assert_int_equal(opts.duration, 7);
	assert_int_equal(opts.dry_run, 1);
	assert_int_equal(opts.measure_latency, FWD_MEASURE_OFF);
	assert_int_equal(PARSE("--flows", "10", "--flows-interval=0", "--flows-memory", "128"), 0);
	assert_int_equal(opts.flows, 10);
	assert_int_equal(fwd_options_flows_interval(&opts), 0);
	assert_int_equal(opts.flows_memory, 128);
	assert_int_equal(PARSE("--backing=own"), 0);
	assert_int_equal(opts.backing, TIDE_BACKING_OWN);
	assert_int_equal(PARSE("--backing", "eal"), 0);
	assert_int_equal(opts.backing, TIDE_BACKING_EAL);
	assert_int_equal(PARSE("--measure-latency=on"), 0);
	assert_int_equal(opts.measure_latency, FWD_MEASURE_ON);
	assert_int_equal(PARSE("--measure-latency=on", "--measure-latency=auto"), 0);
	assert_int_equal(opts.measure_latency, FWD_MEASURE_AUTO);
}

static void
intervals_of_flows_follow_the_statistics_unless_told(void **state)
{
	assert_int_equal(PARSE("--flows", "1", "--stats", "5"), 0);
	assert_int_equal(fwd_options_flows_interval(&opts), 5);
	assert_int_equal(PARSE("--flows", "1", "--stats", "0"), 0);
	assert_int_equal(fwd_options_flows_interval(&opts), 0);
	assert_int_equal(PARSE("--flows", "1", "--stats", "0", "--flows-interval", "3"), 0);
	assert_int_equal(fwd_options_flows_interval(&opts), 3);
}

static void
switches_take_a_word_and_the_last_one_counts(void **state)
{
	assert_int_equal(PARSE("--json=off"), 0);
	assert_int_equal(opts.json, 0);
	assert_int_equal(PARSE("--strict", "--strict=no"), 0);
	assert_int_equal(opts.strict, 0);
	assert_int_equal(PARSE("--burst", "1", "--burst", "2"), 0);
	assert_int_equal(opts.burst, 2);
}

static void
numbers_are_held_to_their_range(void **state)
{
	static const struct {
		char *name;
		unsigned long min, max;
	} ranges[] = {{"--queues", 1, 1024}, {"--mtu", 68, 9702}, {"--buffer-size", 128, 65407},
		{"--rx-desc", 1, 65535}, {"--tx-desc", 1, 65535}, {"--burst", 1, 512},
		{"--buffers", 1, 2147483647}, {"--cache", 0, 512}, {"--stats", 0, 86400},
		{"--check-placement", 0, 86400}, {"--duration", 0, 31536000}};
	static const char *const never[] = {
		"", " 1", "1 ", "-1", "+1", "1x", "0x10", "1.5", "99999999999999999999", "one"};
	char text[32];

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		snprintf(text, sizeof(text), "%lu", ranges[i].min);
		assert_int_equal(PARSE(ranges[i].name, text), 0);
		snprintf(text, sizeof(text), "%lu", ranges[i].max);
		assert_int_equal(PARSE(ranges[i].name, text), 0);
		snprintf(text, sizeof(text), "%lu", ranges[i].max + 1);
		assert_int_equal(PARSE(ranges[i].name, text), -1);
		says("out of range");
		says(ranges[i].name);
		if (ranges[i].min > 0) {
			assert_int_equal(PARSE(ranges[i].name, "0"), -1);
			says("out of range");
		}
		for (size_t n = 0; n < sizeof(never) / sizeof(never[0]); n++) {
			snprintf(text, sizeof(text), "%s", never[n]);
			assert_int_equal(PARSE(ranges[i].name, text), -1);
			snprintf(text, sizeof(text), "give %lu to %lu", ranges[i].min,
				ranges[i].max);
			says(text);
		}
	}
}

static void
wrong_words_name_what_is_allowed(void **state)
{
	assert_int_equal(PARSE("--measure-latency", "yes"), -1);
	says("--measure-latency 'yes': no such choice; give auto, on or off");
	assert_int_equal(PARSE("--mode", "fast"), -1);
	says("--mode 'fast': no such choice; give io, mac or macswap");
	assert_int_equal(PARSE("--page", "3M"), -1);
	says("auto, huge, 1G, 2M, THP or 4K");
	assert_int_equal(PARSE("--backing", "mine"), -1);
	says("--backing 'mine': no such choice; give auto, EAL or own");
	assert_int_equal(PARSE("--promiscuous", "maybe"), -1);
	says("give on or off");
	assert_int_equal(PARSE("--ops", ""), -1);
	says("--ops");
	assert_int_equal(PARSE("--ops", "01234567890123456789012345678901"), -1);
	says("1 to 31 characters");
	assert_int_equal(PARSE("--ports", "0,0"), -1);
	says("--ports '0,0': port 0 is named twice");
}

static void
what_is_no_option_is_refused(void **state)
{
	assert_int_equal(PARSE("--bogus"), -1);
	says("--bogus: no such option");
	assert_int_equal(PARSE("-q"), -1);
	says("-q: no such option");
	assert_int_equal(PARSE("stray"), -1);
	says("'stray' is not an option");
	assert_int_equal(PARSE("--burst"), -1);
	says("--burst: a value is missing; give N");
	assert_int_equal(PARSE("--burst", "32", "--", "--json"), -1);
	says("'--json' is not an option");
}

static void
help_and_version_stop_the_reading(void **state)
{
	assert_int_equal(PARSE("--help"), 0);
	assert_true(opts.help);
	assert_int_equal(PARSE("-h", "--config", "/nonexistent"), 0);
	assert_true(opts.help);
	assert_int_equal(PARSE("--version"), 0);
	assert_true(opts.version);
}

static void
the_help_names_every_option_and_its_default(void **state)
{
	static const char *const names[] = {"ports", "portmap", "mode", "queues", "mtu",
		"buffer-size", "promiscuous", "rx-desc", "tx-desc", "burst", "buffers", "cache",
		"ops", "page", "backing", "strict", "check-placement", "port-node", "pool-node",
		"stats", "screen", "json", "duration", "dry-run", "config", "measure-latency"};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	app_options_help(&fwd_program, out);
	fclose(out);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char name[32];
		const char *at, *dflt, *next;

		snprintf(name, sizeof(name), "\n  --%s ", names[i]);
		at = strstr(text, name);
		assert_non_null(at);
		dflt = strstr(at, "(default: ");
		assert_non_null(dflt);
		next = strstr(at + 1, "\n  --");
		assert_true(next != NULL && dflt < next);
	}
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		assert_true(strlen(line) <= 80);
	free(text);
}

static void
a_file_sets_options_and_the_command_line_wins(void **state)
{
	char *name =
		file("# a profile\n\nburst = 64 # packets\n  mode=io\n[tide-fwd]\nstrict = on\n"
		     "measure-latency = on\njson=\nportmap = (0,1)(2,3)\n");

	assert_int_equal(PARSE("--mode", "mac", "--config", name), 0);
	assert_int_equal(opts.burst, 64);
	assert_int_equal(opts.mode, FWD_MODE_MAC);
	assert_int_equal(opts.strict, 1);
	assert_int_equal(opts.json, 1);
	assert_int_equal(opts.portmap.nb, 2);
	assert_int_equal(opts.measure_latency, FWD_MEASURE_ON);
	unlink(name);
}

static void
a_wrong_line_is_named_by_file_and_number(void **state)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
		{"mode = io\n\n# x\ncolour = blue\n", "cfg:4: colour: no such option"},
		{"burst = 0\n", "cfg:1: burst '0': out of range; give 1 to 512"},
		{"\nmode =\n", "cfg:2: mode: a value is missing"},
		{"mode\n", "cfg:1: 'mode' has no '='"},
		{"mode = io\n[other]\n", "cfg:2: unknown heading [other]"},
		{"[tide-fwd\n", "cfg:1: unknown heading"},
		{"mode = io\nburst = 1\nmode = mac\n", "cfg:3: mode: was set in line 1"},
		{"mode = io\n[tide-fwd]\nmode = mac\n", "cfg:3: mode: was set in line 1"},
		{"config = other.cfg\n", "cfg:1: config: a file cannot name another"},
		{"help = yes\n", "cfg:1: help: no such option"},
		{"= 3\n", "cfg:1: : no such option"},
		{"\xef\xbb\xbfmode = io\n", "cfg:1: begins with a byte order mark"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(load(wrong[i].text), -1);
		says(wrong[i].says);
	}
}

/* The lengths rte_cfgfile would cut: a name of 64, a value of 256, a line of more than both. */
static void
what_is_too_long_is_refused_not_cut(void **state)
{
	char text[1024];

	snprintf(text, sizeof(text), "%0*d = 1\n", 64, 0);
	assert_int_equal(load(text), -1);
	says("cfg:1: the line is too long");
	snprintf(text, sizeof(text), "burst = %0*d\n", 256, 1);
	assert_int_equal(load(text), -1);
	says("cfg:1: the line is too long");
	snprintf(text, sizeof(text), "\n# %0*d\n", 900, 1);
	assert_int_equal(load(text), -1);
	says("cfg:2: the line is too long");
	snprintf(text, sizeof(text), "burst = %0*d\n", 255, 1);
	assert_int_equal(load(text), 0);
	assert_int_equal(opts.burst, 1);
}

/* As a crash of the machine leaves it, or an editor that writes UTF-16. */
static void
a_file_with_zero_bytes_is_refused(void **state)
{
	static const char text[] = "mode = io\nburst\0= 7\n";
	char *name = file("");
	FILE *f = fopen(name, "w");

	assert_int_equal(fwrite(text, 1, sizeof(text) - 1, f), sizeof(text) - 1);
	fclose(f);
	assert_int_equal(PARSE("--config", name), -1);
	says("cfg:2: holds a zero byte");
	unlink(name);
}

static void
a_file_that_cannot_be_read_is_named(void **state)
{
	assert_int_equal(PARSE("--config", "/nonexistent/x.cfg"), -1);
	says("/nonexistent/x.cfg: cannot be read: No such file or directory");
	assert_int_equal(PARSE("--config", "/"), -1);
	says("/: cannot be read: Is a directory");
	assert_int_equal(PARSE("--config", ""), -1);
	says("--config '': not a file name");
	assert_int_equal(PARSE("--config", "/dev/zero"), -1);
	says("/dev/zero: is a pipe or a device; write the options into a file");
}

static void
a_last_line_without_newline_counts(void **state)
{
	assert_int_equal(load("mode = io\nburst = 7"), 0);
	assert_int_equal(opts.burst, 7);
	assert_int_equal(load(""), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_given_leaves_the_defaults),
		cmocka_unit_test(each_option_is_taken),
		cmocka_unit_test(intervals_of_flows_follow_the_statistics_unless_told),
		cmocka_unit_test(switches_take_a_word_and_the_last_one_counts),
		cmocka_unit_test(numbers_are_held_to_their_range),
		cmocka_unit_test(wrong_words_name_what_is_allowed),
		cmocka_unit_test(what_is_no_option_is_refused),
		cmocka_unit_test(help_and_version_stop_the_reading),
		cmocka_unit_test(the_help_names_every_option_and_its_default),
		cmocka_unit_test(a_file_sets_options_and_the_command_line_wins),
		cmocka_unit_test(a_wrong_line_is_named_by_file_and_number),
		cmocka_unit_test(what_is_too_long_is_refused_not_cut),
		cmocka_unit_test(a_file_with_zero_bytes_is_refused),
		cmocka_unit_test(a_file_that_cannot_be_read_is_named),
		cmocka_unit_test(a_last_line_without_newline_counts),
	};

	return cmocka_run_group_tests_name("fwd_options", tests, NULL, NULL);
}
