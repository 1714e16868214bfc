/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: the table of options, and the command line that goes through it. */

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <rte_common.h>
#include <rte_mempool.h>
#include <rte_string_fns.h>

#include "config.h"
#include "options.h"
#include "tide_pool.h"

/*
 * Drivers of virtual ports free packet by packet, and a cache turns that into bursts: on net_null one
 * packet takes 133 instructions with it and 218 without, tide ops (callgrind). Ops that share one
 * ring or stack need it all the more.
 */
#define FWD_CACHE_DEFAULT 256

struct option_def {
	const char *name;
	const char *arg; /* Shown in the help; NULL: a switch, yes or no. */
	size_t at; /* Field of struct fwd_options. */
	uint32_t min, max; /* Of a number. */
	/* NULL: a number from min to max, or a switch. */
	int (*parse)(struct fwd_options *opts, const char *value, char *why, size_t len);
	const char *help;
};

static int
parse_ports(struct fwd_options *opts, const char *value, char *why, size_t len)
{
	return fwd_ports_parse(value, &opts->ports, why, len);
}

static int
parse_portmap(struct fwd_options *opts, const char *value, char *why, size_t len)
{
	return fwd_portmap_parse(value, &opts->portmap, why, len);
}

static int
parse_port_node(struct fwd_options *opts, const char *value, char *why, size_t len)
{
	return fwd_nodemap_parse(value, &opts->port_nodes, why, len);
}

static int
parse_pool_node(struct fwd_options *opts, const char *value, char *why, size_t len)
{
	return fwd_nodemap_parse(value, &opts->pool_nodes, why, len);
}

static const char *const mode_names[] = {
	[FWD_MODE_IO] = "io", [FWD_MODE_MAC] = "mac", [FWD_MODE_MACSWAP] = "macswap"};

const char *
fwd_mode_name(enum fwd_mode mode)
{
	return mode_names[mode];
}

static int
parse_mode(struct fwd_options *opts, const char *value, char *why, size_t len)
{
	for (unsigned int i = 0; i < RTE_DIM(mode_names); i++) {
		if (strcmp(value, mode_names[i]) == 0) {
			opts->mode = i;
			return 0;
		}
	}
	snprintf(why, len, "no such mode; give io, mac or macswap");
	return -1;
}

static int
parse_ops(struct fwd_options *opts, const char *value, char *why, size_t len)
{
	if (value[0] == '\0' ||
		strlcpy(opts->ops, value, sizeof(opts->ops)) >= RTE_MEMPOOL_OPS_NAMESIZE) {
		snprintf(why, len, "not a name of mempool ops; give 1 to %d characters",
			RTE_MEMPOOL_OPS_NAMESIZE - 1);
		return -1;
	}
	return 0;
}

static int
parse_page(struct fwd_options *opts, const char *value, char *why, size_t len)
{
	enum tide_page page;

	if (tide_page_parse(value, &page) < 0) {
		snprintf(why, len, "no such page size; give auto, huge, 1G, 2M, THP or 4K");
		return -1;
	}
	opts->page = page;
	return 0;
}

static int
parse_backing(struct fwd_options *opts, const char *value, char *why, size_t len)
{
	static const char *const words[] = {[TIDE_BACKING_AUTO] = "auto",
		[TIDE_BACKING_EAL] = "EAL",
		[TIDE_BACKING_OWN] = "own"};

	for (unsigned int i = 0; i < RTE_DIM(words); i++) {
		if (strcasecmp(value, words[i]) == 0) {
			opts->backing = i;
			return 0;
		}
	}
	snprintf(why, len, "no such choice; give auto, EAL or own");
	return -1;
}

static int
parse_measure(struct fwd_options *opts, const char *value, char *why, size_t len)
{
	static const char *const words[] = {
		[FWD_MEASURE_AUTO] = "auto", [FWD_MEASURE_ON] = "on", [FWD_MEASURE_OFF] = "off"};

	for (unsigned int i = 0; i < RTE_DIM(words); i++) {
		if (strcmp(value, words[i]) == 0) {
			opts->measure_latency = i;
			return 0;
		}
	}
	snprintf(why, len, "no such choice; give auto, on or off");
	return -1;
}

static int
parse_config(struct fwd_options *opts, const char *value, char *why, size_t len)
{
	if (value[0] == '\0' ||
		strlcpy(opts->config, value, sizeof(opts->config)) >= sizeof(opts->config)) {
		snprintf(why, len, "not a file name");
		return -1;
	}
	return 0;
}

#define FIELD(f) offsetof(struct fwd_options, f)
#define NUMBER(n, f, a, lo, hi, h)                                                   \
	{                                                                            \
		.name = n, .arg = a, .at = FIELD(f), .min = lo, .max = hi, .help = h \
	}
