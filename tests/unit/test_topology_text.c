/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Topologies made from a text: what is read, what is refused, and the order of nodes. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_common.h>
#include <rte_errno.h>

#include "topology_internal.h"
#include "log.h"

static struct tide_topology *
parse(const char *text)
{
	struct tide_topology *topo = tide_topology_parse(text);

	assert_non_null(topo);
	assert_int_equal(tidei_topology_check(topo), 0);
	return topo;
}

static void
the_example_of_the_header_reads_as_it_says(void **state)
{
	struct tide_topology *topo =
		parse("node 0 cpus 0-3,8 memory 16G huge 2M:512/500 huge 1G:4/4 distance 0:10,7:21 "
		      "latency 0:90,7:260\n"
		      "node 7 cpus - memory 64G distance 0:17,7:10\n"
		      "allowed cpus 0-1 nodes 0,7 membind 7\n");
	const struct tide_node *node = tide_topology_node(topo, 0);

	assert_int_equal(tide_topology_nb_nodes(topo), 2);
	assert_ptr_equal(node, tide_topology_node_at(topo, 0));
	assert_int_equal(node->id, 0);
	assert_int_equal(node->nb_cpus, 5);
	assert_int_equal(node->nb_cpus_allowed, 2);
	assert_true(node->mem_cpuset);
	assert_false(node->mem_allowed);
	assert_int_equal(node->memory, UINT64_C(16) << 30);
	assert_int_equal(node->memory_free, UINT64_C(16) << 30);
	assert_int_equal(node->nb_huge, 2);
	assert_int_equal(node->huge[0].page_size, UINT64_C(1) << 30);
	assert_int_equal(node->huge[0].total, 4);
	assert_int_equal(node->huge[0].free, 4);
	assert_int_equal(node->huge[1].page_size, 2 << 20);
	assert_int_equal(node->huge[1].total, 512);
	assert_int_equal(node->huge[1].free, 500);
	assert_true(node->huge[1].limit == UINT64_MAX);
	node = tide_topology_node(topo, 7);
	assert_true(node->mem_allowed);
	assert_int_equal(node->nb_cpus, 0);
	assert_int_equal(node->memory, UINT64_C(64) << 30);
	assert_int_equal(tide_topology_distance(topo, 0, 0), 10);
	assert_int_equal(tide_topology_distance(topo, 0, 7), 21);
	assert_int_equal(tide_topology_distance(topo, 7, 0), 17);
	assert_int_equal(tide_topology_latency(topo, 0, 0), 90);
	assert_int_equal(tide_topology_latency(topo, 0, 7), 260);
	assert_int_equal(tide_topology_latency(topo, 7, 0), 0);
	assert_int_equal(tide_topology_cpu_node(topo, 8), 0);
	assert_int_equal(tide_topology_cpu_node(topo, 4), TIDE_NODE_UNKNOWN);
	assert_true(tide_topology_cpu_allowed(topo, 1));
	assert_false(tide_topology_cpu_allowed(topo, 2));
	tide_topology_free(topo);
}

static void
fields_come_in_any_order_and_lines_may_be_blank_or_comments(void **state)
{
	struct tide_topology *topo = parse("# a machine\n"
					   "\n"
					   "allowed nodes 3 cpus 5\n"
					   "\t memory 1M cpus 4-5 node 3 # the first\r\n"
					   "  huge 64K:7 memory 3T free 2T node 1");
	const struct tide_node *node = tide_topology_node(topo, 1);

	assert_int_equal(tide_topology_nb_nodes(topo), 2);
	assert_ptr_equal(tide_topology_node_at(topo, 0), node);
	assert_false(node->mem_allowed);
	assert_int_equal(node->memory, UINT64_C(3) << 40);
	assert_int_equal(node->memory_free, UINT64_C(2) << 40);
	assert_int_equal(node->huge[0].total, 7);
	assert_int_equal(node->huge[0].free, 7);
	assert_int_equal(tide_topology_node(topo, 3)->nb_cpus_allowed, 1);
	assert_int_equal(tide_topology_distance(topo, 1, 3), 20);
	tide_topology_free(topo);
}

static void
without_an_allowed_line_everything_is_allowed(void **state)
{
	struct tide_topology *topo = parse("node 0 cpus 0-1 memory 1G\nnode 1 cpus 2 memory 1G");

	for (unsigned int cpu = 0; cpu < 3; cpu++)
		assert_true(tide_topology_cpu_allowed(topo, cpu));
	assert_true(tide_topology_node(topo, 1)->mem_allowed);
	tide_topology_free(topo);
}

