/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The choice of members and the sizes of pools, on machines from a text, without EAL. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_version.h>

#include "child.h"
#include "mempool_friend.h"
#include "pool_internal.h"
#include "region_internal.h"
#include "tide_pool.h"
#include "tide_pool_size.h"
#include "tree.h"

static const char uneven[] = "node 0 cpus 0-1 memory 4G distance 2:21,5:30,9:40\n"
			     "node 2 cpus 2-3 memory 4G distance 0:21,5:12,9:35\n"
			     "node 5 cpus - memory 4G distance 0:30,2:12,9:20\n"
			     "node 9 cpus 4-5 memory 4G distance 0:40,2:35,5:20\n";

static struct tide_topology *
topology(const char *text)
{
	struct tide_topology *topo = tide_topology_parse(text);

	assert_non_null(topo);
	return topo;
}

static struct tidei_nodes
nodes_of(unsigned int n, ...)
{
	struct tidei_nodes nodes = {.count = 0};
	va_list args;
	unsigned int i;

	va_start(args, n);
	for (i = 0; i < n; i++)
		tidei_nodes_add(&nodes, va_arg(args, int));
	va_end(args);
	return nodes;
}

static void
nodes_are_kept_once_and_in_order(void **state)
{
	struct tidei_nodes nodes = nodes_of(7, 9, 0, 9, TIDE_NODE_UNKNOWN, 5, 0, 1023);

	assert_int_equal(nodes.count, 4);
	assert_int_equal(nodes.ids[0], 0);
	assert_int_equal(nodes.ids[1], 5);
	assert_int_equal(nodes.ids[2], 9);
	assert_int_equal(nodes.ids[3], 1023);
}

static void
every_node_there_is_fits_the_set(void **state)
{
	struct tidei_nodes nodes = {.count = 0};
	int i;

	for (i = TIDE_NODE_MAX - 1; i >= 0; i--)
		tidei_nodes_add(&nodes, i);
	for (i = 0; i < TIDE_NODE_MAX; i++)
		tidei_nodes_add(&nodes, i);
	assert_int_equal(nodes.count, TIDE_NODE_MAX);
	for (i = 0; i < TIDE_NODE_MAX; i++)
		assert_int_equal(nodes.ids[i], i);
}

static void
a_node_with_a_member_is_served_by_it(void **state)
{
	struct tide_topology *topo = topology(uneven);
	struct tidei_nodes nodes = nodes_of(3, 0, 5, 9);
	enum tide_pool_reason reason;
	unsigned int i;

	for (i = 0; i < nodes.count; i++) {
		assert_int_equal(tidei_nodes_choose(&nodes, topo, nodes.ids[i], 0, &reason), i);
		assert_int_equal(reason, TIDE_POOL_REASON_LOCAL);
	}
	tide_topology_free(topo);
}

static void
a_node_without_a_member_is_served_by_the_nearest(void **state)
{
	struct tide_topology *topo = topology(uneven);
	struct tidei_nodes nodes = nodes_of(2, 0, 5);
	enum tide_pool_reason reason;

	assert_int_equal(tidei_nodes_choose(&nodes, topo, 2, 0, &reason), 1);
	assert_int_equal(reason, TIDE_POOL_REASON_NEAREST);
	assert_int_equal(tidei_nodes_choose(&nodes, topo, 9, 0, &reason), 1);
	assert_int_equal(reason, TIDE_POOL_REASON_NEAREST);
	nodes = nodes_of(2, 0, 9);
	assert_int_equal(tidei_nodes_choose(&nodes, topo, 2, 9, &reason), 0);
	assert_int_equal(tidei_nodes_choose(&nodes, topo, 5, 0, &reason), 1);
	tide_topology_free(topo);
}

static void
a_member_without_cpus_can_be_the_nearest(void **state)
{
	struct tide_topology *topo = topology(uneven);
	struct tidei_nodes nodes = nodes_of(3, 0, 5, 9);
	enum tide_pool_reason reason;

	assert_int_equal(tidei_nodes_choose(&nodes, topo, 2, 0, &reason), 1);
	assert_int_equal(reason, TIDE_POOL_REASON_NEAREST);
	tide_topology_free(topo);
}

