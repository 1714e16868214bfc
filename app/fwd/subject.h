/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_SUBJECT_H
#define FWD_SUBJECT_H

/*
 * The things that tide-fwd has figures of, each with a sample for the table of metrics (tide_telemetry.h).
 */

#include <stdbool.h>

#include "flows.h"
#include "fwd.h"
#include "tide_telemetry.h"

struct fwd_subject {
	enum tide_metric_scope scope;
	unsigned int index; /* In the plan, the pool set or the nodes of the arena. */
	char name[48]; /* For people, such as "pool of node 0". */
	union {
		struct tide_process_sample process;
		struct tide_port_sample port;
		struct tide_lcore_sample lcore;
		struct tide_pool_sample pool;
		struct tide_arena_stats arena;
		struct tide_flows_sample flows;
	} sample;
};

/*
 * Take the i-th thing of a scope with its figures from `before` to `now`. False: there are no more. Flows
 * have intervals of their own, see fwd_flows_subject(); this scope is empty here.
 */
bool
fwd_subject_at(const struct fwd *fwd, const struct fwd_stats *before, const struct fwd_stats *now,
	enum tide_metric_scope scope, unsigned int i, struct fwd_subject *subject);

/* Take the arena of flows on its i-th node. False: there are no more, or no flows at all. */
bool fwd_arena_subject(const struct fwd_flows *flows, unsigned int i, struct fwd_subject *subject);

/* Take the flows of one interval. */
void fwd_flows_subject(const struct fwd_flow_tally *tally, struct fwd_subject *subject);

#endif /* FWD_SUBJECT_H */
