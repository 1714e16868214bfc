/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Makes plans from facts and requests, step by step, and hands their pools to lib/pool. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plan_internal.h"

static void
copy_request(struct tide_plan *plan, const struct tide_plan_conf *conf)
{
	if (conf != NULL)
		plan->conf = *conf;
	if (plan->conf.queues == 0)
		plan->conf.queues = 1;
	if (plan->conf.burst == 0)
		plan->conf.burst = TIDE_PLAN_BURST;
}

static int
make(struct tide_plan *plan, const struct tide_plan_facts *facts, struct tide_plan_failure *failure)
{
	int rc;

	if (facts->topo == NULL)
		return -EINVAL;
	rc = tidei_plan_ports(plan, facts, failure);
	if (rc == 0)
		rc = tidei_plan_queues(plan, facts, failure);
	if (rc == 0)
		rc = tidei_plan_pools(plan, facts, failure);
	return rc;
}

int
tide_plan_init(struct tide_plan *plan, const struct tide_plan_facts *facts,
	const struct tide_plan_conf *conf)
{
	struct tide_plan_failure failure = {.node = TIDE_NODE_UNKNOWN};
	struct tide_plan_failure *failed = conf == NULL ? NULL : conf->failed;
	int rc;

	memset(plan, 0, sizeof(*plan));
	plan->topo = facts->topo;
	copy_request(plan, conf);
	rc = make(plan, facts, &failure);
	if (rc == 0) {
		plan->conf.ports = NULL;
		plan->conf.peers = NULL;
		plan->conf.port_nodes = plan->conf.pool_nodes = NULL;
		plan->conf.failed = NULL;
		return 0;
	}
	tide_plan_fini(plan);
	tidei_plan_report(&failure, facts->topo, rc, failed != NULL);
	if (failed != NULL)
		*failed = failure;
	return rc;
}

void
tide_plan_fini(struct tide_plan *plan)
{
	if (plan == NULL)
		return;
	free(plan->queue);
	memset(plan, 0, sizeof(*plan));
}

struct tide_pool_conf
tide_plan_pool_conf(const struct tide_plan *plan, const char *name)
{
	return (struct tide_pool_conf){
		.name = name,
		.topo = plan->topo,
		.nodes = plan->pool_nodes,
		.nb_nodes = plan->nb_pools,
		.buffers = plan->buffers,
		.data_room = plan->data_room,
		.priv_size = plan->conf.priv_size,
		.cache_size = plan->conf.cache_size,
		.page = plan->conf.page,
	};
}

const char *
tide_plan_reason_name(enum tide_plan_reason reason)
{
	switch (reason) {
	case TIDE_PLAN_REASON_LOCAL:
		return "local";
	case TIDE_PLAN_REASON_STATED:
		return "stated";
	case TIDE_PLAN_REASON_NEAREST:
		return "nearest";
	case TIDE_PLAN_REASON_UNKNOWN:
		break;
	}
	return "unknown";
}
