/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Collects lines of text. */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"

/* A word of more bytes is broken. */
#define WRAP_LEAST 8U

void
top_lines_init(struct top_lines *lines, unsigned int columns)
{
	*lines = (struct top_lines){.columns = columns};
}

static void
clean(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

/* Add a line that is allocated; takes it over. */
static void
take(struct top_lines *lines, enum top_look look, char *text)
{
	if (lines->nb == lines->room) {
		unsigned int room = 2 * lines->room + 16;
		struct top_line *more = realloc(lines->line, room * sizeof(*more));

		if (more == NULL) {
			free(text);
			return;
		}
		lines->line = more;
		lines->room = room;
	}
	clean(text);
	if (lines->columns != 0 && strlen(text) > lines->columns)
		text[lines->columns] = '\0';
	lines->line[lines->nb++] = (struct top_line){.look = look, .text = text};
}

void
top_lines_add(struct top_lines *lines, enum top_look look, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len >= 0)
		take(lines, look, text);
}

/* Count the bytes of text that fit into a line, up to the end of a word if one ends there. */
static size_t
fitting(const char *text, size_t room)
{
	size_t len = strlen(text), at;

	if (len <= room)
		return len;
	for (at = room; at > 0 && text[at] != ' '; at--)
		;
	return at > 0 ? at : room;
}

void
top_lines_wrap(struct top_lines *lines, enum top_look look, unsigned int indent, const char *text)
{
	unsigned int before = 0;

	if (text[0] != '\0' && lines->columns < indent + WRAP_LEAST) {
		top_lines_add(lines, look, "%s", text);
		return;
	}
	while (*text != '\0') {
		size_t len = fitting(text, lines->columns - before);

		top_lines_add(lines, look, "%*s%.*s", (int)before, "", (int)len, text);
		text += len;
		text += strspn(text, " ");
		before = indent;
	}
}

void
top_lines_print(const struct top_lines *lines, FILE *out)
{
	for (unsigned int i = 0; i < lines->nb; i++)
		fprintf(out, "%s\n", lines->line[i].text);
}

void
top_lines_fini(struct top_lines *lines)
{
	for (unsigned int i = 0; i < lines->nb; i++)
		free(lines->line[i].text);
	free(lines->line);
	*lines = (struct top_lines){0};
}
