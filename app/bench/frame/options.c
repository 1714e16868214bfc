/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: the table of options, and those in effect. */

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "frame/options.h"
#include "frame/stats.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define BUFFERS_MAX  (1 << 26)

static const struct options defaults = {
	.rounds = 7,
	.time_ms = 100,
	.bulk = 32,
	.buffers = 131071,
	.object = 2304,
	.threads = 8,
	.size = {4095, 16383, 65535, 131071, 262143, 524287, 1048575},
	.nb_size = 7,
};

/* Copy the first entry of a comma-separated list; returns the rest, NULL at the end. */
static const char *
entry(const char *text, char one[OPTIONS_NAME_MAX])
{
	size_t len = strcspn(text, ",");

	snprintf(one, OPTIONS_NAME_MAX, "%.*s", (int)len, text);
	return text[len] == ',' ? text + len + 1 : NULL;
}

static int
full(char *reason, size_t len)
{
	snprintf(reason, len, "more than %d entries; give fewer", OPTIONS_LIST_MAX);
	return -1;
}

static int
parse_entry(const char *one, unsigned int min, unsigned int max, unsigned int *value, char *reason,
	size_t len)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(one, &end, 10);
	if (one[0] < '0' || one[0] > '9' || *end != '\0' || errno != 0 || v < min || v > max) {
		snprintf(reason, len, "\"%s\" is not a number from %u to %u; give one", one, min,
			max);
		return -1;
	}
	*value = (unsigned int)v;
	return 0;
}

static int
parse_numbers(const char *text, unsigned int min, unsigned int max, unsigned int *list,
	unsigned int *nb, char *reason, size_t len)
{
	char one[OPTIONS_NAME_MAX];

	*nb = 0;
	do {
		if (*nb == OPTIONS_LIST_MAX)
			return full(reason, len);
		text = entry(text, one);
		if (parse_entry(one, min, max, &list[*nb], reason, len) != 0)
			return -1;
		for (unsigned int i = 0; i < *nb; i++) {
			if (list[i] == list[*nb]) {
				snprintf(reason, len, "%u is in the list twice; name it once",
					list[i]);
				return -1;
			}
		}
		(*nb)++;
	} while (text != NULL);
	return 0;
}

static int
parse_cache(void *options, const char *value, char *reason, size_t len)
{
	struct options *opt = options;

	return parse_numbers(value, 0, OPTIONS_BULK_MAX, opt->cache, &opt->nb_cache, reason, len);
}

static int
ascending(const void *a, const void *b)
{
	const unsigned int x = *(const unsigned int *)a, y = *(const unsigned int *)b;

	return (x > y) - (x < y);
}

static int
parse_sizes(void *options, const char *value, char *reason, size_t len)
{
	struct options *opt = options;

	if (parse_numbers(value, OPTIONS_BUFFERS_MIN, BUFFERS_MAX, opt->size, &opt->nb_size, reason,
		    len) != 0)
		return -1;
	qsort(opt->size, opt->nb_size, sizeof(*opt->size), ascending);
	return 0;
}

/* Check the name of ops that was stored last. */
static int
check_ops(const struct options *opt, char *reason, size_t len)
{
	const char *name = opt->ops[opt->nb_ops];

	if (name[0] == '\0') {
		snprintf(reason, len,
			"an empty name; give names with one comma between them, see --list");
		return -1;
	}
	for (unsigned int i = 0; i < opt->nb_ops; i++) {
		if (strcmp(opt->ops[i], name) == 0) {
			snprintf(reason, len, "%s is in the list twice; name it once", name);
			return -1;
		}
	}
	return 0;
}

static int
parse_ops(void *options, const char *value, char *reason, size_t len)
{
	struct options *opt = options;

	opt->nb_ops = 0;
	do {
		if (opt->nb_ops == OPTIONS_LIST_MAX)
			return full(reason, len);
		if (strcspn(value, ",") >= OPTIONS_NAME_MAX) {
			snprintf(reason, len, "\"%.*s\" is longer than any name of ops; see --list",
				(int)strcspn(value, ","), value);
			return -1;
		}
		value = entry(value, opt->ops[opt->nb_ops]);
		if (check_ops(opt, reason, len) != 0)
			return -1;
		opt->nb_ops++;
	} while (value != NULL);
	return 0;
}

static int
parse_path(const char **path, const char *value, char *reason, size_t len)
{
	if (value[0] == '\0') {
		snprintf(reason, len, "the path is empty; give one");
		return -1;
	}
	*path = value;
	return 0;
}

static int
parse_json(void *options, const char *value, char *reason, size_t len)
{
	return parse_path(&((struct options *)options)->json, value, reason, len);
}

static int
parse_plot(void *options, const char *value, char *reason, size_t len)
{
	return parse_path(&((struct options *)options)->plot, value, reason, len);
}

