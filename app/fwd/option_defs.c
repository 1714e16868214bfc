/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-fwd: the table of options. Parsing, --help and the man page come from it, so a new option is an
 * entry here and a field of struct fwd_options.
 */

#include <string.h>
#include <strings.h>

#include <rte_common.h>
#include <rte_mempool.h>
#include <rte_string_fns.h>

#include "options.h"
#include "tide_pool.h"

static int
parse_ports(void *options, const char *value, char *reason, size_t len)
{
	struct fwd_options *opts = options;

	return fwd_ports_parse(value, &opts->ports, reason, len);
}

static int
parse_portmap(void *options, const char *value, char *reason, size_t len)
{
	struct fwd_options *opts = options;

	return fwd_portmap_parse(value, &opts->portmap, reason, len);
}

static int
parse_port_node(void *options, const char *value, char *reason, size_t len)
{
	struct fwd_options *opts = options;

	return fwd_nodemap_parse(value, &opts->port_nodes, reason, len);
}

static int
parse_pool_node(void *options, const char *value, char *reason, size_t len)
{
	struct fwd_options *opts = options;

	return fwd_nodemap_parse(value, &opts->pool_nodes, reason, len);
}

static int
parse_ops(void *options, const char *value, char *reason, size_t len)
{
	struct fwd_options *opts = options;

	if (value[0] == '\0' ||
		strlcpy(opts->ops, value, sizeof(opts->ops)) >= RTE_MEMPOOL_OPS_NAMESIZE) {
		snprintf(reason, len, "not a name of mempool ops; give 1 to %d characters",
			RTE_MEMPOOL_OPS_NAMESIZE - 1);
		return -1;
	}
	return 0;
}

static int
parse_page(void *options, const char *value, char *reason, size_t len)
{
	struct fwd_options *opts = options;
	enum tide_page page;

	if (tide_page_parse(value, &page) < 0) {
		snprintf(reason, len, "no such page size; give auto, huge, 1G, 2M, THP or 4K");
		return -1;
	}
	opts->page = page;
	return 0;
}

static int
parse_backing(void *options, const char *value, char *reason, size_t len)
{
	struct fwd_options *opts = options;
	static const char *const words[] = {[TIDE_BACKING_AUTO] = "auto",
		[TIDE_BACKING_EAL] = "EAL",
		[TIDE_BACKING_OWN] = "own"};

	for (unsigned int i = 0; i < RTE_DIM(words); i++) {
		if (strcasecmp(value, words[i]) == 0) {
			opts->backing = i;
			return 0;
		}
	}
	snprintf(reason, len, "no such choice; give auto, EAL or own");
	return -1;
}

static int
parse_config(void *options, const char *value, char *reason, size_t len)
{
	struct fwd_options *opts = options;

	if (value[0] == '\0' ||
		strlcpy(opts->config, value, sizeof(opts->config)) >= sizeof(opts->config)) {
		snprintf(reason, len, "not a file name");
		return -1;
	}
	return 0;
}

/* By enum fwd_mode and enum fwd_measure. */
static const char *const modes[] = {"io", "mac", "macswap", NULL};
static const char *const measures[] = {"auto", "on", "off", NULL};

const char *
fwd_mode_name(enum fwd_mode mode)
{
	return modes[mode];
}

#define FIELD(f) .at = offsetof(struct fwd_options, f)

