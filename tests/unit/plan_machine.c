/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plan_facts.h"
#include "plan_machine.h"

struct machine m;

void
machine(const char *text)
{
	memset(&m, 0, sizeof(m));
	m.topo = tide_topology_parse(text);
	assert_non_null(m.topo);
	m.facts.topo = m.topo;
	m.conf.failed = &m.failed;
}

void
machine_of(unsigned int n)
{
	machine(test_plan_nodes(n));
}

struct tide_port_facts *
port_on(int node)
{
	return test_plan_port(&m.facts, node);
}

void
lcore(unsigned int id)
{
	test_plan_lcore(&m.facts, id);
}

void
plan_works(void)
{
	int rc;

	tide_plan_fini(&m.plan);
	rc = tide_plan_init(&m.plan, &m.facts, &m.conf);
	if (rc < 0)
		fail_msg("refused with %d: %s", rc, m.failed.reason);
}

void
plan_fails(int rc, enum tide_plan_limit limit)
{
	static const struct tide_plan empty;

	tide_plan_fini(&m.plan);
	memset(&m.plan, 1, sizeof(m.plan));
	memset(&m.failed, 1, sizeof(m.failed));
	assert_int_equal(tide_plan_init(&m.plan, &m.facts, &m.conf), rc);
	assert_int_equal(m.failed.limit, limit);
	assert_memory_equal(&m.plan, &empty, sizeof(empty));
}

int
pool_node(unsigned int port)
{
	return m.plan.pool[m.plan.port[port].pool].node;
}

int
machine_ends(void **state)
{
	tide_plan_fini(&m.plan);
	tide_topology_free(m.topo);
	m.topo = NULL;
	return 0;
}
