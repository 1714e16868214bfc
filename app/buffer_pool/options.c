/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-buffer-pool: command line. */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>

#include "options.h"

#define NODE_BYTES     (UINT32_C(1) << 20)
#define NODE_BYTES_MIN (16 * CHUNK_BYTES)
#define NODE_BYTES_MAX (UINT32_C(1) << 30)
#define HOLD_MAX       86400

enum key {
	KEY_NODE_BYTES = 256,
	KEY_HOLD,
	KEY_VERSION,
	KEY_HELP,
};

static const struct option known[] = {
	{"node-bytes", required_argument, NULL, KEY_NODE_BYTES},
	{"hold", required_argument, NULL, KEY_HOLD},
	{"version", no_argument, NULL, KEY_VERSION},
	{"help", no_argument, NULL, KEY_HELP},
	{NULL, 0, NULL, 0},
};

static int
number(const char *option, const char *text, unsigned long min, unsigned long max,
	unsigned long *value, struct app_error *err)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || *value < min ||
		*value > max)
		return app_fail(err, APP_EXIT_USAGE, "%s: '%s' is no number from %lu to %lu",
			option, text, min, max);
	return 0;
}

static int
node_bytes(const char *text, struct options *opt, struct app_error *err)
{
	unsigned long value;

	if (number("--node-bytes", text, NODE_BYTES_MIN, NODE_BYTES_MAX, &value, err) != 0)
		return -1;
	if (value % CHUNK_BYTES != 0)
		return app_fail(err, APP_EXIT_USAGE,
			"--node-bytes: %lu is no multiple of a chunk, %d bytes", value,
			CHUNK_BYTES);
	opt->node_bytes = (uint32_t)value;
	return 0;
}

static int
option(int key, const char *text, struct options *opt, struct app_error *err)
{
	unsigned long value;

	switch (key) {
	case KEY_NODE_BYTES:
		return node_bytes(text, opt, err);
	case KEY_HOLD:
		if (number("--hold", text, 0, HOLD_MAX, &value, err) != 0)
			return -1;
		opt->hold = (unsigned int)value;
		return 0;
	case KEY_VERSION:
		opt->version = true;
		return 0;
	default:
		opt->help = true;
		return 0;
	}
}

int
options_parse(int argc, char **argv, struct options *opt, struct app_error *err)
{
	int key;

	*opt = (struct options){.node_bytes = NODE_BYTES};
	opterr = 0;
	optind = 0;
	while ((key = getopt_long(argc, argv, ":", known, NULL)) != -1) {
		if (key == ':')
			return app_fail(err, APP_EXIT_USAGE, "%s: its value is missing; see --help",
				argv[optind - 1]);
		if (key == '?')
			return app_fail(err, APP_EXIT_USAGE,
				"%s: no such option, or one that takes no value; see --help",
				argv[optind - 1]);
		if (option(key, optarg, opt, err) != 0)
			return -1;
	}
	if (optind < argc)
		return app_fail(err, APP_EXIT_USAGE, "'%s' is no option; see --help", argv[optind]);
	return 0;
}

void
options_help(FILE *out)
{
	fprintf(out,
		"usage: tide-buffer-pool [EAL arguments] [-- options]\n"
		"\n"
		"Shows, step by step, what bump pools, shards, arenas and epochs do: a pool on\n"
		"each node, allocation from each, counters, reset; then threads, statistics and\n"
		"a flip with a reader that is late. Given no EAL arguments, it asks EAL for no\n"
		"devices, for huge pages where some are free, and for all CPUs.\n"
		"\n"
		"  --node-bytes N  bytes in the pool of each node, a multiple of %d (%" PRIu32 ")\n"
		"  --hold SECONDS  at the end say where everything is and wait, for others to\n"
		"                  look; Ctrl-C ends it (0)\n"
		"  --version       print the version\n"
		"  --help          this\n",
		CHUNK_BYTES, NODE_BYTES);
}
