/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef INFO_SVG_PARTS_H
#define INFO_SVG_PARTS_H

/* The parts of the picture of a machine. */

#include <stdio.h>

#include "machine.h"

#define PANEL_WIDTH 470.0
#define GAP_X       150.0
#define GAP_Y       84.0
#define MARGIN      56.0

/* Most NICs in one panel; a line counts the others. */
#define PANEL_NICS 12

/* Colour of a node, by its place. */
const char *svg_node_colour(unsigned int place);

/* Return the height that the panel of a node needs. */
double svg_panel_height(const struct machine *m, const struct tide_node *node);

/* Draw a node. */
void svg_panel(
	const struct machine *m, unsigned int place, double x, double y, double height, FILE *out);

/* Return the height of the panel of the NICs on a node (TIDE_NODE_UNKNOWN: on none), and draw it; 0: no NICs. */
double svg_nics_height(const struct machine *m, int node, double width);
void svg_nics(const struct machine *m, int node, double x, double y, double width, FILE *out);

/* Draw the two arrows between neighbours: the second node is right of the gap, or below it. */
void svg_link_right(const struct machine *m, int left, int right, double x, double y, FILE *out);
void svg_link_below(const struct machine *m, int upper, int lower, double x, double y, FILE *out);

/* Return the sizes of the table of all distances, and draw it. */
double svg_matrix_width(const struct machine *m);
double svg_matrix_height(const struct machine *m);
void svg_matrix(const struct machine *m, double x, double y, FILE *out);

/* Draw the meaning of the colours, and what this process may use and do, from y down. */
double svg_footer_height(const struct machine *m);
void svg_footer(const struct machine *m, double x, double y, double width, FILE *out);

#endif /* INFO_SVG_PARTS_H */
