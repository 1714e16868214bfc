/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_CANVAS_H
#define FWD_CANVAS_H

/*
 * Lines that become one screen of a terminal: each is cut at its right edge, paragraphs are wrapped, and
 * there are never more than its rows, so that nothing scrolls.
 */

#include <limits.h>
#include <stdio.h>

/* Rows or columns of what is no terminal. */
#define FWD_CANVAS_UNBOUNDED UINT_MAX

struct fwd_canvas {
	unsigned int rows; /* At least 1. */
	unsigned int columns; /* One less than the terminal has, so 0 where that has one. */
	FILE *lines; /* Write lines here, each with its end. */
	char *text; /* The lines so far; current after fflush(lines). */
	size_t len;
};

/* Take rows and columns of the terminal at fd; both are unbounded where it is none. */
void fwd_canvas_size(struct fwd_canvas *canvas, int fd);

/* Begin with no line. Returns 0 or -ENOMEM; then there is nothing to end. */
int fwd_canvas_begin(struct fwd_canvas *canvas);

/* Count the lines so far. */
unsigned int fwd_canvas_lines(struct fwd_canvas *canvas);

/* Add a paragraph; lines but the first are indented. Words longer than a line are broken. */
void fwd_canvas_wrap(struct fwd_canvas *canvas, const char *text);

/*
 * Add the lines of a part and end it. With more lines than the part has rows, the last row says how many
 * are left out.
 */
void fwd_canvas_append(struct fwd_canvas *canvas, struct fwd_canvas *part);

/*
 * Draw over the screen that is there: from its upper left corner, what is left of it cleared. Where the
 * lines are more than the rows, empty ones go first, then the last; the last row says how many.
 */
void fwd_canvas_end(struct fwd_canvas *canvas, FILE *out);

#endif /* FWD_CANVAS_H */
