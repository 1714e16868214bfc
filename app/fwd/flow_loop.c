/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: the data path, flows counted. */

#include "flow_loop.h"
#include "loop_walk.h"

void
fwd_flow_loop_walk(struct fwd_lcore *lcore, unsigned int walks)
{
	switch (lcore->mode) {
	case FWD_MODE_IO:
		fwd_walk(lcore, walks, FWD_MODE_IO, lcore->flows);
		break;
	case FWD_MODE_MAC:
		fwd_walk(lcore, walks, FWD_MODE_MAC, lcore->flows);
		break;
	case FWD_MODE_MACSWAP:
		fwd_walk(lcore, walks, FWD_MODE_MACSWAP, lcore->flows);
		break;
	}
}

int
fwd_flow_loop_run(void *arg)
{
	struct fwd_lcore *lcore = arg;

	fwd_loop_enter(lcore);
	/* Relaxed: the flag carries no data; joining the lcore orders everything else. */
	while (!atomic_load_explicit(lcore->stop, memory_order_relaxed))
		fwd_flow_loop_walk(lcore, FWD_WALKS_PER_CHECK);
	if (lcore->was_busy)
		fwd_turn(lcore, false);
	return 0;
}
