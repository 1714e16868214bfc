/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info: the options of "show", and what the commands share. */

#include <stddef.h>
#include <stdio.h>

#include "options.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static int
parse_text(const char **text, const char *value, char *reason, size_t len)
{
	if (value[0] == '\0') {
		snprintf(reason, len, "empty; give at least one character");
		return -1;
	}
	*text = value;
	return 0;
}

int
option_machine(void *options, const char *value, char *reason, size_t len)
{
	return parse_text(&((struct options *)options)->machine, value, reason, len);
}

static int
parse_svg(void *options, const char *value, char *reason, size_t len)
{
	return parse_text(&((struct options *)options)->svg, value, reason, len);
}

static int
parse_title(void *options, const char *value, char *reason, size_t len)
{
	return parse_text(&((struct options *)options)->title, value, reason, len);
}

/* clang-format off */
static const struct app_option table[] = {
	OPTION_JSON,
	{.name = "svg", .arg = "FILE", .parse = parse_svg,
		.help = "Write a picture of the machine too.",
		.more = "The file is written whole or not at all. It is plain SVG 1.1.", .usual = "none"},
	{.name = "title", .arg = "TEXT", .parse = parse_title,
		.help = "Title of the picture.", .usual = "the name of the machine or of its file"},
	{.name = "latency", .at = offsetof(struct options, latency),
		.help = "Measure how long the CPUs of each node wait for memory of each other node.",
		.more = "A pair of nodes takes about 5 ms. Machines of more than 32 nodes are not measured.",
		.usual = "yes"},
	{.name = "dump", .at = offsetof(struct options, dump),
		.help = "Print the machine as a text for --machine, and nothing else.", .usual = "no"},
	OPTION_MACHINE,
};
/* clang-format on */

const struct app_program info_program = {
	.name = "tide-info show",
	.usage =
		"usage: tide-info [show] [options]\n"
		"       tide-info check --help\n"
		"       tide-info plan --help\n"
		"\n"
		"Shows the nodes of this machine, their CPUs, memory, huge pages and NICs, the\n"
		"files that keep huge pages of dead processes, and what this process may use.\n"
		"It needs neither root nor EAL. \"check\" tells whether CPUs, memory and NICs are\n"
		"on the same node; \"plan\" computes how many buffers an application needs.\n",
	.notes =
		"exit code: 0 done; 1 the machine or a file cannot be read, or the output was not\n"
		"all written; 2 wrong use\n",
	.options = table,
	.nb_options = COUNT(table),
	.help_at = offsetof(struct options, help),
	.version_at = offsetof(struct options, version),
	.next = &check_program,
};

void
options_init(struct options *opt)
{
	*opt = (struct options){
		.latency = 1,
		.check = {.cpus = 1},
		.plan = {.frame = 64, .page = TIDE_PAGE_HUGE, .seconds = 5, .margin = 20},
	};
}
