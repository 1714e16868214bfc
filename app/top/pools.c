/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The table of the pools: a column for each metric of the library's table that a pool has. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "blocks.h"

/* The column is left out where columns are few. */
#define RANK_NODE 2

/* The sample and the metric that compare() sorts by. */
static const struct top_sample *sorted;
static int sorted_by;

static int
compare(const void *a, const void *b)
{
	const struct top_pool *p = &sorted->pools[*(const unsigned int *)a];
	const struct top_pool *q = &sorted->pools[*(const unsigned int *)b];
	struct tide_metric_value first, second;

	if (sorted_by < 0)
		return strcmp(p->name, q->name);
	first = p->value[sorted_by];
	second = q->value[sorted_by];
	if (first.state != second.state)
		return first.state == TIDE_METRIC_KNOWN ? -1 : 1;
	if (first.count != second.count)
		return first.count > second.count ? -1 : 1;
	return strcmp(p->name, q->name);
}

void
top_order(const struct top_sample *sample, int metric, unsigned int *order)
{
	for (unsigned int i = 0; i < sample->nb_pools; i++)
		order[i] = i;
	sorted = sample;
	sorted_by = metric;
	if (sample->nb_pools > 1)
		qsort(order, sample->nb_pools, sizeof(*order), compare);
}

static void
set_row(const struct top_pool *pool, const bool *shown, struct top_table *table)
{
	unsigned int column = 0;

	top_table_cell(table, column++, "%.32s", pool->name);
	top_table_cell(table, column++, "%.16s", pool->ops);
	if (pool->node < 0)
		top_table_cell(table, column++, "any");
	else
		top_table_cell(table, column++, "%" PRId64, pool->node);
	top_figures_cells(TIDE_SCOPE_POOL, shown, pool->value, pool->rate, table, column);
}

void
top_block_pools(const struct top_sample *sample, const unsigned int *order, struct top_table *table)
{
	bool shown[TOP_METRICS_MAX] = {false};

	for (unsigned int i = 0; i < sample->nb_pools; i++)
		top_figures_show(sample->pools[i].value, shown);
	top_table_init(table);
	top_table_column(table, "pool", true, 0);
	top_table_column(table, "ops", true, 0);
	top_table_column(table, "node", false, RANK_NODE);
	top_figures_columns(TIDE_SCOPE_POOL, shown, table);
	for (unsigned int i = 0; i < sample->nb_pools; i++) {
		if (top_table_row(table))
			set_row(&sample->pools[order[i]], shown, table);
	}
}

static struct tide_metric_value
metric_of(const struct top_pool *pool, const char *name)
{
	int i = top_metric_find(name);

	return i < 0 ? (struct tide_metric_value){.state = TIDE_METRIC_NONE} : pool->value[i];
}

static bool
grows(const struct top_pool *pool, const char *name)
{
	int i = top_metric_find(name);

	return i >= 0 && pool->rate[i] > 0;
}

bool
top_pool_alarm(const struct top_pool *pool)
{
	struct tide_metric_value free_now = metric_of(pool, "free");

	return (free_now.state == TIDE_METRIC_KNOWN && free_now.count == 0) ||
	       grows(pool, "failures") || metric_of(pool, "misuse").count > 0;
}

/* The place of a number of buffers on a bar. */
static unsigned int
place(uint64_t buffers, uint64_t size, unsigned int width)
{
	if (size == 0 || buffers >= size)
		return size == 0 ? 0 : width;
	return (unsigned int)((double)buffers / (double)size * width + 0.5);
}

void
top_pool_bar(const struct top_pool *pool, unsigned int width, char *text)
{
	uint64_t size = metric_of(pool, "size").count;
	uint64_t in_use = metric_of(pool, "in_use").count;
	struct tide_metric_value peak = metric_of(pool, "peak");
	unsigned int used = place(in_use, size, width);
	unsigned int cached = place(in_use + metric_of(pool, "cached").count, size, width);

	for (unsigned int i = 0; i < width; i++)
		text[i] = i < used ? '#' : i < cached ? '+' : '-';
	if (peak.state == TIDE_METRIC_KNOWN && peak.count > 0 && width > 0)
		text[RTE_MIN(place(peak.count, size, width), width - 1)] = '|';
	text[width] = '\0';
}
