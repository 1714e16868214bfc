/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_PLACEMENT_H
#define FWD_PLACEMENT_H

/*
 * Where pools and lcores are while packets flow, for people. The monitor of the library finds it.
 */

#include <stdio.h>

#include "fwd.h"

/* Return where the i-th pool of the set is. */
static inline const struct tide_monitor_pool *
fwd_pool_place(const struct fwd *fwd, unsigned int i)
{
	return tide_monitor_pool_on(fwd->monitor, tide_pool_node_id(fwd->pool, i));
}

/* Return where the i-th lcore of the plan is. */
static inline const struct tide_monitor_lcore *
fwd_lcore_place(const struct fwd *fwd, unsigned int i)
{
	return tide_monitor_lcore_state(fwd->monitor, fwd->plan.lcore[i].id);
}

/* Write a line for each pool: buffers, addresses, and on which node they were made. */
void fwd_pools_print_made(const struct fwd *fwd, FILE *out);

/* Write where the pages of a pool are now, without a newline. */
void fwd_pool_print_pages(const struct tide_monitor_pool *place, FILE *out);

/* Write the same after the name of the pool and, when pages have moved, add what to do. */
void fwd_pool_print_place(const struct fwd *fwd, unsigned int i, FILE *out);

/* Write where an lcore is and, when it is away, what to do; without a newline. */
void fwd_lcore_print_place(const struct fwd *fwd, unsigned int i, FILE *out);

#endif /* FWD_PLACEMENT_H */
