/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Plans for machines of 1, 2, 4 and 8 nodes that are not at hand. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plan.h"
#include "plan_facts.h"

/* A machine, its ports and lcores; what a test does not set is as on a modest NIC. */
struct machine {
	struct tide_topology *topo;
	struct tide_plan_facts facts;
	struct fwd_interface interface[RTE_MAX_ETHPORTS];
	struct fwd_options opts;
	struct tide_plan plan;
	struct fwd_pairs pairs;
	struct app_error err;
};

static struct machine m;

static void
machine(const char *text)
{
	memset(&m, 0, sizeof(m));
	m.topo = tide_topology_parse(text);
	assert_non_null(m.topo);
	fwd_options_init(&m.opts);
	m.facts.topo = m.topo;
}

/* A machine of n nodes with four CPUs each: node i has CPUs 4i to 4i+3. */
static void
machine_of(unsigned int n)
{
	machine(test_plan_nodes(n));
}

/* The next port, on a node; as the fallback chain finds it without an lcore. */
static struct tide_port_facts *
port_on(int node)
{
	return test_plan_port(&m.facts, node);
}

/* An lcore on the CPU of the same number. */
static void
lcore(unsigned int id)
{
	test_plan_lcore(&m.facts, id);
}

static void
plan_works(void)
{
	if (fwd_plan_make(&m.plan, &m.opts, &m.facts, &m.err) < 0)
		fail_msg("refused: %s", m.err.text);
	fwd_plan_pairs(&m.pairs, &m.plan);
}

static void
plan_fails(int code, const char *text)
{
	assert_int_equal(fwd_plan_make(&m.plan, &m.opts, &m.facts, &m.err), -1);
	assert_int_equal(m.err.code, code);
	if (strstr(m.err.text, text) == NULL)
		fail_msg("'%s' does not say '%s'", m.err.text, text);
	assert_null(m.plan.queue);
}

static unsigned int
lcore_of(unsigned int port, unsigned int queue)
{
	return m.plan.lcore[m.plan.queue[port * m.plan.queues + queue].lcore].id;
}

static int
clean_up(void **state)
{
	tide_plan_fini(&m.plan);
	tide_topology_free(m.topo);
	m.topo = NULL;
	return 0;
}

static void
one_node_shares_queues_evenly(void **state)
{
	machine_of(1);
	port_on(0);
	port_on(0);
	lcore(1);
	lcore(2);
	lcore(3);
	m.opts.queues = 3;
	plan_works();
	assert_int_equal(m.plan.nb_pools, 1);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(m.plan.lcore[i].nb_queues, 2);
	assert_int_equal(m.plan.port[0].peer, 1);
	assert_int_equal(m.plan.port[1].peer, 0);
	assert_false(m.plan.port[0].remote);
}

static void
each_port_is_polled_from_its_node(void **state)
{
	const unsigned int nodes[] = {2, 4, 8};
	char text[16];

	for (unsigned int n = 0; n < 3; n++) {
		machine_of(nodes[n]);
		for (unsigned int i = 0; i < nodes[n]; i++)
			port_on(nodes[n] - 1 - i);
		for (unsigned int i = 0; i < nodes[n]; i++) {
			lcore(4 * i + 1);
			lcore(4 * i + 2);
		}
		m.opts.queues = 4;
		plan_works();
		assert_int_equal(m.plan.nb_pools, nodes[n]);
		for (unsigned int p = 0; p < nodes[n]; p++) {
			const struct tide_plan_port *port = &m.plan.port[p];

			assert_int_equal(port->node, nodes[n] - 1 - p);
			assert_int_equal(m.plan.pool[port->pool].node, port->node);
			assert_false(port->remote);
			assert_int_equal(
				fwd_plan_warning(&m.plan, &m.pairs, p, text, sizeof(text)), -1);
			for (unsigned int q = 0; q < 4; q++)
				assert_int_equal(lcore_of(p, q), 4 * port->node + 1 + q % 2);
		}
		clean_up(NULL);
	}
}

static void
local_lcores_win_however_busy(void **state)
{
	machine_of(2);
	port_on(0);
	port_on(0);
	lcore(1);
	lcore(5);
	m.opts.queues = 8;
	plan_works();
	assert_int_equal(m.plan.lcore[0].nb_queues, 16);
	assert_int_equal(m.plan.lcore[1].nb_queues, 0);
}

static void
a_foreign_port_is_named_with_the_lcores_that_would_be_local(void **state)
{
	char text[512];

	machine("node 0 cpus 0-1 memory 4G distance 1:20,2:12\n"
		"node 1 cpus 2,3,6 memory 4G distance 2:30\n"
		"node 2 cpus 4-5 memory 4G distance 0:12,1:30\n");
	port_on(0);
	port_on(1);
	lcore(2);
	lcore(4);
	plan_works();
	/* Node 2 is nearer to node 0 than node 1 is. */
	assert_int_equal(lcore_of(0, 0), 4);
	assert_true(m.plan.port[0].remote);
	assert_false(m.plan.port[1].remote);
	assert_int_equal(m.plan.pool[m.plan.port[0].pool].node, 0);
	assert_int_equal(fwd_plan_warning(&m.plan, &m.pairs, 0, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "port 0 (nic0) is on node 0 but polled by lcore 4 on node 2"));
	assert_non_null(strstr(text, "CPUs 0-1 would be local"));
	assert_int_equal(fwd_plan_warning(&m.plan, &m.pairs, 1, text, sizeof(text)), -1);
	clean_up(NULL);

	machine_of(2);
	port_on(1);
	lcore(1);
	plan_works();
	fwd_plan_local_cpus(&m.plan, 0, text, sizeof(text));
	assert_string_equal(text, "4-7");
	clean_up(NULL);

	machine("node 0 cpus 0-1 memory 4G\nnode 1 cpus 2-9 memory 4G\n"
		"allowed cpus 0-1,2,4-5,9 nodes 0,1\n");
	port_on(1);
	lcore(1);
	plan_works();
	fwd_plan_local_cpus(&m.plan, 0, text, sizeof(text));
	assert_string_equal(text, "2,4-5,9");
	clean_up(NULL);

	machine("node 0 cpus 0-1 memory 4G\nnode 1 cpus - memory 4G\n");
	port_on(1);
	lcore(1);
	plan_works();
	assert_int_equal(fwd_plan_warning(&m.plan, &m.pairs, 0, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "its own node has no CPU this process may use"));
	assert_int_equal(m.plan.pool[m.plan.port[0].pool].node, 1);
}

