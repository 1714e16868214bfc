/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_PLAN_REFUSED_H
#define FWD_PLAN_REFUSED_H

/*
 * Why the library made no plan, in words of options.
 */

#include "error.h"
#include "tide_plan.h"

/* Write the sentence into err. Returns -1. */
int fwd_plan_refused(const struct tide_topology *topo, const struct tide_plan_failure *failed,
	struct app_error *err);

#endif /* FWD_PLAN_REFUSED_H */
