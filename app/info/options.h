/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef INFO_OPTIONS_H
#define INFO_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_config.h>

#include "option_table.h"
#include "tide_region.h"

/* Most NICs that one check is about. */
#define CHECK_NICS_MAX 64

/* The request of the command "check". */
struct check_request {
	char nic[CHECK_NICS_MAX][24]; /* PCI addresses as sysfs writes them. */
	unsigned int nb_nics;
	uint64_t bytes; /* On each node. */
	uint64_t page_size; /* 0: the huge pages of which most bytes are free. */
	uint32_t cpus; /* On each node. */
	uint32_t single; /* One node must serve all. */
};

/* A port of the command "plan". */
struct plan_port_request {
	char address[24]; /* PCI address as sysfs writes it; empty: a port of no NIC. */
	int node; /* Without an address: its node, or TIDE_NODE_UNKNOWN. */
};

/* The request of the command "plan". 0 is the default of the library, if nothing else is said. */
struct plan_request {
	struct plan_port_request port[RTE_MAX_ETHPORTS];
	unsigned int nb_ports; /* 0: the NICs that are bound for programs. */
	const char *driver; /* DPDK's driver of the ports; NULL: one like most. */
	bool cpu[RTE_MAX_LCORE]; /* CPUs for lcores, */
	unsigned int nb_cpus; /* and how many these are; 0: all that are allowed. */
	uint32_t queues, rx_desc, tx_desc, mtu, buffer_size;
	uint32_t burst, cache, depth, buffers, lcores;
	uint32_t frame; /* Bytes of a frame, for a rate in bits. */
	uint64_t pps, bps; /* Rate of each port; one of them is 0. */
	uint32_t hold_us;
	enum tide_page page;
	uint32_t check;
	const char *from; /* Plan for this running program; NULL: none. */
	uint32_t seconds; /* That it is observed. */
	uint32_t margin; /* Percent. */
};

struct options {
	/* Of every command. */
	const char *machine; /* File with the text of a machine; NULL: this machine. */
	uint32_t json;
	bool help;
	bool version;
	/* Of show. */
	const char *svg; /* File; NULL: none. */
	const char *title; /* Of the picture; NULL: the name of the machine. */
	uint32_t latency;
	uint32_t dump;
	struct check_request check;
	struct plan_request plan;
};

/* The commands; behind "show" are, by app_program.next, the others. */
extern const struct app_program info_program;
extern const struct app_program check_program;
extern const struct app_program plan_program;

/* Set the defaults. */
void options_init(struct options *opt);

/* Add the NICs that the environment names for a container. */
void check_nics_of_environment(struct check_request *request, char *const *environment);

/* Parse functions of tables. */
int option_machine(void *options, const char *value, char *reason, size_t len);

/* The entries that every table has. */
#define OPTION_MACHINE                                                                             \
	{                                                                                          \
		.name = "machine", .arg = "FILE", .parse = option_machine,                         \
		.help = "Describe the machine in this file, not the one here.",                    \
		.more = "It is a text as --dump writes it: a line per node, see tide_topology.h, " \
			"and "                                                                     \
			"a line per NIC.",                                                         \
		.usual = "this machine"                                                            \
	}
#define OPTION_JSON                                                           \
	{                                                                     \
		.name = "json", .at = offsetof(struct options, json),         \
		.help = "Print the answer as one JSON object.", .usual = "no" \
	}

#endif /* INFO_OPTIONS_H */