static void
an_unknown_port_belongs_where_it_is_polled(void **state)
{
	machine_of(2);
	port_on(TIDE_NODE_UNKNOWN);
	port_on(0);
	lcore(1);
	lcore(5);
	m.opts.queues = 2;
	plan_works();
	/* Port 1 knows its node and chose lcore 1, so lcore 5 is the idle one. */
	assert_int_equal(lcore_of(1, 0), 1);
	assert_int_equal(lcore_of(1, 1), 1);
	assert_int_equal(m.plan.port[0].node, 1);
	assert_int_equal(m.plan.port[0].node_source, TIDE_NODE_SOURCE_LCORE);
	assert_int_equal(lcore_of(0, 0), 5);
	assert_int_equal(lcore_of(0, 1), 5);
	assert_false(m.plan.port[0].remote);
}

static void
unknown_stays_unknown_and_draws_near_main(void **state)
{
	char text[64];

	machine_of(2);
	port_on(TIDE_NODE_UNKNOWN);
	m.facts.nb_lcores = 1;
	m.facts.lcore[0] = (struct tide_lcore_facts){.id = 0, .node = TIDE_NODE_UNKNOWN};
	m.facts.main_node = 1;
	plan_works();
	assert_int_equal(m.plan.port[0].node, TIDE_NODE_UNKNOWN);
	assert_int_equal(m.plan.port[0].node_source, TIDE_NODE_SOURCE_UNKNOWN);
	assert_int_equal(m.plan.pool[0].node, 1);
	assert_int_equal(fwd_plan_warning(&m.plan, &m.pairs, 0, text, sizeof(text)), -1);
}

static void
a_stated_node_goes_before_the_ladder(void **state)
{
	machine_of(4);
	port_on(0);
	lcore(1);
	lcore(13);
	m.opts.port_nodes = (struct fwd_portmap){.nb = 1, .pair = {{0, 3}}};
	plan_works();
	assert_int_equal(m.plan.port[0].node, 3);
	assert_true(m.plan.port[0].node_stated);
	assert_int_equal(lcore_of(0, 0), 13);
	tide_plan_fini(&m.plan);
	m.opts.port_nodes.pair[0].b = 4;
	plan_fails(APP_EXIT_USAGE, "node 4 does not exist");
	m.opts.port_nodes.pair[0].a = 1;
	m.opts.port_nodes.pair[0].b = 0;
	plan_fails(APP_EXIT_USAGE, "port 1 is not used");
}

static void
a_node_without_memory_draws_from_the_nearest(void **state)
{
	machine("node 0 cpus 0-1 memory 4G distance 1:30,7:20\n"
		"node 1 cpus 2-3 memory 4G distance 0:30,7:12\n"
		"node 7 cpus 4-5 memory 0 distance 0:20,1:12\n");
	port_on(7);
	lcore(4);
	plan_works();
	assert_int_equal(m.plan.port[0].node, 7);
	assert_int_equal(m.plan.nb_pools, 1);
	assert_int_equal(m.plan.pool[0].node, 1);
	clean_up(NULL);

	machine("node 0 cpus 0-1 memory 4G\nnode 1 cpus 2-3 memory 4G\nallowed nodes 0\n");
	port_on(1);
	lcore(2);
	plan_works();
	assert_int_equal(m.plan.pool[0].node, 0);
}

/* Two pairs of sockets with two CPUs each. */
#define UNEVEN                                                           \
	"node 0 cpus 0-1 memory 4G distance 1:16,2:21,3:28 huge 2M:64\n" \
	"node 1 cpus 2-3 memory 4G distance 0:16,2:28,3:21 huge 2M:64\n" \
	"node 2 cpus 4-5 memory 4G distance 0:21,1:28,3:16 huge 2M:64\n" \
	"node 3 cpus 6-7 memory 4G distance 0:28,1:21,2:16 huge 2M:64\n"

static void
printed(const char *what, bool in)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	fwd_plan_print(&m.plan, &m.pairs, &m.opts, out);
	fclose(out);
	if ((strstr(text, what) != NULL) != in)
		fail_msg("'%s' is %s:\n%s", what, in ? "not in" : "in", text);
	free(text);
}

static void
pool_warned(unsigned int port, const char *what)
{
	char text[FWD_WARNING_LEN];

	assert_int_equal(fwd_plan_pool_warning(&m.plan, &m.pairs, port, text, sizeof(text)), 0);
	if (strstr(text, what) == NULL)
		fail_msg("'%s' does not say '%s'", text, what);
}

static void
not_pool_warned(unsigned int port)
{
	char text[FWD_WARNING_LEN];

	assert_int_equal(fwd_plan_pool_warning(&m.plan, &m.pairs, port, text, sizeof(text)), -1);
}

static int
pool_node(unsigned int port)
{
	return m.plan.pool[m.plan.port[port].pool].node;
}

static void
a_port_on_a_forbidden_node_draws_from_the_nearest_and_says_so(void **state)
{
	static const struct {
		int port;
		const char *allowed;
		int pool;
		const char *said;
	} cases[] = {
		{3, "allowed nodes 0-2\n", 2,
			"the buffers of port 0 (nic0) belong on node 3, which cannot give memory "
			"to "
			"this process: it is not in Mems_allowed: widen the cpuset (cgroup "
			"cpuset.mems, docker run --cpuset-mems); they come from node 2, the "
			"nearest "
			"by distance (16)"},
		{3, "allowed membind 0-1\n", 1,
			"the memory policy leaves it out: name it in numactl --membind too; they "
			"come from node 1, the nearest by distance (21)"},
		{1, "allowed nodes 2-3 membind 0,2-3\n", 3,
			"they come from node 3, the nearest by distance (21)"},
	};

	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		char text[1024];

		snprintf(text, sizeof(text), UNEVEN "%s", cases[i].allowed);
		machine(text);
		port_on(cases[i].port);
		lcore(2 * cases[i].port);
		plan_works();
		/* The port stays where it is, and is polled there. */
		assert_int_equal(m.plan.port[0].node, cases[i].port);
		assert_false(m.plan.port[0].remote);
		assert_int_equal(pool_node(0), cases[i].pool);
		assert_string_equal(tide_plan_reason_name(m.plan.port[0].pool_reason), "nearest");
		assert_int_equal(fwd_plan_elsewhere(&m.plan), 1);
		pool_warned(0, cases[i].said);
		snprintf(text, sizeof(text), "-> pool of node %d, the nearest by distance (",
			cases[i].pool);
		printed(text, true);
		clean_up(NULL);
	}
}