static void
an_allowed_line_limits_only_what_it_names(void **state)
{
	struct tide_topology *topo;

	topo = parse("node 0 cpus 0-1 memory 1G\nnode 1 memory 1G\nallowed nodes 1");
	assert_int_equal(tide_topology_node(topo, 0)->nb_cpus_allowed, 2);
	assert_false(tide_topology_node(topo, 0)->mem_allowed);
	tide_topology_free(topo);
	topo = parse("allowed cpus -\nnode 0 cpus 0-1 memory 1G\nnode 1 memory 1G");
	assert_int_equal(tide_topology_node(topo, 0)->nb_cpus_allowed, 0);
	assert_true(tide_topology_node(topo, 1)->mem_allowed);
	tide_topology_free(topo);
}

static void
each_reason_against_a_node_names_its_cure(void **state)
{
	struct tide_topology *topo = parse("node 0 memory 1G\nnode 1 memory 1G\n"
					   "node 2 memory 1G\nnode 3 memory 0\n"
					   "allowed nodes 0-1,3 membind 1-3\n");

	assert_non_null(strstr(tide_node_refusal(tide_topology_node(topo, 0)), "--membind"));
	assert_null(tide_node_refusal(tide_topology_node(topo, 1)));
	assert_non_null(strstr(tide_node_refusal(tide_topology_node(topo, 2)), "Mems_allowed"));
	assert_false(tide_topology_node(topo, 2)->mem_allowed);
	assert_non_null(strstr(tide_node_refusal(tide_topology_node(topo, 3)), "no memory"));
	tide_topology_free(topo);
}

static void
the_largest_ids_are_taken(void **state)
{
	struct tide_topology *topo = parse("node 1023 cpus 8191 memory 1K");

	assert_int_equal(tide_topology_cpu_node(topo, 8191), 1023);
	assert_true(tide_topology_cpu_allowed(topo, 8191));
	assert_int_equal(tide_topology_distance(topo, 1023, 1023), 10);
	tide_topology_free(topo);
}

static void
ids_that_do_not_exist_are_reported(void **state)
{
	static const int strange[] = {-1, -2, 1, 1022, 1024, 1 << 16, INT32_MAX, INT32_MIN};
	struct tide_topology *topo = parse("node 0 cpus 0 memory 1G\nnode 1023 memory 1G");
	int id;

	for (unsigned int i = 0; i < RTE_DIM(strange); i++) {
		assert_null(tide_topology_node(topo, strange[i]));
		assert_int_equal(tide_topology_distance(topo, 0, strange[i]), 0);
		assert_int_equal(tide_topology_distance(topo, strange[i], 0), 0);
		assert_int_equal(tide_topology_latency(topo, 0, strange[i]), 0);
		assert_int_equal(tide_topology_latency(topo, strange[i], 0), 0);
		assert_int_equal(tide_topology_nearest(topo, strange[i], false, &id, 1), 0);
	}
	assert_null(tide_topology_node_at(topo, 2));
	assert_null(tide_topology_node_at(topo, UINT32_MAX));
	assert_int_equal(tide_topology_cpu_node(topo, 1), TIDE_NODE_UNKNOWN);
	assert_int_equal(tide_topology_cpu_node(topo, 8192), TIDE_NODE_UNKNOWN);
	assert_int_equal(tide_topology_cpu_node(topo, UINT32_MAX), TIDE_NODE_UNKNOWN);
	assert_false(tide_topology_cpu_allowed(topo, 1));
	assert_false(tide_topology_cpu_allowed(topo, 8192));
	assert_false(tide_topology_cpu_allowed(topo, UINT32_MAX));
	tide_topology_free(topo);
	tide_topology_free(NULL);
}