static void
unknown_goes_to_the_member_nearest_to_the_main_lcore(void **state)
{
	struct tide_topology *topo = topology(uneven);
	struct tidei_nodes nodes = nodes_of(2, 0, 9);
	enum tide_pool_reason reason;

	assert_int_equal(tidei_nodes_choose(&nodes, topo, TIDE_NODE_UNKNOWN, 9, &reason), 1);
	assert_int_equal(reason, TIDE_POOL_REASON_UNKNOWN);
	assert_int_equal(tidei_nodes_choose(&nodes, topo, TIDE_NODE_UNKNOWN, 5, &reason), 1);
	assert_int_equal(tidei_nodes_choose(&nodes, topo, TIDE_NODE_UNKNOWN, 2, &reason), 0);
	assert_int_equal(
		tidei_nodes_choose(&nodes, topo, TIDE_NODE_UNKNOWN, TIDE_NODE_UNKNOWN, &reason), 0);
	assert_int_equal(reason, TIDE_POOL_REASON_UNKNOWN);
	tide_topology_free(topo);
}

static void
where_nothing_is_known_a_member_without_cpus_comes_last(void **state)
{
	struct tide_topology *topo = topology("node 0 memory 4G\nnode 1 memory 4G\n"
					      "node 2 cpus 0 memory 4G\n");
	struct tidei_nodes nodes = nodes_of(3, 0, 1, 2);
	enum tide_pool_reason reason;

	assert_int_equal(
		tidei_nodes_choose(&nodes, topo, TIDE_NODE_UNKNOWN, TIDE_NODE_UNKNOWN, &reason), 2);
	nodes = nodes_of(2, 0, 1);
	assert_int_equal(
		tidei_nodes_choose(&nodes, topo, TIDE_NODE_UNKNOWN, TIDE_NODE_UNKNOWN, &reason), 0);
	tide_topology_free(topo);
}

static void
eight_nodes_each_serve_themselves_and_equal_distances_go_by_id(void **state)
{
	char text[1024] = "";
	struct tidei_nodes nodes = nodes_of(4, 1, 3, 5, 7);
	struct tide_topology *topo;
	enum tide_pool_reason reason;
	int i;

	for (i = 0; i < 8; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			"node %d cpus %d memory 1G\n", i, i);
	topo = topology(text);
	for (i = 0; i < 8; i++) {
		assert_int_equal(
			tidei_nodes_choose(&nodes, topo, i, 0, &reason), i % 2 ? i / 2 : 0);
		assert_int_equal(reason, i % 2 ? TIDE_POOL_REASON_LOCAL : TIDE_POOL_REASON_NEAREST);
	}
	tide_topology_free(topo);
}

static struct tide_pool_need
need_of(uint16_t data_room)
{
	return (struct tide_pool_need){.data_room = data_room};
}

static uint32_t
buffers_of(const struct tide_pool_need *need)
{
	struct tide_pool_size size;

	assert_int_equal(tide_pool_size(need, 0, TIDE_PAGE_2M, &size), 0);
	return size.buffers;
}

static void
each_term_of_the_formula_counts(void **state)
{
	struct tide_pool_need need = need_of(2176);
	uint32_t most;

	assert_int_equal(buffers_of(&need), 0);
	need.rx_queues = 4, need.rx_desc = 1024;
	assert_int_equal(buffers_of(&need), 4096);
	need.tx_queues = 2, need.tx_desc = 512;
	assert_int_equal(buffers_of(&need), 4096 + 1024);
	need.lcores = 2, need.burst = 32;
	assert_int_equal(buffers_of(&need), 5120 + 64);
	need.cache_size = 256;
	most = 5120 + 64 + 2 * (uint32_t)tidei_cache_most(256, RTE_VERSION);
	assert_int_equal(buffers_of(&need), most);
	need.depth = 1;
	assert_int_equal(buffers_of(&need), most + 64);
	need.depth = 64;
	assert_int_equal(buffers_of(&need), most + 64);
	need.depth = 0, need.hold_pps = 1000000, need.hold_us = 64;
	assert_int_equal(buffers_of(&need), most + 64);
	need.hold_us = 65;
	assert_int_equal(buffers_of(&need), most + 128);
}

