/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* What each key changes in the view. */

#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include "view.h"

#define ESCAPE         27
#define CTRL_BACKSLASH 28

/* The intervals of + and -, seconds. */
static const unsigned int intervals[] = {1, 2, 5, 10, 30, 60, 300, TOP_INTERVAL_MAX};

static unsigned int
other_interval(unsigned int now, bool longer)
{
	unsigned int found = now;

	for (unsigned int i = 0; i < RTE_DIM(intervals); i++) {
		if (longer && intervals[i] > now)
			return intervals[i];
		if (!longer && intervals[i] < now)
			found = intervals[i];
	}
	return found;
}

static unsigned int
place_of(const struct top_view *view, const struct top_sample *sample)
{
	for (unsigned int i = 0; i < view->nb_order; i++) {
		if (strcmp(sample->pools[view->order[i]].name, view->selected) == 0)
			return i;
	}
	return 0;
}

/* The place of the next pool in alarm, which may be the same one; none is as if no key was pressed. */
static unsigned int
next_alarm(const struct top_view *view, const struct top_sample *sample, unsigned int at)
{
	for (unsigned int i = 1; i <= view->nb_order; i++) {
		unsigned int place = (at + i) % view->nb_order;

		if (top_pool_alarm(&sample->pools[view->order[place]]))
			return place;
	}
	return at;
}

static enum top_action
choose(struct top_view *view, int key, const struct top_sample *sample)
{
	unsigned int at, last;

	/* The order is that of another sample, or there is nothing to choose. */
	if (sample->nb_pools == 0 || view->nb_order != sample->nb_pools)
		return TOP_NOTHING;
	at = place_of(view, sample);
	last = view->nb_order - 1;
	if (key == TOP_KEY_UP)
		at = at > 0 ? at - 1 : 0;
	else if (key == TOP_KEY_DOWN)
		at = RTE_MIN(at + 1, last);
	else if (key == 'n')
		at = next_alarm(view, sample, at);
	else
		at = key == TOP_KEY_HOME ? 0 : last;
	snprintf(view->selected, sizeof(view->selected), "%s", sample->pools[view->order[at]].name);
	view->scrolled = 0;
	if (view->panel == TOP_PANEL_HELP || view->panel == TOP_PANEL_SCAN)
		view->panel = TOP_PANEL_OWNERS;
	return TOP_SAMPLE;
}

static enum top_action
show(struct top_view *view, enum top_panel panel, enum top_action action)
{
	view->panel = panel;
	view->scrolled = 0;
	return action;
}

int
top_view_next_sort(const struct top_sample *sample, int metric)
{
	while (top_metric((unsigned int)++metric) != NULL) {
		for (unsigned int i = 0; i < sample->nb_pools; i++) {
			if (sample->pools[i].value[metric].state == TIDE_METRIC_KNOWN)
				return metric;
		}
	}
	return -1;
}

enum top_action
top_view_key(struct top_view *view, int key, const struct top_sample *sample)
{
	unsigned int step = view->page > 2 ? view->page - 1 : 1;

	switch (key) {
	case 'q':
	case 'Q':
	case CTRL_BACKSLASH:
		return TOP_QUIT;
	case 's':
		return view->selected[0] == '\0' ? TOP_NOTHING
		                                 : show(view, TOP_PANEL_SCAN, TOP_SCAN);
	case 'a':
		return show(view, TOP_PANEL_AUDIT, TOP_AUDIT);
	case 'h':
	case '?':
		return show(view, TOP_PANEL_HELP, TOP_NOTHING);
	case ESCAPE:
		return show(view, TOP_PANEL_OWNERS, TOP_NOTHING);
	case 'o':
		view->sort = top_view_next_sort(sample, view->sort);
		return TOP_NOTHING;
	case '+':
	case '-':
		view->interval_s = other_interval(view->interval_s, key == '+');
		return TOP_NOTHING;
	case TOP_KEY_PAGE_UP:
		view->scrolled -= RTE_MIN(view->scrolled, step);
		return TOP_NOTHING;
	case TOP_KEY_PAGE_DOWN:
		/* Drawing limits it to the end of the panel. */
		view->scrolled += step;
		return TOP_NOTHING;
	case TOP_KEY_UP:
	case TOP_KEY_DOWN:
	case TOP_KEY_HOME:
	case TOP_KEY_END:
	case 'n':
		return choose(view, key, sample);
	default:
		return TOP_NOTHING;
	}
}
