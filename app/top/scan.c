/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The answer to /tide/scan: the places of the outstanding buffers, groups of equal ones, and the limits. */

#include <stdio.h>
#include <string.h>

#include "blocks.h"

/* The i-th entry of a kind: the member "place_3". NULL: there is none. */
static const json_t *
entry(const json_t *answer, const char *kind, unsigned int i)
{
	char name[64];
	const json_t *found;

	snprintf(name, sizeof(name), "%s_%u", kind, i);
	found = json_object_get(answer, name);
	return json_is_object(found) ? found : NULL;
}

static long long
whole(const json_t *json, const char *name)
{
	return (long long)json_integer_value(json_object_get(json, name));
}

static void
set(struct top_table *table, unsigned int column, const json_t *json, const char *name)
{
	const json_t *value = json_object_get(json, name);

	if (json_is_string(value))
		top_table_cell(table, column, "%s", json_string_value(value));
	else if (json_is_integer(value))
		top_table_cell(table, column, "%lld", (long long)json_integer_value(value));
}

static void
add_places(const json_t *answer, struct top_lines *lines)
{
	struct top_table table;
	const json_t *one;

	if (entry(answer, "place", 0) == NULL)
		return;
	top_table_init(&table);
	top_table_column(&table, "buffers", false, 0);
	top_table_column(&table, "place", true, 0);
	for (unsigned int i = 0; (one = entry(answer, "place", i)) != NULL; i++) {
		if (!top_table_row(&table))
			break;
		set(&table, 0, one, "buffers");
		set(&table, 1, one, "name");
	}
	top_table_add(&table, lines);
	top_table_fini(&table);
}

static void
set_owner(struct top_table *table, unsigned int column, const json_t *one)
{
	if (json_object_get(one, "lcore") != NULL)
		top_table_cell(table, column, "lcore %lld", whole(one, "lcore"));
	else if (json_object_get(one, "thread") != NULL)
		top_table_cell(table, column, "thread %lld", whole(one, "thread"));
}

/* Clusters have a number of buffers, single buffers an address and their first bytes. */
static void
add_buffers(const json_t *answer, const char *kind, const char *heading, struct top_lines *lines)
{
	bool single = strcmp(kind, "cluster") != 0;
	struct top_table table;
	const json_t *one;

	if (entry(answer, kind, 0) == NULL)
		return;
	top_lines_add(lines, TOP_PLAIN, "%s", "");
	top_table_init(&table);
	top_table_column(&table, heading, single, 0);
	top_table_column(&table, "owner", true, 0);
	top_table_column(&table, "max age", false, 0);
	top_table_column(&table, "port", false, 1);
	top_table_column(&table, "length", false, 1);
	top_table_column(&table, "type", false, 1);
	top_table_column(&table, "place", true, 0);
	top_table_column(&table, single ? "bytes" : "", true, 2);
	for (unsigned int i = 0; (one = entry(answer, kind, i)) != NULL; i++) {
		if (!top_table_row(&table))
			break;
		set(&table, 0, one, single ? "address" : "buffers");
		set_owner(&table, 1, one);
		if (json_object_get(one, "age_max_ms") != NULL)
			top_table_cell(&table, 2, "%.1f s", (double)whole(one, "age_max_ms") / 1e3);
		set(&table, 3, one, "port");
		set(&table, 4, one, "length");
		set(&table, 5, one, "ether_type");
		set(&table, 6, one, "place");
		if (single)
			set(&table, 7, one, "bytes");
	}
	top_table_add(&table, lines);
	top_table_fini(&table);
}

static void
add_limits(const json_t *answer, struct top_lines *lines)
{
	char name[32];
	const char *text;

	for (unsigned int i = 0;; i++) {
		snprintf(name, sizeof(name), "limit_%u", i);
		text = json_string_value(json_object_get(answer, name));
		if (text == NULL)
			return;
		if (i == 0)
			top_lines_add(lines, TOP_PLAIN, "%s", "");
		top_lines_wrap(lines, TOP_PLAIN, 2, text);
	}
}

void
top_block_scan(const json_t *answer, struct top_lines *lines)
{
	long long leaked = whole(answer, "leaked");

	top_lines_add(lines, leaked > 0 ? TOP_ALARM : TOP_PLAIN,
		"%lld outstanding: %lld located, %lld leaked, %lld unknown; %lld in caches",
		whole(answer, "outstanding"), whole(answer, "located"), leaked,
		whole(answer, "unknown"), whole(answer, "cached"));
	top_lines_add(lines, TOP_PLAIN, "%lld scans, %.1f ms, %.1f MB read", whole(answer, "scans"),
		(double)whole(answer, "scan_us") / 1e3, (double)whole(answer, "bytes_read") / 1e6);
	add_places(answer, lines);
	add_buffers(answer, "cluster", "buffers", lines);
	add_buffers(answer, "leaked", "leaked", lines);
	add_buffers(answer, "oldest", "oldest", lines);
	if (whole(answer, "left_out") > 0)
		top_lines_add(lines, TOP_PLAIN, "%lld entries did not fit into the answer.",
			whole(answer, "left_out"));
	add_limits(answer, lines);
}
