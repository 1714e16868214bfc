/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_STATS_H
#define FWD_STATS_H

/*
 * Figures at one time, and what two of them say about the time between. Packets are those this
 * program counted; bytes and losses before it come from the driver.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_ethdev.h>
#include <rte_lcore.h>

#include "loop.h"
#include "plan.h"
#include "tide_pool.h"

struct fwd_port_stats {
	uint64_t rx; /* Packets. */
	uint64_t tx;
	uint64_t rx_bytes; /* 0 where the driver does not count them. */
	uint64_t tx_bytes;
	uint64_t no_buffer; /* Lost: the pool was empty. */
	uint64_t missed; /* Lost: the receive queue was full. */
	bool missed_unknown; /* The interface is gone, and what it missed with it. */
	uint64_t tx_full; /* Lost: the transmit queue of this port was full. */
	uint64_t malformed; /* Lost: received with a length that the segments do not have. */
	uint64_t runts; /* Received, too short for the mode, passed on unchanged. */
	uint64_t rx_error;
	uint64_t tx_error;
};

struct fwd_lcore_stats {
	uint64_t packets;
	uint64_t bursts; /* Polls that found packets. */
	uint64_t busy; /* Cycles. */
};

struct fwd_stats {
	uint64_t ns; /* Monotonic time. */
	uint64_t cycles; /* Time stamp counter. */
	struct fwd_port_stats port[RTE_MAX_ETHPORTS]; /* As in the plan. */
	struct fwd_lcore_stats lcore[RTE_MAX_LCORE]; /* As in the plan. */
};

struct fwd_port_rate {
	double rx_pps;
	double tx_pps;
	double rx_mbps; /* 10^6 bits per second, without preamble and gap. */
	double tx_mbps;
};

struct fwd_lcore_rate {
	double busy; /* Share of cycles, 0 to 1. */
	double per_burst; /* Packets per poll that found any. */
};

/* Free, in use and the most that was ever out, of each pool in the plan's order. */
struct fwd_pool_watch {
	struct tide_pool_stats now;
	bool peak_known; /* Only the tide ops count it. */
	uint32_t peak; /* As in struct tide_mempool_stats. */
	bool empty; /* Less than a burst was left at the last look. */
	uint64_t told; /* When that was last told; 0: never. */
};

/* Nanoseconds that never run backwards. */
uint64_t fwd_now_ns(void);

/*
 * When something that is done every `period` and was due at `due` is due again, all in nanoseconds: on the
 * same grid, but not within half a period from now. After a stop of the program, by SIGSTOP for one, what
 * was missed is not made up for, and no figure is taken over a moment.
 */
uint64_t fwd_next_due(uint64_t due, uint64_t period, uint64_t now);

/* Take the figures. queue[] and lcore[] are in the plan's order. */
void fwd_stats_take(struct fwd_stats *stats, const struct fwd_plan *plan,
	struct fwd_queue *const *queue, const struct fwd_lcore *lcore);

/* Room for a count as text. */
#define FWD_COUNT_LEN 24

/* What a port missed as text: a count, or "unknown". */
const char *fwd_missed_text(const struct fwd_port_stats *stats, char text[FWD_COUNT_LEN]);

void fwd_port_rate(const struct fwd_stats *from, const struct fwd_stats *to, unsigned int port,
	struct fwd_port_rate *rate);

void fwd_lcore_rate(const struct fwd_stats *from, const struct fwd_stats *to, unsigned int lcore,
	struct fwd_lcore_rate *rate);

/* Count the pools and read their peaks. */
void fwd_pool_look(struct fwd_pool_watch *watch, const struct tide_pool *pool);

/* The peak of a pool as text: a count, or `unknown` where its ops count none. */
const char *
fwd_peak_text(const struct fwd_pool_watch *watch, const char *unknown, char text[FWD_COUNT_LEN]);

#endif /* FWD_STATS_H */
