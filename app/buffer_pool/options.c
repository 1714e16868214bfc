/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-buffer-pool: the table of options. */

#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>

#include "options.h"

#define NODE_BYTES     (UINT32_C(1) << 20)
#define NODE_BYTES_MIN (16 * CHUNK_BYTES)
#define NODE_BYTES_MAX (UINT32_C(1) << 30)
#define HOLD_MAX       86400

static int
parse_node_bytes(void *options, const char *value, char *reason, size_t len)
{
	struct options *opt = options;
	unsigned long bytes;
	char *end;

	errno = 0;
	bytes = strtoul(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 ||
		bytes < NODE_BYTES_MIN || bytes > NODE_BYTES_MAX) {
		snprintf(reason, len, "not a number from %d to %u", NODE_BYTES_MIN, NODE_BYTES_MAX);
		return -1;
	}
	if (bytes % CHUNK_BYTES != 0) {
		snprintf(reason, len, "not a multiple of a chunk, %d bytes", CHUNK_BYTES);
		return -1;
	}
	opt->node_bytes = (uint32_t)bytes;
	return 0;
}

static const struct app_option table[] = {
	{.name = "node-bytes",
		.arg = "N",
		.parse = parse_node_bytes,
		.help = "Bytes in the pool of each node, 65536 to 1073741824, a multiple of 4096.",
		.more = "The arena that takes the place of the pools has as many. Each lcore needs "
			"a "
			"chunk of 4096 bytes.",
		.usual = "1048576"},
	{.name = "hold",
		.arg = "SECONDS",
		.at = offsetof(struct options, hold),
		.max = HOLD_MAX,
		.help = "At the end print where everything is and wait, 0 to 86400, so that others "
			"can look; SIGINT, SIGTERM and SIGHUP end it.",
		.more = "Every chunk is taken first. An end by a signal is no failure.",
		.usual = "0"},
};

const struct app_program buffer_pool_program = {
	.name = "tide-buffer-pool",
	.usage = "usage: tide-buffer-pool [EAL arguments] [-- options]\n\n"
		 "Shows, step by step, what bump pools, shards, arenas and epochs do: a pool on\n"
		 "each node, allocation from each, counters, reset; then threads, statistics and\n"
		 "a flip while a reader stalls. Given no EAL arguments, it asks EAL for no\n"
		 "devices, for huge pages where some are free, and for all CPUs.\n",
	.options = table,
	.nb_options = RTE_DIM(table),
	.help_at = offsetof(struct options, help),
	.version_at = offsetof(struct options, version),
};

void
options_init(struct options *opt)
{
	*opt = (struct options){.node_bytes = NODE_BYTES};
}