static void
strict_refuses_a_port_whose_node_cannot_give_memory(void **state)
{
	static const char *const reasons[][2] = {
		{"allowed nodes 0-2\n", "it is not in Mems_allowed: widen the cpuset"},
		{"allowed membind 0-2\n", "numactl --membind"},
		{"", "it has no memory"},
	};

	for (unsigned int i = 0; i < RTE_DIM(reasons); i++) {
		char text[1024];

		snprintf(text, sizeof(text),
			"node 0 cpus 0-1 memory 4G\nnode 1 cpus 2-3 memory 4G\n"
			"node 2 cpus 4-5 memory 4G\nnode 3 cpus 6-7 memory %s\n%s",
			i == 2 ? "0" : "4G", reasons[i][0]);
		machine(text);
		port_on(0);
		port_on(3);
		lcore(0);
		lcore(6);
		m.opts.strict = 1;
		plan_fails(APP_EXIT_RUN, "--strict: the buffers of port 1 (nic1) belong on node 3, "
					 "which cannot give memory to this process: ");
		assert_non_null(strstr(m.err.text, reasons[i][1]));
		/* On the nodes it may use, strict is content. */
		m.opts.ports = (struct fwd_ports){.nb = 1, .id = {0}};
		plan_works();
		not_pool_warned(0);
		clean_up(NULL);
	}
}

static void
a_stated_pool_node_goes_before_the_node_of_the_port(void **state)
{
	machine(UNEVEN);
	port_on(0);
	port_on(3);
	lcore(0);
	lcore(6);
	m.opts.pool_nodes = (struct fwd_portmap){.nb = 2, .pair = {{0, 3}, {1, 3}}};
	plan_works();
	assert_int_equal(m.plan.nb_pools, 1);
	assert_int_equal(pool_node(0), 3);
	assert_int_equal(m.plan.port[0].node, 0);
	assert_int_equal(lcore_of(0, 0), 0);
	assert_false(m.plan.port[0].remote);
	assert_string_equal(tide_plan_reason_name(m.plan.port[0].pool_reason), "stated");
	assert_int_equal(fwd_plan_elsewhere(&m.plan), 1);
	pool_warned(0, "port 0 (nic0) is on node 0 but --pool-node puts its buffers on node 3 "
		       "(distance 28); without that option they would be local");
	not_pool_warned(1);
	printed("port 0 nic0 (net_nic): node 0 (device) -> pool of node 3 (stated); ", true);
	tide_plan_fini(&m.plan);

	m.opts.strict = 1;
	plan_works();
	tide_plan_fini(&m.plan);
	m.opts.pool_nodes.pair[0].b = 4;
	plan_fails(APP_EXIT_USAGE, "--pool-node: node 4 does not exist");
	m.opts.pool_nodes.pair[0].a = 2;
	m.opts.pool_nodes.pair[0].b = 0;
	plan_fails(APP_EXIT_USAGE, "--pool-node: port 2 is not used");
}

static void
a_stated_pool_node_that_cannot_give_memory_is_told_from_there(void **state)
{
	machine(UNEVEN "allowed membind 0-1,3\n");
	port_on(0);
	lcore(0);
	m.opts.pool_nodes = (struct fwd_portmap){.nb = 1, .pair = {{0, 2}}};
	plan_works();
	assert_int_equal(m.plan.port[0].pool_requested, 2);
	assert_int_equal(pool_node(0), 3);
	assert_string_equal(tide_plan_reason_name(m.plan.port[0].pool_reason), "nearest");
	pool_warned(0, "belong on node 2");
	pool_warned(0, "they come from node 3, the nearest by distance (16)");
	tide_plan_fini(&m.plan);
	m.opts.strict = 1;
	plan_fails(APP_EXIT_RUN, "belong on node 2");
}

static void
buffers_elsewhere_are_warned_of_with_what_that_costs(void **state)
{
	machine("node 0 cpus 0 memory 4G latency 0:90,1:150\n"
		"node 1 cpus 1 memory 4G latency 0:150,1:90\n");
	port_on(0);
	lcore(0);
	m.opts.pool_nodes = (struct fwd_portmap){.nb = 1, .pair = {{0, 1}}};
	plan_works();
	pool_warned(0, ": +60 ns per miss measured (150 ns remote, 90 ns local); without");
	assert_int_equal(m.pairs.nb_pairs, 2);
	for (unsigned int i = 0; i < m.pairs.nb_pairs; i++)
		assert_true(fwd_plan_measures(&m.opts, &m.pairs.pair[i]));
	/* For an lcore of an unknown node there is no figure. */
	tide_plan_fini(&m.plan);
	m.facts.lcore[0].node = TIDE_NODE_UNKNOWN;
	plan_works();
	pool_warned(0, "(distance 20); without");
}

static void
memory_without_cpus_is_offered_and_not_taken(void **state)
{
	static const char cxl[] = "node 0 cpus 0-1 memory 4G distance 1:21,2:17\n"
				  "node 1 cpus 2-3 memory 4G distance 0:21,2:28\n"
				  "node 2 memory 64G distance 0:17,1:28\n";
	static const char line[] =
		"node 2 has 65536 MB of memory and no CPUs (distance 17 from node 0): no worker's "
		"node; a spill tier for tide_pool_conf.nodes and .spill, or for the buffers of a "
		"port with --pool-node '(PORT,2)'\n";
	struct fwd_plan_tier tier;

	machine(cxl);
	port_on(0);
	port_on(1);
	port_on(TIDE_NODE_UNKNOWN);
	lcore(0);
	lcore(2);
	plan_works();
	for (unsigned int i = 0; i < m.plan.nb_pools; i++)
		assert_int_not_equal(m.plan.pool[i].node, 2);
	printed(line, true);
	assert_int_equal(fwd_plan_tier(&m.plan, 0, &tier), 0);
	assert_int_equal(tier.node, 2);
	assert_int_equal(tier.near, 0);
	assert_int_equal(tier.distance, 17);
	assert_true(tier.bytes == UINT64_C(64) << 30);
	assert_int_equal(fwd_plan_tier(&m.plan, 1, &tier), -1);
	tide_plan_fini(&m.plan);

	/* When asked it holds the buffers; the port and its lcore stay. */
	m.opts.pool_nodes = (struct fwd_portmap){.nb = 1, .pair = {{1, 2}}};
	m.opts.strict = 1;
	plan_works();
	assert_int_equal(pool_node(1), 2);
	assert_int_equal(lcore_of(1, 0), 2);
	tide_plan_fini(&m.plan);
	clean_up(NULL);

	machine_of(2);
	port_on(0);
	lcore(0);
	plan_works();
	printed("no CPUs", false);
	clean_up(NULL);

	/* Not when it is forbidden. */
	machine("node 0 cpus 0-1 memory 4G\nnode 2 memory 64G\nallowed membind 0\n");
	port_on(0);
	lcore(0);
	plan_works();
	printed("no CPUs", false);
}

