/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: parses the command line. */

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "frame/options.h"
#include "frame/stats.h"

enum key {
	KEY_ROUNDS = 256,
	KEY_TIME,
	KEY_BULK,
	KEY_BUFFERS,
	KEY_OBJECT,
	KEY_THREADS,
	KEY_OPS,
	KEY_CACHE,
	KEY_SIZES,
	KEY_JSON,
	KEY_PLOT,
	KEY_PROBE,
	KEY_LIST,
	KEY_HELP,
};

static const struct option known[] = {
	{"rounds", required_argument, NULL, KEY_ROUNDS},
	{"time", required_argument, NULL, KEY_TIME},
	{"bulk", required_argument, NULL, KEY_BULK},
	{"buffers", required_argument, NULL, KEY_BUFFERS},
	{"object", required_argument, NULL, KEY_OBJECT},
	{"threads", required_argument, NULL, KEY_THREADS},
	{"ops", required_argument, NULL, KEY_OPS},
	{"cache", required_argument, NULL, KEY_CACHE},
	{"sizes", required_argument, NULL, KEY_SIZES},
	{"json", required_argument, NULL, KEY_JSON},
	{"plot", required_argument, NULL, KEY_PLOT},
	{"probe", required_argument, NULL, KEY_PROBE},
	{"list", no_argument, NULL, KEY_LIST},
	{"help", no_argument, NULL, KEY_HELP},
	{NULL, 0, NULL, 0},
};

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

struct range {
	const char *option;
	unsigned int min, max;
};

static const struct range rounds = {"--rounds", 1, STATS_MAX};
static const struct range time_ms = {"--time", 1, 60000};
static const struct range bulk = {"--bulk", 1, OPTIONS_BULK_MAX};
static const struct range buffers = {"--buffers", OPTIONS_BUFFERS_MIN, 1 << 26};
static const struct range object = {"--object", 128, 65535};
static const struct range threads = {"--threads", 1, 64};
static const struct range cache = {"--cache", 0, OPTIONS_BULK_MAX};
static const struct range sizes = {"--sizes", OPTIONS_BUFFERS_MIN, 1 << 26};

static int
number(const char *text, const struct range *r, unsigned int *value, struct app_error *err)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || v < r->min ||
		v > r->max)
		return app_fail(err, APP_EXIT_USAGE,
			"%s: \"%s\" is not a number from %u to %u; give one", r->option, text,
			r->min, r->max);
	*value = (unsigned int)v;
	return 0;
}

/* Copy the first entry of a comma-separated list; returns the rest, NULL at the end. */
static const char *
entry(const char *text, char one[OPTIONS_NAME_MAX])
{
	size_t len = strcspn(text, ",");

	snprintf(one, OPTIONS_NAME_MAX, "%.*s", (int)len, text);
	return text[len] == ',' ? text + len + 1 : NULL;
}

static int
full(const char *option, struct app_error *err)
{
	return app_fail(err, APP_EXIT_USAGE, "%s has more than %d entries; give fewer", option,
		OPTIONS_LIST_MAX);
}

static int
numbers(const char *text, const struct range *r, unsigned int *list, unsigned int *nb,
	struct app_error *err)
{
	char one[OPTIONS_NAME_MAX];

	*nb = 0;
	do {
		if (*nb == OPTIONS_LIST_MAX)
			return full(r->option, err);
		text = entry(text, one);
		if (number(one, r, &list[*nb], err) != 0)
			return -1;
		for (unsigned int i = 0; i < *nb; i++)
			if (list[i] == list[*nb])
				return app_fail(err, APP_EXIT_USAGE,
					"%s: %u is in the list twice; name it once", r->option,
					list[i]);
		(*nb)++;
	} while (text != NULL);
	return 0;
}

static int
ops_names(const char *text, struct options *opt, struct app_error *err)
{
	opt->nb_ops = 0;
	do {
		if (opt->nb_ops == OPTIONS_LIST_MAX)
			return full("--ops", err);
		if (strcspn(text, ",") >= OPTIONS_NAME_MAX)
			return app_fail(err, APP_EXIT_USAGE,
				"--ops: \"%.*s\" is longer than any name of ops; see --list",
				(int)strcspn(text, ","), text);
		text = entry(text, opt->ops[opt->nb_ops]);
		if (opt->ops[opt->nb_ops][0] == '\0')
			return app_fail(err, APP_EXIT_USAGE,
				"--ops: an empty name; give names with one comma between them, "
				"see --list");
		for (unsigned int i = 0; i < opt->nb_ops; i++)
			if (strcmp(opt->ops[i], opt->ops[opt->nb_ops]) == 0)
				return app_fail(err, APP_EXIT_USAGE,
					"--ops: %s is in the list twice; name it once",
					opt->ops[i]);
		opt->nb_ops++;
	} while (text != NULL);
	return 0;
}

static int
path(const char *option, const char *text, const char **value, struct app_error *err)
{
	if (text[0] == '\0')
		return app_fail(err, APP_EXIT_USAGE, "%s: the path is empty; give one", option);
	*value = text;
	return 0;
}