/* A wrong text, the line to be named and a part of what is to be said. */
static const struct wrong {
	const char *text;
	unsigned int line;
	const char *says;
} wrong[] = {
	{"", 1, "without a node"},
	{"\n# nothing\n", 3, "without a node"},
	{"allowed cpus -", 1, "without a node"},
	{"node 0", 1, "no node has memory"},
	{"node 0 memory 0\nnode 1 cpus 0", 2, "no node has memory"},
	{"node 0 memory 1G\ncpus 3", 2, "no 'node ID'"},
	{"node 0 memory 1G\nfoo", 2, "no 'node ID'"},
	{"node 0 memory 1G\nnode 1 foo 3", 2, "unknown key 'foo'"},
	{"node 0 memory 1G\nnode 1 Memory 3", 2, "unknown key 'Memory'"},
	{"node 0 memory 1G\nnode 1 cpu 3", 2, "unknown key 'cpu'"},
	{"node 0 memory 1G allowed 3", 1, "unknown key 'allowed'"},
	{"node", 1, "'' is not a node id"},
	{"node x memory 1G", 1, "'x' is not a node id"},
	{"node -1 memory 1G", 1, "'-1' is not a node id"},
	{"node 1024 memory 1G", 1, "'1024' is not a node id from 0 to 1023"},
	{"node 99999999999999999999 memory 1G", 1, "is not a node id"},
	{"node 0 memory 1G\nnode 0", 2, "node 0 has a line already"},
	{"node 0 node 1 memory 1G", 1, "'node' is given twice"},
	{"node 0 memory 1G memory 1G", 1, "'memory' is given twice"},
	{"node 0 memory 1G free 1G free 1G", 1, "'free' is given twice"},
	{"node 0 memory 1G cpus 0 cpus 1", 1, "'cpus' is given twice"},
	{"node 0 memory 1G distance 0:10 distance 0:10", 1, "'distance' is given twice"},
	{"node 0 memory 1G latency 0:90 latency 0:90", 1, "'latency' is given twice"},
	{"node 0 memory 1G cpus", 1, "'cpus' has no value"},
	{"node 0 memory", 1, "'memory' has no value"},
	{"node 0 memory G", 1, "'G' is not a size"},
	{"node 0 memory 1P", 1, "'1P' is not a size"},
	{"node 0 memory 1g", 1, "'1g' is not a size"},
	{"node 0 memory -1", 1, "'-1' is not a size"},
	{"node 0 memory 16777216T", 1, "'16777216T' is not a size"},
	{"node 0 memory 18446744073709551616", 1, "is not a size"},
	{"node 0 memory 1G free x", 1, "'x' is not a size"},
	{"node 0 memory 1G free 2G", 1, "more memory free than it has"},
	{"node 0 cpus 0-3 memory 1G\nnode 1 cpus 3", 2, "CPU 3 is on node 0 already"},
	{"node 0 cpus 3-0 memory 1G", 1, "'3-0' is not a list of CPUs"},
	{"node 0 cpus 0,,1 memory 1G", 1, "'0,,1' is not a list of CPUs"},
	{"node 0 cpus 0, memory 1G", 1, "'0,' is not a list of CPUs"},
	{"node 0 cpus 0- memory 1G", 1, "'0-' is not a list of CPUs"},
	{"node 0 cpus 0-1-2 memory 1G", 1, "is not a list of CPUs"},
	{"node 0 cpus all memory 1G", 1, "'all' is not a list of CPUs"},
	{"node 0 cpus 8192 memory 1G", 1, "above the largest, 8191"},
	{"node 0 cpus 0-8192 memory 1G", 1, "above the largest, 8191"},
	{"node 0 memory 1G huge 1G:4194305", 1, "node 0 has more huge pages than any machine"},
	{"node 0 memory 1G huge 2M:1 huge 1G:4194304", 1, "more huge pages than any machine"},
	{"node 0 memory 1G huge 2M", 1, "'2M' is not SIZE:TOTAL/FREE"},
	{"node 0 memory 1G huge 3M:1", 1, "'3M' is not a huge page size"},
	{"node 0 memory 1G huge 0:1", 1, "'0' is not a huge page size"},
	{"node 0 memory 1G huge :1", 1, "'' is not a huge page size"},
	{"node 0 memory 1G huge 2M:", 1, "'' is not a number of pages"},
	{"node 0 memory 1G huge 2M:x", 1, "'x' is not a number of pages"},
	{"node 0 memory 1G huge 2M:1/", 1, "'1/' is not a number of pages"},
	{"node 0 memory 1G huge 2M:1/2", 1, "'1/2' is not a number of pages"},
	{"node 0 memory 1G huge 2M:1 huge 2048K:1", 1, "huge pages of 2048K are given twice"},
	{"node 0 memory 1G huge 4K:1 huge 8K:1 huge 16K:1 huge 32K:1 huge 64K:1 huge 128K:1 "
	 "huge 256K:1 huge 512K:1 huge 1M:1",
		1, "more than 8 huge page sizes"},
	{"node 0 memory 1G distance 0", 1, "'0' is not NODE:DISTANCE"},
	{"node 0 memory 1G distance 0:10,", 1, "'' is not NODE:DISTANCE"},
	{"node 0 memory 1G distance x:10", 1, "'x' is not a node id"},
	{"node 0 memory 1G distance 0:11", 1, "node 0 is at distance 10 of itself, not 11"},
	{"node 0 memory 1G distance 1:20", 1, "there is no node 1"},
	{"node 0 memory 1G distance 1:9\nnode 1", 1, "'9' is not a distance from 10 to 255"},
	{"node 0 memory 1G distance 1:256\nnode 1", 1, "'256' is not a distance"},
	{"node 0 memory 1G distance 1:\nnode 1", 1, "'' is not a distance"},
	{"node 0 memory 1G distance 1:20,1:20\nnode 1", 1, "distance to node 1 is given twice"},
	{"node 0 memory 1G latency 0", 1, "'0' is not NODE:NANOSECONDS"},
	{"node 0 memory 1G latency 0:90,", 1, "'' is not NODE:NANOSECONDS"},
	{"node 0 memory 1G latency 1:90", 1, "there is no node 1"},
	{"node 0 memory 1G latency 0:0", 1, "'0' is not a latency from 1 to 1000000 ns"},
	{"node 0 memory 1G latency 0:1000001", 1, "'1000001' is not a latency"},
	{"node 0 memory 1G latency 0:90.5", 1, "'90.5' is not a latency"},
	{"node 0 memory 1G latency 0:-5", 1, "'-5' is not a latency"},
	{"node 0 memory 1G latency 0:90,0:90", 1, "the latency to node 0 is given twice"},
	{"allowed cpus 1\nnode 0 cpus 0 memory 1G\n", 1, "CPU 1 is allowed but on no node"},
	{"node 0 memory 1G\nallowed nodes 0-1\n\n", 2, "node 1 is allowed but has no line"},
	{"node 0 memory 1G\nallowed nodes 1024", 2, "above the largest, 1023"},
	{"node 0 memory 1G\nallowed nodes x", 2, "'x' is not a list of nodes"},
	{"node 0 memory 1G\nallowed cpus x", 2, "'x' is not a list of CPUs"},
	{"node 0 memory 1G\nallowed mems 0", 2, "unknown key 'mems'"},
	{"node 0 memory 1G\nallowed nodes", 2, "'nodes' has no value"},
	{"node 0 memory 1G\nallowed membind 1", 2, "node 1 is allowed but has no line"},
	{"node 0 memory 1G\nallowed membind 0 membind 0", 2, "'membind' is given twice"},
	{"node 0 memory 1G\nallowed nodes 0 nodes 0", 2, "'nodes' is given twice"},
	{"allowed nodes 0\nnode 0 memory 1G\nallowed cpus -", 3, "line 1 is an \"allowed\" line"},
};