static void
where_nothing_is_known_buffers_are_near_cpus(void **state)
{
	machine("node 0 memory 64G\nnode 1 cpus 0-1 memory 4G\nnode 2 cpus 2 memory 4G\n"
		"allowed cpus 2\n");
	port_on(TIDE_NODE_UNKNOWN);
	m.facts.nb_lcores = 1;
	m.facts.lcore[0] = (struct tide_lcore_facts){.id = 0, .node = TIDE_NODE_UNKNOWN};
	m.facts.main_node = TIDE_NODE_UNKNOWN;
	plan_works();
	assert_int_equal(pool_node(0), 2);
	assert_string_equal(tide_plan_reason_name(m.plan.port[0].pool_reason), "unknown");
	assert_int_equal(fwd_plan_elsewhere(&m.plan), 0);
	not_pool_warned(0);
}

static void
a_pool_holds_its_ports_and_their_peers(void **state)
{
	machine_of(2);
	port_on(0);
	port_on(1);
	port_on(1);
	lcore(1);
	lcore(5);
	m.opts.queues = 2;
	m.opts.rx_desc = 512;
	m.opts.tx_desc = 256;
	m.opts.cache = 0;
	plan_works();
	assert_int_equal(m.plan.nb_pools, 2);
	/* Port 2 is odd and reflects. */
	assert_int_equal(m.plan.pool[0].need.rx_queues, 2);
	assert_int_equal(m.plan.pool[0].need.tx_queues, 2);
	assert_int_equal(m.plan.pool[1].need.rx_queues, 4);
	assert_int_equal(m.plan.pool[1].need.tx_queues, 4);
	assert_int_equal(m.plan.pool[1].need.lcores, 2);
	/* 4 x 512 + 4 x 256 + 2 bursts of 32, in a multiple of 64; every member is as large. */
	assert_int_equal(m.plan.buffers, 3136);
	assert_int_equal(m.plan.pool[0].size.buffers, 3136);
	assert_true(m.plan.pool[0].size.bytes >= (uint64_t)3136 * 2176);
	assert_true(m.plan.pool[0].size.pages * m.plan.pool[0].size.page_size >=
		    m.plan.pool[0].size.bytes);
}

static void
a_driver_with_two_rings_to_a_queue_holds_twice(void **state)
{
	machine_of(1);
	snprintf(port_on(0)->driver, sizeof(m.facts.port[0].driver), "net_vmxnet3");
	lcore(1);
	m.opts.queues = 2;
	plan_works();
	assert_int_equal(m.plan.pool[0].need.rx_queues, 4);
	assert_int_equal(m.plan.pool[0].need.tx_queues, 2);
}

static void
a_driver_that_takes_a_fixed_number_of_buffers_gets_them(void **state)
{
	machine_of(1);
	snprintf(port_on(0)->driver, sizeof(m.facts.port[0].driver), "net_af_xdp");
	port_on(0);
	lcore(1);
	m.opts.rx_desc = m.opts.tx_desc = 256;
	plan_works();
	assert_int_equal(m.plan.pool[0].need.rx_desc, 2048);
	assert_int_equal(m.plan.pool[0].need.tx_desc, 2048);
	tide_plan_fini(&m.plan);
	/* More than that is asked for; and its neighbour alone takes what is asked for. */
	m.opts.rx_desc = m.opts.tx_desc = 4096;
	plan_works();
	assert_int_equal(m.plan.pool[0].need.rx_desc, 4096);
	tide_plan_fini(&m.plan);
	snprintf(m.facts.port[0].driver, sizeof(m.facts.port[0].driver), "net_af_packet");
	m.opts.rx_desc = m.opts.tx_desc = 256;
	plan_works();
	assert_int_equal(m.plan.pool[0].need.rx_desc, 256);
}

static void
buffers_must_cover_the_descriptors(void **state)
{
	machine_of(1);
	port_on(0);
	port_on(0);
	lcore(1);
	m.opts.cache = 0;
	m.opts.buffers = 4159;
	plan_fails(APP_EXIT_USAGE, "need 4160 buffers");
	m.opts.buffers = 4160;
	plan_works();
	tide_plan_fini(&m.plan);
	m.opts.buffers = 100000;
	plan_works();
	assert_int_equal(m.plan.buffers, 100000);
	assert_int_equal(m.plan.pool[0].size.buffers, 100000);
}

static void
descriptors_keep_to_the_port(void **state)
{
	machine_of(1);
	port_on(0)->rx_lim.nb_max = 500;
	port_on(0)->tx_lim = (struct rte_eth_desc_lim){.nb_min = 2048, .nb_max = 4096};
	port_on(0)->rx_lim = (struct rte_eth_desc_lim){0};
	lcore(1);
	plan_works();
	assert_int_equal(m.plan.port[0].rx_desc, 480);
	assert_int_equal(m.plan.port[0].tx_desc, 1024);
	assert_int_equal(m.plan.port[1].tx_desc, 2048);
	assert_int_equal(m.plan.port[2].rx_desc, 1024);
	tide_plan_fini(&m.plan);
	m.opts.ports = (struct fwd_ports){.nb = 1, .id = {0}};
	m.opts.rx_desc = 63;
	plan_fails(APP_EXIT_USAGE, "--rx-desc 63: port 0 (nic0) takes 64 to 500 descriptors");
	m.opts.rx_desc = 501;
	plan_fails(APP_EXIT_USAGE, "--rx-desc 501");
	m.opts.rx_desc = 65;
	plan_works();
	assert_int_equal(m.plan.port[0].rx_desc, 96);
}

