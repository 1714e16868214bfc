/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Prints a sample as text. */

#include <stdlib.h>

#include "print.h"

static void
add_pools(const struct top_print *print, struct top_lines *lines)
{
	const struct top_sample *sample = print->sample;
	unsigned int *order = malloc((sample->nb_pools + 1) * sizeof(*order));
	struct top_table table;

	if (order == NULL)
		return;
	top_order(sample, print->sort, order);
	top_block_pools(sample, order, &table);
	top_table_add(&table, lines);
	top_table_fini(&table);
	free(order);
}

static void
heading(struct top_lines *lines, const char *text, const char *pool)
{
	top_lines_add(lines, TOP_PLAIN, "%s", "");
	top_lines_add(lines, TOP_HEADING, "%s%s", text, pool);
}

void
top_print_text(const struct top_print *print, unsigned int columns, FILE *out)
{
	const struct top_sample *sample = print->sample;
	struct top_lines lines;

	top_lines_init(&lines, columns);
	top_block_title(print->facts, sample, "", &lines);
	top_lines_add(&lines, TOP_PLAIN, "%s", "");
	if (sample->nb_ports > 0) {
		top_block_ports(sample, &lines);
		top_lines_add(&lines, TOP_PLAIN, "%s", "");
	}
	if (sample->nb_pools > 0)
		add_pools(print, &lines);
	else
		top_lines_add(&lines, TOP_PLAIN, "The program has no mempools.");
	if (sample->nb_unanswered > 0)
		top_lines_add(&lines, TOP_PLAIN,
			"%u more did not answer: freed meanwhile, or with a name that is not "
			"ASCII.",
			sample->nb_unanswered);
	if (sample->cut)
		top_lines_add(&lines, TOP_PLAIN,
			"There can be more: the list of DPDK's telemetry ends here.");
	top_block_published(sample, &lines);
	if (sample->owners_of[0] != '\0') {
		heading(&lines, "owners of ", sample->owners_of);
		top_block_owners(sample, &lines);
	}
	if (print->scan != NULL || print->no_scan[0] != '\0')
		heading(&lines, "scan of ", sample->owners_of);
	if (print->scan != NULL)
		top_block_scan(print->scan, &lines);
	else
		top_lines_wrap(&lines, TOP_PLAIN, 2, print->no_scan);
	if (print->audit != NULL || print->no_audit[0] != '\0')
		heading(&lines, "findings", "");
	if (print->audit != NULL)
		top_block_audit(print->audit, &lines);
	else
		top_lines_wrap(&lines, TOP_PLAIN, 2, print->no_audit);
	top_lines_print(&lines, out);
	top_lines_fini(&lines);
}