#define SWITCH(n, f, h)                              \
	{                                            \
		.name = n, .at = FIELD(f), .help = h \
	}
#define VALUE(n, fn, a, h)                                  \
	{                                                   \
		.name = n, .arg = a, .parse = fn, .help = h \
	}

static const struct option_def table[] = {
	VALUE("ports", parse_ports, "LIST",
		"ports to use, in order: 0,2-3 or a mask of any length, 0xd\n"
		"(default: those of --portmap, else all)"),
	VALUE("portmap", parse_portmap, "PAIRS",
		"which port forwards to which: (0,1)(2,3); (4,4) reflects\n"
		"(default: neighbours in --ports, an odd last one reflects)"),
	VALUE("mode", parse_mode, "MODE",
		"io: packets leave as they came; mac: source becomes the\n"
		"sending port, destination 02:00:00:00 and the port's number;\n"
		"macswap: both change places (default: macswap)"),
	NUMBER("queues", queues, "N", 1, RTE_MAX_QUEUES_PER_PORT,
		"queues per port, spread by RSS where the port has it\n"
		"(default: 1)"),
	NUMBER("mtu", mtu, "BYTES", FWD_MTU_MIN, FWD_MTU_MAX,
		"largest packet behind the Ethernet header, 68 to 9702\n"
		"(default: as the port has it)"),
	NUMBER("buffer-size", buffer_size, "BYTES", 128, UINT16_MAX - RTE_PKTMBUF_HEADROOM,
		"packet bytes one buffer holds, 128 to 65407; a frame that\n"
		"does not fit is scattered (default: one frame fits, at\n"
		"least 2048)"),
	{.name = "promiscuous",
		.arg = "on|off",
		.at = FIELD(promiscuous),
		.help = "take packets for any address (default: on)"},
	NUMBER("rx-desc", rx_desc, "N", 1, UINT16_MAX,
		"descriptors per receive queue (default: 1024, within what\n"
		"the port takes)"),
	NUMBER("tx-desc", tx_desc, "N", 1, UINT16_MAX,
		"descriptors per transmit queue (default: 1024, within what\n"
		"the port takes)"),
	NUMBER("burst", burst, "N", 1, FWD_BURST_MAX,
		"packets taken at once, 1 to 512 (default: 32)"),
	NUMBER("buffers", buffers, "N", 1, INT32_MAX,
		"buffers per node (default: what descriptors, bursts and\n"
		"caches can hold)"),
	{.name = "cache",
		.arg = "N",
		.at = FIELD(cache),
		.max = RTE_MEMPOOL_CACHE_MAX_SIZE,
		.help = "buffers an lcore's mempool cache aims at, 0 to 512\n"
			"(default: 256)"},
	VALUE("ops", parse_ops, "NAME", "mempool ops of the pools (default: " TIDE_POOL_OPS ")"),
	VALUE("page", parse_page, "SIZE",
		"auto, huge, 1G, 2M, THP or 4K (default: auto, the largest\n"
		"there is)"),
	VALUE("backing", parse_backing, "WHOSE",
		"whose memory the buffers are in: EAL's, own (mapped here, then\n"
		"for DMA), or auto (default: auto, EAL's where it has huge pages\n"
		"and --page is neither THP nor 4K)"),
	SWITCH("strict", strict,
		"fail unless every buffer is on its node and on huge pages (or\n"
		"on the --page asked for) (default: no, fall back and say so)"),
	NUMBER("check-placement", check, "SECONDS", 0, 86400,
		"ask the kernel this often, and at the end, whether the\n"
		"buffers are still where they were made and the lcores on\n"
		"their CPUs, 0 to 86400; 0: only when SIGUSR1 asks for it,\n"
		"which it can anyway (default: 10)"),
	VALUE("port-node", parse_port_node, "PAIRS",
		"node of ports that nobody knows it of: (0,1) for port 0 on\n"
		"node 1 (default: as found)"),
	VALUE("pool-node", parse_pool_node, "PAIRS",
		"node for the buffers of ports: (0,2) for those of port 0 on\n"
		"node 2 (default: the node of the port)"),
	VALUE("measure-latency", parse_measure, "WHEN",
		"measure what a miss on a buffer costs the lcores, a few ms for\n"
		"each pair of nodes: auto (when a port's buffers are not on the\n"
		"node it is polled from), on or off (default: auto)"),
	NUMBER("stats", stats, "SECONDS", 0, 86400,
		"period of the statistics, 0 to 86400; 0: none (default: 1)"),
	NUMBER("flows", flows, "N", 0, FWD_FLOWS_MAX,
		"count packets and bytes of every flow and show the N with\n"
		"most bytes, 0 to 1000; 0: count none (default: 0)"),
	NUMBER("flows-interval", flows_interval, "SECONDS", 0, 86400,
		"begin anew this often, 0 to 86400; 0: the whole run is one\n"
		"interval, shown at the end (default: as --stats)"),
	NUMBER("flows-memory", flows_memory, "MB", 1, 65536,
		"memory for flows on each node with ports, 1 to 65536; a flow\n"
		"of IPv4 takes 64 bytes, twice when intervals are busy alike\n"
		"(default: 32)"),
	SWITCH("screen", screen,
		"redraw the statistics in place even when the output is not a\n"
		"terminal (default: no, one line per port then)"),
	SWITCH("json", json, "last line of the output is the summary as JSON (default: no)"),
	NUMBER("duration", duration, "SECONDS", 0, 31536000,
		"stop by itself after so long; 0: on SIGINT or SIGTERM\n"
		"(default: 0)"),
	SWITCH("dry-run", dry_run, "print the plan and stop; no port is touched (default: no)"),
	VALUE("config", parse_config, "FILE",
		"read options from a file, `name = value` a line with the\n"
		"names above; the command line wins (default: none)"),
};

