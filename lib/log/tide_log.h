/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_LOG_H
#define TIDE_LOG_H

/*
 * All logging of the library: rte_log with one log type per part and one line per call.
 *
 * This header is internal. DPDK 22.11 has no RTE_LOG_LINE and that of 24.11 takes other arguments,
 * so the library has its own macro.
 */

#include <rte_log.h>

/* Log types of the parts; one source of each part defines its type with TIDE_LOG_REGISTER. */
extern int tidei_log_mempool;
extern int tidei_log_topology;
extern int tidei_log_region;
extern int tidei_log_shard;
extern int tidei_log_pool;
extern int tidei_log_arena;
extern int tidei_log_pktbuf;
extern int tidei_log_plan;
extern int tidei_log_shortage;
extern int tidei_log_telemetry;

#define TIDE_LOG_REGISTER(part) RTE_LOG_REGISTER(tidei_log_##part, lib.tide.part, NOTICE)

/*
 * Log one line, as in TIDE_LOG(region, ERR, "node %d has ...", node). The macro adds the newline.
 */
#define TIDE_LOG(part, level, fmt, ...) \
	rte_log(RTE_LOG_##level, tidei_log_##part, "TIDE_" #part ": " fmt "\n", ##__VA_ARGS__)

#endif /* TIDE_LOG_H */