static void
queues_keep_to_the_port(void **state)
{
	machine_of(1);
	port_on(0);
	port_on(0)->tx_queues_max = 2;
	port_on(0)->rss = 0;
	lcore(1);
	m.opts.queues = 3;
	plan_fails(
		APP_EXIT_USAGE, "--queues 3: port 1 (nic1, net_nic) has 16 receive and 2 transmit");
	m.opts.queues = 2;
	plan_works();
	assert_int_equal(m.plan.port[0].rss, RTE_ETH_RSS_IP);
	assert_int_equal(m.plan.port[2].rss, 0);
	tide_plan_fini(&m.plan);
	m.opts.queues = 1;
	plan_works();
	assert_int_equal(m.plan.port[0].rss, 0);
}

static void
buffers_fit_a_frame_unless_told_otherwise(void **state)
{
	machine_of(1);
	port_on(0);
	lcore(1);
	plan_works();
	assert_int_equal(m.plan.data_room, RTE_MBUF_DEFAULT_BUF_SIZE);
	assert_false(m.plan.port[0].scatter);
	tide_plan_fini(&m.plan);

	m.opts.mtu = 9702;
	plan_works();
	assert_true(m.plan.data_room >= 9702 + TIDE_PLAN_FRAME_OVERHEAD + RTE_PKTMBUF_HEADROOM);
	assert_false(m.plan.port[0].scatter);
	tide_plan_fini(&m.plan);

	m.opts.buffer_size = 2048;
	plan_works();
	assert_int_equal(m.plan.data_room, RTE_MBUF_DEFAULT_BUF_SIZE);
	assert_true(m.plan.port[0].scatter);
	tide_plan_fini(&m.plan);

	m.opts.buffer_size = 65407;
	plan_works();
	assert_false(m.plan.port[0].scatter);
	tide_plan_fini(&m.plan);

	m.opts.buffer_size = 128;
	plan_fails(APP_EXIT_USAGE, "port 0 (nic0) needs buffers of 256 bytes or more");
}

static void
the_mtu_keeps_to_the_port(void **state)
{
	machine_of(1);
	port_on(0)->mtu_max = 1500;
	lcore(1);
	m.opts.mtu = 1501;
	plan_fails(APP_EXIT_USAGE, "--mtu 1501: port 0 (nic0, net_nic) takes 68 to 1500");
	m.opts.mtu = 1500;
	plan_works();
}

static void
ports_must_exist_and_agree(void **state)
{
	machine_of(1);
	lcore(1);
	plan_fails(APP_EXIT_RUN, "there are no ports");
	port_on(0);
	port_on(0);
	port_on(0);
	m.opts.ports = (struct fwd_ports){.nb = 2, .id = {0, 9}};
	plan_fails(APP_EXIT_USAGE, "port 9 does not exist; there are ports 0, 1, 2");
	m.opts.ports = (struct fwd_ports){.nb = 1, .id = {0}};
	m.opts.portmap = (struct fwd_portmap){.nb = 1, .pair = {{0, 2}}};
	plan_fails(APP_EXIT_USAGE, "port 2 is in only one of --ports and --portmap");
	m.opts.ports.nb = 0;
	plan_works();
	assert_int_equal(m.plan.nb_ports, 2);
	assert_int_equal(m.plan.port[1].facts->id, 2);
}

static void
without_lcores_there_is_no_plan(void **state)
{
	machine_of(1);
	port_on(0);
	plan_fails(APP_EXIT_RUN, "no lcore can forward");
}

static void
too_many_buffers_are_refused(void **state)
{
	machine_of(1);
	for (unsigned int i = 0; i < RTE_MAX_ETHPORTS; i++) {
		struct tide_port_facts *port = port_on(0);

		port->rx_queues_max = port->tx_queues_max = 1024;
		port->rx_lim = port->tx_lim = (struct rte_eth_desc_lim){.nb_max = UINT16_MAX};
	}
	lcore(1);
	m.opts.queues = 1024;
	m.opts.rx_desc = m.opts.tx_desc = 65535;
	plan_fails(APP_EXIT_USAGE, "more than 2^27 buffers");
}

/*
 * On any machine: every queue has one lcore, and a queue is foreign only without a local
 * one.
 */
static void
random_plans_hold_together(void **state)
{
	unsigned int seed = 20261123;

	if (getenv("SEED") != NULL)
		seed = strtoul(getenv("SEED"), NULL, 0);
	printf("seed %u\n", seed);
	srandom(seed);
	for (unsigned int round = 0; round < 300; round++) {
		unsigned int nodes = 1 + random() % 8, total = 0;

		machine_of(nodes);
		for (unsigned int i = 1 + random() % 12; i > 0; i--)
			port_on((int)(random() % (nodes + 1)) - 1);
		for (unsigned int cpu = 0; cpu < 4 * nodes; cpu++) {
			if (random() % 3 == 0 || (cpu == 4 * nodes - 1 && m.facts.nb_lcores == 0))
				lcore(cpu);
		}
		m.opts.queues = 1 + random() % 5;
		plan_works();
		assert_int_equal(m.plan.nb_queues, m.facts.nb_ports * m.opts.queues);
		for (unsigned int i = 0; i < m.plan.nb_lcores; i++)
			total += m.plan.lcore[i].nb_queues;
		assert_int_equal(total, m.plan.nb_queues);
		for (unsigned int i = 0; i < m.plan.nb_queues; i++) {
			const struct tide_plan_queue *queue = &m.plan.queue[i];
			const struct tide_plan_port *port = &m.plan.port[queue->port];

			assert_int_equal(m.plan.port[port->peer].peer, queue->port);
			assert_true(m.plan.pool[port->pool].node == port->node);
			if (m.plan.lcore[queue->lcore].node == port->node)
				continue;
			assert_true(port->remote);
			for (unsigned int l = 0; l < m.plan.nb_lcores; l++)
				assert_true(m.plan.lcore[l].node != port->node);
		}
		clean_up(NULL);
	}
}

