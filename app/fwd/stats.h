/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_STATS_H
#define FWD_STATS_H

/*
 * Figures of ports and lcores at one time. Packets are those this program counted; bytes and losses
 * before it come from the driver.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_ethdev.h>
#include <rte_lcore.h>

#include "loop.h"
#include "monotonic.h"
#include "plan.h"
#include "tide_pool.h"
#include "tide_telemetry.h"

struct fwd_stats {
	uint64_t ns; /* Monotonic time. */
	uint64_t cycles; /* Time stamp counter. */
	struct tide_port_counters port[RTE_MAX_ETHPORTS]; /* As in the plan. */
	struct tide_lcore_counters lcore[RTE_MAX_LCORE]; /* As in the plan. */
};

/* A pool by the last poll. */
struct fwd_pool_state {
	struct tide_pool_sample sample;
	bool empty; /* Less than a burst was left. */
	uint64_t told; /* When a warning said so last; 0: never. */
};

/*
 * When something that is done every `period` and was due at `due` is due again, all in nanoseconds: on the
 * same grid, but not within half a period from now. After a stop of the program, by SIGSTOP for one, what
 * was missed is not made up for, and no figure is taken over a moment.
 */
uint64_t fwd_next_due(uint64_t due, uint64_t period, uint64_t now);

/* Take the figures. queue[] and lcore[] are in the plan's order. */
void fwd_stats_take(struct fwd_stats *stats, const struct tide_plan *plan,
	struct fwd_queue *const *queue, const struct fwd_lcore *lcore);

/* Sample the pools. */
void fwd_pools_poll(struct fwd_pool_state *watch, const struct tide_pool *pool);

#endif /* FWD_STATS_H */
