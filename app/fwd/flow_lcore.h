/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_FLOW_LCORE_H
#define FWD_FLOW_LCORE_H

/*
 * Flow accounting in the data path. Each forwarding lcore has a table of its own for the interval,
 * bump-allocated: the table on the node of the first port it polls, each record on the node of the
 * port that received the flow's first packet.
 *
 * An interval ends with a flip of the arena. An lcore sees the new epoch at its next pass, hands
 * over its counts and begins again; no thread waits for another. It is a reader of the arena, quiescent
 * at each pass.
 */

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_mbuf.h>

#include "flow_table.h"
#include "tide_arena.h"

struct fwd_flow_sum {
	uint64_t packets;
	uint64_t bytes; /* Of frames, without their checksums. */
};

/* Counts of an interval. */
struct fwd_flow_tally {
	uint64_t flows;
	struct fwd_flow_sum ip; /* In these flows. */
	struct fwd_flow_sum other; /* Not IP. */
	struct fwd_flow_sum lost; /* IP, but there was no memory for the flow. */
};

/* Counts of one lcore in one interval. */
struct fwd_flow_part {
	struct fwd_flow_table *table; /* NULL: there was no memory for one, or no need. */
	struct fwd_flow_tally tally;
};

struct fwd_flow_lcore {
	/* Written by the lcore only, once running; by main before and after. */
	alignas(128) struct tide_arena *arena;
	unsigned int id;
	unsigned int reader;
	int node; /* The lcore's own. */
	int home; /* Where its tables are. */
	uint64_t epoch; /* The one `open` belongs to. */
	struct fwd_flow_secret secret;
	struct fwd_flow_part open;
	/*
	 * Handed over by the lcore, then main's until the next flip: there is none before main is done
	 * with this one.
	 */
	alignas(128) struct fwd_flow_part closed;
	_Atomic uint64_t closed_epoch; /* The one `closed` belongs to. Written by the lcore. */
};

/* Count a burst that came in by a port on that node. Only by its lcore. */
void fwd_flow_count(struct fwd_flow_lcore *me, int node, struct rte_mbuf *const *pkts, uint16_t nb);

/* Hand over what is open, as the epoch has changed. Only by its lcore, or by main when that has ended. */
void fwd_flow_close(struct fwd_flow_lcore *me);

/* Between two walks over the queues: the lcore holds no packet now. */
static inline void
fwd_flow_pass(struct fwd_flow_lcore *me)
{
	/*
	 * First this, then the look: a flip that this has passed is seen by the look, and the table of
	 * the epoch it closed is not touched any more.
	 */
	tide_arena_quiescent(me->arena, me->reader);
	if (unlikely(tide_arena_epoch(me->arena) != me->epoch))
		fwd_flow_close(me);
}

#endif /* FWD_FLOW_LCORE_H */
