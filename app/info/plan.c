/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info plan: turns a request into facts, and has the library plan with them. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "nic_driver.h"
#include "plan.h"

/* Bytes on a wire around a frame: preamble, start of frame, and the gap behind it. */
#define WIRE_OVERHEAD 20

/* The request has no limits of a NIC: those of the device are known when EAL runs. */
#define QUEUES_MAX 1024

static struct tide_port_facts *
add_port(struct plan *plan, const char *name, int node, enum tide_node_source source)
{
	struct tide_port_facts *port = &plan->facts.port[plan->facts.nb_ports];

	port->id = (uint16_t)plan->facts.nb_ports++;
	snprintf(port->name, sizeof(port->name), "%s", name);
	snprintf(port->driver, sizeof(port->driver), "%s",
		plan->request->driver == NULL ? "" : plan->request->driver);
	port->node = node;
	port->node_source = source;
	port->rx_queues_max = port->tx_queues_max = QUEUES_MAX;
	return port;
}

static int
add_named(struct plan *plan, const struct plan_port_request *wanted, struct app_error *err)
{
	const struct machine *m = plan->machine;
	const struct tide_nic *nic;
	char name[32];

	if (wanted->address[0] == '\0') {
		if (wanted->node != TIDE_NODE_UNKNOWN &&
			tide_topology_node(m->topo, wanted->node) == NULL)
			return app_fail(err, APP_EXIT_USAGE,
				"--ports: the machine has no node %d; tide-info lists its nodes",
				wanted->node);
		snprintf(name, sizeof(name), "port %u", plan->facts.nb_ports);
		add_port(plan, name, wanted->node, TIDE_NODE_SOURCE_UNKNOWN);
		return 0;
	}
	nic = machine_nic(m, wanted->address);
	if (nic == NULL)
		return app_fail(err, APP_EXIT_USAGE,
			"--ports: the machine has no NIC %s; tide-info lists its NICs",
			wanted->address);
	add_port(plan, nic->address, nic->node, nic->source);
	return 0;
}

/* Take the NICs that are bound for programs; if there are none, a port that is on no known node. */
static void
add_usual(struct plan *plan)
{
	const struct machine *m = plan->machine;
	int only = TIDE_NODE_UNKNOWN;

	for (unsigned int i = 0; i < m->nb_nics && plan->facts.nb_ports < RTE_MAX_ETHPORTS; i++) {
		if (app_nic_driver_is_for_programs(m->nic[i].driver))
			add_port(plan, m->nic[i].address, m->nic[i].node, m->nic[i].source);
	}
	if (tide_topology_nb_nodes(m->topo) == 1)
		only = tide_topology_node_at(m->topo, 0)->id;
	if (plan->facts.nb_ports == 0)
		add_port(plan, "port 0", only,
			only == TIDE_NODE_UNKNOWN ? TIDE_NODE_SOURCE_UNKNOWN
						  : TIDE_NODE_SOURCE_ONLY_NODE);
}

static int
add_ports(struct plan *plan, struct app_error *err)
{
	for (unsigned int i = 0; i < plan->request->nb_ports; i++) {
		if (add_named(plan, &plan->request->port[i], err) != 0)
			return -1;
	}
	if (plan->request->nb_ports == 0)
		add_usual(plan);
	return 0;
}

uint64_t
plan_rate(const struct plan_request *request)
{
	uint64_t bits = (request->frame + (uint64_t)WIRE_OVERHEAD) * 8;

	return request->bps == 0 ? request->pps : (request->bps + bits - 1) / bits;
}

/* A limit that the user's values break is wrong use. */
static int
make(struct plan *plan, struct app_error *err)
{
	const struct plan_request *request = plan->request;
	struct tide_plan_failure failed = {0};
	const struct tide_plan_conf conf = {
		.queues = request->queues,
		.rx_desc = request->rx_desc,
		.tx_desc = request->tx_desc,
		.mtu = request->mtu,
		.buffer_size = request->buffer_size,
		.cache_size = request->cache,
		.burst = request->burst,
		.depth = request->depth,
		.hold_us = request->hold_us,
		.hold_pps = plan->pps,
		.buffers = request->buffers,
		.page = request->page,
		.failed = &failed,
	};
	int rc = tide_plan_init(&plan->plan, &plan->facts, &conf);

	if (rc == 0)
		return 0;
	return app_fail(err, rc == -ENOMEM ? APP_EXIT_RUN : APP_EXIT_USAGE, "no plan: %s",
		failed.reason[0] == '\0' ? strerror(-rc) : failed.reason);
}

int
plan_init(struct plan *plan, const struct machine *m, const struct plan_request *request,
	struct app_error *err)
{
	memset(plan, 0, sizeof(*plan));
	plan->machine = m;
	plan->request = request;
	plan->facts.topo = m->topo;
	plan->facts.main_node = TIDE_NODE_UNKNOWN;
	plan->pps = plan_rate(request);
	if (add_ports(plan, err) != 0 || plan_choose_lcores(plan, err) != 0 || make(plan, err) != 0)
		return -1;
	plan_memory(plan);
	return plan_eal(plan, err);
}

void
plan_fini(struct plan *plan)
{
	tide_plan_fini(&plan->plan);
}
