/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info show: distances and latencies, as arrows between neighbours and as a table of all nodes. */

#include <rte_common.h>

#include "svg_canvas.h"
#include "svg_parts.h"

#define CELL_W 74.0
#define CELL_H 46.0
#define HEAD_W 96.0
#define HEAD_H 62.0
#define NOTE_H 26.0

/* A larger table would not be read; tide-info --json has it. */
#define MATRIX_MAX 16

/* Distance at which the colour of "far" begins; 10 is local, 20 the usual one to another socket. */
#define FAR 22

static const struct svg_font title = {15, SVG_INK, true, false, SVG_START};

static const char *
distance_colour(unsigned int distance)
{
	if (distance <= 10)
		return SVG_GOOD;
	if (distance <= 15)
		return "#3f7f8c";
	if (distance < FAR)
		return "#9a6b14";
	return "#b0472a";
}

static const char *
distance_tint(unsigned int distance)
{
	if (distance <= 10)
		return "#dcefe3";
	if (distance <= 15)
		return "#e0eff2";
	if (distance < FAR)
		return "#f8ecd2";
	return "#f7dcd3";
}

/* Write the figures of one direction: the latency above the distance, or the distance alone. */
static void
draw_label(const struct machine *m, int from, int to, double x, double y, enum svg_anchor anchor,
	FILE *out)
{
	unsigned int distance = tide_topology_distance(m->topo, from, to);
	unsigned int ns = tide_topology_latency(m->topo, from, to);
	const struct svg_font bold = {17, distance_colour(distance), true, false, anchor};
	const struct svg_font small = {12.5, SVG_QUIET, false, false, anchor};

	if (ns != 0)
		svg_text(out, x, y, &bold, "%u ns", ns);
	svg_text(out, x, y + 17, &small, "distance %u", distance);
}

/* A CPU waits for memory: without one of them there is no arrow. */
static bool
linked(const struct machine *m, int from, int to)
{
	return tide_topology_node(m->topo, from)->nb_cpus != 0 &&
	       tide_topology_node(m->topo, to)->memory != 0;
}

void
svg_link_right(const struct machine *m, int left, int right, double x, double y, FILE *out)
{
	const double a = x + 12, b = x + GAP_X - 12;

	for (int back = 0; back < 2; back++) {
		int from = back ? right : left, to = back ? left : right;
		const char *colour = distance_colour(tide_topology_distance(m->topo, from, to));
		double at = y + (back ? 18 : -18);

		if (!linked(m, from, to))
			continue;
		svg_arrow(out, back ? b : a, at, back ? a : b, at, 2.5, colour);
		draw_label(m, from, to, (a + b) / 2, at + (back ? 24 : -29), SVG_MIDDLE, out);
	}
}

void
svg_link_below(const struct machine *m, int upper, int lower, double x, double y, FILE *out)
{
	const double a = y + 8, b = y + GAP_Y - 8;

	for (int back = 0; back < 2; back++) {
		int from = back ? lower : upper, to = back ? upper : lower;
		const char *colour = distance_colour(tide_topology_distance(m->topo, from, to));
		double at = x + (back ? 16 : -16);

		if (!linked(m, from, to))
			continue;
		svg_arrow(out, at, back ? b : a, at, back ? a : b, 2.5, colour);
		draw_label(m, from, to, at + (back ? 14 : -14), (a + b) / 2 - 2,
			back ? SVG_START : SVG_END, out);
	}
}

static unsigned int
matrix_nodes(const struct machine *m)
{
	unsigned int n = tide_topology_nb_nodes(m->topo);

	return n <= 2 ? 0 : RTE_MIN(n, (unsigned int)MATRIX_MAX);
}

/* Return how many nodes have no room in the table. */
static unsigned int
matrix_left_out(const struct machine *m)
{
	return matrix_nodes(m) == 0 ? 0 : tide_topology_nb_nodes(m->topo) - matrix_nodes(m);
}

static const char *
matrix_title(const struct machine *m)
{
	int first = tide_topology_node_at(m->topo, 0)->id;

	return tide_topology_latency(m->topo, first, first) == 0
	               ? "Distance, from CPUs of a row to memory of a column"
	               : "Distance and latency, from CPUs of a row to memory of a column";
}

double
svg_matrix_width(const struct machine *m)
{
	double cells = HEAD_W + matrix_nodes(m) * CELL_W;

	return matrix_nodes(m) == 0 ? 0 : RTE_MAX(cells, svg_width(matrix_title(m), &title));
}

double
svg_matrix_height(const struct machine *m)
{
	if (matrix_nodes(m) == 0)
		return 0;
	return HEAD_H + matrix_nodes(m) * CELL_H + (matrix_left_out(m) == 0 ? 0 : NOTE_H);
}

static void
draw_cell(const struct machine *m, int from, int to, double x, double y, FILE *out)
{
	unsigned int distance = tide_topology_distance(m->topo, from, to);
	unsigned int ns = tide_topology_latency(m->topo, from, to);
	const struct svg_font bold = {15, SVG_INK, true, false, SVG_MIDDLE};
	const struct svg_font quiet = {11.5, SVG_QUIET, false, false, SVG_MIDDLE};

	svg_rect(
		out, x + 1, y + 1, CELL_W - 2, CELL_H - 2, 3, distance_tint(distance), NULL, false);
	svg_text(out, x + CELL_W / 2, y + (ns == 0 ? 29 : 22), &bold, "%u", distance);
	if (ns != 0)
		svg_text(out, x + CELL_W / 2, y + 38, &quiet, "%u ns", ns);
}

static void
draw_name(const struct machine *m, unsigned int place, double x, double y, FILE *out)
{
	struct svg_font font = {14, svg_node_colour(place), true, false, SVG_MIDDLE};
	double width;
	char name[32];

	snprintf(name, sizeof(name), "node %d", tide_topology_node_at(m->topo, place)->id);
	width = svg_width(name, &font);
	if (width > CELL_W - 4)
		font.size *= (CELL_W - 4) / width;
	svg_text(out, x, y, &font, "%s", name);
}

/* Say that the table does not have all nodes. */
static void
draw_note(const struct machine *m, double x, double y, FILE *out)
{
	const struct svg_font quiet = {12.5, SVG_QUIET, false, false, SVG_START};
	unsigned int n = matrix_left_out(m);

	if (n != 0)
		svg_text(out, x, y, &quiet,
			"%u more node%s not in this table; tide-info --json has all", n,
			n == 1 ? " is" : "s are");
}

void
svg_matrix(const struct machine *m, double x, double y, FILE *out)
{
	unsigned int n = matrix_nodes(m);

	if (n == 0)
		return;
	svg_text(out, x, y + 15, &title, "%s", matrix_title(m));
	for (unsigned int i = 0; i < n; i++) {
		draw_name(m, i, x + HEAD_W + (i + 0.5) * CELL_W, y + HEAD_H - 10, out);
		draw_name(m, i, x + HEAD_W / 2 - 6, y + HEAD_H + i * CELL_H + 28, out);
		for (unsigned int k = 0; k < n; k++)
			draw_cell(m, tide_topology_node_at(m->topo, i)->id,
				tide_topology_node_at(m->topo, k)->id, x + HEAD_W + k * CELL_W,
				y + HEAD_H + i * CELL_H, out);
	}
	draw_note(m, x, y + HEAD_H + n * CELL_H + NOTE_H - 6, out);
}
