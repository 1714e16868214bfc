/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_FLOW_LOOP_H
#define FWD_FLOW_LOOP_H

/* The data path of loop.h, with flow accounting into lcore->flows. */

#include "loop.h"

/* As fwd_loop_walk(). */
void fwd_flow_loop_walk(struct fwd_lcore *lcore, unsigned int walks);

/* As fwd_loop_run(). */
int fwd_flow_loop_run(void *lcore);

#endif /* FWD_FLOW_LOOP_H */
