/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info show: lays out the picture of a machine. */

#include <rte_common.h>

#include "show.h"
#include "svg_canvas.h"
#include "svg_parts.h"
#include "words.h"

#define HEADER 104.0

/* The footer is beside the table of distances if it gets so much room there. */
#define FOOTER_MIN 760.0
#define BESIDE     72.0

/* Panels per row: wide as a sheet of paper in landscape. */
static unsigned int
columns_for(unsigned int nodes)
{
	static const unsigned int columns[] = {1, 1, 2, 3, 2, 3, 3, 4, 4};

	return nodes < RTE_DIM(columns) ? columns[nodes] : 4;
}

/* Where the parts are. */
struct layout {
	unsigned int nodes, columns, rows;
	double row[TIDE_NODE_MAX]; /* Height of the panels of each row. */
	double panels; /* Of all rows, with the gaps between them. */
	double width; /* Between the margins. */
	double stray; /* Height of the NICs of no known node. */
	double matrix; /* Height of the table of distances. */
	bool beside; /* The footer is beside the table. */
	double height; /* Of all. */
};

static void
lay_out(const struct machine *m, struct layout *layout)
{
	*layout = (struct layout){.nodes = tide_topology_nb_nodes(m->topo)};
	layout->columns = columns_for(layout->nodes);
	layout->rows = (layout->nodes + layout->columns - 1) / layout->columns;
	for (unsigned int i = 0; i < layout->nodes; i++) {
		double height = svg_panel_height(m, tide_topology_node_at(m->topo, i));
		double *row = &layout->row[i / layout->columns];

		*row = RTE_MAX(*row, height);
	}
	for (unsigned int i = 0; i < layout->rows; i++)
		layout->panels += layout->row[i] + (i == 0 ? 0 : GAP_Y);
	layout->width = layout->columns * (PANEL_WIDTH + GAP_X) - GAP_X;
	layout->width = RTE_MAX(layout->width, svg_matrix_width(m));
	layout->width = RTE_MAX(layout->width, 760.0);
	layout->stray = svg_nics_height(m, TIDE_NODE_UNKNOWN, layout->width);
	layout->matrix = svg_matrix_height(m);
	layout->beside = layout->matrix >= svg_footer_height(m) &&
	                 layout->width - svg_matrix_width(m) - BESIDE >= FOOTER_MIN;
	layout->height = HEADER + layout->panels + 40 +
	                 (layout->stray == 0 ? 0 : layout->stray + 24) +
	                 (layout->matrix == 0 ? 0 : layout->matrix + 36) +
	                 (layout->beside ? 0 : svg_footer_height(m));
}

static void
draw_header(const struct machine *m, const struct layout *layout, const char *name, FILE *out)
{
	const struct svg_font big = {32, SVG_INK, true, false, SVG_START};
	const struct svg_font below = {17, SVG_QUIET, false, false, SVG_START};
	unsigned int n = layout->nodes, cpus = machine_cpus(m);
	char clipped[256], size[SIZE_TEXT];

	svg_text(out, MARGIN, 56, &big, "%s",
		svg_clip(name, &big, layout->width, clipped, sizeof(clipped)));
	svg_text(out, MARGIN, 84, &below, "%u node%s, %u CPU%s, %s of memory, %u NIC%s", n,
		n == 1 ? "" : "s", cpus, cpus == 1 ? "" : "s", words_size(machine_memory(m), size),
		m->nb_nics, m->nb_nics == 1 ? "" : "s");
}

static int
id_at(const struct machine *m, unsigned int place)
{
	return tide_topology_node_at(m->topo, place)->id;
}

/* Draw a panel, and the arrows to its neighbours on the right and below. */
static void
draw_panel(const struct machine *m, const struct layout *layout, unsigned int i, double x, double y,
	FILE *out)
{
	double height = layout->row[i / layout->columns];

	svg_panel(m, i, x, y, height, out);
	if (i % layout->columns + 1 < layout->columns && i + 1 < layout->nodes)
		svg_link_right(
			m, id_at(m, i), id_at(m, i + 1), x + PANEL_WIDTH, y + height / 2, out);
	if (i + layout->columns < layout->nodes)
		svg_link_below(m, id_at(m, i), id_at(m, i + layout->columns), x + PANEL_WIDTH / 2,
			y + height, out);
}

static void
draw_panels(const struct machine *m, const struct layout *layout, FILE *out)
{
	double left =
		MARGIN + (layout->width + GAP_X - layout->columns * (PANEL_WIDTH + GAP_X)) / 2;
	double y = HEADER;

	for (unsigned int i = 0; i < layout->nodes; i++) {
		unsigned int column = i % layout->columns;

		if (i > 0 && column == 0)
			y += layout->row[i / layout->columns - 1] + GAP_Y;
		draw_panel(m, layout, i, left + column * (PANEL_WIDTH + GAP_X), y, out);
	}
}

void
show_svg(const struct machine *m, const char *title, FILE *out)
{
	struct layout layout;
	double y;

	lay_out(m, &layout);
	svg_begin(out, layout.width + 2 * MARGIN, layout.height, title);
	draw_header(m, &layout, title, out);
	draw_panels(m, &layout, out);
	y = HEADER + layout.panels + 40;
	if (layout.stray != 0) {
		svg_nics(m, TIDE_NODE_UNKNOWN, MARGIN, y, layout.width, out);
		y += layout.stray + 24;
	}
	svg_matrix(m, MARGIN, y, out);
	if (layout.beside) {
		double x = svg_matrix_width(m) + BESIDE;

		svg_footer(m, MARGIN + x, y, layout.width - x, out);
	} else {
		svg_footer(m, MARGIN, y + (layout.matrix == 0 ? 0 : layout.matrix + 36),
			layout.width, out);
	}
	svg_end(out);
}
