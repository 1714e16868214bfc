/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Registers the ops last in DPDK's table of mempool ops, so that the numbers of DPDK's own ops stay.
 *
 * A mempool in shared memory names its ops by their number in that table. The table fills in the
 * order in which drivers register, and EAL loads plugins given with -d before the drivers of its
 * own directory. Ops that a plugin registered in its constructor would come first and shift all
 * others: processes with and without the plugin would not agree on the number of any ops.
 *
 * The ops register in the scan of the buses, the only event between the last driver that EAL loads and
 * the first mempool: rte_eal_init() scans after it has loaded all plugins and before it sets up memory.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_bus_vdev.h>
#include <rte_memory.h>
#include <rte_mempool.h>

#include "mempool_tide_internal.h"
#include "tide_log.h"

/* Log that the table is full, with the ops in it, so that the user can choose which to remove. */
static void
log_full(const struct rte_mempool_ops *ops)
{
	char taken[RTE_MEMPOOL_MAX_OPS_IDX * (RTE_MEMPOOL_OPS_NAMESIZE + 2)] = "";
	size_t used = 0;

	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++)
		used += (size_t)snprintf(taken + used, sizeof(taken) - used, "%s%s",
			i == 0 ? "" : ", ", rte_mempool_ops_table.ops[i].name);
	TIDE_LOG(mempool, ERR,
		"no place for mempool ops \"%s\": other drivers use all %d places of DPDK (%s): "
		"remove a mempool driver that no device here needs (move librte_mempool_NAME.so "
		"out of EAL's driver directory, or build DPDK with "
		"-Ddisable_drivers=mempool/NAME); do so for all processes that share pools",
		ops->name, RTE_MEMPOOL_MAX_OPS_IDX, taken);
}

int
tidei_mempool_register(const struct rte_mempool_ops *ops)
{
	/* Constructors and bus scans run one after another, so no other ops register meanwhile. */
	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++)
		if (strcmp(rte_mempool_ops_table.ops[i].name, ops->name) == 0)
			return -EEXIST;
	if (rte_mempool_ops_table.num_ops >= RTE_MEMPOOL_MAX_OPS_IDX) {
		log_full(ops);
		return -ENOSPC;
	}
	return rte_mempool_register_ops(ops) < 0 ? -ENOSPC : 0;
}

bool
tidei_mempool_ops_elsewhere(void)
{
	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++) {
		const struct rte_mempool_ops *ops = &rte_mempool_ops_table.ops[i];

		if (strcmp(ops->name, tidei_mempool_ops.name) == 0)
			return ops->alloc != tidei_mempool_ops.alloc;
	}
	return false;
}

/* Tell whether EAL is up. DPDK has no call for it, but EAL has no memory before. */
static bool
eal_is_up(void)
{
	return rte_eal_get_physmem_size() != 0;
}

/*
 * Register the ops in the first scan of the bus. The bus calls it under a lock, in later scans again,
 * for example at hotplug. The table never shrinks, so it does not try twice.
 */
static void
at_scan(void *arg)
{
	static bool done;
	const struct rte_mempool_ops *const *ops = arg;

	if (done)
		return;
	done = true;
	tidei_mempool_register(*ops);
}

void
tidei_mempool_register_last(void)
{
	/* A pointer to the pointer, since the bus wants an argument that is not const. */
	static const struct rte_mempool_ops *ops = &tidei_mempool_ops;

	if (eal_is_up())
		tidei_mempool_register(ops);
	else if (rte_vdev_add_custom_scan(at_scan, &ops) < 0)
		TIDE_LOG(mempool, ERR,
			"no memory to register mempool ops \"%s\" when EAL starts: this process "
			"does not have them; free memory and start it again",
			ops->name);
}