static void
the_plan_is_printed_with_everything_asked_for(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	machine_of(2);
	port_on(0);
	port_on(1);
	lcore(1);
	plan_works();
	fwd_plan_print(&m.plan, &m.pairs, &m.opts, out);
	fclose(out);
	assert_non_null(strstr(text, "port 0 nic0 (net_nic): node 0 (device) -> pool of node 0"));
	assert_non_null(strstr(text, "port 1 nic1 (net_nic): node 1 (device) -> pool of node 1"));
	assert_non_null(
		strstr(text, "lcore 1, node 0: port 0 queue 0; port 1 queue 0 (another node)"));
	assert_non_null(strstr(text, "pool of node 1: "));
	assert_non_null(strstr(text, " bytes in "));
	assert_non_null(strstr(text, "node1/hugepages/hugepages-2048kB/nr_hugepages"));
	/* Warnings go to people once, not with the plan. */
	assert_null(strstr(text, "warning"));
	free(text);
}

/* Nodes 0 and 1 with CPUs, 2 without; the text has the measurements. */
#define MEASURED                                                             \
	"node 0 cpus 0-3 memory 4G distance 2:30 latency 0:88,1:140,2:300\n" \
	"node 1 cpus 4-7 memory 4G distance 2:30 latency 0:85,1:90\n"        \
	"node 2 memory 4G distance 0:30,1:30\n"

static void
warns(unsigned int port, const char *what)
{
	char text[FWD_WARNING_LEN];

	assert_int_equal(fwd_plan_warning(&m.plan, &m.pairs, port, text, sizeof(text)), 0);
	if (strstr(text, what) == NULL)
		fail_msg("'%s' does not say '%s'", text, what);
}

static void
a_warning_says_what_was_measured(void **state)
{
	struct fwd_penalty penalty;

	machine(MEASURED);
	port_on(1);
	port_on(2);
	lcore(3);
	plan_works();
	warns(0, "port 0 (nic0) is on node 1 but polled by lcore 3 on node 0: +52 ns per miss "
		 "measured (140 ns remote, 88 ns local); lcores on CPUs 4-7 would be local");
	warns(1, "port 1 (nic1) is on node 2 but polled by lcore 3 on node 0: +212 ns per miss "
		 "measured (300 ns remote, 88 ns local); its own node has no CPU");
	assert_int_equal(fwd_plan_penalty(&m.plan, &m.pairs, 0, &penalty), 0);
	assert_int_equal(penalty.remote, 140);
	assert_int_equal(penalty.local, 88);
	assert_int_equal(penalty.more, 52);
}

static void
what_is_remote_and_no_slower_costs_nothing(void **state)
{
	machine(MEASURED);
	port_on(0);
	lcore(5);
	plan_works();
	warns(0, "on node 1: +0 ns per miss measured (85 ns remote, 90 ns local); lcores on");
}

static void
a_warning_without_both_figures_has_none(void **state)
{
	static const char *const texts[] = {
		"node 0 cpus 0 memory 4G\nnode 1 cpus 4 memory 4G\n",
		"node 0 cpus 0 memory 4G latency 0:88\nnode 1 cpus 4 memory 4G latency 1:88\n",
		"node 0 cpus 0 memory 4G latency 1:140\nnode 1 cpus 4 memory 4G latency 1:88\n",
	};
	struct fwd_penalty penalty;

	for (unsigned int i = 0; i < RTE_DIM(texts); i++) {
		machine(texts[i]);
		port_on(1);
		lcore(0);
		plan_works();
		warns(0, "polled by lcore 0 on node 0; lcores on CPUs 4 would be local");
		assert_int_equal(fwd_plan_penalty(&m.plan, &m.pairs, 0, &penalty), -1);
		clean_up(NULL);
	}
}

/* Its port's node has no memory: the buffers are near the lcore, not far. */
static void
a_warning_about_near_buffers_has_no_figure(void **state)
{
	struct fwd_penalty penalty;

	machine("node 0 cpus 0 memory 4G latency 0:88\nnode 1 cpus 1\n");
	port_on(1);
	lcore(0);
	plan_works();
	assert_true(m.plan.port[0].remote);
	assert_int_equal(m.plan.pool[0].node, 0);
	warns(0, "polled by lcore 0 on node 0; lcores on CPUs 1 would be local");
	assert_int_equal(fwd_plan_penalty(&m.plan, &m.pairs, 0, &penalty), 0);
	assert_int_equal(penalty.more, 0);
	assert_int_equal(m.pairs.nb_pairs, 1);
	assert_false(m.pairs.pair[0].remote);
}

static void
pair_is(unsigned int i, int from, int to, bool remote)
{
	assert_int_equal(m.pairs.pair[i].from, from);
	assert_int_equal(m.pairs.pair[i].to, to);
	assert_int_equal(m.pairs.pair[i].remote, remote);
}

static unsigned int
nb_measured(enum fwd_measure when)
{
	unsigned int n = 0;

	m.opts.measure_latency = when;
	for (unsigned int i = 0; i < m.pairs.nb_pairs; i++)
		n += fwd_plan_measures(&m.opts, &m.pairs.pair[i]);
	return n;
}

static void
only_what_is_used_is_measured_and_by_itself_only_what_is_remote(void **state)
{
	machine_of(4);
	port_on(0);
	port_on(1);
	port_on(1);
	port_on(2);
	port_on(0);
	lcore(1);
	lcore(9);
	m.opts.queues = 2;
	plan_works();
	/* Node 1 has no lcore, node 0 is the nearest that has; node 3 is unused. */
	assert_int_equal(m.pairs.nb_pairs, 3);
	pair_is(0, 0, 0, true);
	pair_is(1, 0, 1, true);
	pair_is(2, 2, 2, false);
	assert_int_equal(nb_measured(FWD_MEASURE_AUTO), 2);
	assert_int_equal(nb_measured(FWD_MEASURE_ON), 3);
	assert_int_equal(nb_measured(FWD_MEASURE_OFF), 0);
	clean_up(NULL);

	machine_of(2);
	port_on(0);
	port_on(1);
	lcore(1);
	lcore(5);
	plan_works();
	assert_int_equal(nb_measured(FWD_MEASURE_AUTO), 0);
	assert_int_equal(nb_measured(FWD_MEASURE_ON), 2);
}

static void
lcores_nobody_knows_the_node_of_are_not_measured(void **state)
{
	struct fwd_penalty penalty;

	machine_of(2);
	port_on(1);
	m.facts.nb_lcores = 1;
	m.facts.lcore[0] = (struct tide_lcore_facts){.id = 0, .node = TIDE_NODE_UNKNOWN};
	plan_works();
	assert_int_equal(m.pairs.nb_pairs, 0);
	assert_int_equal(fwd_plan_penalty(&m.plan, &m.pairs, 0, &penalty), -1);
}

