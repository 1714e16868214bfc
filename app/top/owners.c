/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The owners of a pool, those with most buffers first. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"

static int
by_buffers(const void *a, const void *b)
{
	const struct top_owner *p = a, *q = b;

	if (p->buffers != q->buffers)
		return p->buffers > q->buffers ? -1 : 1;
	return strcmp(p->name, q->name);
}

/* The name that people read: "lcore 3" for lcore_3. */
static void
set_name(const struct top_owner *owner, struct top_table *table)
{
	char name[TOP_NAME_LEN], *at;

	strcpy(name, owner->name);
	for (at = name; *at != '\0'; at++) {
		if (*at == '_')
			*at = ' ';
	}
	top_table_cell(table, 0, "%s", name);
}

static void
set_row(const struct top_owner *owner, struct top_table *table)
{
	set_name(owner, table);
	top_table_cell(table, 1, "%" PRIu64, owner->buffers);
	if (owner->aged)
		top_table_cell(table, 2, "%.1f to %.1f s", (double)owner->oldest_min_ms / 1e3,
			(double)owner->oldest_max_ms / 1e3);
	else
		top_table_cell(table, 2, "-");
}

void
top_block_owners(const struct top_sample *sample, struct top_lines *lines)
{
	struct top_table table;

	if (sample->owners_of[0] == '\0')
		return;
	if (sample->no_owners[0] != '\0') {
		top_lines_wrap(lines, TOP_PLAIN, 2, sample->no_owners);
		return;
	}
	if (sample->nb_owners == 0) {
		top_lines_add(
			lines, TOP_PLAIN, "No buffer of %s is outstanding.", sample->owners_of);
		return;
	}
	qsort(sample->owners, sample->nb_owners, sizeof(*sample->owners), by_buffers);
	top_table_init(&table);
	top_table_column(&table, "owner", true, 0);
	top_table_column(&table, "buffers", false, 0);
	top_table_column(&table, "oldest", false, 0);
	for (unsigned int i = 0; i < sample->nb_owners; i++) {
		if (top_table_row(&table))
			set_row(&sample->owners[i], &table);
	}
	top_table_add(&table, lines);
	top_table_fini(&table);
}
