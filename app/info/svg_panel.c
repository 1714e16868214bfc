/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info show: the panel of a node: CPUs, memory, huge pages, NICs. */

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <rte_common.h>

#include "svg_canvas.h"
#include "svg_parts.h"
#include "words.h"

#define BAND   58.0
#define INSIDE 22.0
#define WITHIN (PANEL_WIDTH - 2 * INSIDE)

/* Heights of a heading, of the space behind a section, of bars, of a NIC. */
#define HEADING  26.0
#define SECTION  20.0
#define BAR      30.0
#define HUGE_ROW 34.0
#define NIC_H    62.0
#define NIC_GAP  10.0

/* More CPUs of a node than these are not drawn one by one. */
#define CELLS_MAX 1024

static const struct svg_font heading = {15, SVG_INK, true, false, SVG_START};
static const struct svg_font beside = {14, SVG_QUIET, false, false, SVG_END};
static const struct svg_font small = {12.5, SVG_QUIET, false, false, SVG_START};
static const struct svg_font warning = {13, SVG_LEFT, true, false, SVG_START};

const char *
svg_node_colour(unsigned int place)
{
	/* Okabe and Ito's colours, darkened so that white text on them is read. */
	static const char *const colours[] = {"#1d6996", "#a3562a", "#2b7d5b", "#8a3b73", "#5b6b1f",
		"#4b4fa3", "#9a3641", "#4d5d6b"};

	return colours[place % RTE_DIM(colours)];
}

/* The cells of CPUs: how large, how many in a row. */
struct cells {
	double w, h, gap;
	unsigned int columns;
	double font; /* 0: without numbers. */
};

static struct cells
cells_for(unsigned int n)
{
	if (n <= 36)
		return (struct cells){41, 30, 7, 9, 14};
	if (n <= 180)
		return (struct cells){24, 20, 4, 15, 9.5};
	return (struct cells){9, 9, 3, 35, 0};
}

static unsigned int
drawn_cpus(const struct tide_node *node)
{
	return RTE_MIN(node->nb_cpus, (unsigned int)CELLS_MAX);
}

static double
cpus_height(const struct tide_node *node)
{
	struct cells cells = cells_for(node->nb_cpus);
	unsigned int rows = (drawn_cpus(node) + cells.columns - 1) / cells.columns;

	return HEADING + (rows == 0 ? 30 : rows * (cells.h + cells.gap)) + SECTION - 8;
}

static double
memory_height(const struct tide_node *node)
{
	return HEADING + BAR + (tide_node_refusal(node) != NULL && node->memory != 0 ? 22 : 0) +
	       SECTION;
}

/* Sizes of which there is no page are not drawn. */
static unsigned int
count_sizes(const struct tide_node *node)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < node->nb_huge; i++)
		n += node->huge[i].total != 0;
	return n;
}

static double
huge_height(const struct tide_node *node)
{
	return count_sizes(node) == 0 ? 0 : count_sizes(node) * HUGE_ROW + SECTION - 4;
}

static unsigned int
count_nics(const struct machine *m, int node)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < m->nb_nics; i++)
		n += m->nic[i].node == node;
	return n;
}

static unsigned int
nic_columns(double width)
{
	return RTE_MAX((unsigned int)((width + NIC_GAP) / (WITHIN / 2 + NIC_GAP / 2)), 1u);
}

double
svg_nics_height(const struct machine *m, int node, double width)
{
	unsigned int n = count_nics(m, node), drawn = RTE_MIN(n, (unsigned int)PANEL_NICS);
	unsigned int columns = nic_columns(width);

	if (n == 0)
		return 0;
	return HEADING + (drawn + columns - 1) / columns * (NIC_H + NIC_GAP) + (n > drawn ? 20 : 0);
}

double
svg_panel_height(const struct machine *m, const struct tide_node *node)
{
	return BAND + INSIDE + cpus_height(node) + memory_height(node) + huge_height(node) +
	       svg_nics_height(m, node->id, WITHIN) + 12;
}

static void
draw_band(const struct machine *m, unsigned int place, double x, double y, FILE *out)
{
	const struct svg_font name = {26, "#ffffff", true, false, SVG_START};
	const struct svg_font right = {14, "#ffffff", false, false, SVG_END};
	const struct tide_node *node = tide_topology_node_at(m->topo, place);
	unsigned int ns = tide_topology_latency(m->topo, node->id, node->id);
	const char *colour = svg_node_colour(place);

	svg_rect(out, x, y, PANEL_WIDTH, BAND, 12, colour, NULL, false);
	svg_rect(out, x, y + BAND - 14, PANEL_WIDTH, 14, 0, colour, NULL, false);
	svg_text(out, x + INSIDE, y + 38, &name, "node %d", node->id);
	if (node->nb_cpus == 0)
		svg_text(out, x + PANEL_WIDTH - INSIDE, y + 36, &right, "memory without CPUs");
	else if (node->memory == 0)
		svg_text(out, x + PANEL_WIDTH - INSIDE, y + 36, &right, "CPUs without memory");
	else if (ns != 0)
		svg_text(out, x + PANEL_WIDTH - INSIDE, y + 36, &right, "own memory in %u ns", ns);
}

