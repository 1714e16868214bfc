/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info: the commands. */

#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include "check.h"
#include "command.h"
#include "options.h"
#include "plan.h"
#include "show.h"

typedef int run_fn(const struct options *opt, struct app_error *err);

static const struct {
	const char *name;
	const struct app_program *program;
	run_fn *run;
} commands[] = {
	{"show", &info_program, show_run},
	{"check", &check_program, check_run},
	{"plan", &plan_program, plan_run},
};

/* Return the index of the command that argv[1] names; RTE_DIM(commands): it names none. */
static unsigned int
find(int argc, char *const argv[])
{
	unsigned int i = 0;

	if (argc < 2 || argv[1][0] == '-')
		return 0;
	while (i < RTE_DIM(commands) && strcmp(argv[1], commands[i].name) != 0)
		i++;
	return i;
}

int
command_run(int argc, char *const argv[], struct app_error *err)
{
	unsigned int i = find(argc, argv);
	struct options opt;
	int named;

	if (i == RTE_DIM(commands)) {
		app_fail(err, APP_EXIT_USAGE,
			"'%.100s': no such command; give show, check or plan, see tide-info --help",
			argv[1]);
		return 0;
	}
	named = argc > 1 && argv[1][0] != '-';
	options_init(&opt);
	if (app_options_answer(commands[i].program, &opt, argc, argv))
		return 0;
	if (app_options_parse(commands[i].program, &opt, argc - named, argv + named, err) != 0)
		return 0;
	return commands[i].run(&opt, err);
}
