/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_OPS_H
#define TEST_OPS_H

/*
 * Mempool ops of a test. The table of ops has 16 places; from DPDK 24.11 on a full build takes 15, and
 * tide the last. So ops of a test need a place of their own only where one is free.
 */

#include <rte_mempool.h>

/*
 * Add ops to the table when EAL is up, where need be in the place of ops for hardware that no test has. For
 * processes that share no mempool. 0; -1: there is no such place either, or the ops are no ops.
 */
int test_ops_add(const struct rte_mempool_ops *ops);

#endif /* TEST_OPS_H */