static void
draw_cell(const struct machine *m, unsigned int cpu, const struct cells *cells, double x, double y,
	const char *colour, FILE *out)
{
	bool allowed = tide_topology_cpu_allowed(m->topo, cpu);
	const struct svg_font number = {
		cells->font, allowed ? "#ffffff" : SVG_QUIET, false, false, SVG_MIDDLE};

	svg_rect(out, x, y, cells->w, cells->h, cells->font == 0 ? 1.5 : 4,
		allowed ? colour : SVG_GROUND, allowed ? NULL : SVG_USED, true);
	if (cells->font != 0)
		svg_text(out, x + cells->w / 2, y + cells->h / 2 + cells->font * 0.36, &number,
			"%u", cpu);
}

static void
draw_cpus(const struct machine *m, const struct tide_node *node, const char *colour, double x,
	double y, FILE *out)
{
	struct cells cells = cells_for(node->nb_cpus);
	char list[LIST_TEXT], clipped[LIST_TEXT], text[LIST_TEXT + 32];
	unsigned int drawn = 0;

	svg_text(out, x, y + 15, &heading, "CPUs");
	if (node->nb_cpus == 0) {
		svg_rect(out, x, y + HEADING, WITHIN, 26, 4, SVG_GROUND, SVG_FAINT, true);
		svg_text(out, x + 12, y + HEADING + 18, &small, "none: no lcore runs here");
		return;
	}
	snprintf(text, sizeof(text), "%u: %s", node->nb_cpus,
		words_cpus(m->topo, node->id, false, list));
	svg_text(out, x + WITHIN, y + 15, &beside, "%s",
		svg_clip(text, &beside, WITHIN - 80, clipped, sizeof(clipped)));
	for (unsigned int cpu = 0; cpu < TIDE_CPU_MAX && drawn < drawn_cpus(node); cpu++) {
		if (tide_topology_cpu_node(m->topo, cpu) != node->id)
			continue;
		draw_cell(m, cpu, &cells, x + drawn % cells.columns * (cells.w + cells.gap),
			y + HEADING + drawn / cells.columns * (cells.h + cells.gap), colour, out);
		drawn++;
	}
}

/* Draw bytes of a bar from *at on, and move on; what there is of it is seen. */
static void
draw_part(double *at, double y, double h, double bytes, double scale, const char *fill, FILE *out)
{
	double w = bytes * scale;

	if (bytes <= 0)
		return;
	w = RTE_MAX(w, 1.5);
	svg_rect(out, *at, y, w, h, 0, fill, NULL, false);
	*at += w;
}

/* Used by others, huge pages in use, those of dead processes, free huge pages, free: left to right. */
static void
draw_memory_bar(
	const struct machine *m, const struct tide_node *node, double x, double y, FILE *out)
{
	double total = (double)machine_huge_total(node), at = x;
	double scale = WITHIN / RTE_MAX((double)node->memory, total),
	       ready = (double)machine_huge_free(node);
	double left = RTE_MIN((double)machine_huge_left(m, node->id), total - ready);
	double used = (double)node->memory - (double)node->memory_free - total;

	svg_rect(out, x, y, WITHIN, BAR, 0, SVG_FREE, NULL, false);
	draw_part(&at, y, BAR, used, scale, SVG_USED, out);
	draw_part(&at, y, BAR, total - ready - left, scale, SVG_HUGE, out);
	draw_part(&at, y, BAR, left, scale, SVG_LEFT, out);
	draw_part(&at, y, BAR, ready, scale, SVG_READY, out);
	svg_rect(out, x, y, WITHIN, BAR, 0, "none", SVG_USED, false);
}

static void
draw_memory(const struct machine *m, const struct tide_node *node, double x, double y, FILE *out)
{
	const char *refusal = tide_node_refusal(node);
	char total[SIZE_TEXT], ready[SIZE_TEXT], text[256];

	svg_text(out, x, y + 15, &heading, "Memory");
	if (node->memory == 0) {
		svg_rect(out, x, y + HEADING, WITHIN, BAR, 0, SVG_GROUND, SVG_FAINT, true);
		svg_text(out, x + 12, y + HEADING + 20, &small, "none");
		return;
	}
	svg_text(out, x + WITHIN, y + 15, &beside, "%s, %s free", words_size(node->memory, total),
		words_size(node->memory_free, ready));
	draw_memory_bar(m, node, x, y + HEADING, out);
	if (refusal != NULL)
		svg_text(out, x, y + HEADING + BAR + 18, &warning, "%s",
			svg_clip("not for this process: see tide-info show", &warning, WITHIN, text,
				sizeof(text)));
}

