/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds a place in DPDK's table of mempool ops, which holds few and is silent when full. */

#include <errno.h>
#include <string.h>

#include <rte_mempool.h>

#include "mempool_tide.h"
#include "tide_log.h"

int
tidei_mempool_register(const struct rte_mempool_ops *ops)
{
	/* Constructors run one after another: nobody else registers meanwhile. */
	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++)
		if (strcmp(rte_mempool_ops_table.ops[i].name, ops->name) == 0)
			return -EEXIST;
	if (rte_mempool_ops_table.num_ops >= RTE_MEMPOOL_MAX_OPS_IDX) {
		TIDE_LOG(mempool, ERR,
			"no place for mempool ops \"%s\": all %d are taken; load this library "
			"first "
			"(link it, or put its -d before others), or build DPDK with fewer mempool "
			"drivers (-Ddisable_drivers=mempool/...)",
			ops->name, RTE_MEMPOOL_MAX_OPS_IDX);
		return -ENOSPC;
	}
	return rte_mempool_register_ops(ops) < 0 ? -ENOSPC : 0;
}