/* clang-format off */
static const struct app_option options_of_fwd[] = {
	{.name = "ports", .arg = "LIST", .parse = parse_ports,
		.help = "Ports to use, in this order: a list such as `0,2-3` or a mask of any length such as `0xd`.",
		.usual = "those of --portmap, else all"},
	{.name = "portmap", .arg = "PAIRS", .parse = parse_portmap,
		.help = "Ports that forward to each other: `(0,1)(2,3)`. `(4,4)` reflects.",
		.usual = "neighbours in --ports; an odd last one reflects"},
	{.name = "mode", .arg = "MODE", FIELD(mode), .words = modes,
		.help = "`io`: packets leave unchanged. `mac`: the source becomes the sending port, the "
			"destination 02:00:00:00 and the number of that port. `macswap`: both change places.",
		.usual = "macswap"},
	{.name = "queues", .arg = "N", FIELD(queues), .min = 1, .max = RTE_MAX_QUEUES_PER_PORT,
		.help = "Queues per port, 1 to 1024; RSS spreads packets over them where the port has it.",
		.usual = "1"},
	{.name = "mtu", .arg = "BYTES", FIELD(mtu), .min = FWD_MTU_MIN, .max = FWD_MTU_MAX,
		.help = "Largest packet behind the Ethernet header, 68 to 9702.",
		.usual = "the MTU of the port"},
	{.name = "buffer-size", .arg = "BYTES", FIELD(buffer_size), .min = 128,
		.max = UINT16_MAX - RTE_PKTMBUF_HEADROOM,
		.help = "Packet bytes that one buffer holds, 128 to 65407; a longer frame is scattered over several.",
		.usual = "one frame fits, and at least 2048"},
	{.name = "promiscuous", .arg = "on|off", FIELD(promiscuous),
		.help = "Receive packets for any address.", .usual = "on"},
	{.name = "rx-desc", .arg = "N", FIELD(rx_desc), .min = 1, .max = UINT16_MAX,
		.help = "Descriptors per receive queue.", .usual = "1024, within the limits of the port"},
	{.name = "tx-desc", .arg = "N", FIELD(tx_desc), .min = 1, .max = UINT16_MAX,
		.help = "Descriptors per transmit queue.", .usual = "1024, within the limits of the port"},
	{.name = "burst", .arg = "N", FIELD(burst), .min = 1, .max = FWD_BURST_MAX,
		.help = "Packets received at once, 1 to 512.", .usual = "32"},
	{.name = "buffers", .arg = "N", FIELD(buffers), .min = 1, .max = INT32_MAX,
		.help = "Buffers on each node.",
		.more = "Fewer than descriptors, bursts and caches can hold are refused.",
		.usual = "as many as descriptors, bursts and caches can hold"},
	{.name = "cache", .arg = "N", FIELD(cache), .max = RTE_MEMPOOL_CACHE_MAX_SIZE,
		.help = "Buffers that the mempool cache of an lcore aims at, 0 to 512; 0: no cache.",
		.usual = "256"},
	{.name = "ops", .arg = "NAME", .parse = parse_ops,
		.help = "Mempool operations of the pools.", .usual = TIDE_POOL_OPS},
	{.name = "page", .arg = "SIZE", .parse = parse_page,
		.help = "Page size of the pools: `auto`, `huge`, `1G`, `2M`, `THP` or `4K`.",
		.more = "`huge` is the larger of 1G and 2M that the node has.",
		.usual = "auto, the largest that the node has"},
	{.name = "backing", .arg = "auto|EAL|own", .parse = parse_backing,
		.help = "Memory of the pools: memory zones of EAL, or own memory, which tide-fwd maps itself.",
		.more = "Secondary processes know EAL's. Own memory is mapped for DMA too, needs no huge pages of "
			"EAL and takes any --page.",
		.usual = "auto, which is EAL where it has huge pages and --page is neither THP nor 4K"},
	{.name = "strict", FIELD(strict),
		.help = "Fail unless every buffer is on its node and on huge pages, or on the requested --page.",
		.more = "No port is touched then. The message names the node, the pages needed and found, and the "
			"command that makes them, or says why this process may not use the memory of that node. "
			"Without it, the pool falls back to smaller pages, then to the nearest node, and the plan "
			"says so.",
		.usual = "no"},
	{.name = "check-placement", .arg = "SECONDS", FIELD(check), .max = 86400,
		.help = "Ask the kernel this often, and at the end, whether buffers and lcores are where they were "
			"at the start, 0 to 86400; 0: only when SIGUSR1 asks for it.",
		.more = "See PLACEMENT.", .usual = "10"},
	{.name = "port-node", .arg = "PAIRS", .parse = parse_port_node,
		.help = "Nodes of ports whose node is not known: `(0,1)` for port 0 on node 1.",
		.usual = "as found"},
	{.name = "pool-node", .arg = "PAIRS", .parse = parse_pool_node,
		.help = "Nodes for the buffers that ports receive into: `(0,2)` for those of port 0 on node 2.",
		.more = "Lcores and descriptors stay near the port. A warning says how far away the buffers are.",
		.usual = "the node of the port"},
	{.name = "measure-latency", .arg = "auto|on|off", FIELD(measure_latency), .words = measures,
		.help = "Measure what a cache miss on a buffer costs the lcores, a few ms for each pair of nodes. "
			"`auto`: only where buffers are not on the node they are polled from.",
		.more = "The memory of the lcores' own node is measured to compare with. No port is touched.",
		.usual = "auto"},
	{.name = "stats", .arg = "SECONDS", FIELD(stats), .max = 86400,
		.help = "Period of the statistics, 0 to 86400; 0: none.", .usual = "1"},
	{.name = "flows", .arg = "N", FIELD(flows), .max = FWD_FLOWS_MAX,
		.help = "Count packets and bytes of every flow and show the N with most bytes, 0 to 1000; 0: count none.",
		.more = "See FLOWS.", .usual = "0"},
	{.name = "flows-interval", .arg = "SECONDS", FIELD(flows_interval), .max = 86400,
		.help = "Length of an interval of flows, 0 to 86400; 0: the whole run is one, shown at the end.",
		.usual = "the period of --stats"},
	{.name = "flows-memory", .arg = "MB", FIELD(flows_memory), .min = 1, .max = 65536,
		.help = "Memory for flows on each node that has ports, 1 to 65536.", .usual = "32"},
	{.name = "screen", FIELD(screen),
		.help = "Redraw the statistics in place even when the output is not a terminal.", .usual = "no"},
	{.name = "json", FIELD(json),
		.help = "Print the summary as one JSON object in the last line of the output.", .usual = "no"},
	{.name = "duration", .arg = "SECONDS", FIELD(duration), .max = 31536000,
		.help = "Stop after this time; 0: on a signal only.", .usual = "0"},
	{.name = "dry-run", FIELD(dry_run),
		.help = "Print the plan and stop; no port is touched.",
		.more = "The plan names each port, its node and how that was found, its pool, queues and lcores. It "
			"has the bytes on each node and, where too few pages are free, the command that reserves them.",
		.usual = "no"},
	{.name = "config", .arg = "FILE", .parse = parse_config,
		.help = "Read options from a file with lines `name = value`; the command line wins.",
		.more = "See CONFIGURATION FILE.", .usual = "none"},
};
/* clang-format on */

const struct app_program fwd_program = {
	.name = "tide-fwd",
	.usage = "tide-fwd: forward packets between ports, buffers on the node of the NIC\n\n"
		 "  tide-fwd [EAL arguments] -- [options]\n\n"
		 "EAL arguments choose lcores (-l 0-2), devices (-a 0000:17:00.0 or\n"
		 "--vdev=net_null0) and memory (--in-memory, --no-huge). The main lcore shows the\n"
		 "statistics and all others forward; when it is alone it does both.\n",
	.notes = "SIGINT and SIGTERM stop the ports and return every buffer. Exit code: 0: all\n"
		 "buffers are back; 1: something failed or buffers are missing; 2: the command\n"
		 "line is wrong.\n",
	.options = options_of_fwd,
	.nb_options = RTE_DIM(options_of_fwd),
	.help_at = offsetof(struct fwd_options, help),
	.version_at = offsetof(struct fwd_options, version),
};
