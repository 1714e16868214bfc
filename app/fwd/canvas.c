/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: fits lines to a terminal. */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "canvas.h"

/* Cursor home; each line clears the rest of itself, the last what is below it: no flicker. */
#define HOME  "\033[H"
#define CLEAR "\033[K"
#define BELOW "\033[J"

#define INDENT 2

/* Room for the line that counts those left out. */
#define LEFT_OUT_LEN 80

void
fwd_canvas_size(struct fwd_canvas *canvas, int fd)
{
	struct winsize size;

	canvas->rows = canvas->columns = FWD_CANVAS_UNBOUNDED;
	if (ioctl(fd, TIOCGWINSZ, &size) < 0)
		return;
	if (size.ws_row != 0)
		canvas->rows = size.ws_row;
	/* Behind a line that is full the cursor is still on its last column, and clears that. */
	if (size.ws_col != 0)
		canvas->columns = size.ws_col - 1;
}

int
fwd_canvas_begin(struct fwd_canvas *canvas)
{
	canvas->text = NULL;
	canvas->lines = open_memstream(&canvas->text, &canvas->len);
	return canvas->lines == NULL ? -ENOMEM : 0;
}

static unsigned int
count_lines(const char *text, bool empty_ones)
{
	unsigned int n = 0;

	for (const char *c = text; *c != '\0'; c++)
		n += *c == '\n' && (empty_ones || (c != text && c[-1] != '\n'));
	return n;
}

unsigned int
fwd_canvas_lines(struct fwd_canvas *canvas)
{
	fflush(canvas->lines);
	return count_lines(canvas->text, true);
}

/* Count the bytes of the text that fit, up to a space where there is one. */
static size_t
fitting(const char *text, size_t columns)
{
	size_t n = columns;

	if (strlen(text) <= columns)
		return strlen(text);
	while (n > 0 && text[n] != ' ')
		n--;
	return n > 0 ? n : columns;
}

void
fwd_canvas_wrap(struct fwd_canvas *canvas, const char *text)
{
	size_t indent = 0;

	while (*text != '\0') {
		size_t n = canvas->columns > 2 * INDENT ? fitting(text, canvas->columns - indent)
		                                        : strlen(text);

		fprintf(canvas->lines, "%*s%.*s\n", (int)indent, "", (int)n, text);
		text += n;
		text += strspn(text, " ");
		indent = INDENT;
	}
}

/* Write the line that counts those left out. */
static void
tell_left_out(char text[LEFT_OUT_LEN], unsigned int lines)
{
	snprintf(text, LEFT_OUT_LEN, "(%u more lines: a taller terminal shows them)\n", lines);
}

void
fwd_canvas_append(struct fwd_canvas *canvas, struct fwd_canvas *part)
{
	unsigned int n = fwd_canvas_lines(part), shown = n <= part->rows ? n : part->rows - 1;
	const char *end = part->text;
	char more[LEFT_OUT_LEN];

	for (unsigned int row = 0; row < shown; row++)
		end = strchr(end, '\n') + 1;
	fwrite(part->text, 1, (size_t)(end - part->text), canvas->lines);
	if (shown < n) {
		tell_left_out(more, n - shown);
		fputs(more, canvas->lines);
	}
	fclose(part->lines);
	free(part->text);
}

/* A byte that continues a character of UTF-8 takes no column. */
static bool
takes_column(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/* Write the line up to its end or the right edge, without what a terminal would take for a command. */
static void
put_line(const char *line, unsigned int columns, FILE *out)
{
	unsigned int used = 0;

	for (; *line != '\n' && *line != '\0'; line++) {
		if (takes_column(*line) && used++ == columns)
			break;
		fputc((unsigned char)*line < 0x20 || *line == 0x7f ? '?' : *line, out);
	}
	fputs(CLEAR, out);
}

static void
put_lines(const struct fwd_canvas *canvas, FILE *out)
{
	bool roomy = count_lines(canvas->text, true) <= canvas->rows;
	unsigned int n = count_lines(canvas->text, roomy), shown = n, row = 0;
	char more[LEFT_OUT_LEN];

	if (n > canvas->rows)
		shown = canvas->rows - 1;
	for (const char *line = canvas->text; row < shown; line = strchr(line, '\n') + 1) {
		if (*line == '\n' && !roomy)
			continue;
		if (row++ > 0)
			fputc('\n', out);
		put_line(line, canvas->columns, out);
	}
	if (shown == n)
		return;
	tell_left_out(more, n - shown);
	if (row > 0)
		fputc('\n', out);
	put_line(more, canvas->columns, out);
}

void
fwd_canvas_end(struct fwd_canvas *canvas, FILE *out)
{
	fclose(canvas->lines);
	fputs(HOME, out);
	put_lines(canvas, out);
	if (canvas->rows == FWD_CANVAS_UNBOUNDED)
		fputc('\n', out);
	fputs(BELOW, out);
	free(canvas->text);
	canvas->text = NULL;
}