void
fwd_options_init(struct fwd_options *opts)
{
	*opts = (struct fwd_options){
		.queues = 1,
		.mode = FWD_MODE_MACSWAP,
		.promiscuous = 1,
		.burst = 32,
		.cache = UINT32_MAX,
		.ops = TIDE_POOL_OPS,
		.page = TIDE_PAGE_AUTO,
		.backing = TIDE_BACKING_AUTO,
		.check = 10,
		.stats = 1,
		.flows_interval = UINT32_MAX,
		.flows_memory = 32,
	};
}

uint32_t
fwd_options_cache(const struct fwd_options *opts)
{
	return opts->cache == UINT32_MAX ? FWD_CACHE_DEFAULT : opts->cache;
}

uint32_t
fwd_options_flows_interval(const struct fwd_options *opts)
{
	return opts->flows_interval == UINT32_MAX ? opts->stats : opts->flows_interval;
}

static uint32_t *
field(struct fwd_options *opts, const struct option_def *def)
{
	return (uint32_t *)((char *)opts + def->at);
}

static int
parse_number(const struct option_def *def, struct fwd_options *opts, const char *value, char *why,
	size_t len)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(value, &end, 10);
	if (!isdigit((unsigned char)value[0]) || *end != '\0') {
		snprintf(why, len, "not a whole number; give %u to %u", def->min, def->max);
		return -1;
	}
	if (errno != 0 || number < def->min || number > def->max) {
		snprintf(why, len, "out of range; give %u to %u", def->min, def->max);
		return -1;
	}
	*field(opts, def) = number;
	return 0;
}

static int
parse_switch(const struct option_def *def, struct fwd_options *opts, const char *value, char *why,
	size_t len)
{
	static const char *const words[][2] = {
		{"no", "yes"}, {"off", "on"}, {"false", "true"}, {"0", "1"}};

	for (unsigned int i = 0; i < RTE_DIM(words); i++) {
		for (unsigned int on = 0; on < 2; on++) {
			if (strcasecmp(value, words[i][on]) == 0) {
				*field(opts, def) = on;
				return 0;
			}
		}
	}
	snprintf(why, len, "neither yes nor no; give on or off");
	return -1;
}

static const struct option_def *
find(const char *name)
{
	for (unsigned int i = 0; i < RTE_DIM(table); i++) {
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	}
	return NULL;
}

int
fwd_options_set(struct fwd_options *opts, const char *where, const char *name, const char *value,
	struct app_error *err)
{
	const struct option_def *def = find(name);
	char why[200];
	int rc;

	if (def == NULL)
		return app_fail(err, APP_EXIT_USAGE,
			"%s%s: no such option; tide-fwd --help lists them", where, name);
	if (value == NULL && def->arg == NULL)
		value = "yes";
	if (value == NULL)
		return app_fail(err, APP_EXIT_USAGE, "%s%s: a value is missing; give %s", where,
			name, def->arg);
	if (def->parse != NULL)
		rc = def->parse(opts, value, why, sizeof(why));
	else if (def->max == 0)
		rc = parse_switch(def, opts, value, why, sizeof(why));
	else
		rc = parse_number(def, opts, value, why, sizeof(why));
	if (rc < 0)
		return app_fail(err, APP_EXIT_USAGE, "%s%s '%.100s': %s", where, name, value, why);
	return 0;
}

