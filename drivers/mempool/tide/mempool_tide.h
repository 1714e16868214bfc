/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef MEMPOOL_TIDE_H
#define MEMPOOL_TIDE_H

/* What the files of the driver share. */

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_mempool.h>

#include "magazine.h"
#include "tide_mempool.h"

/* What the driver keeps of a mempool before its allocator, in memory that processes share. */
struct tidei_mempool_extra {
	/* enum tide_misuse_policy. Written by tide_mempool_set_misuse(), read by get and put on misuse. */
	alignas(128) _Atomic uint32_t misuse;
};

static inline struct tidei_mempool_extra *
tidei_mempool_extra(const struct rte_mempool *mp)
{
	return RTE_PTR_SUB(mp->pool_data, sizeof(struct tidei_mempool_extra));
}

/* The ops of this driver. */
extern const struct rte_mempool_ops tidei_mempool_ops;

/*
 * Whether a mempool has an allocator to be asked, made by whichever copy of this driver. 0;
 * -ENOTSUP: it has other ops; -ENODATA: none of its memory yet.
 */
int tidei_mempool_queryable(const struct rte_mempool *mp);

/* The policy for new mempools: from the environment, else to count. */
enum tide_misuse_policy tidei_mempool_misuse_default(void);

/* The ledger of a new mempool: from its ops' configuration, the environment, else full. */
enum tidei_ledger_mode tidei_mempool_ledger(const struct rte_mempool *mp);

/* Empty the per-lcore caches of a new mempool for good if the environment says so. */
void tidei_mempool_choose_cache(struct rte_mempool *mp);

/*
 * Register the ops unless they are there already; a full table is logged with what to do.
 *
 * Returns 0; -EEXIST: ops of that name are registered, which is harmless; -ENOSPC: no place left.
 */
int tidei_mempool_register(const struct rte_mempool_ops *ops);

/*
 * Register the ops of this driver after those of all drivers that EAL loads: while rte_eal_init()
 * runs, or at once in a process whose EAL is up. To be called once, by a constructor; what goes
 * wrong is logged.
 */
void tidei_mempool_register_last(void);

/* Told of each refused object; arg is the mempool. Logs or aborts as its policy says. */
void tidei_mempool_refused(const struct tidei_refusal *refusal, void *arg);

#endif /* MEMPOOL_TIDE_H */
