/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_SCHEDULE_H
#define BENCH_SCHEDULE_H

/* Selects the workloads of a scenario that run, and the candidates that take part in them. */

#include "frame/bench.h"

#define WORKLOADS_MAX (OPTIONS_LIST_MAX * OPTIONS_LIST_MAX)

/*
 * Plan the workloads of a scenario, make EAL's memory fit for them, and note what is left out and why.
 * Returns their number, at most WORKLOADS_MAX; 0: none can run.
 */
unsigned int
schedule_workloads(struct bench *bench, const struct scenario *scenario, struct workload *workload);

/* Whether a workload can run with the lcores and the memory of EAL. Notes why it cannot. */
bool schedule_can_run(struct bench *bench, const struct workload *workload);

/*
 * Whether a candidate takes part in a workload. *reason tells why a candidate of this scenario does not;
 * it is NULL for any other.
 */
bool schedule_takes_part(
	const struct candidate *c, const struct workload *workload, const char **reason);

#endif /* BENCH_SCHEDULE_H */