/* As many pairs as there can be: each port on memory without CPUs that has a node of lcores near. */
static void
the_pairs_of_all_ports_fit(void **state)
{
	static char text[RTE_MAX_ETHPORTS * 128];
	size_t used = 0;

	for (unsigned int i = 0; i < RTE_MAX_ETHPORTS; i++)
		used += snprintf(text + used, sizeof(text) - used,
			"node %u cpus %u memory 1G\nnode %u memory 1G distance %u:12\n", i, i,
			RTE_MAX_ETHPORTS + i, i);
	machine(text);
	for (unsigned int i = 0; i < RTE_MAX_ETHPORTS; i++) {
		port_on(RTE_MAX_ETHPORTS + i);
		lcore(i);
	}
	plan_works();
	assert_int_equal(m.pairs.nb_pairs, RTE_DIM(m.pairs.pair));
	for (unsigned int i = 0; i < RTE_MAX_ETHPORTS; i++) {
		pair_is(2 * i, i, i, true);
		pair_is(2 * i + 1, i, RTE_MAX_ETHPORTS + i, true);
	}
}

static void
figures_are_taken_when_they_come(void **state)
{
	struct tide_topology *later = tide_topology_parse(MEASURED);

	machine_of(2);
	port_on(1);
	lcore(3);
	plan_works();
	warns(0, "on node 0; lcores on");
	fwd_plan_latencies(&m.pairs, later);
	warns(0, "on node 0: +52 ns per miss");
	tide_topology_free(later);
}

static void
the_plan_tells_misses_only_where_they_were_measured(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	machine(MEASURED);
	port_on(1);
	lcore(3);
	plan_works();
	m.pairs.pair[0].ns = 0;
	fwd_plan_print(&m.plan, &m.pairs, &m.opts, out);
	fflush(out);
	assert_non_null(strstr(text, "lcore 3, node 0: port 0 queue 0 (another node);\n"));
	assert_null(strstr(text, "a miss on node 0"));
	assert_non_null(strstr(text, "\na miss on node 1 takes lcores of node 0 140 ns\n"));
	fwd_plan_latencies(&m.pairs, m.topo);
	fwd_plan_print(&m.plan, &m.pairs, &m.opts, out);
	fclose(out);
	assert_non_null(strstr(text, "port 0 queue 0 (another node, +52 ns per miss);\n"));
	assert_non_null(strstr(text, "\na miss on node 0 takes lcores of node 0 88 ns\n"));
	free(text);
}

static void
below(unsigned int port, const char *what)
{
	char text[FWD_WARNING_LEN];
	int rc = fwd_plan_interface_warning(&m.plan, m.interface, port, text, sizeof(text));

	if ((rc == 0) != (what != NULL) || (what != NULL && strstr(text, what) == NULL))
		fail_msg("%d, '%s' instead of '%s'", rc, rc == 0 ? text : "",
			what == NULL ? "" : what);
}

static void
no_note(unsigned int port)
{
	char text[FWD_WARNING_LEN];

	assert_int_equal(
		fwd_plan_interface_note(&m.plan, m.interface, port, text, sizeof(text)), -1);
}

static void
what_an_interface_does_to_packets_is_told_with_the_command(void **state)
{
	struct tide_port_facts *port;
	char tiny[8];

	machine_of(1);
	port = port_on(0);
	lcore(1);
	plan_works();
	/* A NIC has none. */
	m.interface[port->id] =
		(struct fwd_interface){.mtu = 9000, .veth = true, .tx_checksum = true};
	below(0, NULL);
	m.interface[port->id] = (struct fwd_interface){
		.index = 7, .name = "tide7", .mtu = 65535, .tx_checksum = true};
	below(0, NULL);
	m.interface[port->id].veth = true;
	below(0, "port 0 (nic0) is on interface tide7; ");
	below(0, ": ethtool -K tide7 tx off");
	no_note(0);
	m.interface[port->id].tx_checksum = false;
	below(0, NULL);
	m.interface[port->id].merges = true;
	below(0, NULL);
	port->frame_max = 1982;
	m.interface[port->id].mtu = 1968;
	below(0, "ethtool -K tide7 gro off lro off");
	m.interface[port->id].merges = false;
	below(0, NULL);
	m.interface[port->id].mtu = 1969;
	below(0, "its MTU is 1969, ");
	below(0, "ip link set dev tide7 mtu 1968");
	/* All at once fits, and what does not fit is cut. */
	m.interface[port->id].merges = m.interface[port->id].tx_checksum = true;
	memset(m.interface[port->id].name, 'x', sizeof(m.interface[port->id].name) - 1);
	below(0, "mtu 1968");
	assert_int_equal(
		fwd_plan_interface_warning(&m.plan, m.interface, 0, tiny, sizeof(tiny)), 0);
	assert_string_equal(tiny, "port 0 ");
}

/* One port of net_af_packet, whose places have so many bytes. */
static struct tide_port_facts *
af_packet_on(int node, uint32_t framesz, uint32_t mtu)
{
	struct tide_port_facts *port = port_on(node);

	m.interface[port->id] = (struct fwd_interface){.index = 7, .name = "tide7", .mtu = mtu};
	port->framesz = framesz;
	port->frame_max = framesz - 66;
	port->rx_bufsize_min = framesz - 32;
	return port;
}

static void
places_too_short_for_frames_are_told_with_the_arguments(void **state)
{
	struct tide_port_facts *from, *to;

	machine_of(1);
	from = af_packet_on(0, 2048, 1500);
	to = af_packet_on(0, 2048, 1500);
	lcore(1);
	plan_works();
	below(0, NULL);
	m.interface[from->id].mtu = 9000;
	below(0, "ip link set dev tide7 mtu 1968, or framesz=9088,blocksz=12288 in its --vdev");
	/* A received frame is cut so that the port can send it. */
	below(1, NULL);
	m.interface[from->id].mtu = 2048;
	below(0, "framesz=2128,blocksz=4096 in its --vdev");
	m.interface[from->id].mtu = 65535;
	below(0, "ip link set dev tide7 mtu 1968");
	from->framesz = 16384;
	from->frame_max = 16384 - 66;
	m.interface[from->id].mtu = 2002;
	below(1, NULL);
	m.interface[from->id].mtu = 2003;
	below(0, NULL);
	below(1, "; port 0 passes on frames of up to 2017 bytes, and those above 2016 are dropped");
	below(1, " here, counted as sent: framesz=2064,blocksz=4096 in its --vdev");
	to->framesz = 2064;
	below(1, NULL);
}

