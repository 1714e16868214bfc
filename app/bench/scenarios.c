/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: the list of scenarios. */

#include <stddef.h>

#include "bench.h"
#include "scenarios.h"

const struct scenario *const scenarios[] = {
	&scenario_bulk,
	&scenario_single,
	&scenario_nic,
	&scenario_spread,
	&scenario_tail,
	&scenario_pipeline,
	&scenario_sweep,
	&scenario_contend,
	&scenario_crowd,
	&scenario_create,
	&scenario_memory,
	&scenario_arena,
	&scenario_hold,
	&scenario_copy,
	NULL,
};
