/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef MONITOR_INTERNAL_H
#define MONITOR_INTERNAL_H

/* Shared by the sources of the monitor part; private to it. */

#include <sched.h>
#include <stdatomic.h>

#include <rte_lcore.h>

#include "tide_monitor.h"

struct tide_monitor {
	struct tide_monitor_conf conf; /* conf.topo is never NULL. */
	struct tide_topology *own_topo; /* NULL: the caller has one. */
	struct tide_monitor_pool *pools; /* In ascending order of node. */
	unsigned int nb_pools;
	unsigned int at; /* The pool whose pages are checked in steps. */
	struct tide_scan *scan; /* Of that pool; NULL: no check of it is under way. */
	struct tide_monitor_lcore lcores[RTE_MAX_LCORE];
	_Atomic pid_t
		tid[RTE_MAX_LCORE]; /* Any thread writes them, the thread that checks reads. */
};

/* Take an answer of the kernel for a member; *since is the change from the answer before. */
void tidei_monitor_pool_note(struct tide_monitor_pool *state, const struct tide_placement *now,
	struct tide_placement_change *since);

/* Take an lcore to be where EAL runs it. */
void tidei_monitor_lcore_begin(
	struct tide_monitor_lcore *state, unsigned int lcore_id, const struct tide_topology *topo);

/* Take the CPU where an lcore was found; home: those EAL runs it on. */
void tidei_monitor_lcore_note(struct tide_monitor_lcore *state, int cpu, const cpu_set_t *home,
	const struct tide_topology *topo);

/* Report an event if the caller requested events. */
static inline void
tidei_monitor_report(const struct tide_monitor *monitor, const struct tide_monitor_event *event)
{
	if (monitor->conf.event != NULL)
		monitor->conf.event(event, monitor->conf.arg);
}

#endif /* MONITOR_INTERNAL_H */
