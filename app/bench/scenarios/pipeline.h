/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_PIPELINE_H
#define BENCH_PIPELINE_H

/* The measurement of scenarios pipeline and sweep, which differ in their pools. */

#include "frame/scenario.h"

/* Measure a pipeline of two lcores. As run of struct scenario. */
int pipeline_run(struct sample *sample);

#endif /* BENCH_PIPELINE_H */