static void
a_wrong_text_is_refused_with_its_line_and_why(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(wrong); i++) {
		char line[32];
		const char *log;

		rte_errno = 0;
		test_log_catch();
		assert_null(tide_topology_parse(wrong[i].text));
		log = test_log_caught();
		snprintf(line, sizeof(line), "line %u: ", wrong[i].line);
		if (strstr(log, line) == NULL || strstr(log, wrong[i].says) == NULL)
			fail_msg("'%s' should say '%s...%s', says '%s'", wrong[i].text, line,
				wrong[i].says, log);
		assert_int_equal(rte_errno, EINVAL);
		assert_ptr_equal(strchr(log, '\n'), log + strlen(log) - 1);
	}
}

static void
a_text_cut_anywhere_is_refused_or_whole(void **state)
{
	static const char whole[] =
		"node 0 cpus 0-3 memory 16G free 9G huge 2M:512/500 distance 1:2"
		"1 latency 0:90,1:140\nnode 1 memory 1T distance 0:17\nallowed cpus 0 nodes 0\n";
	char cut[sizeof(whole)];

	for (size_t len = 0; len < sizeof(whole); len++) {
		struct tide_topology *topo;

		/* At the end of a block of its own, so that reading beyond shows. */
		char *text = malloc(len + 1);

		assert_non_null(text);
		memcpy(cut, whole, len);
		cut[len] = '\0';
		memcpy(text, cut, len + 1);
		test_log_catch();
		topo = tide_topology_parse(text);
		if (topo == NULL)
			assert_int_equal(rte_errno, EINVAL);
		else
			assert_int_equal(tidei_topology_check(topo), 0);
		test_log_caught();
		tide_topology_free(topo);
		free(text);
	}
}

