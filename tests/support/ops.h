/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_OPS_H
#define TEST_OPS_H

/*
 * Mempool ops of a test. The table of ops has 16 places. From DPDK 24.11 on a full build takes 15 and tide the
 * last. So ops of a test get a place of their own only if one is free.
 */

#include <rte_mempool.h>

/*
 * Add ops to the table after EAL has started. If the table is full, they replace ops for hardware that no test
 * uses. Only for processes that share no mempool. Returns 0; -1: there are no such ops either, or the given ops
 * are invalid.
 */
int test_ops_add(const struct rte_mempool_ops *ops);

#endif /* TEST_OPS_H */
