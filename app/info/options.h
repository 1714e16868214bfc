/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef INFO_OPTIONS_H
#define INFO_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "option_table.h"

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
};

/* The command "show", and behind it, by app_program.next, the others. */
extern const struct app_program info_program;

/* Set the defaults. */
void options_init(struct options *opt);

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