static void
a_cache_holds_half_more_than_its_size_before_26_07(void **state)
{
	const uint32_t older[] = {RTE_VERSION_NUM(22, 11, 11, 99), RTE_VERSION_NUM(24, 11, 0, 16),
		RTE_VERSION_NUM(25, 11, 3, 99), RTE_VERSION_NUM(26, 3, 9, 99)};

	for (unsigned int i = 0; i < RTE_DIM(older); i++) {
		assert_int_equal(tidei_cache_most(0, older[i]), 0);
		assert_int_equal(tidei_cache_most(1, older[i]), 1);
		assert_int_equal(tidei_cache_most(2, older[i]), 3);
		assert_int_equal(tidei_cache_most(511, older[i]), 766);
		assert_int_equal(tidei_cache_most(UINT32_MAX, older[i]), 6442450942);
	}
}

static void
a_cache_holds_its_size_from_26_07_on(void **state)
{
	const uint32_t newer[] = {RTE_VERSION_NUM(26, 7, 0, 1), RTE_VERSION_NUM(26, 7, 0, 16),
		RTE_VERSION_NUM(26, 11, 0, 99), RTE_VERSION_NUM(27, 3, 0, 16)};
	const uint32_t sizes[] = {0, 1, 2, 511, 512, UINT32_MAX};

	for (unsigned int i = 0; i < RTE_DIM(newer); i++)
		for (unsigned int k = 0; k < RTE_DIM(sizes); k++)
			assert_int_equal(tidei_cache_most(sizes[k], newer[i]), sizes[k]);
}

/* A cache of one never holds a second buffer. */
static void
a_part_of_a_buffer_in_a_cache_is_none_and_a_part_held_is_one(void **state)
{
	struct tide_pool_need need = need_of(2176);

	need.depth = 63, need.lcores = 1, need.cache_size = 1;
	assert_int_equal(buffers_of(&need), 64);
	need.depth = 64;
	assert_int_equal(buffers_of(&need), 128);
	need.lcores = 0, need.depth = 64, need.hold_pps = 1, need.hold_us = 1;
	assert_int_equal(buffers_of(&need), 128);
}

static void
more_than_a_mempool_can_hold_is_eoverflow(void **state)
{
	struct tide_pool_need need = need_of(2176);
	struct tide_pool_size size = {.buffers = 7};

	need.rx_queues = 1u << 12, need.rx_desc = 1u << 15;
	assert_int_equal(buffers_of(&need), 1u << 27);
	need.depth = 1;
	assert_int_equal(tide_pool_size(&need, 0, TIDE_PAGE_2M, &size), -EOVERFLOW);
	memset(&need, 0xff, sizeof(need));
	need.priv_size = 0;
	assert_int_equal(tide_pool_size(&need, 0, TIDE_PAGE_2M, &size), -EOVERFLOW);
	assert_int_equal(size.buffers, 7);
}

static void
bad_sizes_are_einval_and_leave_the_answer_alone(void **state)
{
	struct tide_pool_need need = need_of(RTE_PKTMBUF_HEADROOM - 1);
	struct tide_pool_size size = {.buffers = 7};

	assert_int_equal(tide_pool_size(&need, 0, TIDE_PAGE_2M, &size), -EINVAL);
	need = need_of(RTE_PKTMBUF_HEADROOM);
	need.priv_size = 9;
	assert_int_equal(tide_pool_size(&need, 0, TIDE_PAGE_2M, &size), -EINVAL);
	need.priv_size = 8;
	assert_int_equal(tide_pool_size(&need, 0, (enum tide_page)42, &size), -EINVAL);
	assert_int_equal(size.buffers, 7);
	assert_int_equal(tide_pool_size(&need, 0, TIDE_PAGE_4K, &size), 0);
}

static void
padding_is_what_is_neither_header_nor_mbuf_nor_data(void **state)
{
	struct tide_pool_need need = need_of(2176);
	struct tide_pool_size size;

	need.rx_queues = need.rx_desc = 100;
	need.priv_size = 40;
	assert_int_equal(tide_pool_size(&need, 0, TIDE_PAGE_4K, &size), 0);
	assert_int_equal(size.object % RTE_MEMPOOL_ALIGN, 0);
	assert_int_equal(size.object - size.padding,
		sizeof(struct rte_mempool_objhdr) + sizeof(struct rte_mbuf) + 40 + 2176);
	assert_int_equal(size.bytes, (uint64_t)size.object * size.buffers);
	assert_int_equal(size.page_size, tidei_page_base());
	assert_true(size.pages * size.page_size >= size.bytes);
	assert_true((size.pages - 1) * size.page_size < size.bytes);
	assert_string_equal(size.command, "");
}

