/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info plan --check: compares the plan with what the machine has now. */

#include <string.h>

#include "check.h"
#include "plan.h"

static void
check_port(const struct plan *plan, const struct tide_plan_port *port, struct findings *findings)
{
	const struct tide_plan_pool *pool = &plan->plan.pool[port->pool];
	struct finding *finding;

	if (port->facts->node == TIDE_NODE_UNKNOWN) {
		finding = finding_add(findings, FINDING_UNKNOWN, "nic-node-unknown",
			"the node of %s is not known; the plan has its buffers on node %d",
			port->facts->name, pool->node);
		finding_remedy(finding, "name ports by NIC or by node: --ports node0");
		return;
	}
	if (port->pool_refusal != NULL)
		finding_remedy(
			finding_add(findings, FINDING_WRONG, "pool-elsewhere",
				"the buffers of %s come from node %d, because node %d gives none",
				port->facts->name, pool->node, port->pool_requested),
			"%s", port->pool_refusal);
	if (!port->remote)
		return;
	finding = finding_add(findings, FINDING_WRONG, "queue-remote",
		"a queue of %s, on node %d, is polled by an lcore of another node",
		port->facts->name, port->node);
	finding_remedy(finding, "allow more CPUs of node %d, or plan fewer --lcores", port->node);
}

void
plan_check(const struct plan *plan, struct findings *findings)
{
	uint64_t page_size = 0, bytes = 0;

	check_sysfs(plan->machine, findings);
	for (unsigned int i = 0; i < plan->plan.nb_ports; i++)
		check_port(plan, &plan->plan.port[i], findings);
	for (unsigned int i = 0; i < plan->nb_nodes; i++) {
		const struct plan_node *node = &plan->node[i];

		page_size = node->page_size;
		bytes += node->bytes;
		check_memory(plan->machine, tide_topology_node(plan->machine->topo, node->node),
			node->bytes, page_size, findings);
	}
	check_limits(plan->machine, bytes, page_size, findings);
}
