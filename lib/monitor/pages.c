/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Asks on which node the pages of the pools are. */

#include <rte_common.h>
#include <rte_errno.h>

#include "monitor_internal.h"
#include "tide_pool_query.h"

void
tidei_monitor_pool_note(struct tide_monitor_pool *state, const struct tide_placement *now,
	struct tide_placement_change *since)
{
	state->changed = tide_placement_compare(&state->now, now, since) > 0 && since->moved != 0;
	state->now = *now;
	state->checks++;
	if (tide_placement_compare(state->made, now, &state->change) >= 0)
		state->worst = RTE_MAX(state->worst, state->change.moved);
}

/* Take an answer, and report each move since the one before. */
static void
note(struct tide_monitor *monitor, struct tide_monitor_pool *state,
	const struct tide_placement *now)
{
	struct tide_placement_change since;

	tidei_monitor_pool_note(state, now, &since);
	for (unsigned int i = 0; state->changed && i < since.nb_moves; i++) {
		const struct tide_monitor_event event = {
			.pool = state,
			.from = since.moves[i].from,
			.to = since.moves[i].to,
			.pages = since.moves[i].pages,
		};

		tidei_monitor_report(monitor, &event);
	}
}

int
tide_monitor_check_pages(struct tide_monitor *monitor)
{
	int rc = 0;

	tide_monitor_restart(monitor);
	for (unsigned int i = 0; i < monitor->nb_pools; i++) {
		struct tide_monitor_pool *state = &monitor->pools[i];
		struct tide_placement now;
		int error = tide_pool_measure(monitor->conf.pool, state->node, &now);

		if (error == 0)
			note(monitor, state, &now);
		else
			rc = error;
	}
	return rc;
}

/* Return as tide_scan_step(), and -ENOMEM. */
static int
step(struct tide_monitor *monitor, uint64_t pages, struct tide_placement *now)
{
	int node = monitor->pools[monitor->at].node;

	if (monitor->scan == NULL)
		monitor->scan = tide_pool_scan(monitor->conf.pool, node);
	return monitor->scan == NULL ? -rte_errno : tide_scan_step(monitor->scan, pages, now);
}

int
tide_monitor_step_pages(struct tide_monitor *monitor, uint64_t pages)
{
	struct tide_placement now;
	int rc;

	if (monitor->nb_pools == 0)
		return 1;
	rc = step(monitor, pages, &now);
	if (rc == 0)
		return 0;
	if (rc < 0) {
		tide_monitor_restart(monitor);
		return rc;
	}
	tide_scan_free(monitor->scan);
	monitor->scan = NULL;
	note(monitor, &monitor->pools[monitor->at], &now);
	monitor->at = (monitor->at + 1) % monitor->nb_pools;
	return monitor->at == 0;
}

void
tide_monitor_restart(struct tide_monitor *monitor)
{
	tide_scan_free(monitor->scan);
	monitor->scan = NULL;
	monitor->at = 0;
}
