/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The order of mempool ops, which other processes must share. */

#include <string.h>

#include <rte_eal.h>
#include <rte_mempool.h>

#include "eal_ops.h"

static void
count(struct rte_mempool *mp, void *arg)
{
	unsigned int *n = arg;

	(*n)++;
}

void
app_eal_ops_last(const char *name)
{
	struct rte_mempool_ops_table *table = &rte_mempool_ops_table;
	struct rte_mempool_ops ours;
	unsigned int pools = 0, i = 0;

	rte_mempool_walk(count, &pools);
	if (pools != 0 || rte_eal_process_type() != RTE_PROC_PRIMARY)
		return;
	while (i < table->num_ops && strcmp(table->ops[i].name, name) != 0)
		i++;
	if (i == table->num_ops)
		return;
	ours = table->ops[i];
	for (; i + 1 < table->num_ops; i++)
		table->ops[i] = table->ops[i + 1];
	table->ops[i] = ours;
}
