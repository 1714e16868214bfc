/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef MEMPOOL_TIDE_H
#define MEMPOOL_TIDE_H

/* What the files of the driver share. */

#include <rte_mempool.h>

#include "freemap.h"

/*
 * Register the ops unless they are there already; a full table is logged with what to do.
 *
 * Returns 0; -EEXIST: ops of that name are registered, which is harmless; -ENOSPC: no place left.
 */
int tidei_mempool_register(const struct rte_mempool_ops *ops);

/* Log a refused object if it is the first of its kind in this mempool. */
void tidei_mempool_report(const struct rte_mempool *mp, const struct tidei_refusal *refusal);

#endif /* MEMPOOL_TIDE_H */
