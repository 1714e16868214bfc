/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_SPREAD_LOOP_H
#define BENCH_SPREAD_LOOP_H

/* The loops of scenario spread. */

#include "scenarios/spread_state.h"

/*
 * Run the loop of the kind, on one lcore or on two, and count gets and puts with their cycles in s->get
 * and s->put. Returns 0 or a negative errno.
 */
int spread_measure(struct spread *s);

#endif /* BENCH_SPREAD_LOOP_H */