static void
draw_huge(const struct tide_huge *huge, double left_bytes, double x, double y, FILE *out)
{
	double scale = WITHIN / (double)huge->total, at = x;
	double used = (double)huge->total - (double)huge->free;
	double left = RTE_MIN(left_bytes / (double)huge->page_size, used);
	char size[SIZE_TEXT];

	svg_text(out, x, y + 13, &small, "huge pages of %s", words_size(huge->page_size, size));
	svg_text(out, x + WITHIN, y + 13, &beside, "%" PRIu64 ", %" PRIu64 " free", huge->total,
		huge->free);
	svg_rect(out, x, y + 18, WITHIN, 9, 0, SVG_FREE, NULL, false);
	draw_part(&at, y + 18, 9, used - left, scale, SVG_HUGE, out);
	draw_part(&at, y + 18, 9, left, scale, SVG_LEFT, out);
	draw_part(&at, y + 18, 9, (double)huge->free, scale, SVG_READY, out);
	svg_rect(out, x, y + 18, WITHIN, 9, 0, "none", SVG_FAINT, false);
}

/* Bytes of pages of one size that dead processes keep. */
static double
left_of_size(const struct machine *m, int node, uint64_t page_size)
{
	double bytes = 0;

	for (unsigned int i = 0; i < m->nb_files; i++) {
		const struct tide_eal_files *files = &m->files[i];

		if (files->owner == TIDE_EAL_OWNER_DEAD && files->node == node &&
			files->page_size == page_size)
			bytes += (double)files->bytes;
	}
	return bytes;
}

static void
draw_sizes(const struct machine *m, const struct tide_node *node, double x, double y, FILE *out)
{
	for (unsigned int i = 0; i < node->nb_huge; i++) {
		const struct tide_huge *huge = &node->huge[i];

		if (huge->total == 0)
			continue;
		draw_huge(huge, left_of_size(m, node->id, huge->page_size), x, y, out);
		y += HUGE_ROW;
	}
}

/* A card with two ports and a row of contacts. */
static void
draw_card(double x, double y, const char *colour, FILE *out)
{
	svg_rect(out, x, y, 34, 26, 3, colour, NULL, false);
	for (int i = 0; i < 2; i++)
		svg_rect(out, x + 5 + 14 * i, y + 6, 10, 9, 1.5, "#ffffff", NULL, false);
	for (int i = 0; i < 6; i++)
		svg_rect(out, x + 5 + 4.3 * i, y + 26, 2.6, 5, 0, colour, NULL, false);
}

static void
draw_nic(const struct tide_nic *nic, double x, double y, double w, FILE *out)
{
	const struct svg_font address = {14, SVG_INK, true, true, SVG_START};
	char text[128], clipped[128];

	svg_rect(out, x, y, w, NIC_H, 6, "#f7f9fb", SVG_FAINT, false);
	draw_card(x + 10, y + 14, nic->driver[0] == '\0' ? SVG_USED : SVG_INK, out);
	svg_text(out, x + 54, y + 20, &address, "%s", nic->address);
	snprintf(text, sizeof(text), "%s%s%s", nic->driver[0] == '\0' ? "no driver" : nic->driver,
		nic->interface[0] == '\0' ? "" : ", ", nic->interface);
	svg_text(out, x + 54, y + 37, &small, "%s",
		svg_clip(text, &small, w - 60, clipped, sizeof(clipped)));
	snprintf(text, sizeof(text), "node: %s", tide_node_source_name(nic->source));
	svg_text(out, x + 54, y + 53, &small, "%s",
		nic->node == TIDE_NODE_UNKNOWN
			? "node not known"
			: svg_clip(text, &small, w - 60, clipped, sizeof(clipped)));
}

void
svg_nics(const struct machine *m, int node, double x, double y, double width, FILE *out)
{
	unsigned int columns = nic_columns(width), drawn = 0, n = count_nics(m, node);
	double w = (width - (columns - 1) * NIC_GAP) / columns;

	if (n == 0)
		return;
	svg_text(out, x, y + 15, &heading, "%s",
		node == TIDE_NODE_UNKNOWN ? "NICs whose node is not known" : "NICs");
	y += HEADING;
	for (unsigned int i = 0; i < m->nb_nics && drawn < PANEL_NICS; i++) {
		if (m->nic[i].node != node)
			continue;
		draw_nic(&m->nic[i], x + drawn % columns * (w + NIC_GAP),
			y + drawn / columns * (NIC_H + NIC_GAP), w, out);
		drawn++;
	}
	if (n > drawn)
		svg_text(out, x, y + (drawn + columns - 1) / columns * (NIC_H + NIC_GAP) + 12,
			&small, "and %u more", n - drawn);
}

void
svg_panel(const struct machine *m, unsigned int place, double x, double y, double height, FILE *out)
{
	const struct tide_node *node = tide_topology_node_at(m->topo, place);
	const char *colour = svg_node_colour(place);

	svg_rect(out, x, y, PANEL_WIDTH, height, 12, SVG_GROUND, colour, node->nb_cpus == 0);
	draw_band(m, place, x, y, out);
	x += INSIDE;
	y += BAND + INSIDE;
	draw_cpus(m, node, colour, x, y, out);
	y += cpus_height(node);
	draw_memory(m, node, x, y, out);
	y += memory_height(node);
	draw_sizes(m, node, x, y - 8, out);
	svg_nics(m, node->id, x, y + huge_height(node), WITHIN, out);
}