static void
nearest_goes_by_distance_then_id_and_starts_at_home(void **state)
{
	/* Two pairs of sockets: 16 within a pair, 21 and 28 across. */
	struct tide_topology *topo = parse("node 0 cpus 0 memory 1G distance 1:16,2:21,3:28\n"
					   "node 1 cpus 1 memory 1G distance 0:16,2:28,3:21\n"
					   "node 2 cpus 2 memory 1G distance 0:21,1:28,3:16\n"
					   "node 3 cpus 3 memory 1G distance 0:28,1:21,2:16\n");
	static const int want[4][4] = {{0, 1, 2, 3}, {1, 0, 3, 2}, {2, 3, 0, 1}, {3, 2, 1, 0}};
	int ids[4];

	for (int from = 0; from < 4; from++) {
		assert_int_equal(tide_topology_nearest(topo, from, false, ids, 4), 4);
		assert_memory_equal(ids, want[from], sizeof(ids));
	}
	tide_topology_free(topo);
	topo = parse("node 5 memory 1G\nnode 900 memory 1G\nnode 7 memory 1G\nnode 6 memory 1G");
	assert_int_equal(tide_topology_nearest(topo, 7, false, ids, 4), 4);
	assert_memory_equal(ids, ((const int[]){7, 5, 6, 900}), sizeof(ids));
	tide_topology_free(topo);
}

/* Four sockets in a ring, each with a CXL node of its own; the process has two of the sockets. */
static void
nearest_finds_its_way_among_eight_nodes(void **state)
{
	struct tide_topology *topo =
		parse("node 0 cpus 0-3 memory 64G distance 1:16,2:21,3:16,4:28,5:50,6:60,7:50\n"
		      "node 1 cpus 4-7 memory 64G distance 0:16,2:16,3:21,4:50,5:28,6:50,7:60\n"
		      "node 2 cpus 8-11 distance 0:21,1:16,3:16,4:60,5:50,6:28,7:50\n"
		      "node 3 cpus 12-15 memory 64G distance 0:16,1:21,2:16,4:50,5:60,6:50,7:28\n"
		      "node 4 memory 256G distance 0:28,1:50,2:60,3:50,5:70,6:70,7:70\n"
		      "node 5 memory 256G distance 0:50,1:28,2:50,3:60,4:70,6:70,7:70\n"
		      "node 6 memory 256G distance 0:60,1:50,2:28,3:50,4:70,5:70,7:70\n"
		      "node 7 memory 256G distance 0:50,1:60,2:50,3:28,4:70,5:70,6:70\n"
		      "allowed cpus 0-3,8-9 nodes 0,2,4,6\n");
	int ids[8];

	assert_int_equal(tide_topology_nearest(topo, 0, false, ids, 8), 8);
	assert_memory_equal(ids, ((const int[]){0, 1, 3, 2, 4, 5, 7, 6}), sizeof(ids));
	/* Node 2 has no memory: a far socket (21) is still nearer than its CXL node (28). */
	assert_int_equal(tide_topology_nearest(topo, 2, true, ids, 8), 3);
	assert_memory_equal(ids, ((const int[]){0, 6, 4}), 3 * sizeof(int));
	assert_int_equal(tide_topology_nearest(topo, 6, true, ids, 8), 3);
	assert_memory_equal(ids, ((const int[]){6, 0, 4}), 3 * sizeof(int));
	assert_int_equal(tide_topology_node(topo, 2)->nb_cpus_allowed, 2);
	assert_int_equal(tide_topology_node(topo, 3)->nb_cpus_allowed, 0);
	tide_topology_free(topo);
}

static void
nearest_starts_at_home_though_another_node_is_as_near(void **state)
{
	/* numa=fake puts several nodes at the local distance. */
	struct tide_topology *topo =
		parse("node 0 memory 1G distance 1:10\nnode 1 memory 1G distance 0:10");
	int ids[2];

	assert_int_equal(tide_topology_nearest(topo, 1, false, ids, 2), 2);
	assert_memory_equal(ids, ((const int[]){1, 0}), sizeof(ids));
	tide_topology_free(topo);
}

