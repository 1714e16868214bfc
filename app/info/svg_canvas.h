/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef INFO_SVG_CANVAS_H
#define INFO_SVG_CANVAS_H

/* Writes shapes and texts of SVG 1.1. Coordinates are pixels, y goes down. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Colours of all pictures: dark text on a light ground, different also in shades of grey. */
#define SVG_INK    "#1f2a37"
#define SVG_QUIET  "#5b6878"
#define SVG_FAINT  "#d5dbe3"
#define SVG_GROUND "#ffffff"
#define SVG_USED   "#8795a8"
#define SVG_HUGE   "#1f5f99"
#define SVG_READY  "#7fb6e0"
#define SVG_FREE   "#eaf0f6"
#define SVG_LEFT   "#c8452f"
#define SVG_GOOD   "#2c7a4b"

enum svg_anchor {
	SVG_START,
	SVG_MIDDLE,
	SVG_END,
};

/* How a text looks. */
struct svg_font {
	double size; /* Pixels. */
	const char *fill;
	bool bold;
	bool mono; /* All characters have one width. */
	enum svg_anchor anchor;
};

/* Begin a picture; the end closes what is open. */
void svg_begin(FILE *out, double width, double height, const char *title);
void svg_end(FILE *out);

/* stroke NULL: no outline; dashed counts for the outline. */
void svg_rect(FILE *out, double x, double y, double w, double h, double round, const char *fill,
	const char *stroke, bool dashed);

void svg_text(FILE *out, double x, double y, const struct svg_font *font, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* A straight arrow. */
void
svg_arrow(FILE *out, double x1, double y1, double x2, double y2, double width, const char *colour);

void svg_circle(FILE *out, double x, double y, double r, const char *fill, const char *stroke);

/* Return how many pixels wide a text is at most, by the widest common font. */
double svg_width(const char *text, const struct svg_font *font);

/* Copy a text that is not wider than `width`; one that is gets an ellipsis. Returns `to`. */
const char *
svg_clip(const char *text, const struct svg_font *font, double width, char *to, size_t size);

#endif /* INFO_SVG_CANVAS_H */
