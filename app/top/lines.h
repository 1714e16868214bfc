/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_LINES_H
#define TOP_LINES_H

/*
 * Lines of text with a look each, for a terminal or a file. Texts come from the observed program, so every byte that
 * is not printable ASCII becomes '?': none of it can control the terminal.
 */

#include <stdio.h>

enum top_look {
	TOP_PLAIN,
	TOP_TITLE,
	TOP_HEADING,
	TOP_SELECTED,
	TOP_ALARM,
	TOP_LOOKS, /* Number of looks. */
};

struct top_line {
	enum top_look look;
	char *text;
};

struct top_lines {
	unsigned int columns; /* A line is cut there; 0: nowhere. */
	struct top_line *line;
	unsigned int nb, room;
};

/* Begin with no line. */
void top_lines_init(struct top_lines *lines, unsigned int columns);

/* Add a line; one for which there is no memory is left out. */
void top_lines_add(struct top_lines *lines, enum top_look look, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Add a paragraph, with the same indent for all lines but the first; without columns it is one line. */
void
top_lines_wrap(struct top_lines *lines, enum top_look look, unsigned int indent, const char *text);

/* Write the lines, without their looks. */
void top_lines_print(const struct top_lines *lines, FILE *out);

void top_lines_fini(struct top_lines *lines);

#endif /* TOP_LINES_H */
