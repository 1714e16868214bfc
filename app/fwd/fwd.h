/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_FWD_H
#define FWD_FWD_H

/*
 * One run of the forwarder, with all that screen and summary print.
 */

#include "error.h"
#include "flows.h"
#include "loop.h"
#include "options.h"
#include "plan.h"
#include "port.h"
#include "stats.h"
#include "tide_monitor.h"
#include "tide_pool.h"
#include "tide_topology.h"

/* The message for a secondary process. */
#define FWD_PRIMARY_ONLY \
	"tide-fwd owns its ports, so it runs as a primary process only; leave out --proc-type"

/* Why a run ended. */
enum fwd_end {
	FWD_END_NONE, /* It has not. */
	FWD_END_SIGNAL,
	FWD_END_DURATION,
	FWD_END_OUTPUT, /* The reader of the output is gone. */
};

struct fwd {
	const struct fwd_options *opts;
	struct tide_topology *topo;
	struct tide_plan_facts facts;
	struct fwd_interface interface[RTE_MAX_ETHPORTS]; /* By port id. */
	struct tide_plan plan;
	struct fwd_pairs pairs; /* Of plan. */
	struct tide_pool *pool;
	struct tide_monitor *monitor; /* Of the pages of pool and of the lcores. */
	struct fwd_port port[RTE_MAX_ETHPORTS]; /* As plan.port. */
	struct fwd_queue **queue; /* As plan.queue; each is in the block of its lcore. */
	struct fwd_lcore lcore[RTE_MAX_LCORE]; /* As plan.lcore. */
	struct fwd_flows *flows; /* NULL: they are not counted. */
	atomic_bool stop;
	struct fwd_stats start; /* When forwarding began. */
	struct fwd_stats last; /* When statistics were last shown. */
	struct fwd_stats end; /* When it ended, ports still open. */
	struct fwd_pool_state pool_state[RTE_MAX_ETHPORTS]; /* Members of pool. */
	enum fwd_end ended;
	int signal; /* When ended is FWD_END_SIGNAL. */
	unsigned int nb_stuck; /* Lcores that did not stop; they still use all of this. */
};

/*
 * Forward until told to stop: start the lcores, run the control loop, join the lcores. An lcore that does
 * not return, such as from a driver's function, is named in a warning, and given up after FWD_JOIN_S seconds.
 */
void fwd_control(struct fwd *fwd);

/* How long an lcore may take to stop, in seconds: until the warning, and until it is given up. */
#define FWD_JOIN_WARN_S 1
#define FWD_JOIN_S      10

/*
 * Plan, and unless it is a dry run: forward until told to stop, report. Returns the exit code.
 *
 * @param stuck  Set: an lcore did not stop. It uses ports and buffers still, so that neither they nor EAL
 *               can be cleaned up; the process can only end.
 */
int fwd_run(const struct fwd_options *opts, bool *stuck);

#endif /* FWD_FWD_H */
