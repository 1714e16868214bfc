/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef MEMPOOL_TIDE_INTERNAL_H
#define MEMPOOL_TIDE_INTERNAL_H

/* Functions and data that the files of the driver share. */

#include <rte_mempool.h>

#include "magazine.h"
#include "mempool_tide_friend.h"
#include "tide_mempool_ops.h"

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

#endif /* MEMPOOL_TIDE_INTERNAL_H */
