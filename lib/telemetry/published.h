/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TELEMETRY_PUBLISHED_H
#define TELEMETRY_PUBLISHED_H

/* The things that the program has published (tide_telemetry_publish()), for outputs. */

#include "tide_telemetry.h"

/* Room for a sample of any scope in which a program may publish. */
union tidei_published_sample {
	struct tide_arena_stats arena;
	struct tide_flows_sample flows;
};

typedef void (*tidei_published_cb)(
	const char *name, const union tidei_published_sample *sample, void *arg);

/*
 * Call each() for every thing of a scope, in the order in which they were published; sample is NULL if it has no figures now.
 * Meanwhile none is
 * published or withdrawn; each() may not try. In tidei_eal_guarded(), so what it says there applies to each(), and to the
 * functions that take samples. Any thread. Returns 0, or -ECANCELED if EAL has ended, also in the middle.
 */
int tidei_published_each(enum tide_metric_scope scope, tidei_published_cb each, void *arg);

#endif /* TELEMETRY_PUBLISHED_H */