enum {
	OPT_HELP = RTE_DIM(table),
	OPT_VERSION,
	OPT_MISSING = ':',
	OPT_UNKNOWN = '?'
};
static_assert(RTE_DIM(table) + 2 < OPT_MISSING, "option numbers and getopt's signs must differ");

static void
long_options(struct option *longs)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(table); i++)
		longs[i] = (struct option){table[i].name,
			table[i].arg == NULL ? optional_argument : required_argument, NULL, (int)i};
	longs[i++] = (struct option){"help", no_argument, NULL, OPT_HELP};
	longs[i++] = (struct option){"version", no_argument, NULL, OPT_VERSION};
	longs[i] = (struct option){NULL, 0, NULL, 0};
}

/* Take the whole command line. */
static int
walk(struct fwd_options *opts, int argc, char *const argv[], struct app_error *err)
{
	struct option longs[RTE_DIM(table) + 3];
	int c;

	long_options(longs);
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:h", longs, NULL)) != -1) {
		if (c == OPT_UNKNOWN)
			return app_fail(err, APP_EXIT_USAGE,
				"%s: no such option, or it takes no value; see tide-fwd --help",
				argv[optind - 1]);
		if (c == OPT_MISSING)
			return fwd_options_set(opts, "--", table[optopt].name, NULL, err);
		if (c == OPT_HELP || c == 'h')
			opts->help = true;
		else if (c == OPT_VERSION)
			opts->version = true;
		else if (fwd_options_set(opts, "--", table[c].name, optarg, err) < 0)
			return -1;
	}
	if (optind < argc)
		return app_fail(err, APP_EXIT_USAGE,
			"'%s' is not an option; options start with --, see tide-fwd --help",
			argv[optind]);
	return 0;
}

int
fwd_options_parse(struct fwd_options *opts, int argc, char *const argv[], struct app_error *err)
{
	if (walk(opts, argc, argv, err) < 0)
		return -1;
	if (opts->help || opts->version)
		return 0;
	if (opts->config[0] == '\0')
		return 0;
	if (fwd_config_load(opts, opts->config, err) < 0)
		return -1;
	/* Once more, so that the command line wins over the file. */
	return walk(opts, argc, argv, err);
}

/* Columns of the help, and where its right half begins. */
#define HELP_COLUMNS 80
#define HELP_RIGHT   25

/* The next words of a text that fit one line of the right half; a line's end in the text is a space. */
static const char *
help_line(FILE *out, const char *text)
{
	size_t column = HELP_RIGHT;

	while (*text != '\0') {
		size_t word = strcspn(text, " \n");

		/* It stays with its value. */
		if (strncmp(text, "(default: ", 10) == 0)
			word = 10 + strcspn(text + 10, " \n");
		if (column > HELP_RIGHT && column + 1 + word > HELP_COLUMNS)
			break;
		fprintf(out, "%s%.*s", column > HELP_RIGHT ? " " : "", (int)word, text);
		column += word + (column > HELP_RIGHT);
		text += word;
		text += strspn(text, " \n");
	}
	fputc('\n', out);
	return text;
}

static void
help_option(FILE *out, const char *name, const char *arg, const char *text)
{
	char left[40];

	snprintf(left, sizeof(left), "--%s%s%s", name, arg == NULL ? "" : " ",
		arg == NULL ? "" : arg);
	/* A long name has a line of its own. */
	if (strlen(left) > HELP_RIGHT - 3)
		fprintf(out, "  %s\n%*s", left, HELP_RIGHT, "");
	else
		fprintf(out, "  %-*s ", HELP_RIGHT - 3, left);
	for (text = help_line(out, text); *text != '\0'; text = help_line(out, text))
		fprintf(out, "%*s", HELP_RIGHT, "");
}

void
fwd_options_help(FILE *out)
{
	fprintf(out,
		"tide-fwd: forward packets between ports, buffers on the node of the NIC\n\n"
		"  tide-fwd [EAL arguments] -- [options]\n\n"
		"EAL arguments choose lcores (-l 0-2), devices (-a 0000:17:00.0 or\n"
		"--vdev=net_null0) and memory (--in-memory, --no-huge). The main lcore shows the\n"
		"statistics, all others forward; when it is alone it does both.\n\noptions:\n");
	for (unsigned int i = 0; i < RTE_DIM(table); i++)
		help_option(out, table[i].name, table[i].arg, table[i].help);
	help_option(out, "help", NULL, "this text");
	help_option(out, "version", NULL, "version of tidepool and of DPDK");
	fprintf(out, "\nSIGINT and SIGTERM stop the ports and return every buffer. Exit code: 0 "
		     "all is\n"
		     "back; 1 something failed or buffers are missing; 2 the command line is "
		     "wrong.\n");
}
