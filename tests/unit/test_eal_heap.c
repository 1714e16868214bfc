/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The nearest node where EAL's heap gives memory. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <rte_malloc.h>

#include "tide_eal.h"

/* Node 1 is the nearest to node 2, then node 3; node 0 may not be used. */
static const char machine[] = "node 0 cpus 0 memory 4G\n"
			      "node 1 cpus 1 memory 4G distance 2:12\n"
			      "node 2 memory 4G distance 1:12,3:16,0:30\n"
			      "node 3 cpus 3 memory 4G\n"
			      "allowed nodes 1-3\n";

static struct tide_topology *topo;

/* Nodes where the heap has memory, a bit for each, and the blocks that were taken. */
static unsigned int full_heaps;
static unsigned int taken;
static size_t requested;

void *__wrap_rte_malloc_socket(const char *type, size_t size, unsigned int align, int socket);
void __wrap_rte_free(void *block);

void *
__wrap_rte_malloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	requested = size;
	if ((full_heaps >> socket & 1) == 0)
		return NULL;
	taken++;
	return &taken;
}

void
__wrap_rte_free(void *block)
{
	taken -= block != NULL;
}

static void
near_node_2_is(int expected, unsigned int heaps)
{
	full_heaps = heaps;
	assert_int_equal(tide_eal_heap_near(topo, 2, 12345), expected);
	assert_int_equal(taken, 0);
	assert_int_equal(requested, 12345);
}

static void
the_nearest_heap_with_the_bytes_is_found_and_nothing_is_kept(void **state)
{
	near_node_2_is(2, 0xf);
	near_node_2_is(1, 0xb);
	near_node_2_is(3, 0x9);
	/* This process may not use node 0. */
	near_node_2_is(TIDE_NODE_UNKNOWN, 0x1);
	near_node_2_is(TIDE_NODE_UNKNOWN, 0);
}

static void
a_node_that_does_not_exist_has_no_heap_near_it(void **state)
{
	full_heaps = 0xf;
	assert_int_equal(tide_eal_heap_near(topo, TIDE_NODE_UNKNOWN, 64), TIDE_NODE_UNKNOWN);
	assert_int_equal(tide_eal_heap_near(topo, 9, 64), TIDE_NODE_UNKNOWN);
	assert_int_equal(tide_eal_heap_near(topo, -7, 64), TIDE_NODE_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_heap_with_the_bytes_is_found_and_nothing_is_kept),
		cmocka_unit_test(a_node_that_does_not_exist_has_no_heap_near_it),
	};
	int ret;

	topo = tide_topology_parse(machine);
	if (topo == NULL)
		return EXIT_FAILURE;
	ret = cmocka_run_group_tests_name("eal_heap", tests, NULL, NULL);
	tide_topology_free(topo);
	return ret;
}
