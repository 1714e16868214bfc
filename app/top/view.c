/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Puts the blocks on a screen: title, ports, the list of pools, and a panel about the selected one. */

#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "view.h"

/* A bar of less is not drawn; a longer one says no more. */
#define BAR_MIN 12U
#define BAR_MAX 40U

static const char keys[] =
	"q quit  arrows choose  s scan  a findings  o sort  + - interval  h help";

static const char *const help[] = {
	"up, down, Home, End   choose a pool; the panel shows the owners of its buffers",
	"PgUp, PgDn            scroll the panel",
	"s   scan: where the outstanding buffers of the pool are; again: scan once more",
	"a   findings: what the audit of the program finds; again: audit once more",
	"n   choose the next pool in alarm",
	"o   sort by the next column",
	"+ - longer and shorter interval",
	"Esc back to the owners",
	"q   quit",
	"",
	"Bar of a pool: # in use, + in mempool caches, - free, | the peak.",
	"A pool in alarm is empty, fails gets, or has refused a double free or a foreign pointer.",
};

static unsigned int
count_alarms(const struct top_sample *sample)
{
	unsigned int alarms = 0;

	for (unsigned int i = 0; i < sample->nb_pools; i++)
		alarms += top_pool_alarm(&sample->pools[i]);
	return alarms;
}

/* The line that is first to be read: whether there is something to look at. */
static void
add_status(const struct top_view *view, const struct top_sample *sample, struct top_lines *lines)
{
	const struct tide_metric *m = view->sort < 0 ? NULL : top_metric((unsigned int)view->sort);
	unsigned int alarms = count_alarms(sample);
	char alarm[64] = "", missing[64] = "";

	if (alarms > 0)
		snprintf(alarm, sizeof(alarm), ", %u in alarm (n: next)", alarms);
	if (sample->nb_unanswered > 0)
		snprintf(missing, sizeof(missing), ", %u without an answer", sample->nb_unanswered);
	top_lines_add(lines, alarms > 0 ? TOP_ALARM : TOP_PLAIN,
		"pools: %u%s%s%s, ports: %u, sorted by %s", sample->nb_pools,
		sample->cut ? " or more" : "", alarm, missing, sample->nb_ports,
		m == NULL ? "name" : m->name);
}

static void
add_title(const struct top_view *view, const struct top_shown *shown, struct top_lines *lines)
{
	char more[80];

	snprintf(more, sizeof(more), "  every %u s", view->interval_s);
	top_block_title(shown->facts, shown->sample, more, lines);
	if (shown->silent_s > 0)
		top_lines_add(lines, TOP_ALARM,
			"no answer for %.0f s: the program is stopped, hangs or is overloaded",
			shown->silent_s);
	else
		add_status(view, shown->sample, lines);
}

/* Return the place of the selected pool in the order. */
static unsigned int
selected_place(const struct top_view *view, const struct top_sample *sample)
{
	for (unsigned int i = 0; i < view->nb_order; i++) {
		if (view->order[i] < sample->nb_pools &&
			strcmp(sample->pools[view->order[i]].name, view->selected) == 0)
			return i;
	}
	return 0;
}

static bool
sort_pools(struct top_view *view, const struct top_sample *sample)
{
	unsigned int *order = realloc(view->order, (sample->nb_pools + 1) * sizeof(*order));

	if (order == NULL)
		return false;
	view->order = order;
	view->nb_order = sample->nb_pools;
	top_order(sample, view->sort, order);
	return true;
}

/* Add one row of the list, with a bar behind it if there is room. */
static void
add_pool(const struct top_pool *pool, const struct top_table *table, unsigned int row,
	unsigned int width, bool selected, struct top_lines *lines)
{
	unsigned int room = lines->columns > width + 1 ? lines->columns - width - 2 : 0;
	char bar[BAR_MAX + 1] = "", *text = top_table_text(table, row);

	if (room >= BAR_MIN)
		top_pool_bar(pool, RTE_MIN(room, BAR_MAX), bar);
	top_lines_add(lines,
		selected               ? TOP_SELECTED
		: top_pool_alarm(pool) ? TOP_ALARM
				       : TOP_PLAIN,
		"%-*s  %s", (int)width, text != NULL ? text : "", bar);
	free(text);
}

/* The list in `rows` rows, headings included; it is moved so that the selected pool is in it. */
static void
add_pools(struct top_view *view, const struct top_sample *sample, unsigned int rows,
	struct top_lines *lines)
{
	unsigned int selected = selected_place(view, sample), shown, width;
	struct top_table table;
	char *text;

	if (rows == 0)
		return;
	top_block_pools(sample, view->order, &table);
	width = top_table_fit(&table, lines->columns);
	if (rows > 1) {
		text = top_table_headings(&table);
		top_lines_add(lines, TOP_HEADING, "%s", text != NULL ? text : "");
		free(text);
		rows--;
	}
	shown = RTE_MIN(rows, table.nb_rows);
	if (selected < view->first)
		view->first = selected;
	if (selected >= view->first + shown)
		view->first = selected - shown + 1;
	if (view->first + shown > table.nb_rows)
		view->first = table.nb_rows - shown;
	for (unsigned int i = view->first; i < view->first + shown; i++)
		add_pool(&sample->pools[view->order[i]], &table, i, width, i == selected, lines);
	top_table_fini(&table);
}

