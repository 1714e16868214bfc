/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_LCORE_PLACE_H
#define FWD_LCORE_PLACE_H

/*
 * On which CPU each lcore runs: as EAL started it, and as the kernel says while packets flow. Changes
 * of a cpuset, taskset and CPUs that go offline move threads without a word.
 */

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "loop.h"
#include "tide_topology.h"

struct fwd_lcore_place {
	int cpu; /* By the last look; -1: not looked at yet. */
	int node; /* Of that CPU; until then as planned. TIDE_NODE_UNKNOWN: it is not known. */
	bool away; /* EAL did not start the lcore on that CPU. */
	bool news; /* The last look found it on another CPU, and it or the one before was away. */
	uint64_t moves; /* Looks with news of an lcore that is away. */
};

/* Take the lcore to be where it was planned. */
void fwd_lcore_place_begin(struct fwd_lcore_place *place, int node);

/* Take the CPU an lcore was found on; home: those EAL started it on. */
void fwd_lcore_place_note(struct fwd_lcore_place *place, int cpu, const cpu_set_t *home,
	const struct tide_topology *topo);

/* Ask the kernel where a running lcore is; for one that has not begun or cannot be asked nothing changes. */
void fwd_lcore_place_poll(struct fwd_lcore_place *place, const struct fwd_lcore *lcore,
	const struct tide_topology *topo);

/* One line, without a newline: where an lcore is, and when it is away what to do. */
void fwd_lcore_place_print(
	const struct fwd_lcore_place *place, const struct fwd_lcore *lcore, FILE *out);

#endif /* FWD_LCORE_PLACE_H */
