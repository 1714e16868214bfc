/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_SCENARIOS_H
#define BENCH_SCENARIOS_H

#include "bench.h"

extern const struct scenario scenario_bulk;
extern const struct scenario scenario_single;
extern const struct scenario scenario_nic;
extern const struct scenario scenario_spread;
extern const struct scenario scenario_tail;
extern const struct scenario scenario_pipeline;
extern const struct scenario scenario_sweep;
extern const struct scenario scenario_contend;
extern const struct scenario scenario_crowd;
extern const struct scenario scenario_create;
extern const struct scenario scenario_memory;
extern const struct scenario scenario_arena;
extern const struct scenario scenario_hold;
extern const struct scenario scenario_copy;

#endif /* BENCH_SCENARIOS_H */
