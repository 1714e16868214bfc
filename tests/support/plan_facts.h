/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_PLAN_FACTS_H
#define TEST_PLAN_FACTS_H

/* Facts of machines that are not at hand, for plans. */

#include "tide_plan.h"

/* Return the text of a machine of n nodes with four CPUs each: node i has CPUs 4i to 4i+3. Valid until the next call. */
const char *test_plan_nodes(unsigned int n);

/* Add a port on a node, as the fallback chain finds it without an lcore; all else is as on a modest NIC. */
struct tide_port_facts *test_plan_port(struct tide_plan_facts *facts, int node);

/* Add an lcore on the CPU of the same number. */
void test_plan_lcore(struct tide_plan_facts *facts, unsigned int id);

#endif /* TEST_PLAN_FACTS_H */