static void
no_buffer_is_counted_across_a_huge_page(void **state)
{
	struct tide_pool_need need = need_of(65000);
	struct tide_pool_size size;
	uint64_t per_page;

	need.rx_queues = 8, need.rx_desc = 1024;
	assert_int_equal(tide_pool_size(&need, 0, TIDE_PAGE_AUTO, &size), 0);
	assert_int_equal(size.page_size, 2 << 20);
	/* The gaps at the ends of the pages add up to more than a page. */
	assert_true(size.pages * size.page_size > size.bytes + size.page_size);
	per_page = size.page_size / size.object;
	assert_true(size.pages * per_page >= size.buffers);
	assert_true((size.pages - 1) * per_page < size.buffers);
	assert_int_equal(tide_pool_size(&need, 0, TIDE_PAGE_1G, &size), 0);
	assert_int_equal(size.page_size, 1 << 30);
	assert_int_equal(size.pages, size.bytes / size.page_size + 1);
}

/* The command writes the total, so that pages in use stay: total now + what is missing. */
static void
the_command_reserves_what_is_missing_on_that_node(void **state)
{
	struct tide_pool_need need = need_of(2176);
	struct tidei_huge_now before, after;
	struct tide_pool_size size;
	char expected[160];
	int tries;

	if (tidei_huge_now(0, 2 << 20, &before) < 0)
		skip();
	need.depth = 1 << 21;
	/* Others on this machine take pages too: look again when they did meanwhile. */
	for (tries = 0; tries < 100; tries++) {
		assert_int_equal(tidei_huge_now(0, 2 << 20, &before), 0);
		assert_int_equal(tide_pool_size(&need, 0, TIDE_PAGE_2M, &size), 0);
		assert_int_equal(tidei_huge_now(0, 2 << 20, &after), 0);
		if (before.free == after.free)
			break;
	}
	if (size.pages <= before.free)
		skip();
	snprintf(expected, sizeof(expected),
		"echo %llu > /sys/devices/system/node/node0/hugepages/hugepages-2048kB/"
		"nr_hugepages",
		(unsigned long long)(before.total + size.pages - before.free));
	assert_string_equal(size.command, expected);
	assert_int_equal(tide_pool_size(&need, TIDE_NODE_UNKNOWN, TIDE_PAGE_2M, &size), 0);
	assert_non_null(strstr(size.command, "/sys/kernel/mm/hugepages/hugepages-2048kB/"));
}

static const char *tree;

/* Node 0 and the machine have 100 huge pages of 2 MB, `reserved` of them promised to others. */
static void
hundred_pages(const char *reserved)
{
	static const char *const files[] = {"nr_hugepages", "free_hugepages"};
	char path[64];

	tree = test_tree_make();
	for (unsigned int root = 0; root < 2; root++) {
		for (unsigned int i = 0; i < 2; i++) {
			snprintf(path, sizeof(path), "/%u/hugepages-2048kB/%s", root, files[i]);
			test_tree_write(path, "100\n");
		}
	}
	test_tree_write("/1/hugepages-2048kB/resv_hugepages", reserved);
}

/* The command for a need of so many pages. */
static const char *
command_for(uint32_t pages, int node)
{
	static struct tide_pool_size size;
	struct tide_pool_need need = need_of(60000);

	need.depth = pages * 34;
	EXPECT(tide_pool_size(&need, node, TIDE_PAGE_2M, &size) == 0);
	EXPECT(size.pages >= pages && size.pages <= pages + 2);
	return size.command;
}

static void
commands_for_hundred_pages(void)
{
	char by[128];

	snprintf(by, sizeof(by), "%s/0", tree);
	if (!test_cover("/sys/devices/system/node/node0/hugepages", by))
		_exit(77);
	snprintf(by, sizeof(by), "%s/1", tree);
	EXPECT(test_cover("/sys/kernel/mm/hugepages", by));
	EXPECT(strcmp(command_for(1, 0), "") == 0);
	EXPECT(strcmp(command_for(97, 0), "") == 0);
	EXPECT(strcmp(command_for(97, TIDE_NODE_UNKNOWN), "") == 0);
	EXPECT(strncmp(command_for(110, 0), "echo 11", 7) == 0);
	EXPECT(strstr(command_for(110, TIDE_NODE_UNKNOWN), " > /sys/kernel/mm/") != NULL);
}

