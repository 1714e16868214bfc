/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Adds mempool ops of a test to a table that may be full. */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_common.h>
#include <rte_mempool.h>

#include "ops.h"

/* Ops that tests may use on any machine: those whose names begin with one of these. */
static const char *const software[] = {"ring_", "stack", "lf_stack", "bucket", "tide"};

static bool
for_hardware(const char *name)
{
	for (size_t i = 0; i < RTE_DIM(software); i++) {
		if (strncmp(name, software[i], strlen(software[i])) == 0)
			return false;
	}
	return true;
}

int
test_ops_add(const struct rte_mempool_ops *ops)
{
	struct rte_mempool_ops_table *table = &rte_mempool_ops_table;

	if (table->num_ops < RTE_MEMPOOL_MAX_OPS_IDX)
		return rte_mempool_register_ops(ops) < 0 ? -1 : 0;
	for (uint32_t i = table->num_ops; i-- > 0;) {
		if (for_hardware(table->ops[i].name)) {
			table->ops[i] = *ops;
			return 0;
		}
	}
	return -1;
}