static void
memory_without_cpus_is_nearest_only_when_it_really_is(void **state)
{
	/* Nodes 0 and 4 have CPUs; 2 and 3 are memory alone, 3 of them nearer than node 4. */
	struct tide_topology *topo =
		parse("node 0 cpus 0-1 memory 1G distance 1:17,2:21,3:17,4:21\n"
		      "node 1 cpus 2-3 distance 0:17,2:21,3:16,4:21\n"
		      "node 2 memory 1G\nnode 3 memory 1G distance 1:16\n"
		      "node 4 cpus 4 memory 1G distance 0:21,2:17\n");
	int ids[5];

	/* Node 2 has the lower id, node 4 the CPUs. */
	assert_int_equal(tide_topology_nearest(topo, 0, true, ids, 5), 4);
	assert_memory_equal(ids, ((const int[]){0, 3, 4, 2}), 4 * sizeof(int));
	/* Node 1 has no memory: its workers use node 3, the nearest, though no worker runs there. */
	assert_int_equal(tide_topology_nearest(topo, 1, true, ids, 1), 1);
	assert_int_equal(ids[0], 3);
	tide_topology_free(topo);
}

static void
tiers_are_memory_without_cpus_nearest_first(void **state)
{
	struct tide_topology *topo = parse("node 0 cpus 0 memory 1G distance 2:28,5:17,6:16,9:21\n"
					   "node 2 memory 1G\nnode 5 memory 1G\n"
					   "node 6 memory 0\n" /* Nothing there. */
					   "node 7 memory 1G\n" /* Not allowed. */
					   "node 9 memory 1G\nallowed nodes 0,2,5,6,9\n");
	int ids[4] = {-7, -7, -7, -7};

	assert_int_equal(tide_topology_tiers(topo, 0, ids, 4), 3);
	assert_memory_equal(ids, ((const int[]){5, 9, 2, -7}), sizeof(ids));
	ids[1] = -7;
	assert_int_equal(tide_topology_tiers(topo, 0, ids, 1), 1);
	assert_memory_equal(ids, ((const int[]){5, -7, 2, -7}), sizeof(ids));
	assert_int_equal(tide_topology_tiers(topo, 9, ids, 1), 1);
	assert_int_equal(ids[0], 9);
	assert_int_equal(tide_topology_tiers(topo, 1, ids, 4), 0);
	assert_int_equal(tide_topology_tiers(topo, TIDE_NODE_UNKNOWN, ids, 4), 0);
	assert_int_equal(tide_topology_tiers(topo, 0, NULL, 0), 0);
	tide_topology_free(topo);
	topo = parse("node 0 cpus 0 memory 1G\nnode 1 cpus 1 memory 1G\n");
	assert_int_equal(tide_topology_tiers(topo, 0, ids, 4), 0);
	tide_topology_free(topo);
}

static void
nearest_writes_no_more_than_there_is_room_for(void **state)
{
	struct tide_topology *topo = parse("node 0 memory 1G\nnode 1 memory 1G\nnode 2 memory 1G");
	int ids[4] = {-7, -7, -7, -7};

	assert_int_equal(tide_topology_nearest(topo, 1, false, ids, 0), 0);
	assert_int_equal(ids[0], -7);
	assert_int_equal(tide_topology_nearest(topo, 1, false, ids, 2), 2);
	assert_memory_equal(ids, ((const int[]){1, 0, -7, -7}), sizeof(ids));
	assert_int_equal(tide_topology_nearest(topo, 1, false, ids, 4), 3);
	assert_memory_equal(ids, ((const int[]){1, 0, 2, -7}), sizeof(ids));
	tide_topology_free(topo);
}

static void
nearest_with_memory_leaves_out_what_cannot_be_used(void **state)
{
	struct tide_topology *topo = parse("node 0 cpus 0\n" /* No memory. */
					   "node 1 memory 1G\n"
					   "node 2 memory 1G\n" /* Not allowed. */
					   "node 3 memory 1G\n"
					   "allowed nodes 0-1,3\n");
	int ids[4];

	assert_int_equal(tide_topology_nearest(topo, 0, true, ids, 4), 2);
	assert_memory_equal(ids, ((const int[]){1, 3}), 2 * sizeof(int));
	assert_int_equal(tide_topology_nearest(topo, 2, true, ids, 4), 2);
	assert_memory_equal(ids, ((const int[]){1, 3}), 2 * sizeof(int));
	assert_int_equal(tide_topology_nearest(topo, 0, false, ids, 4), 4);
	tide_topology_free(topo);
}

