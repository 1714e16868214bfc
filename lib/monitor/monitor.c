/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Creates monitors, and answers what their last checks found. */

#include <errno.h>
#include <stdlib.h>

#include <rte_errno.h>

#include "monitor_internal.h"
#include "tide_pool_query.h"
#include "topology_friend.h"

static int
begin_lcores(struct tide_monitor *monitor)
{
	struct tide_monitor_conf *conf = &monitor->conf;
	int rc = tidei_topology_own(conf->topo, &monitor->own_topo);

	if (rc < 0)
		return rc;
	if (conf->topo == NULL)
		conf->topo = monitor->own_topo;
	for (unsigned int i = 0; i < RTE_MAX_LCORE; i++)
		tidei_monitor_lcore_begin(&monitor->lcores[i], i, conf->topo);
	return 0;
}

static int
begin_pools(struct tide_monitor *monitor)
{
	const struct tide_pool *pool = monitor->conf.pool;

	if (pool == NULL)
		return 0;
	monitor->nb_pools = tide_pool_nb_nodes(pool);
	monitor->pools = calloc(monitor->nb_pools, sizeof(monitor->pools[0]));
	if (monitor->pools == NULL)
		return -ENOMEM;
	for (unsigned int i = 0; i < monitor->nb_pools; i++) {
		struct tide_monitor_pool *state = &monitor->pools[i];

		state->node = tide_pool_node_id(pool, i);
		state->made = tide_pool_placement(pool, state->node);
		state->now = *state->made;
	}
	return 0;
}

struct tide_monitor *
tide_monitor_create(const struct tide_monitor_conf *conf)
{
	struct tide_monitor *monitor = calloc(1, sizeof(*monitor));
	int rc;

	if (monitor == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	monitor->conf = *conf;
	rc = begin_lcores(monitor);
	if (rc == 0)
		rc = begin_pools(monitor);
	if (rc < 0) {
		tide_monitor_free(monitor);
		rte_errno = -rc;
		return NULL;
	}
	return monitor;
}

void
tide_monitor_free(struct tide_monitor *monitor)
{
	if (monitor == NULL)
		return;
	tide_scan_free(monitor->scan);
	tide_topology_free(monitor->own_topo);
	free(monitor->pools);
	free(monitor);
}

const struct tide_monitor_pool *
tide_monitor_pool_on(const struct tide_monitor *monitor, int node)
{
	for (unsigned int i = 0; i < monitor->nb_pools; i++) {
		if (monitor->pools[i].node == node)
			return &monitor->pools[i];
	}
	return NULL;
}

const struct tide_monitor_lcore *
tide_monitor_lcore_state(const struct tide_monitor *monitor, unsigned int lcore_id)
{
	return lcore_id < RTE_MAX_LCORE ? &monitor->lcores[lcore_id] : NULL;
}