static int
parse_probe(void *options, const char *value, char *reason, size_t len)
{
	return parse_path(&((struct options *)options)->probe, value, reason, len);
}

/* Add a scenario, or all of them, to the case mask. */
static int
add_case(void *options, const char *word, char *reason, size_t len)
{
	struct options *opt = options;
	bool found = false;

	for (unsigned int i = 0; opt->names[i] != NULL; i++) {
		if (strcmp(word, opt->names[i]) == 0 || strcmp(word, "all") == 0) {
			opt->case_mask |= UINT64_C(1) << i;
			found = true;
		}
	}
	opt->all = false;
	if (found)
		return 0;
	snprintf(reason, len, "there is no such scenario; --help names them, \"all\" runs each");
	return -1;
}

#define FIELD(name) .at = offsetof(struct options, name)

/* clang-format off */
static const struct app_option table[] = {
	{.name = "rounds", .arg = "N", FIELD(rounds), .min = 1, .max = STATS_MAX,
		.help = "Rounds, 1 to 1000; in each, every candidate is measured once.", .usual = "7"},
	{.name = "time", .arg = "MS", FIELD(time_ms), .min = 1, .max = 60000,
		.help = "Milliseconds per measurement, 1 to 60000; spread takes a fifth of it and tail a quarter.",
		.usual = "100"},
	{.name = "bulk", .arg = "N", FIELD(bulk), .min = 1, .max = OPTIONS_BULK_MAX,
		.help = "Objects per get and put, 1 to 512, except in single.", .usual = "32"},
	{.name = "ops", .arg = "LIST", .parse = parse_ops,
		.help = "Ops to compare, comma-separated.",
		.more = "`baseline` always takes part.", .usual = "all that work"},
	{.name = "cache", .arg = "LIST", .parse = parse_cache,
		.help = "Sizes of the mempool's cache per lcore, 0 to 512.",
		.usual = "0,256; in oversubscribed 0,64"},
	{.name = "sizes", .arg = "LIST", .parse = parse_sizes,
		.help = "Buffers in the pools of sweep and memory, at least 4095; create takes the largest.",
		.more = "Sizes that do not fit into EAL's memory are left out, and a note says so.",
		.usual = "seven steps from 4095 to 1048575"},
	{.name = "buffers", .arg = "N", FIELD(buffers), .min = OPTIONS_BUFFERS_MIN, .max = BUFFERS_MAX,
		.help = "Buffers in the pool of pipeline, at least 4095.", .usual = "131071"},
	{.name = "object", .arg = "N", FIELD(object), .min = 128, .max = 65535,
		.help = "Bytes of an mbuf with its data room, 128 to 65535; 128: no data room.",
		.more = "Where EAL has too little memory, all buffers of the scenario have 128 bytes, and a note "
			"says so.", .usual = "2304"},
	{.name = "threads", .arg = "N", FIELD(threads), .min = 1, .max = 64,
		.help = "Threads in oversubscribed, 1 to 64.", .usual = "8"},
	{.name = "json", .arg = "FILE", .parse = parse_json,
		.help = "Write everything that was measured.",
		.more = "doc/benchmarks.md describes the file.", .usual = "none"},
	{.name = "plot", .arg = "DIR", .parse = parse_plot,
		.help = "Write data and gnuplot scripts for each chart, and SVG where gnuplot is present.",
		.usual = "none"},
	{.name = "probe", .arg = "OPS", .parse = parse_probe},
	{.name = "list", FIELD(list),
		.help = "Print scenarios and ops, with the reason where ops are left out.", .usual = "no"},
};
/* clang-format on */

const struct app_program bench_program = {
	.name = "tide-bench",
	.usage = "usage: tide-bench [EAL arguments] -- [SCENARIO...] [options]\n"
		 "\n"
		 "Compares the mempool ops of this DPDK, tide among them, side by side in one\n"
		 "run. Some scenarios compare other allocators.\n",
	.notes = "After names of scenarios, --help describes those.\n",
	.options = table,
	.nb_options = COUNT(table),
	.help_at = offsetof(struct options, help),
	.version_at = offsetof(struct options, version),
	.word = add_case,
};

int
options_parse(
	int argc, char **argv, const char *const *names, struct options *opt, struct app_error *err)
{
	*opt = defaults;
	opt->names = names;
	opt->all = true;
	if (app_options_parse(&bench_program, opt, argc, argv, err) != 0)
		return -1;
	for (unsigned int i = 0; opt->all && names[i] != NULL; i++)
		opt->case_mask |= UINT64_C(1) << i;
	return 0;
}

void
options_help(FILE *out, const char *const *names, const char *const *summaries)
{
	fprintf(out, "%s\nscenarios (none, or \"all\", runs each):\n", bench_program.usage);
	for (unsigned int i = 0; names[i] != NULL; i++)
		fprintf(out, "  %-14s  %s\n", names[i], summaries[i]);
	fputc('\n', out);
	app_options_list(&bench_program, out);
}
