/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: says with the names of options why there is no plan. */

#include "plan_refused.h"

static int
refuse_desc(const struct tide_plan_failure *f, const char *side, struct app_error *err)
{
	return app_fail(err, APP_EXIT_USAGE,
		"--%s-desc %u: port %u (%s) takes %u to %u descriptors", side, f->requested,
		f->port->id, f->port->name, f->min, f->max);
}

static int
refuse_buffers(const struct tide_plan_failure *f, struct app_error *err)
{
	const struct tide_pool_need *need = &f->need;

	if (f->requested > f->max)
		return app_fail(err, APP_EXIT_USAGE, "--buffers %u: too many; give at most 2^27",
			f->requested);
	return app_fail(err, APP_EXIT_USAGE,
		"--buffers %u: %u receive ring(s) of %u and %u transmit queue(s) of %u "
		"descriptors on node %d, bursts and caches need %u buffers; give that "
		"many or fewer descriptors",
		f->requested, need->rx_queues, need->rx_desc, need->tx_queues, need->tx_desc,
		f->node, f->min);
}

int
fwd_plan_refused(
	const struct tide_topology *topo, const struct tide_plan_failure *f, struct app_error *err)
{
	const struct tide_port_facts *port = f->port;

	switch (f->limit) {
	case TIDE_PLAN_LIMIT_QUEUES:
		return app_fail(err, APP_EXIT_USAGE,
			"--queues %u: port %u (%s, %s) has %u receive and %u transmit queue(s); "
			"give at most %u",
			f->requested, port->id, port->name, port->driver, port->rx_queues_max,
			port->tx_queues_max, f->max);
	case TIDE_PLAN_LIMIT_MTU:
		return app_fail(err, APP_EXIT_USAGE, "--mtu %u: port %u (%s, %s) takes %u to %u",
			f->requested, port->id, port->name, port->driver, f->min, f->max);
	case TIDE_PLAN_LIMIT_RX_DESC:
		return refuse_desc(f, "rx", err);
	case TIDE_PLAN_LIMIT_TX_DESC:
		return refuse_desc(f, "tx", err);
	case TIDE_PLAN_LIMIT_BUFFER_SIZE:
		return app_fail(err, APP_EXIT_USAGE,
			"--buffer-size: port %u (%s) needs buffers of %u bytes or more%s", port->id,
			port->name, f->min,
			port->framesz == 0 ? "" : ", or a smaller framesz in its --vdev");
	case TIDE_PLAN_LIMIT_LCORES:
		return app_fail(
			err, APP_EXIT_RUN, "no lcore can forward; give EAL some with -l 0-1");
	case TIDE_PLAN_LIMIT_POOL_NODE:
		return app_fail(err, APP_EXIT_RUN,
			"--strict: the buffers of port %u (%s) belong on node %d, which cannot "
			"give memory to this process: %s",
			port->id, port->name, f->node,
			tide_node_refusal(tide_topology_node(topo, f->node)));
	case TIDE_PLAN_LIMIT_BUFFERS:
		return refuse_buffers(f, err);
	case TIDE_PLAN_LIMIT_NEED:
		return app_fail(err, APP_EXIT_USAGE,
			"node %d would need more than 2^27 buffers; ask for fewer queues or "
			"descriptors",
			f->node);
	default:
		return app_fail(err, APP_EXIT_RUN, "%s", f->reason);
	}
}
