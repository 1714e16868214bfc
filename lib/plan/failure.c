/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Says why there is no plan. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plan_internal.h"
#include "tide_log.h"

TIDE_LOG_REGISTER(plan);

/* What the number of a limit counts. */
static const char *const counted[] = {
	[TIDE_PLAN_LIMIT_PORTS] = "ports",
	[TIDE_PLAN_LIMIT_PEER] = "as index of the peer",
	[TIDE_PLAN_LIMIT_QUEUES] = "queues",
	[TIDE_PLAN_LIMIT_MTU] = "bytes of MTU",
	[TIDE_PLAN_LIMIT_RX_DESC] = "descriptors per receive queue",
	[TIDE_PLAN_LIMIT_TX_DESC] = "descriptors per transmit queue",
	[TIDE_PLAN_LIMIT_BUFFER_SIZE] = "packet bytes per buffer",
	[TIDE_PLAN_LIMIT_LCORES] = "lcores",
	[TIDE_PLAN_LIMIT_BUFFERS] = "buffers per node",
};

int
tidei_plan_out_of(struct tide_plan_failure *failure, enum tide_plan_limit limit, uint32_t requested,
	uint32_t min, uint32_t max)
{
	failure->limit = limit;
	failure->requested = requested;
	failure->min = min;
	failure->max = max;
	return -ERANGE;
}

static void
describe(const struct tide_plan_failure *f, const struct tide_topology *topo, int rc, char *text,
	size_t len)
{
	switch (f->limit) {
	case TIDE_PLAN_LIMIT_NONE:
		snprintf(text, len, "no plan: %s", strerror(-rc));
		break;
	case TIDE_PLAN_LIMIT_PORT_ID:
		snprintf(text, len, "port %u %s", f->requested,
			rc == -EEXIST ? "is named twice" : "does not exist");
		break;
	case TIDE_PLAN_LIMIT_NODE:
		snprintf(text, len, "node %d does not exist", f->node);
		break;
	case TIDE_PLAN_LIMIT_MEMORY:
		snprintf(text, len, "out of memory for %u queues", f->requested);
		break;
	case TIDE_PLAN_LIMIT_POOL_NODE:
		snprintf(text, len, "its buffers belong on node %d, which cannot give memory: %s",
			f->node, tide_node_refusal(tide_topology_node(topo, f->node)));
		break;
	case TIDE_PLAN_LIMIT_NEED:
		snprintf(text, len,
			"the queues of node %d need more buffers than a pool can have; request "
			"fewer queues or descriptors",
			f->node);
		break;
	default:
		if (f->min > f->max)
			snprintf(text, len, "%u %s requested, none are possible", f->requested,
				counted[f->limit]);
		else
			snprintf(text, len, "%u %s requested, %u to %u are possible", f->requested,
				counted[f->limit], f->min, f->max);
	}
}

void
tidei_plan_report(struct tide_plan_failure *failure, const struct tide_topology *topo, int rc,
	bool caller_reports)
{
	size_t used = 0;

	if (failure->port != NULL)
		used = snprintf(failure->reason, sizeof(failure->reason),
			"port %u (%s): ", failure->port->id, failure->port->name);
	describe(failure, topo, rc, failure->reason + used, sizeof(failure->reason) - used);
	if (caller_reports)
		TIDE_LOG(plan, INFO, "%s", failure->reason);
	else
		TIDE_LOG(plan, ERR, "%s", failure->reason);
}