static void
no_command_is_given_while_so_many_pages_are_free(void **state)
{
	hundred_pages("0\n");
	test_in_child(commands_for_hundred_pages);
}

static void
command_beside_reservations(void)
{
	char by[128];

	snprintf(by, sizeof(by), "%s/0", tree);
	if (!test_cover("/sys/devices/system/node/node0/hugepages", by))
		_exit(77);
	snprintf(by, sizeof(by), "%s/1", tree);
	EXPECT(test_cover("/sys/kernel/mm/hugepages", by));
	EXPECT(strcmp(command_for(8, 0), "") == 0);
	EXPECT(strncmp(command_for(20, 0), "echo 11", 7) == 0);
}

static void
pages_promised_to_others_are_not_free(void **state)
{
	hundred_pages("90\n");
	test_in_child(command_beside_reservations);
}

static int
free_tree(void **state)
{
	test_tree_free();
	return 0;
}

static void
no_command_reserves_more_than_the_memory_there_is(void **state)
{
	struct tide_pool_need need = need_of(UINT16_MAX);
	struct tide_topology *topo = tide_topology_create();
	struct tide_pool_size size;
	uint64_t memory;

	assert_non_null(topo);
	memory = tide_topology_node_at(topo, 0)->memory;
	tide_topology_free(topo);
	need.depth = 1 << 27;
	assert_int_equal(tide_pool_size(&need, 0, TIDE_PAGE_2M, &size), 0);
	if (size.bytes < memory)
		skip();
	assert_string_equal(size.command, "");
	assert_int_equal(tide_pool_size(&need, 0, TIDE_PAGE_1G, &size), 0);
	assert_string_equal(size.command, "");
}

static void
a_set_without_eal_is_enotsup(void **state)
{
	static const int nodes[] = {0};
	struct tide_pool_conf conf = {
		.name = "test",
		.nodes = nodes,
		.nb_nodes = 1,
		.buffers = 64,
		.data_room = 2176,
	};

	assert_null(tide_pool_create(&conf));
	assert_int_equal(rte_errno, ENOTSUP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_without_eal_is_enotsup),
		cmocka_unit_test(nodes_are_kept_once_and_in_order),
		cmocka_unit_test(every_node_there_is_fits_the_set),
		cmocka_unit_test(a_node_with_a_member_is_served_by_it),
		cmocka_unit_test(a_node_without_a_member_is_served_by_the_nearest),
		cmocka_unit_test(a_member_without_cpus_can_be_the_nearest),
		cmocka_unit_test(unknown_goes_to_the_member_nearest_to_the_main_lcore),
		cmocka_unit_test(where_nothing_is_known_a_member_without_cpus_comes_last),
		cmocka_unit_test(eight_nodes_each_serve_themselves_and_equal_distances_go_by_id),
		cmocka_unit_test(each_term_of_the_formula_counts),
		cmocka_unit_test(a_cache_holds_half_more_than_its_size_before_26_07),
		cmocka_unit_test(a_cache_holds_its_size_from_26_07_on),
		cmocka_unit_test(a_part_of_a_buffer_in_a_cache_is_none_and_a_part_held_is_one),
		cmocka_unit_test(more_than_a_mempool_can_hold_is_eoverflow),
		cmocka_unit_test(bad_sizes_are_einval_and_leave_the_answer_alone),
		cmocka_unit_test(padding_is_what_is_neither_header_nor_mbuf_nor_data),
		cmocka_unit_test(no_buffer_is_counted_across_a_huge_page),
		cmocka_unit_test(the_command_reserves_what_is_missing_on_that_node),
		cmocka_unit_test_teardown(
			no_command_is_given_while_so_many_pages_are_free, free_tree),
		cmocka_unit_test_teardown(pages_promised_to_others_are_not_free, free_tree),
		cmocka_unit_test(no_command_reserves_more_than_the_memory_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
