/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: buffers away from their ports, and memory without CPUs. */

#include "plan.h"

unsigned int
fwd_plan_elsewhere(const struct tide_plan *plan)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < plan->nb_ports; i++) {
		const struct tide_plan_port *port = &plan->port[i];

		n += port->node != TIDE_NODE_UNKNOWN && plan->pool[port->pool].node != port->node;
	}
	return n;
}

int
fwd_plan_tier(const struct tide_plan *plan, unsigned int i, struct fwd_plan_tier *tier)
{
	int ids[TIDE_NODE_MAX];
	unsigned int n;

	n = tide_topology_tiers(plan->topo, plan->pool[0].node, ids, RTE_DIM(ids));
	if (i >= n)
		return -1;
	*tier = (struct fwd_plan_tier){.node = ids[i], .near = TIDE_NODE_UNKNOWN};
	tier->bytes = tide_topology_node(plan->topo, tier->node)->memory;
	n = tide_topology_nearest(plan->topo, tier->node, false, ids, RTE_DIM(ids));
	for (i = 0; i < n && tier->near == TIDE_NODE_UNKNOWN; i++) {
		if (tide_topology_node(plan->topo, ids[i])->nb_cpus != 0)
			tier->near = ids[i];
	}
	tier->distance = tide_topology_distance(plan->topo, tier->near, tier->node);
	return 0;
}
