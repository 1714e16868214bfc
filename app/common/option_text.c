/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Writes a table of options as --help and as a man page. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "option_table.h"

/* Columns of the help, and where its right half begins. */
#define HELP_COLUMNS 80
#define HELP_RIGHT   25

/* Copy a text without its back quotes. */
static void
put_plain(const char *text, size_t len, FILE *out)
{
	for (; len > 0; len--, text++) {
		if (*text != '`')
			fputc(*text, out);
	}
}

static size_t
plain_length(const char *text, size_t len)
{
	size_t n = 0;

	for (; len > 0; len--, text++)
		n += *text != '`';
	return n;
}

/* Write the words that fit one line of the right half; return the rest. */
static const char *
help_line(FILE *out, const char *text)
{
	size_t column = HELP_RIGHT;

	while (*text != '\0') {
		size_t len = strcspn(text, " "), width;

		/* The first word of a default stays with the word before it. */
		if (strncmp(text, "(default: ", 10) == 0)
			len = 10 + strcspn(text + 10, " ");
		width = plain_length(text, len);
		if (column > HELP_RIGHT && column + 1 + width > HELP_COLUMNS)
			break;
		fputs(column > HELP_RIGHT ? " " : "", out);
		put_plain(text, len, out);
		column += width + (column > HELP_RIGHT);
		text += len;
		text += strspn(text, " ");
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
app_options_list(const struct app_program *program, FILE *out)
{
	fputs("options:\n", out);
	for (unsigned int i = 0; i < program->nb_options; i++) {
		const struct app_option *option = &program->options[i];
		char text[1024];

		if (option->help == NULL)
			continue;
		snprintf(text, sizeof(text), "%s (default: %s)", option->help, option->usual);
		help_option(out, option->name, option->arg, text);
	}
	help_option(out, "help", NULL, "Print this text.");
	help_option(out, "version", NULL, "Print the versions of tidepool and of DPDK.");
	if (program->notes != NULL)
		fprintf(out, "\n%s", program->notes);
}

void
app_options_help(const struct app_program *program, FILE *out)
{
	fprintf(out, "%s\n", program->usage);
	app_options_list(program, out);
}

/* Roff takes a hyphen of its own for one between words, and a backslash for a command. */
static void
put_roff(const char *text, size_t len, bool typed, FILE *out)
{
	for (; len > 0; len--, text++) {
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-' && typed)
			fputs("\\-", out);
		else
			fputc(*text, out);
	}
}

static size_t
option_length(const char *text)
{
	return strspn(text, "-abcdefghijklmnopqrstuvwxyz");
}

/* Write one sentence to its end; return the rest. */
static const char *
man_sentence(FILE *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", out);
	while (*text != '\0') {
		size_t len = 1;

		if (*text == '`') {
			len = strcspn(text + 1, "`");
			fputs("\\fB", out);
			put_roff(text + 1, len, true, out);
			fputs("\\fR", out);
			len += text[len + 1] == '`' ? 2 : 1;
		} else if (strncmp(text, "--", 2) == 0) {
			len = option_length(text);
			fputs("\\fB", out);
			put_roff(text, len, true, out);
			fputs("\\fR", out);
		} else {
			put_roff(text, 1, false, out);
		}
		text += len;
		if (text[-1] == '.' && *text == ' ')
			break;
	}
	fputc('\n', out);
	return text + strspn(text, " ");
}

static void
man_text(FILE *out, const char *text)
{
	while (*text != '\0')
		text = man_sentence(out, text);
}

void
app_man_entry(const char *word, const char *text, FILE *out)
{
	fputs(".TP\n\\fB", out);
	put_roff(word, strlen(word), true, out);
	fputs("\\fR\n", out);
	man_text(out, text);
}

static void
man_option(FILE *out, const char *name, const char *arg)
{
	fputs(".TP\n\\fB\\-\\-", out);
	put_roff(name, strlen(name), true, out);
	fputs("\\fR", out);
	if (arg != NULL)
		fprintf(out, " \\fI%s\\fR", arg);
	fputc('\n', out);
}

/* Write the list of options of a man page, in roff. */
static void
man_options(const struct app_program *program, FILE *out)
{
	for (unsigned int i = 0; i < program->nb_options; i++) {
		const struct app_option *option = &program->options[i];
		char usual[200];

		if (option->help == NULL)
			continue;
		man_option(out, option->name, option->arg);
		man_text(out, option->help);
		if (option->more != NULL)
			man_text(out, option->more);
		snprintf(usual, sizeof(usual), "Default: %s.", option->usual);
		man_text(out, usual);
	}
	man_option(out, "help", NULL);
	man_text(out, "Print the options, without starting EAL.");
	man_option(out, "version", NULL);
	man_text(out, "Print the versions of tidepool and of DPDK.");
}

/* Return the program, or the command of it, that a line of a template asks for; NULL: it asks for none. */
static const struct app_program *
asked_for(const struct app_program *program, const char *line)
{
	static const char start[] = "@OPTIONS ";
	const char *command = line + strlen(start);

	if (strcmp(line, "@OPTIONS@\n") == 0)
		return program;
	if (strncmp(line, start, strlen(start)) != 0)
		return NULL;
	for (; program != NULL; program = program->next) {
		const char *space = strchr(program->name, ' ');
		size_t len = space == NULL ? 0 : strlen(space + 1);

		if (len != 0 && strncmp(command, space + 1, len) == 0 &&
			strcmp(command + len, "@\n") == 0)
			break;
	}
	return program;
}

static int
man_page(const struct app_program *program, const char *from, void (*more)(FILE *out), FILE *out,
	struct app_error *err)
{
	FILE *in = fopen(from, "r");
	char *line = NULL;
	size_t size = 0;
	int rc = 0;

	if (in == NULL)
		return app_fail(err, APP_EXIT_RUN, "%s: cannot be read: %s", from, strerror(errno));
	while (getline(&line, &size, in) >= 0) {
		const struct app_program *asked = asked_for(program, line);

		if (asked != NULL)
			man_options(asked, out);
		else if (strcmp(line, "@METRICS@\n") == 0 && more != NULL)
			more(out);
		else
			fputs(line, out);
	}
	if (ferror(in) || fflush(out) != 0)
		rc = app_fail(err, APP_EXIT_RUN, "%s: the page was not written", from);
	free(line);
	fclose(in);
	return rc;
}

int
app_man_main(
	const struct app_program *program, void (*more)(FILE *out), int argc, char *const argv[])
{
	struct app_error err;

	if (argc == 2 && man_page(program, argv[1], more, stdout, &err) == 0)
		return 0;
	fprintf(stderr, "%s\n", argc == 2 ? err.text : "usage: man TEMPLATE");
	return APP_EXIT_RUN;
}
