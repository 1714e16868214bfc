/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Bump pools on regions of each node, in a process where EAL never starts. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rte_errno.h>

#include "region_internal.h"
#include "tide_bump.h"
#include "tide_region.h"

#define LEN (1 << 20)

static struct tide_topology *topo;

/* The pool on memory of a node, and all of its bytes written; false: this process may not use the node. */
static bool
try_node(const struct tide_node *node)
{
	struct tide_region_conf memory = {
		.name = "bump", .node = node->id, .len = LEN, .topo = topo};
	struct tide_bump_conf conf = {.name = "bump"};
	char reason[TIDE_BUMP_REASON_MAX];
	const struct tide_placement *found;
	struct tide_region *region;
	struct tide_bump *bump;

	if (tide_node_refusal(node) != NULL)
		return false;
	region = tide_region_create(&memory, NULL);
	assert_non_null(region);
	found = tide_region_placement(region);
	assert_int_equal(found->backing, TIDE_BACKING_OWN);
	assert_int_equal(found->local, found->pages);
	conf.addr = tide_region_addr(region);
	conf.len = tide_region_len(region);
	bump = tide_bump_create(&conf, reason);
	assert_non_null(bump);
	assert_true(tide_bump_capacity(bump) >= LEN);
	memset(tide_bump_alloc(bump, tide_bump_remaining(bump), 4096), 1, tide_bump_capacity(bump));
	assert_int_equal(tide_bump_remaining(bump), 0);
	assert_int_equal(tide_bump_free(bump), 0);
	tide_region_free(region);
	return true;
}

static void
a_pool_on_a_region_of_each_node_needs_no_eal(void **state)
{
	const struct tide_node *node;
	unsigned int tried = 0;

	assert_false(tidei_eal_is_up());
	topo = tide_topology_create();
	assert_non_null(topo);
	for (unsigned int i = 0; (node = tide_topology_node_at(topo, i)) != NULL; i++)
		tried += try_node(node);
	assert_true(tried > 0);
	tide_topology_free(topo);
	assert_false(tidei_eal_is_up());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pool_on_a_region_of_each_node_needs_no_eal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