static void
add_asked(const struct top_asked *asked, const char *what, double now,
	void (*block)(json_t *answer, struct top_lines *lines), struct top_lines *lines)
{
	if (asked->running)
		top_lines_add(lines, TOP_HEADING, "%s%s%s: asking the program ...", what,
			asked->pool[0] != '\0' ? " of " : "", asked->pool);
	else
		top_lines_add(lines, TOP_HEADING, "%s%s%s, %.0f s ago", what,
			asked->pool[0] != '\0' ? " of " : "", asked->pool,
			now > asked->time ? now - asked->time : 0);
	if (asked->failure[0] != '\0')
		top_lines_wrap(lines, TOP_ALARM, 2, asked->failure);
	else if (asked->answer != NULL)
		block(asked->answer, lines);
}

static void
scan_block(json_t *answer, struct top_lines *lines)
{
	top_block_scan(answer, lines);
}

static void
fill_panel(const struct top_view *view, const struct top_shown *shown, struct top_lines *lines)
{
	const struct top_sample *sample = shown->sample;

	switch (view->panel) {
	case TOP_PANEL_OWNERS:
		top_lines_add(lines, TOP_HEADING, "owners of %s", view->selected);
		if (strcmp(sample->owners_of, view->selected) == 0)
			top_block_owners(shown->sample, lines);
		top_block_published(shown->sample, lines);
		break;
	case TOP_PANEL_SCAN:
		add_asked(shown->scan, "scan", sample->time, scan_block, lines);
		break;
	case TOP_PANEL_AUDIT:
		add_asked(shown->audit, "findings", sample->time, top_block_audit, lines);
		break;
	case TOP_PANEL_HELP:
		for (unsigned int i = 0; i < RTE_DIM(help); i++)
			top_lines_wrap(lines, TOP_PLAIN, 22, help[i]);
		break;
	}
}

/* The panel in `rows` rows: its heading stays, the lines below it scroll. */
static void
add_panel(
	struct top_view *view, struct top_lines *panel, unsigned int rows, struct top_lines *lines)
{
	unsigned int below = panel->nb > 0 ? panel->nb - 1 : 0;

	if (rows == 0 || panel->nb == 0)
		return;
	view->page = rows - 1;
	if (view->scrolled + view->page > below)
		view->scrolled = below > view->page ? below - view->page : 0;
	top_lines_add(lines, panel->line[0].look, "%s", panel->line[0].text);
	for (unsigned int i = 0; i < view->page && view->scrolled + i < below; i++) {
		const struct top_line *line = &panel->line[1 + view->scrolled + i];
		unsigned int left = below - view->scrolled - i;

		/* The last row says that there is more. */
		if (i + 1 == view->page && left > 1)
			top_lines_add(lines, TOP_HEADING, "(%u more lines: PgDn)", left);
		else
			top_lines_add(lines, line->look, "%s", line->text);
	}
}

/* The ports in a third of the screen at most. */
static void
add_ports(const struct top_sample *sample, unsigned int rows, struct top_lines *lines)
{
	struct top_lines ports;
	unsigned int most = rows / 3;

	if (rows < 12 || sample->nb_ports == 0)
		return;
	top_lines_init(&ports, lines->columns);
	top_block_ports(sample, &ports);
	top_lines_add(lines, TOP_PLAIN, "%s", "");
	for (unsigned int i = 0; i < ports.nb && i < most; i++) {
		if (i + 1 == most && ports.nb > most)
			top_lines_add(lines, TOP_HEADING, "(%u more ports)", ports.nb - i);
		else
			top_lines_add(lines, ports.line[i].look, "%s", ports.line[i].text);
	}
	top_lines_fini(&ports);
}

static void
select_a_pool(struct top_view *view, const struct top_sample *sample)
{
	if (top_sample_pool(sample, view->selected) == NULL)
		snprintf(view->selected, sizeof(view->selected), "%s",
			sample->nb_pools > 0 ? sample->pools[view->order[0]].name : "");
}

/* Add an empty line if the screen is not too low for such. */
static void
add_gap(unsigned int rows, struct top_lines *lines)
{
	if (rows >= 12)
		top_lines_add(lines, TOP_PLAIN, "%s", "");
}

/* Pools and panel share the rows that are left: the list has half of them, and what the panel does not need. */
static void
add_list_and_panel(struct top_view *view, const struct top_shown *shown, unsigned int rows,
	unsigned int left, struct top_lines *lines)
{
	unsigned int wanted = shown->sample->nb_pools + 1, list, least;
	struct top_lines panel;

	top_lines_init(&panel, lines->columns);
	fill_panel(view, shown, &panel);
	least = left / 2 + left % 2;
	list = panel.nb + 1 < left ? left - panel.nb - 1 : 0;
	list = RTE_MAX(list, least);
	list = RTE_MIN(list, wanted);
	add_pools(view, shown->sample, list, lines);
	left -= RTE_MIN(list, left);
	if (left > 2) {
		add_gap(rows, lines);
		left -= rows >= 12;
	}
	add_panel(view, &panel, left, lines);
	top_lines_fini(&panel);
}

void
top_view_draw(struct top_view *view, const struct top_shown *shown, unsigned int rows,
	struct top_lines *lines)
{
	bool footer = rows >= 8;
	unsigned int body = rows - footer;

	if (!sort_pools(view, shown->sample))
		return;
	select_a_pool(view, shown->sample);
	add_title(view, shown, lines);
	add_ports(shown->sample, rows, lines);
	add_gap(rows, lines);
	if (lines->nb < body)
		add_list_and_panel(view, shown, rows, body - lines->nb, lines);
	while (lines->nb > body) {
		free(lines->line[--lines->nb].text);
	}
	while (lines->nb < body)
		top_lines_add(lines, TOP_PLAIN, "%s", "");
	if (footer)
		top_lines_add(lines, TOP_HEADING, "%s", keys);
}

void
top_view_fini(struct top_view *view)
{
	free(view->order);
	view->order = NULL;
}
