/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_CONTROL_H
#define FWD_CONTROL_H

/*
 * The parts of the control loop. fwd_control() in fwd.h is the whole.
 */

#include "fwd.h"

#define SECOND UINT64_C(1000000000) /* In nanoseconds. */

/* Links and pools are polled this often, independent of the period of the statistics. */
#define POLL_NS (SECOND / 10)

/* When each task is due, in nanoseconds of app_now_ns(); UINT64_MAX: never. */
struct fwd_schedule {
	uint64_t next_poll; /* Of links and pools. */
	uint64_t next_check; /* Of the placement of pages. */
	uint64_t next_lcores; /* Of the placement of lcores. */
	uint64_t next_stats;
	uint64_t next_flows;
	uint64_t end;
	bool asked; /* A signal asked for the placement: print it, changed or not. */
	bool live; /* The screen is redrawn in place. */
	bool alone; /* The main lcore forwards too. */
};

/* Ask the kernel where the lcores are, and warn of those that left their CPUs. */
void fwd_check_lcores(struct fwd *fwd, struct fwd_schedule *c, uint64_t now);

/* Ask the kernel about a few pages more; the next are due at once until all pools are through. */
void fwd_check_placement(struct fwd *fwd, struct fwd_schedule *c);

/* Wait for the lcores, FWD_JOIN_S seconds at most. Returns how many did not stop. */
unsigned int fwd_join(const struct fwd *fwd);

#endif /* FWD_CONTROL_H */
