/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info show: the lower end of the picture: colours, this process, its capabilities. */

#include <string.h>

#include <rte_common.h>

#include "svg_canvas.h"
#include "svg_parts.h"
#include "words.h"

#define ROW 30.0

static const struct svg_font plain = {13.5, SVG_QUIET, false, false, SVG_START};
static const struct svg_font title = {15, SVG_INK, true, false, SVG_START};

/* Is a row too long, it goes on in the next. */
struct row {
	double left, right, x, y;
};

static void
make_room(struct row *row, double width)
{
	if (row->x + width <= row->right || row->x == row->left)
		return;
	row->x = row->left;
	row->y += ROW;
}

static void
draw_key(struct row *row, const char *fill, bool dashed, const char *text, FILE *out)
{
	double width = 26 + svg_width(text, &plain) + 18;

	make_room(row, width);
	svg_rect(out, row->x, row->y - 12, 18, 14, 2, fill, SVG_USED, dashed);
	svg_text(out, row->x + 26, row->y, &plain, "%s", text);
	row->x += width;
}

static void
draw_colours(struct row *row, FILE *out)
{
	draw_key(row, SVG_USED, false, "memory in use", out);
	draw_key(row, SVG_HUGE, false, "huge pages in use", out);
	draw_key(row, SVG_LEFT, false, "kept by dead processes", out);
	draw_key(row, SVG_READY, false, "huge pages free", out);
	draw_key(row, SVG_FREE, false, "memory free", out);
	draw_key(row, SVG_GROUND, true, "CPU that this process may not use", out);
}

static void
draw_capability(const struct machine *m, int capability, struct row *row, FILE *out)
{
	static const char *const fills[] = {[TIDE_ANSWER_NO] = SVG_GROUND,
		[TIDE_ANSWER_YES] = SVG_GOOD,
		[TIDE_ANSWER_UNKNOWN] = SVG_FAINT};
	static const char *const strokes[] = {[TIDE_ANSWER_NO] = SVG_LEFT,
		[TIDE_ANSWER_YES] = SVG_GOOD,
		[TIDE_ANSWER_UNKNOWN] = SVG_USED};
	enum tide_answer answer = m->capability[capability].answer;
	char text[64];
	double width;

	snprintf(text, sizeof(text), "%s: %s", tide_capability_name(capability),
		words_answer(answer));
	width = 22 + svg_width(text, &plain) + 18;
	make_room(row, width);
	svg_circle(out, row->x + 7, row->y - 5, 6, fills[answer], strokes[answer]);
	svg_text(out, row->x + 22, row->y, &plain, "%s", text);
	row->x += width;
}

static void
draw_process(const struct machine *m, struct row *row, FILE *out)
{
	char cpus[LIST_TEXT], nodes[LIST_TEXT], text[3 * LIST_TEXT], clipped[LIST_TEXT];

	snprintf(text, sizeof(text), "This process may use CPUs %s and memory of %s.",
		words_cpus(m->topo, TIDE_NODE_UNKNOWN, true, cpus),
		words_memory_of(m->topo, nodes));
	svg_text(out, row->x, row->y, &title, "%s",
		svg_clip(text, &title, row->right - row->left, clipped, sizeof(clipped)));
	row->y += ROW;
}

/* The widths are known only when drawn, so the height is for the narrowest picture. */
double
svg_footer_height(const struct machine *m)
{
	return ROW * (m->file == NULL ? 5 : 3) + 24;
}

void
svg_footer(const struct machine *m, double x, double y, double width, FILE *out)
{
	struct row row = {x, x + width, x, y + 20};

	draw_process(m, &row, out);
	for (int i = 0; m->file == NULL && i < TIDE_CAPABILITY_COUNT; i++)
		draw_capability(m, i, &row, out);
	if (row.x != row.left)
		row.y += ROW;
	row.x = row.left;
	draw_colours(&row, out);
}
