/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_OPTION_TABLE_H
#define APP_OPTION_TABLE_H

/*
 * Options of a program, each described once: parsing, --help and the man page come from one table.
 *
 * A program stores its options in a struct of its own, which these calls know by offsets. --help, -h and
 * --version are in no table; every program has them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "error.h"

/*
 * Texts are sentences. `word` in back quotes is a word to type, and --option is one without them; the man
 * page shows both in bold.
 */
struct app_option {
	const char *name;
	const char *arg; /* Name of the value; NULL: a switch, which takes yes or no. */
	size_t at; /* A uint32_t of the struct; unused with `parse`. */
	uint32_t min, max; /* Range of a number; max 0: it is none. */
	const char *const
		*words; /* A choice: its words, NULL behind the last; stored is the index. */
	/* Anything else: store it and return 0, or return -1 with the reason, as in "no such port". */
	int (*parse)(void *options, const char *value, char *reason, size_t len);
	const char *
		help; /* In --help and in the man page; NULL: the option is for the program itself. */
	const char *more; /* In the man page only; NULL: nothing. */
	const char *usual; /* The default. */
};

struct app_program {
	const char *name;
	const char *usage; /* Text above the options in --help, with its line ends. */
	const char *notes; /* Text below them; NULL: none. */
	const struct app_option *options;
	unsigned int nb_options;
	size_t help_at, version_at; /* Two bools of the struct: the user asked for that. */
	/* Store an argument that is no option, like `parse`; NULL: all are options. */
	int (*word)(void *options, const char *word, char *reason, size_t len);
	/* Of a program with commands, whose name here is "PROGRAM COMMAND": the next command; NULL: none. */
	const struct app_program *next;
};

/*
 * Set one option by name. `where` is what comes before the name in messages ("--" or "FILE:LINE: "); value
 * NULL: none was given. 0, or -1 with err filled.
 */
int app_options_set(const struct app_program *program, void *options, const char *where,
	const char *name, const char *value, struct app_error *err);

/*
 * Set the options of a command line; argv[0] is skipped. The last of several values counts. 0, or -1 with
 * err filled.
 */
int app_options_parse(const struct app_program *program, void *options, int argc,
	char *const argv[], struct app_error *err);

/*
 * Answer --help and --version, which may be on either side of "--"; what app_options_parse() found counts
 * too. True: one of them was asked for and is on stdout.
 */
bool
app_options_answer(const struct app_program *program, void *options, int argc, char *const argv[]);

/* Write the text of --help, in 80 columns. */
void app_options_help(const struct app_program *program, FILE *out);

/* Write the part of --help below the usage: the options, and the notes. */
void app_options_list(const struct app_program *program, FILE *out);

/* Write one entry of a list of a man page: a word in bold and sentences below it. */
void app_man_entry(const char *word, const char *text, FILE *out);

/*
 * Be the program `man TEMPLATE`, which makes a man page: copy the template to stdout, with the options in place
 * of a line "@OPTIONS@" and what `more` writes, which may be NULL, in place of a line "@METRICS@". A line
 * "@OPTIONS COMMAND@" is for the options of that command. Returns the exit code.
 */
int app_man_main(
	const struct app_program *program, void (*more)(FILE *out), int argc, char *const argv[]);

#endif /* APP_OPTION_TABLE_H */
