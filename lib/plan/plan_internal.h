/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef PLAN_INTERNAL_H
#define PLAN_INTERNAL_H

/* Shared by the sources of lib/plan: the steps of a plan, in their order, and the drivers. */

#include "tide_plan.h"

/*
 * Each step fills its part of a plan, whose conf is filled, and reads those before it. Returns 0, or a
 * negative errno with the limit and its values in *failure; the reason is written from them.
 */
int tidei_plan_ports(struct tide_plan *plan, const struct tide_plan_facts *facts,
	struct tide_plan_failure *failure);
int tidei_plan_queues(struct tide_plan *plan, const struct tide_plan_facts *facts,
	struct tide_plan_failure *failure);
int tidei_plan_pools(struct tide_plan *plan, const struct tide_plan_facts *facts,
	struct tide_plan_failure *failure);

/* Fill *failure for a value that is out of its limits. Returns -ERANGE. */
int tidei_plan_out_of(struct tide_plan_failure *failure, enum tide_plan_limit limit,
	uint32_t requested, uint32_t min, uint32_t max);

/* Write the reason of a failure, and log it at level INFO if the caller reports it, else ERR. */
void tidei_plan_report(struct tide_plan_failure *failure, const struct tide_topology *topo, int rc,
	bool caller_reports);

/* Count the descriptor rings of a receive queue. */
unsigned int tidei_driver_rx_rings(const struct tide_port_facts *port);

/* Count the buffers that one ring of so many descriptors can hold. */
uint32_t tidei_driver_held(const struct tide_port_facts *port, uint32_t desc);

/* Fill the facts that ethdev tells of a port. */
void tidei_info_facts(struct tide_port_facts *port, const struct rte_eth_dev_info *info);

/* Fill the facts that follow from the driver and its arguments; those of ethdev are filled. */
void tidei_driver_facts(struct tide_port_facts *port, const char *args);

#endif /* PLAN_INTERNAL_H */