static int
ascending(const void *a, const void *b)
{
	const unsigned int x = *(const unsigned int *)a, y = *(const unsigned int *)b;

	return (x > y) - (x < y);
}

static int
option(int key, const char *text, struct options *opt, struct app_error *err)
{
	switch (key) {
	case KEY_ROUNDS:
		return number(text, &rounds, &opt->rounds, err);
	case KEY_TIME:
		return number(text, &time_ms, &opt->time_ms, err);
	case KEY_BULK:
		return number(text, &bulk, &opt->bulk, err);
	case KEY_BUFFERS:
		return number(text, &buffers, &opt->buffers, err);
	case KEY_OBJECT:
		return number(text, &object, &opt->object, err);
	case KEY_THREADS:
		return number(text, &threads, &opt->threads, err);
	case KEY_OPS:
		return ops_names(text, opt, err);
	case KEY_CACHE:
		return numbers(text, &cache, opt->cache, &opt->nb_cache, err);
	case KEY_SIZES:
		return numbers(text, &sizes, opt->size, &opt->nb_size, err);
	case KEY_JSON:
		return path("--json", text, &opt->json, err);
	case KEY_PLOT:
		return path("--plot", text, &opt->plot, err);
	case KEY_PROBE:
		return path("--probe", text, &opt->probe, err);
	case KEY_LIST:
		opt->list = true;
		return 0;
	default:
		opt->help = true;
		return 0;
	}
}

/* Add a scenario, or all of them, to the case mask. */
static int
add_case(const char *text, const char *const *names, struct options *opt, struct app_error *err)
{
	bool found = false;

	for (unsigned int i = 0; names[i] != NULL; i++)
		if (strcmp(text, names[i]) == 0 || strcmp(text, "all") == 0) {
			opt->case_mask |= UINT64_C(1) << i;
			found = true;
		}
	if (!found)
		return app_fail(err, APP_EXIT_USAGE,
			"there is no scenario \"%s\"; --help names them, \"all\" runs each", text);
	return 0;
}

int
options_parse(
	int argc, char **argv, const char *const *names, struct options *opt, struct app_error *err)
{
	int key;

	*opt = defaults;
	opterr = 0;
	optind = 0;
	while ((key = getopt_long(argc, argv, ":", known, NULL)) != -1) {
		if (key == ':')
			return app_fail(err, APP_EXIT_USAGE, "%s needs a value; see --help",
				argv[optind - 1]);
		if (key == '?' && optopt > 0 && optopt < KEY_ROUNDS)
			return app_fail(
				err, APP_EXIT_USAGE, "there is no option -%c; see --help", optopt);
		if (key == '?')
			return app_fail(err, APP_EXIT_USAGE,
				"there is no option %s, or it takes no value; see --help",
				argv[optind - 1]);
		if (option(key, optarg, opt, err) != 0)
			return -1;
	}
	opt->all = optind == argc;
	if (opt->all && add_case("all", names, opt, err) != 0)
		return -1;
	for (int i = optind; i < argc; i++)
		if (add_case(argv[i], names, opt, err) != 0)
			return -1;
	qsort(opt->size, opt->nb_size, sizeof(*opt->size), ascending);
	return 0;
}

void
options_help(FILE *out, const char *const *names, const char *const *summaries)
{
	fputs("usage: tide-bench [EAL arguments] -- [SCENARIO...] [options]\n"
	      "\n"
	      "Compares the mempool ops of this DPDK, tide among them, side by side in one\n"
	      "run. Some scenarios compare other allocators.\n"
	      "\n"
	      "scenarios (none, or \"all\", runs each):\n",
		out);
	for (unsigned int i = 0; names[i] != NULL; i++)
		fprintf(out, "  %-14s  %s\n", names[i], summaries[i]);
	fprintf(out,
		"\noptions:\n"
		"  --rounds N    rounds; in each, every candidate is measured once (%u)\n"
		"  --time MS     milliseconds per measurement (%u); spread and tail take less\n"
		"  --bulk N      objects per get and put, except in single (%u)\n"
		"  --ops LIST    ops to compare, comma-separated (all that work)\n"
		"  --cache LIST  sizes of the mempool cache (0 and 256; oversubscribed: 0 and 64)\n"
		"  --sizes LIST  buffers in the pools of sweep and memory; create takes the\n"
		"                largest (4095 to 1048575 in seven steps)\n"
		"  --buffers N   buffers in the pool of pipeline (%u)\n"
		"  --object N    bytes of an mbuf with its data room (%u); 128: no data room\n"
		"  --threads N   threads in oversubscribed (%u)\n"
		"  --json FILE   write everything that was measured\n"
		"  --plot DIR    write data and gnuplot scripts, and SVG where gnuplot is present\n"
		"  --list        print scenarios and ops, with the reason where ops are left out\n"
		"  --help        print this; after names of scenarios, describe those\n",
		defaults.rounds, defaults.time_ms, defaults.bulk, defaults.buffers, defaults.object,
		defaults.threads);
}
