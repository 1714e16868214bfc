/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_OPTIONS_H
#define FWD_OPTIONS_H

/*
 * The options that the user gave. One table has every option; the command line and the configuration
 * file both go through it, so names, ranges and messages are the same.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "error.h"
#include "option_table.h"
#include "portmap.h"
#include "tide_region.h"

enum fwd_mode {
	FWD_MODE_IO, /* Packets leave as they came. */
	FWD_MODE_MAC, /* Source: the port that sends; destination 02:00:00:00:PP:PP of that port. */
	FWD_MODE_MACSWAP, /* Source and destination change places. */
};

/* When to measure the cost of a miss between the nodes of lcores and buffers. */
enum fwd_measure {
	FWD_MEASURE_AUTO, /* Where buffers are not on the node they are polled from. */
	FWD_MEASURE_ON, /* For each port. */
	FWD_MEASURE_OFF,
};

#define FWD_BURST_MAX 512
#define FWD_MTU_MIN   68
#define FWD_MTU_MAX   9702
#define FWD_FLOWS_MAX 1000

struct fwd_options {
	struct fwd_ports ports; /* Empty: those of the portmap, else all. */
	struct fwd_portmap portmap; /* Empty: neighbours. */
	struct fwd_portmap port_nodes; /* (port,node): nodes the user states. */
	struct fwd_portmap pool_nodes; /* (port,node): nodes the user wants buffers on. */
	uint32_t queues;
	uint32_t mode; /* enum fwd_mode */
	uint32_t mtu; /* 0: the MTU of the port. */
	uint32_t buffer_size; /* Packet bytes in one buffer; 0: so many that one frame fits. */
	uint32_t promiscuous;
	uint32_t rx_desc; /* 0: TIDE_PLAN_DESC within the port's limits. */
	uint32_t tx_desc;
	uint32_t burst;
	uint32_t buffers; /* Per node; 0: as many as the plan needs. */
	uint32_t cache; /* Buffers that the mempool cache of an lcore aims at; 0: none. */
	char ops[32];
	uint32_t page; /* enum tide_page */
	uint32_t backing; /* enum tide_backing */
	uint32_t strict;
	uint32_t measure_latency; /* enum fwd_measure */
	uint32_t check; /* Seconds between two checks of placement; 0: when asked only. */
	uint32_t stats; /* Seconds; 0: none. */
	uint32_t flows; /* Flows to show; 0: they are not counted. */
	uint32_t flows_interval; /* Seconds; 0: the whole run; UINT32_MAX: as stats. */
	uint32_t flows_memory; /* Megabytes per node. */
	uint32_t screen;
	uint32_t json;
	uint32_t duration; /* Seconds; 0: until a signal. */
	uint32_t dry_run;
	char config[4096];
	bool help;
	bool version;
};

void fwd_options_init(struct fwd_options *opts);

/*
 * Read the options after EAL's `--`; argv[0] is skipped. A --config file is read first, so that
 * the command line wins. Touches neither EAL nor devices.
 */
int
fwd_options_parse(struct fwd_options *opts, int argc, char *const argv[], struct app_error *err);

/* Return the seconds between two ends of intervals of flows; 0: the whole run is one. */
uint32_t fwd_options_flows_interval(const struct fwd_options *opts);

/* Names of the modes, as --mode takes them. */
const char *fwd_mode_name(enum fwd_mode mode);

/* The table. */
extern const struct app_program fwd_program;

#endif /* FWD_OPTIONS_H */
