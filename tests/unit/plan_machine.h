/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_PLAN_MACHINE_H
#define TEST_PLAN_MACHINE_H

/* A machine from a text, its ports and lcores, and a plan for it. */

#include "tide_plan.h"

struct machine {
	struct tide_topology *topo;
	struct tide_plan_facts facts;
	struct tide_plan_conf conf;
	struct tide_plan_failure failed; /* Of conf. */
	struct tide_plan plan;
};

extern struct machine m;

/* Start with a machine that has no ports and no lcores, and an empty request. */
void machine(const char *text);

/* Start with a machine of n nodes with four CPUs each: node i has CPUs 4i to 4i+3. */
void machine_of(unsigned int n);

/* Add a port on a node; what a test does not change is as on a modest NIC. */
struct tide_port_facts *port_on(int node);

/* Add an lcore on the CPU of the same number. */
void lcore(unsigned int id);

/* Make the plan. */
void plan_works(void);

/* Check that there is no plan, for this reason. */
void plan_fails(int rc, enum tide_plan_limit limit);

/* Return the node of the buffers of a port. */
int pool_node(unsigned int port);

/* Teardown of a test. */
int machine_ends(void **state);

#endif /* TEST_PLAN_MACHINE_H */