/* The check is only worth something if it sees what is broken. */
static void
the_check_sees_each_kind_of_damage(void **state)
{
	struct tide_topology *topo =
		parse("node 0 cpus 0-1 memory 1G huge 2M:2/1 huge 1G:1\nnode 3 cpus 2 memory 1G");

#define SEES(what, damage, repair)                                     \
	do {                                                           \
		damage;                                                \
		test_log_catch();                                      \
		assert_int_equal(tidei_topology_check(topo), -EINVAL); \
		assert_non_null(strstr(test_log_caught(), what));      \
		repair;                                                \
		assert_int_equal(tidei_topology_check(topo), 0);       \
	} while (0)
	SEES("no node", topo->nb_nodes = 0, topo->nb_nodes = 2);
	SEES("node id -1", topo->nodes[0].id = -1, topo->nodes[0].id = 0);
	SEES("node id 1024", topo->nodes[1].id = 1024, topo->nodes[1].id = 3);
	SEES("not in ascending order", topo->nodes[1].id = 0, topo->nodes[1].id = 3);
	SEES("not found by its id", topo->index[3] = -1, topo->index[3] = 1);
	SEES("3 ids are indexed", topo->index[9] = 0, topo->index[9] = -1);
	SEES("memory free", topo->nodes[0].memory_free++, topo->nodes[0].memory_free--);
	SEES("huge page sizes", topo->nodes[0].nb_huge = 9, topo->nodes[0].nb_huge = 2);
	SEES("out of order", topo->nodes[0].huge[1].page_size <<= 9,
		topo->nodes[0].huge[1].page_size >>= 9);
	SEES("huge pages free", topo->nodes[0].huge[1].free = 3, topo->nodes[0].huge[1].free = 1);
	SEES("outside the cpuset", topo->nodes[0].mem_cpuset = false,
		topo->nodes[0].mem_cpuset = true);
	SEES("distance 9", topo->distance[1] = 9, topo->distance[1] = 20);
	SEES("distance 11", topo->distance[0] = 11, topo->distance[0] = 10);
	SEES("latency 1000001 ns", topo->latency[1] = 1000001, topo->latency[1] = 0);
	SEES("counts 2 CPUs", topo->cpu_node[1] = 3, topo->cpu_node[1] = 0);
	SEES("does not exist", topo->cpu_node[1] = 7, topo->cpu_node[1] = 0);
	SEES("on no node", tidei_idset_add(&topo->cpu_allowed, 64), topo->cpu_allowed.bits[1] = 0);
	SEES("2 allowed; it has 2, 1", topo->cpu_allowed.bits[0] = 6,
		topo->cpu_allowed.bits[0] = 7);
#undef SEES
	tide_topology_free(topo);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_header_reads_as_it_says),
		cmocka_unit_test(fields_come_in_any_order_and_lines_may_be_blank_or_comments),
		cmocka_unit_test(without_an_allowed_line_everything_is_allowed),
		cmocka_unit_test(an_allowed_line_limits_only_what_it_names),
		cmocka_unit_test(each_reason_against_a_node_names_its_cure),
		cmocka_unit_test(the_largest_ids_are_taken),
		cmocka_unit_test(ids_that_do_not_exist_are_reported),
		cmocka_unit_test(a_wrong_text_is_refused_with_its_line_and_why),
		cmocka_unit_test(a_text_cut_anywhere_is_refused_or_whole),
		cmocka_unit_test(nearest_goes_by_distance_then_id_and_starts_at_home),
		cmocka_unit_test(nearest_finds_its_way_among_eight_nodes),
		cmocka_unit_test(nearest_starts_at_home_though_another_node_is_as_near),
		cmocka_unit_test(memory_without_cpus_is_nearest_only_when_it_really_is),
		cmocka_unit_test(tiers_are_memory_without_cpus_nearest_first),
		cmocka_unit_test(nearest_writes_no_more_than_there_is_room_for),
		cmocka_unit_test(nearest_with_memory_leaves_out_what_cannot_be_used),
		cmocka_unit_test(the_check_sees_each_kind_of_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
