/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_VIEW_H
#define TOP_VIEW_H

/* What the live screen shows, and what keys change. It knows no terminal. */

#include "blocks.h"

enum top_panel {
	TOP_PANEL_OWNERS,
	TOP_PANEL_SCAN,
	TOP_PANEL_AUDIT,
	TOP_PANEL_HELP,
};

/* A question that was asked on demand. */
struct top_asked {
	char pool[TOP_NAME_LEN]; /* The pool of a scan. */
	bool running;
	json_t *answer; /* NULL: none yet, or `failure` says why not. */
	double time; /* Of the answer, seconds since 1970. */
	char failure[512];
};

struct top_view {
	char selected[TOP_NAME_LEN]; /* The pool; "": the first one. */
	int sort; /* A metric of a pool; -1: by name. */
	enum top_panel panel;
	unsigned int first; /* The pool at the top of the list. */
	unsigned int scrolled; /* Lines of the panel that are above its top. */
	unsigned int page; /* Lines of the panel that were shown. */
	unsigned int interval_s;
	unsigned int *order; /* Of the last sample drawn. */
	unsigned int nb_order;
};

struct top_shown {
	const struct top_facts *facts;
	struct top_sample *sample;
	const struct top_asked *scan, *audit;
	double silent_s; /* Seconds since the program answered last, when it does not; 0: it does. */
};

/* What a key demands of the caller. */
enum top_action {
	TOP_NOTHING, /* Only a new drawing. */
	TOP_QUIT,
	TOP_SAMPLE, /* A sample now: another pool is selected. */
	TOP_SCAN,
	TOP_AUDIT,
};

enum top_key {
	TOP_KEY_UP = 0x10000,
	TOP_KEY_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
};

#define TOP_INTERVAL_MAX 3600

/* Obey a key: a character, or one of enum top_key. */
enum top_action top_view_key(struct top_view *view, int key, const struct top_sample *sample);

/* Draw a screen of that many rows, and of lines->columns. */
void top_view_draw(struct top_view *view, const struct top_shown *shown, unsigned int rows,
	struct top_lines *lines);

/* The name of the next metric to sort by, after a metric; -1 is the name. */
int top_view_next_sort(const struct top_sample *sample, int metric);

void top_view_fini(struct top_view *view);

#endif /* TOP_VIEW_H */
