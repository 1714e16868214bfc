/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_LOG_H
#define TIDE_LOG_H

/*
 * The one way this library logs: rte_log, a type per part, one line per call.
 *
 * Internal. DPDK 22.11 has no RTE_LOG_LINE and 24.11 has another, so the project keeps its own.
 */

#include <rte_log.h>

/* Log type of the part; defined once in a source of the part by TIDE_LOG_REGISTER. */
extern int tidei_log_mempool;
extern int tidei_log_topology;
extern int tidei_log_region;
extern int tidei_log_shard;
extern int tidei_log_pool;
extern int tidei_log_arena;
extern int tidei_log_pktbuf;

#define TIDE_LOG_REGISTER(part) RTE_LOG_REGISTER(tidei_log_##part, lib.tide.part, NOTICE)

/* TIDE_LOG(region, ERR, "node %d has ...", node): the newline is added. */
#define TIDE_LOG(part, level, fmt, ...) \
	rte_log(RTE_LOG_##level, tidei_log_##part, "TIDE_" #part ": " fmt "\n", ##__VA_ARGS__)

#endif /* TIDE_LOG_H */