static void
buffers_take_a_whole_place_of_the_ring(void **state)
{
	machine_of(1);
	af_packet_on(0, 4096, 1500);
	lcore(1);
	plan_works();
	assert_true(m.plan.data_room >= RTE_PKTMBUF_HEADROOM + 4064);
	tide_plan_fini(&m.plan);
	m.opts.buffer_size = 2048;
	plan_fails(APP_EXIT_USAGE, "needs buffers of 4064 bytes or more, or a smaller framesz");
}

/* The other end sends the packets that come, so the settings of this end do not matter. */
static void
the_other_end_of_a_pair_says_whether_checksums_are_lost(void **state)
{
	struct tide_port_facts *port;
	char text[FWD_WARNING_LEN];

	machine_of(1);
	port = port_on(0);
	lcore(1);
	plan_works();
	m.interface[port->id] =
		(struct fwd_interface){.index = 7, .name = "tide7", .peer = "tide8", .veth = true};
	below(0, NULL);
	no_note(0);
	m.interface[port->id].peer_tx_checksum = true;
	below(0, ": ethtool -K tide8 tx off");
	m.interface[port->id].tx_checksum = true;
	below(0, ": ethtool -K tide8 tx off");
	m.interface[port->id].peer_tx_checksum = false;
	below(0, NULL);
	/* It cannot be asked, and this end is set right. */
	m.interface[port->id] = (struct fwd_interface){.index = 7, .name = "tide7", .veth = true};
	below(0, NULL);
	assert_int_equal(fwd_plan_interface_note(&m.plan, m.interface, 0, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "tide7, whose peer is in another network namespace"));
	m.interface[port->id].veth = false;
	no_note(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(one_node_shares_queues_evenly, clean_up),
		cmocka_unit_test_teardown(each_port_is_polled_from_its_node, clean_up),
		cmocka_unit_test_teardown(
			what_an_interface_does_to_packets_is_told_with_the_command, clean_up),
		cmocka_unit_test_teardown(
			places_too_short_for_frames_are_told_with_the_arguments, clean_up),
		cmocka_unit_test_teardown(buffers_take_a_whole_place_of_the_ring, clean_up),
		cmocka_unit_test_teardown(
			the_other_end_of_a_pair_says_whether_checksums_are_lost, clean_up),
		cmocka_unit_test_teardown(local_lcores_win_however_busy, clean_up),
		cmocka_unit_test_teardown(
			a_foreign_port_is_named_with_the_lcores_that_would_be_local, clean_up),
		cmocka_unit_test_teardown(an_unknown_port_belongs_where_it_is_polled, clean_up),
		cmocka_unit_test_teardown(unknown_stays_unknown_and_draws_near_main, clean_up),
		cmocka_unit_test_teardown(a_stated_node_goes_before_the_ladder, clean_up),
		cmocka_unit_test_teardown(a_node_without_memory_draws_from_the_nearest, clean_up),
		cmocka_unit_test_teardown(
			a_port_on_a_forbidden_node_draws_from_the_nearest_and_says_so, clean_up),
		cmocka_unit_test_teardown(
			strict_refuses_a_port_whose_node_cannot_give_memory, clean_up),
		cmocka_unit_test_teardown(
			a_stated_pool_node_goes_before_the_node_of_the_port, clean_up),
		cmocka_unit_test_teardown(
			a_stated_pool_node_that_cannot_give_memory_is_told_from_there, clean_up),
		cmocka_unit_test_teardown(
			buffers_elsewhere_are_warned_of_with_what_that_costs, clean_up),
		cmocka_unit_test_teardown(memory_without_cpus_is_offered_and_not_taken, clean_up),
		cmocka_unit_test_teardown(where_nothing_is_known_buffers_are_near_cpus, clean_up),
		cmocka_unit_test_teardown(a_pool_holds_its_ports_and_their_peers, clean_up),
		cmocka_unit_test_teardown(a_driver_with_two_rings_to_a_queue_holds_twice, clean_up),
		cmocka_unit_test_teardown(
			a_driver_that_takes_a_fixed_number_of_buffers_gets_them, clean_up),
		cmocka_unit_test_teardown(buffers_must_cover_the_descriptors, clean_up),
		cmocka_unit_test_teardown(descriptors_keep_to_the_port, clean_up),
		cmocka_unit_test_teardown(queues_keep_to_the_port, clean_up),
		cmocka_unit_test_teardown(buffers_fit_a_frame_unless_told_otherwise, clean_up),
		cmocka_unit_test_teardown(the_mtu_keeps_to_the_port, clean_up),
		cmocka_unit_test_teardown(ports_must_exist_and_agree, clean_up),
		cmocka_unit_test_teardown(without_lcores_there_is_no_plan, clean_up),
		cmocka_unit_test_teardown(too_many_buffers_are_refused, clean_up),
		cmocka_unit_test_teardown(random_plans_hold_together, clean_up),
		cmocka_unit_test_teardown(the_plan_is_printed_with_everything_asked_for, clean_up),
		cmocka_unit_test_teardown(a_warning_says_what_was_measured, clean_up),
		cmocka_unit_test_teardown(what_is_remote_and_no_slower_costs_nothing, clean_up),
		cmocka_unit_test_teardown(a_warning_without_both_figures_has_none, clean_up),
		cmocka_unit_test_teardown(a_warning_about_near_buffers_has_no_figure, clean_up),
		cmocka_unit_test_teardown(
			only_what_is_used_is_measured_and_by_itself_only_what_is_remote, clean_up),
		cmocka_unit_test_teardown(
			lcores_nobody_knows_the_node_of_are_not_measured, clean_up),
		cmocka_unit_test_teardown(the_pairs_of_all_ports_fit, clean_up),
		cmocka_unit_test_teardown(figures_are_taken_when_they_come, clean_up),
		cmocka_unit_test_teardown(
			the_plan_tells_misses_only_where_they_were_measured, clean_up),
	};

	return cmocka_run_group_tests_name("fwd_plan", tests, NULL, NULL);
}
