/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef MEMPOOL_TIDE_H
#define MEMPOOL_TIDE_H

/* Functions and data that the files of the driver share. */

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_mempool.h>

#include "magazine.h"
#include "tide_mempool.h"

/* Data of a mempool before its allocator, in memory that processes share. */
struct tidei_mempool_extra {
	/* enum tide_misuse_policy. Written by tide_mempool_set_misuse(), read by get and put on misuse. */
	alignas(128) _Atomic uint32_t misuse;
};

/* Return the data of a mempool. */
static inline struct tidei_mempool_extra *
tidei_mempool_extra(const struct rte_mempool *mp)
{
	return RTE_PTR_SUB(mp->pool_data, sizeof(struct tidei_mempool_extra));
}

/* The ops of this driver. */
extern const struct rte_mempool_ops tidei_mempool_ops;

/*
 * Check that a mempool has an allocator of this build. Any copy of this driver can have made it.
 *
 * Returns 0; -ENOTSUP: it has other ops, or another build; -ENODATA: it has no memory yet.
 */
int tidei_mempool_queryable(const struct rte_mempool *mp);

/* Return the policy for new mempools: from the environment, else TIDE_MISUSE_COUNT. */
enum tide_misuse_policy tidei_mempool_misuse_default(void);

/* Return the ledger mode of a new mempool: from its ops' configuration, the environment, else full. */
enum tidei_ledger_mode tidei_mempool_ledger(const struct rte_mempool *mp);

/* Switch off the per-lcore caches of a new mempool if the environment says so. */
void tidei_mempool_choose_cache(struct rte_mempool *mp);

/*
 * Register the ops unless ops of that name are registered. Logs what to do if the table is full.
 *
 * Returns 0; -EEXIST: ops of that name are registered, which is harmless; -ENOSPC: the table is full.
 */
int tidei_mempool_register(const struct rte_mempool_ops *ops);

/*
 * Register the ops of this driver after those of all drivers that EAL loads: while rte_eal_init()
 * runs, or at once in a process whose EAL is up. A constructor calls it once. It logs errors.
 */
void tidei_mempool_register_last(void);

/* Log a refused object, or abort, by the policy of the mempool. arg: the mempool. */
void tidei_mempool_refused(const struct tidei_refusal *refusal, void *arg);

#endif /* MEMPOOL_TIDE_H */
