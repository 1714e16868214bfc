/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Parses options by their table. */

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <rte_common.h>
#include <rte_version.h>

#include "option_table.h"

static uint32_t *
field(void *options, const struct app_option *option)
{
	return (uint32_t *)((char *)options + option->at);
}

static bool *
asked(void *options, size_t at)
{
	return (bool *)((char *)options + at);
}

static int
parse_number(
	const struct app_option *option, void *options, const char *value, char *reason, size_t len)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(value, &end, 10);
	if (!isdigit((unsigned char)value[0]) || *end != '\0') {
		snprintf(
			reason, len, "not a whole number; give %u to %u", option->min, option->max);
		return -1;
	}
	if (errno != 0 || number < option->min || number > option->max) {
		snprintf(reason, len, "out of range; give %u to %u", option->min, option->max);
		return -1;
	}
	*field(options, option) = (uint32_t)number;
	return 0;
}

static int
parse_switch(
	const struct app_option *option, void *options, const char *value, char *reason, size_t len)
{
	static const char *const words[][2] = {
		{"no", "yes"}, {"off", "on"}, {"false", "true"}, {"0", "1"}};

	for (unsigned int i = 0; i < RTE_DIM(words); i++) {
		for (unsigned int on = 0; on < 2; on++) {
			if (strcasecmp(value, words[i][on]) == 0) {
				*field(options, option) = on;
				return 0;
			}
		}
	}
	snprintf(reason, len, "neither yes nor no; give on or off");
	return -1;
}

static int
parse_choice(
	const struct app_option *option, void *options, const char *value, char *reason, size_t len)
{
	size_t used;

	for (unsigned int i = 0; option->words[i] != NULL; i++) {
		if (strcmp(value, option->words[i]) == 0) {
			*field(options, option) = i;
			return 0;
		}
	}
	used = (size_t)snprintf(reason, len, "no such choice; give ");
	for (unsigned int i = 0; option->words[i] != NULL && used < len; i++)
		used += (size_t)snprintf(reason + used, len - used, "%s%s",
			i == 0                         ? ""
			: option->words[i + 1] == NULL ? " or "
						       : ", ",
			option->words[i]);
	return -1;
}

static int
parse_value(
	const struct app_option *option, void *options, const char *value, char *reason, size_t len)
{
	if (option->parse != NULL)
		return option->parse(options, value, reason, len);
	if (option->words != NULL)
		return parse_choice(option, options, value, reason, len);
	if (option->max == 0)
		return parse_switch(option, options, value, reason, len);
	return parse_number(option, options, value, reason, len);
}

static const struct app_option *
find(const struct app_program *program, const char *name)
{
	for (unsigned int i = 0; i < program->nb_options; i++) {
		if (strcmp(program->options[i].name, name) == 0)
			return &program->options[i];
	}
	return NULL;
}

int
app_options_set(const struct app_program *program, void *options, const char *where,
	const char *name, const char *value, struct app_error *err)
{
	const struct app_option *option = find(program, name);
	char reason[200];

	if (option == NULL)
		return app_fail(err, APP_EXIT_USAGE, "%s%s: no such option; %s --help lists them",
			where, name, program->name);
	if (value == NULL && option->arg == NULL)
		value = "yes";
	if (value == NULL)
		return app_fail(err, APP_EXIT_USAGE, "%s%s: a value is missing; give %s", where,
			name, option->arg);
	if (parse_value(option, options, value, reason, sizeof(reason)) < 0)
		return app_fail(
			err, APP_EXIT_USAGE, "%s%s '%.100s': %s", where, name, value, reason);
	return 0;
}

/* Numbers of getopt_long(): those of the table begin at FIRST, behind all characters. */
enum {
	MISSING = ':',
	UNKNOWN = '?',
	HELP = 256,
	VERSION,
	FIRST,
};

static struct option *
long_options(const struct app_program *program)
{
	struct option *longs = calloc(program->nb_options + 3, sizeof(*longs));
	unsigned int n = program->nb_options;

	if (longs == NULL)
		return NULL;
	for (unsigned int i = 0; i < n; i++)
		longs[i] = (struct option){program->options[i].name,
			program->options[i].arg == NULL ? optional_argument : required_argument,
			NULL, FIRST + (int)i};
	longs[n] = (struct option){"help", no_argument, NULL, HELP};
	longs[n + 1] = (struct option){"version", no_argument, NULL, VERSION};
	return longs;
}

static int
take(const struct app_program *program, void *options, int number, struct app_error *err)
{
	if (number == HELP || number == 'h')
		*asked(options, program->help_at) = true;
	else if (number == VERSION)
		*asked(options, program->version_at) = true;
	else
		return app_options_set(
			program, options, "--", program->options[number - FIRST].name, optarg, err);
	return 0;
}

/* Store the arguments that are no options. */
static int
take_words(const struct app_program *program, void *options, int argc, char *const argv[],
	struct app_error *err)
{
	char reason[200];

	if (argc > 0 && program->word == NULL)
		return app_fail(err, APP_EXIT_USAGE,
			"'%s' is not an option; options start with --, see %s --help", argv[0],
			program->name);
	for (int i = 0; i < argc; i++) {
		if (program->word(options, argv[i], reason, sizeof(reason)) < 0)
			return app_fail(err, APP_EXIT_USAGE, "'%.100s': %s", argv[i], reason);
	}
	return 0;
}

/* getopt_long() has the letter of an unknown short option, which others can precede in one argument. */
static int
no_such_option(const struct app_program *program, const char *argument, struct app_error *err)
{
	char letter[] = {'-', (char)optopt, '\0'};

	return app_fail(err, APP_EXIT_USAGE,
		"%.500s: no such option, or it takes no value; see %s --help",
		optopt > 0 && optopt < HELP ? letter : argument, program->name);
}

static int
walk(const struct app_program *program, void *options, const struct option *longs, int argc,
	char *const argv[], struct app_error *err)
{
	const char *shorts = program->word == NULL ? "+:h" : ":h";
	int number;

	optind = 0;
	opterr = 0;
	while ((number = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (number == UNKNOWN)
			return no_such_option(program, argv[optind - 1], err);
		if (number == MISSING)
			return app_options_set(program, options, "--",
				program->options[optopt - FIRST].name, NULL, err);
		if (take(program, options, number, err) < 0)
			return -1;
	}
	return take_words(program, options, argc - optind, argv + optind, err);
}

int
app_options_parse(const struct app_program *program, void *options, int argc, char *const argv[],
	struct app_error *err)
{
	struct option *longs = long_options(program);
	int rc;

	if (longs == NULL)
		return app_fail(err, APP_EXIT_RUN, "out of memory");
	rc = walk(program, options, longs, argc, argv, err);
	free(longs);
	return rc;
}

bool
app_options_answer(const struct app_program *program, void *options, int argc, char *const argv[])
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			*asked(options, program->help_at) = true;
		if (strcmp(argv[i], "--version") == 0)
			*asked(options, program->version_at) = true;
	}
	if (*asked(options, program->help_at))
		app_options_help(program, stdout);
	else if (*asked(options, program->version_at))
		/* A command is not part of the program's name. */
		printf("%.*s %s, %s\n", (int)strcspn(program->name, " "), program->name,
			TIDE_VERSION, rte_version());
	else
		return false;
	return true;
}
