/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Each check of the audit finds its fault, and nothing where there is none, on machines from a text. */

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit_internal.h"

static const char two_nodes[] = "node 0 cpus 0-3 memory 16G distance 1:21\n"
				"node 1 cpus 4-7 memory 16G distance 0:21\n";

static struct tidei_audit_facts facts;
static struct tide_topology *topo;
static struct tide_audit *audit;
/* Addresses in place of mempools. */
static const char pool_a, pool_b;

static void
use(const char *machine)
{
	tide_topology_free(topo);
	topo = tide_topology_parse(machine);
	assert_non_null(topo);
	facts.topo = topo;
}

static void
add_lcore(uint32_t id, int node)
{
	struct tidei_audit_lcore *lcore = tidei_list_add(&facts.lcores, sizeof(*lcore));

	*lcore = (struct tidei_audit_lcore){.id = id, .node = node};
}

static struct tidei_audit_heap *
add_heap(int node)
{
	struct tidei_audit_heap *heap = tidei_list_add(&facts.heaps, sizeof(*heap));

	*heap = (struct tidei_audit_heap){
		.node = node, .bytes = 64 << 20, .free_huge = UINT64_C(1) << 30};
	return heap;
}

/* A mempool of 512 huge pages on its node, half of whose objects were out at most. */
static struct tidei_audit_pool *
add_pool(const char *name, const void *address, int node)
{
	struct tidei_audit_pool *pool = tidei_list_add(&facts.pools, sizeof(*pool));

	pool->mp = address;
	snprintf(pool->name, sizeof(pool->name), "%s", name);
	pool->node = node;
	pool->size = pool->objects = 8192;
	pool->cache_size = 256;
	pool->caches = 8;
	pool->cached_most = 8 * 384;
	pool->counts = true;
	pool->tide.peak = 4096;
	pool->bytes = UINT64_C(1) << 30;
	pool->found = (struct tide_placement){.page_size = 2 << 20,
		.pages = 512,
		.local = 512,
		.nb_found = 1,
		.found = {{.node = node, .pages = 512}}};
	return pool;
}

static struct tidei_audit_port *
add_port(uint16_t id, int node)
{
	struct tidei_audit_port *port = tidei_list_add(&facts.ports, sizeof(*port));

	port->id = id;
	port->node = node;
	port->is_pci = true;
	snprintf(port->device, sizeof(port->device), "0000:%u1:00.0", id + 2u);
	return port;
}

static struct tidei_audit_queue *
add_queue(uint16_t port, uint16_t number, const void *pool)
{
	struct tidei_audit_queue *queue = tidei_list_add(&facts.queues, sizeof(*queue));

	*queue = (struct tidei_audit_queue){.port = port,
		.queue = number,
		.mp = pool,
		.descriptors = 1024,
		.lcore_id = TIDE_AUDIT_NONE,
		.poller = TIDE_NODE_UNKNOWN};
	return queue;
}

/* A look saw a thread of that node poll a queue. */
static void
poll_by(struct tidei_audit_queue *queue, uint32_t lcore_id, int node)
{
	queue->polled = true;
	queue->lcore_id = lcore_id;
	queue->poller = node;
}

/* Two nodes, each with a port, its queue and mempool, an lcore, and memory of EAL. Nothing is wrong. */
static int
set_up(void **state)
{
	memset(&facts, 0, sizeof(facts));
	use(two_nodes);
	facts.nb_ops = 10;
	facts.max_ops = 16;
	facts.has_tide_ops = true;
	facts.uses_huge_pages = true;
	facts.pid = 4711;
	add_lcore(0, 0);
	add_lcore(4, 1);
	add_heap(0);
	add_heap(1);
	add_pool("a", &pool_a, 0);
	add_pool("b", &pool_b, 1);
	add_port(0, 0);
	add_port(1, 1);
	add_queue(0, 0, &pool_a);
	add_queue(1, 0, &pool_b);
	return 0;
}

static int
tear_down(void **state)
{
	tide_audit_free(audit);
	audit = NULL;
	tidei_audit_facts_free(&facts);
	tide_topology_free(topo);
	topo = NULL;
	return 0;
}

static void
check(void)
{
	tide_audit_free(audit);
	audit = calloc(1, sizeof(*audit));
	assert_non_null(audit);
	assert_int_equal(tidei_audit_check(audit, &facts), 0);
}

/* The i-th finding, of that kind and severity, whose texts have these words. */
static struct tide_audit_finding
expect_at(unsigned int i, enum tide_audit_kind kind, enum tide_audit_severity severity,
	const char *fact, const char *remedy)
{
	struct tide_audit_finding f;

	if (!tide_audit_finding(audit, i, &f) || f.kind != kind || f.severity != severity ||
		strstr(f.fact, fact) == NULL || strstr(f.remedy, remedy) == NULL) {
		tide_audit_dump(audit, stderr);
		fail_msg("finding %u is not %s: %s", i, tide_audit_kind_name(kind), fact);
	}
	return f;
}

static struct tide_audit_finding
expect(enum tide_audit_kind kind, enum tide_audit_severity severity, const char *fact,
	const char *remedy)
{
	check();
	if (tide_audit_count(audit, TIDE_AUDIT_INFO) != 1)
		tide_audit_dump(audit, stderr);
	assert_int_equal(tide_audit_count(audit, TIDE_AUDIT_INFO), 1);
	return expect_at(0, kind, severity, fact, remedy);
}

static void
expect_nothing(void)
{
	check();
	if (tide_audit_count(audit, TIDE_AUDIT_INFO) != 0)
		tide_audit_dump(audit, stderr);
	assert_int_equal(tide_audit_count(audit, TIDE_AUDIT_INFO), 0);
}

static uint64_t
figure(const struct tide_audit_finding *f, const char *name)
{
	for (unsigned int i = 0; i < f->nb_figures; i++)
		if (strcmp(f->figures[i].name, name) == 0)
			return f->figures[i].value;
	fail_msg("%s has no figure %s", tide_audit_kind_name(f->kind), name);
	return 0;
}

static bool
is_limited(const char *words)
{
	const char *limit;

	for (unsigned int i = 0; (limit = tide_audit_limit(audit, i)) != NULL; i++)
		if (strstr(limit, words) != NULL)
			return true;
	return false;
}

static void
a_sound_program_has_no_finding(void **state)
{
	expect_nothing();
}

/* All that is wrong only with several nodes. */
static void
no_placement_is_wrong_on_one_node(void **state)
{
	struct tidei_audit_pool *pool = facts.pools.at;
	struct tidei_audit_queue *queue = facts.queues.at;
	struct tidei_audit_port *port = facts.ports.at;
	struct tidei_audit_heap *heap = facts.heaps.at;

	pool[0].node = 1;
	pool[0].found.local = 0;
	pool[0].loose = true;
	queue[0].mp = (const void *)&pool_b;
	poll_by(&queue[0], 4, 1);
	port[1].node = TIDE_NODE_UNKNOWN;
	heap[1].bytes = heap[1].free_huge = 0;
	facts.balances = true;
	check();
	assert_true(tide_audit_count(audit, TIDE_AUDIT_INFO) > 4);
	use("node 0 cpus 0-7 memory 16G\n");
	expect_nothing();
	/* A node of CPUs without memory holds nothing either. */
	use("node 0 cpus 0-3 memory 16G\nnode 1 cpus 4-7 memory 0\n");
	expect_nothing();
}

static void
pages_on_another_node_are_found(void **state)
{
	struct tidei_audit_pool *pool = facts.pools.at;
	struct tidei_audit_heap *heap = facts.heaps.at;
	struct tide_audit_finding f;

	pool[0].away = 24 << 20;
	pool[0].found.local = 500;
	pool[0].found.found[0].pages = 500;
	pool[0].found.found[1] = (struct tide_pages_on_node){.node = 1, .pages = 12};
	pool[0].found.nb_found = 2;
	f = expect(TIDE_AUDIT_PAGES_AWAY, TIDE_AUDIT_WARNING,
		"mempool a was requested on node 0, but 12 of its 512 pages of 2048 kB",
		"create the mempool again with socket_id 0");
	assert_int_equal(f.node, 1);
	assert_int_equal(f.home, 0);
	assert_int_equal(figure(&f, "pages_away"), 12);
	assert_null(strstr(f.remedy, "reserve"));
	heap[0].free_huge = 23 << 20;
	expect(TIDE_AUDIT_PAGES_AWAY, TIDE_AUDIT_WARNING, "mempool a",
		"reserve huge pages on node 0");
	facts.uses_huge_pages = false;
	expect(TIDE_AUDIT_PAGES_AWAY, TIDE_AUDIT_WARNING, "mempool a", "without --no-huge");
	pool[0].node = TIDE_NODE_UNKNOWN;
	expect_nothing();
}

static void
pages_of_several_sizes_have_no_size(void **state)
{
	static alignas(8192) char memory[4 * 8192];
	struct tidei_audit_pool *pool = facts.pools.at;
	struct tide_audit_finding f;

	facts.queues.nb = 0;
	memset(memory, 1, sizeof(memory));
	pool[0].found = (struct tide_placement){0};
	pool[0].bytes = 0;
	/* The kernel of this machine may have several nodes, but not this one. */
	pool[0].node = 900;
	for (unsigned int i = 1; i <= 2; i++) {
		struct tidei_stretch *stretch = tidei_list_add(&pool[0].memory, sizeof(*stretch));

		stretch->from = (uintptr_t)memory + i * 8192;
		stretch->to = stretch->from + 8192;
		stretch->page_size = i * 4096;
	}
	assert_int_equal(tidei_audit_measure(&facts), 0);
	assert_true(pool[0].mixed);
	assert_int_equal(pool[0].bytes, 2 * 8192);
	assert_int_equal(pool[0].away, 2 * 8192);
	f = expect(TIDE_AUDIT_PAGES_AWAY, TIDE_AUDIT_WARNING, "3 of its 3 pages are on other nodes",
		"socket_id 900");
	assert_int_equal(f.nb_figures, 2);
	assert_false(pool[1].mixed);
}

/* migratepages takes all that the process has on a node. */
static void
moving_pages_is_no_remedy_where_others_belong(void **state)
{
	struct tidei_audit_pool *pool = facts.pools.at;
	struct tidei_audit_lcore *lcore = facts.lcores.at;
	struct tidei_audit_port *port = facts.ports.at;
	static const char move[] = "migratepages 4711 1 0 moves";

	pool[0].found.local = 0;
	pool[0].found.found[0].node = 1;
	facts.queues.nb = 0;
	pool[1].node = port[1].node = lcore[1].node = 0;
	pool[1].found.found[0].node = 0;
	expect(TIDE_AUDIT_PAGES_AWAY, TIDE_AUDIT_WARNING, "mempool a", move);
	pool[1].node = pool[1].found.found[0].node = 1;
	assert_null(strstr(
		expect(TIDE_AUDIT_PAGES_AWAY, TIDE_AUDIT_WARNING, "mempool a", "").remedy, move));
	pool[1].node = pool[1].found.found[0].node = 0;
	lcore[1].node = 1;
	assert_null(strstr(
		expect(TIDE_AUDIT_PAGES_AWAY, TIDE_AUDIT_WARNING, "mempool a", "").remedy, move));
	lcore[1].node = TIDE_NODE_UNKNOWN;
	assert_null(strstr(
		expect(TIDE_AUDIT_PAGES_AWAY, TIDE_AUDIT_WARNING, "mempool a", "").remedy, move));
	lcore[1].node = 0;
	port[1].node = 1;
	check();
	assert_null(strstr(
		expect_at(0, TIDE_AUDIT_PAGES_AWAY, TIDE_AUDIT_WARNING, "mempool a", "").remedy,
		move));
}

static void
pages_without_an_answer_are_a_limit(void **state)
{
	struct tidei_audit_pool *pool = facts.pools.at;

	pool[0].found.local = 510;
	pool[0].found.unknown = 2;
	pool[1].found = (struct tide_placement){0};
	pool[1].refused = true;
	pool[1].external = true;
	expect_nothing();
	assert_true(is_limited("the data of mempool b is in external buffers"));
	assert_true(is_limited("2 pages of mempool a are in no memory"));
	assert_true(is_limited("the kernel does not tell where the pages of mempool b are"));
}

static void
a_queue_with_a_remote_mempool_is_found(void **state)
{
	struct tidei_audit_queue *queue = facts.queues.at;
	struct tidei_audit_heap *heap = facts.heaps.at;
	struct tide_audit_finding f;

	queue[1].mp = (const void *)&pool_a;
	f = expect(TIDE_AUDIT_QUEUE_REMOTE, TIDE_AUDIT_WARNING,
		"port 1 (0000:31:00.0) is on node 1, but its receive queue 0 takes buffers from "
		"mempool a on node 0",
		"set up the queue with a mempool on node 1");
	assert_string_equal(f.pool, "a");
	assert_int_equal(f.port, 1);
	assert_int_equal(f.queue, 0);
	assert_int_equal(f.node, 0);
	assert_int_equal(f.home, 1);
	assert_int_equal(figure(&f, "distance"), 21);
	assert_null(strstr(f.remedy, "reserve"));
	/* rte_eth_dev_socket_id() can be another node than that of the port. */
	assert_non_null(strstr(f.remedy, "create it with socket_id 1,"));
	heap[1].free_huge = 0;
	expect(TIDE_AUDIT_QUEUE_REMOTE, TIDE_AUDIT_WARNING, "port 1",
		"reserve huge pages on node 1");
	heap[1].free_huge = UINT64_C(1) << 30;
	facts.uses_huge_pages = false;
	expect(TIDE_AUDIT_QUEUE_REMOTE, TIDE_AUDIT_WARNING, "port 1", "start without --no-huge");
}

static void
queues_of_one_fault_are_one_finding(void **state)
{
	struct tidei_audit_queue *queue = facts.queues.at;
	struct tide_audit_finding f;

	queue[1].mp = (const void *)&pool_a;
	add_queue(1, 1, &pool_b);
	add_queue(1, 2, &pool_a)->descriptors = 0;
	add_queue(1, 3, &pool_a)->descriptors = 0;
	f = expect(TIDE_AUDIT_QUEUE_REMOTE, TIDE_AUDIT_WARNING, "receive queue 0 and 2 more takes",
		"node 1");
	assert_int_equal(figure(&f, "queues"), 3);
}

/* The node that the kernel reports counts, not the requested one. */
static void
the_node_of_a_mempool_is_where_its_pages_are(void **state)
{
	struct tidei_audit_pool *pool = facts.pools.at;

	pool[1].node = TIDE_NODE_UNKNOWN;
	expect_nothing();
	pool[1].found.found[0].node = 0;
	expect(TIDE_AUDIT_QUEUE_REMOTE, TIDE_AUDIT_WARNING, "mempool b on node 0", "node 1");
}

static void
a_queue_of_which_nothing_is_known_is_a_limit(void **state)
{
	struct tidei_audit_queue *queue = facts.queues.at;

	queue[1].mp = NULL;
	expect_nothing();
	assert_true(is_limited("the driver of port 1 (0000:31:00.0) does not tell which mempools"));
	assert_true(is_limited("an audit that looks at packets can see it"));
	facts.looked = true;
	expect_nothing();
	assert_true(is_limited("the look saw no packet of some queue"));
}

static void
an_lcore_that_polls_from_another_node_is_found(void **state)
{
	struct tidei_audit_queue *queue = facts.queues.at;
	struct tide_audit_finding f;

	facts.looked = true;
	poll_by(&queue[0], 0, 0);
	poll_by(&queue[1], 0, 0);
	f = expect(TIDE_AUDIT_POLLED_REMOTELY, TIDE_AUDIT_WARNING,
		"port 1 (0000:31:00.0) is on node 1, but lcore 0 on node 0 polls its receive queue "
		"0",
		"poll port 1 by an lcore of node 1, whose CPUs are 4-7");
	assert_int_equal(f.lcore_id, 0);
	assert_int_equal(f.node, 0);
	assert_int_equal(f.home, 1);
	assert_int_equal(figure(&f, "distance"), 21);
	assert_int_equal(figure(&f, "queues"), 1);
	assert_non_null(strstr(f.fact, "the firmware states a distance of 21"));
	assert_null(tide_audit_limit(audit, 0));
	poll_by(&queue[1], 4, 1);
	expect_nothing();
	/* It may run on both nodes. */
	queue[1].poller = TIDE_NODE_UNKNOWN;
	expect_nothing();
}

static void
queues_polled_from_one_node_are_one_finding(void **state)
{
	struct tide_audit_finding f;

	facts.queues.nb = 1;
	poll_by(add_queue(1, 0, &pool_b), 4, 1);
	poll_by(add_queue(1, 1, &pool_b), 3, 0);
	poll_by(add_queue(1, 2, &pool_b), 2, 0);
	poll_by(add_queue(1, 3, &pool_b), TIDE_AUDIT_NONE, 0);
	add_queue(1, 4, &pool_b);
	TIDEI_LIST_EACH (facts.queues, struct tidei_audit_queue, queue)
		queue->descriptors = 0;
	f = expect(TIDE_AUDIT_POLLED_REMOTELY, TIDE_AUDIT_WARNING,
		"lcore 3 on node 0 polls its receive queue 1, and 2 more are polled from there",
		"node 1");
	assert_int_equal(figure(&f, "queues"), 3);
	assert_int_equal(f.queue, 1);
	assert_int_equal(f.lcore_id, 3);
}

/* Suricata polls by such threads. */
static void
a_thread_that_is_no_lcore_can_poll(void **state)
{
	struct tidei_audit_queue *queue = facts.queues.at;
	struct tidei_audit_lcore *lcore = facts.lcores.at;
	struct tide_audit_finding f;

	lcore[1].node = 0;
	poll_by(&queue[1], TIDE_AUDIT_NONE, 1);
	expect_nothing();
	queue[1].poller = 0;
	f = expect(TIDE_AUDIT_POLLED_REMOTELY, TIDE_AUDIT_WARNING,
		"but a thread without an lcore id on node 0 polls its receive queue 0", "node 1");
	assert_int_equal(f.lcore_id, TIDE_AUDIT_NONE);
}

static void
queues_that_nothing_was_seen_to_poll_are_a_limit(void **state)
{
	struct tidei_audit_queue *queue = facts.queues.at;

	facts.looked = true;
	poll_by(&queue[0], 0, 0);
	expect_nothing();
	assert_true(is_limited("no thread of this process polled 1 of the 1 receive queues of port "
			       "1 (0000:31:00.0)"));
	poll_by(&queue[1], 4, 1);
	expect_nothing();
	assert_null(tide_audit_limit(audit, 0));
}

static void
a_measured_latency_is_the_penalty(void **state)
{
	struct tidei_audit_queue *queue = facts.queues.at;
	struct tide_audit_finding f;

	use("node 0 cpus 0-3 memory 16G distance 1:21 latency 0:90,1:140\n"
	    "node 1 cpus 4-7 memory 16G distance 0:21\n");
	poll_by(&queue[1], 0, 0);
	f = expect(TIDE_AUDIT_POLLED_REMOTELY, TIDE_AUDIT_WARNING,
		"a cache miss takes 140 ns instead of 90 ns, as measured", "node 1");
	assert_int_equal(figure(&f, "penalty_ns"), 50);
}

static void
a_port_without_an_lcore_on_its_node_is_polled_remotely(void **state)
{
	struct tidei_audit_lcore *lcore = facts.lcores.at;
	struct tidei_audit_queue *queue = facts.queues.at;

	lcore[1].node = 0;
	expect(TIDE_AUDIT_POLLED_REMOTELY, TIDE_AUDIT_INFO,
		"all lcores are on other nodes, the nearest on node 0", "whose CPUs are 4-7");
	/* If a look saw an lcore, the finding is about that one. */
	poll_by(&queue[1], 0, 0);
	expect(TIDE_AUDIT_POLLED_REMOTELY, TIDE_AUDIT_WARNING, "but lcore 0 on node 0", "4-7");
	queue[1].polled = false;
	/* An lcore on CPUs of several nodes may be near. */
	lcore[0].node = TIDE_NODE_UNKNOWN;
	expect_nothing();
	assert_true(is_limited("DPDK does not tell which lcore polls a queue"));
	/* Nothing polls a port without queues. */
	lcore[0].node = 0;
	facts.queues.nb = 1;
	expect_nothing();
}

/* Some machines give even numbers to one node and odd ones to the other. */
static void
a_list_of_cpus_names_no_other_cpu(void **state)
{
	struct tidei_audit_lcore *lcore = facts.lcores.at;
	char even[2048] = "0", odd[2048] = "1", machine[4608];
	struct tide_audit_finding f;
	const char *list;

	for (int cpu = 2; cpu < 256; cpu += 2) {
		sprintf(even + strlen(even), ",%d", cpu);
		sprintf(odd + strlen(odd), ",%d", cpu + 1);
	}
	sprintf(machine,
		"node 0 cpus %s memory 16G distance 1:21\nnode 1 cpus %s memory 16G distance "
		"0:21\n",
		even, odd);
	use(machine);
	lcore[1].node = 0;
	f = expect(TIDE_AUDIT_POLLED_REMOTELY, TIDE_AUDIT_INFO, "port 1", ",... (EAL argument");
	list = strstr(f.remedy, "1,3,5");
	assert_non_null(list);
	assert_memory_equal(list, odd, (size_t)(strstr(list, ",...") - list) + 1);
	/* Nor is an empty list of use. */
	use("node 0 cpus 0-3 memory 16G distance 1:21\nnode 1 cpus 4-7 memory 16G distance 0:21\n"
	    "allowed cpus 0-3\n");
	expect(TIDE_AUDIT_POLLED_REMOTELY, TIDE_AUDIT_INFO, "port 1",
		"let this process run on CPUs of node 1");
}

static void
caches_that_can_take_all_objects_are_found(void **state)
{
	struct tidei_audit_pool *pool = facts.pools.at;
	struct tide_audit_finding f;

	pool[0].tide.peak = 50;
	pool[0].size = 7 * 384 + 1024 + 1;
	expect_nothing();
	pool[0].size--;
	f = expect(TIDE_AUDIT_CACHE_TOO_LARGE, TIDE_AUDIT_WARNING,
		"the caches of 7 lcores can have 2688 of them, and receive queues have 1024",
		"more than 3712 objects");
	assert_int_equal(figure(&f, "cache_size"), 256);
	/* Queues alone are no fault of a cache. */
	pool[0].size = 100;
	pool[0].cached_most = 0;
	expect_nothing();
	/* Nor is that of the only lcore. */
	pool[0].caches = 1;
	pool[0].cached_most = 384;
	expect_nothing();
}

static void
a_mempool_that_was_nearly_empty_is_found(void **state)
{
	struct tidei_audit_pool *pool = facts.pools.at;

	pool[0].tide.peak = 8192 - 512;
	expect_nothing();
	pool[0].tide.peak++;
	expect(TIDE_AUDIT_NEAR_PEAK, TIDE_AUDIT_WARNING,
		"up to 7681 were out at once: it was nearly empty", "at least 9601 objects");
	pool[0].tide.peak = 8192;
	expect(TIDE_AUDIT_NEAR_PEAK, TIDE_AUDIT_WARNING, "at once: it was empty", "10240 objects");
	/* It can have less memory than it was created for. */
	pool[0].tide.peak = pool[0].objects = 200;
	expect(TIDE_AUDIT_NEAR_PEAK, TIDE_AUDIT_WARNING, "of the 200 objects", "250 objects");
	pool[0].counts = false;
	expect_nothing();
}

static void
a_mempool_of_few_objects_is_empty_too(void **state)
{
	struct tidei_audit_pool *pool = facts.pools.at;

	pool[0].tide.peak = pool[0].objects = 1;
	expect(TIDE_AUDIT_NEAR_PEAK, TIDE_AUDIT_WARNING, "of the 1 objects", "at least 2 objects");
	pool[0].tide.peak = 0;
	expect_nothing();
	pool[0].objects = 15;
	pool[0].tide.peak = 14;
	expect_nothing();
}

static void
failed_gets_are_an_error(void **state)
{
	struct tidei_audit_pool *pool = facts.pools.at;
	struct tide_audit_finding f;

	facts.queues.nb = 0;
	pool[0].cache_size = pool[0].cached_most = 0;
	pool[0].tide.failures = 3;
	f = expect(TIDE_AUDIT_NEAR_PEAK, TIDE_AUDIT_ERROR, "3 gets of mempool a failed",
		"/tide/owners,a");
	assert_int_equal(figure(&f, "failures"), 3);
}

/* If a cache cannot be filled, the get goes on without. */
static void
a_cache_that_could_not_be_filled_is_no_error(void **state)
{
	struct tidei_audit_pool *pool = facts.pools.at;

	pool[0].tide.failures = 3;
	pool[0].tide.peak = 8192 - 64;
	expect(TIDE_AUDIT_NEAR_PEAK, TIDE_AUDIT_WARNING,
		"3 gets or refills of caches of mempool a failed", "/tide/owners,a");
	pool[0].tide.peak++;
	expect(TIDE_AUDIT_NEAR_PEAK, TIDE_AUDIT_ERROR, "3 gets or refills of caches", "");
}

static void
each_kind_of_misuse_is_found(void **state)
{
	struct tidei_audit_pool *pool = facts.pools.at;
	struct tide_audit_finding f;

	pool[1].tide.double_free = 2;
	f = expect(TIDE_AUDIT_MISUSE, TIDE_AUDIT_ERROR, "mempool b refused 2 objects",
		"TIDE_MISUSE=abort");
	assert_int_equal(figure(&f, "double_free"), 2);
	pool[1].tide.double_free = 0;
	pool[1].tide.foreign = 1;
	expect(TIDE_AUDIT_MISUSE, TIDE_AUDIT_ERROR, "1 pointers from elsewhere", "TIDE_MISUSE");
	pool[1].tide.foreign = 0;
	pool[1].tide.misaligned = 1;
	expect(TIDE_AUDIT_MISUSE, TIDE_AUDIT_ERROR, "1 pointers at which", "TIDE_MISUSE");
	/* Other ops do not count. */
	pool[1].counts = false;
	expect_nothing();
}

static void
huge_pages_of_dead_processes_are_found(void **state)
{
	struct tide_eal_files *files = tidei_list_add(&facts.files, sizeof(*files));
	struct tide_audit_finding f;

	*files = (struct tide_eal_files){.directory = "/dev/hugepages",
		.prefix = "rte",
		.owner = TIDE_EAL_OWNER_DEAD,
		.node = 1,
		.files = 3,
		.page_size = 2 << 20,
		.bytes = 6 << 20};
	f = expect(TIDE_AUDIT_DEAD_PAGES, TIDE_AUDIT_WARNING,
		"keep 3 huge pages of 2048 kB on node 1",
		"for f in /dev/hugepages/rtemap_*; do flock -n \"$f\" rm \"$f\"; done");
	assert_int_equal(f.node, 1);
	files->node = TIDE_NODE_UNKNOWN;
	expect(TIDE_AUDIT_DEAD_PAGES, TIDE_AUDIT_WARNING, "2048 kB", "--file-prefix rte");
	/* With one node too. */
	use("node 0 cpus 0-7 memory 16G\n");
	expect(TIDE_AUDIT_DEAD_PAGES, TIDE_AUDIT_WARNING, "2048 kB", "--file-prefix rte");
	files->owner = TIDE_EAL_OWNER_ALIVE;
	expect_nothing();
	files->owner = TIDE_EAL_OWNER_UNKNOWN;
	expect_nothing();
	files->owner = TIDE_EAL_OWNER_DEAD;
	files->bytes = 0;
	expect_nothing();
}

/* Anyone who may write to the mount can choose the name. */
static void
a_command_takes_no_name_for_a_command(void **state)
{
	struct tide_eal_files *files = tidei_list_add(&facts.files, sizeof(*files));

	*files = (struct tide_eal_files){.directory = "/mnt/huge 1",
		.prefix = "a;$(b)'\"\n*",
		.owner = TIDE_EAL_OWNER_DEAD,
		.files = 1,
		.page_size = 2 << 20,
		.bytes = 2 << 20};
	expect(TIDE_AUDIT_DEAD_PAGES, TIDE_AUDIT_WARNING, "1 files",
		"for f in /mnt/huge\\ 1/a\\;\\$\\(b\\)\\'\\\"?\\*map_*; do");
}

static void
a_full_table_of_ops_is_found(void **state)
{
	facts.nb_ops = 14;
	expect_nothing();
	facts.nb_ops = 15;
	expect(TIDE_AUDIT_OPS_TABLE, TIDE_AUDIT_INFO, "15 of 16 places",
		"all files librte_mempool_bucket.so* out of EAL's driver directory");
	facts.nb_ops = 16;
	facts.has_tide_ops = false;
	expect(TIDE_AUDIT_OPS_TABLE, TIDE_AUDIT_ERROR, "the tide ops are not in it",
		"-Ddisable_drivers");
}

static void
numa_balancing_is_found(void **state)
{
	struct tidei_audit_pool *pool = facts.pools.at;

	facts.balances = true;
	expect(TIDE_AUDIT_NUMA_BALANCING, TIDE_AUDIT_INFO, "it does not move pages of mempools",
		"sysctl -w kernel.numa_balancing=0");
	pool[1].loose = true;
	expect(TIDE_AUDIT_NUMA_BALANCING, TIDE_AUDIT_WARNING, "1 mempools have pages", "sysctl");
	facts.pools.nb = 0;
	facts.queues.nb = 0;
	expect_nothing();
}

static void
a_device_of_unknown_node_is_found(void **state)
{
	struct tidei_audit_port *port = facts.ports.at;

	port[1].node = TIDE_NODE_UNKNOWN;
	expect(TIDE_AUDIT_NODE_UNKNOWN, TIDE_AUDIT_WARNING, "port 1 (0000:31:00.0)",
		"echo N > /sys/bus/pci/devices/0000:31:00.0/numa_node");
	port[1].is_pci = false;
	expect(TIDE_AUDIT_NODE_UNKNOWN, TIDE_AUDIT_WARNING, "port 1",
		"run lcores and mempools there");
	/* A virtual device has no node by nature. */
	port[1].is_virtual = true;
	expect_nothing();
}

static void
a_node_without_memory_of_eal_is_found(void **state)
{
	struct tidei_audit_heap *heap = facts.heaps.at;

	heap[1].bytes = 0;
	/* EAL takes memory there when it needs some. */
	expect_nothing();
	heap[1].free_huge = 0;
	expect(TIDE_AUDIT_NO_HEAP, TIDE_AUDIT_WARNING,
		"EAL has no memory on node 1, which has port 1: no huge page is free there",
		"reserve huge pages on node 1");
	heap[1].free_huge = UINT64_C(1) << 30;
	facts.heaps_are_fixed = true;
	expect(TIDE_AUDIT_NO_HEAP, TIDE_AUDIT_WARNING, "--legacy-mem fixes its memory",
		"start without --legacy-mem");
	facts.uses_huge_pages = false;
	expect(TIDE_AUDIT_NO_HEAP, TIDE_AUDIT_WARNING, "(--no-huge)", "without --no-huge");
}

/* As in a container. */
static void
a_node_whose_memory_is_forbidden_is_found(void **state)
{
	struct tidei_audit_heap *heap = facts.heaps.at;
	struct tidei_audit_queue *queue = facts.queues.at;

	use("node 0 cpus 0-3 memory 16G distance 1:21\nnode 1 cpus 4-7 memory 16G distance 0:21\n"
	    "allowed nodes 0\n");
	expect_nothing();
	heap[1].bytes = 0;
	expect(TIDE_AUDIT_NO_HEAP, TIDE_AUDIT_WARNING, "the kernel gives this process none there",
		"let this process use the memory of node 1, which its cpuset or");
	heap[1].bytes = 64 << 20;
	queue[1].mp = (const void *)&pool_a;
	expect(TIDE_AUDIT_QUEUE_REMOTE, TIDE_AUDIT_WARNING, "port 1",
		"policy forbids; then set up the queue");
}

static void
a_node_that_the_program_does_not_use_needs_no_memory(void **state)
{
	struct tidei_audit_heap *heap = facts.heaps.at;
	struct tidei_audit_port *port = facts.ports.at;
	struct tidei_audit_lcore *lcore = facts.lcores.at;

	heap[1].bytes = heap[1].free_huge = 0;
	facts.ports.nb = facts.queues.nb = 1;
	port[0].node = 0;
	expect(TIDE_AUDIT_NO_HEAP, TIDE_AUDIT_WARNING, "which has lcore 4", "reserve");
	lcore[1].node = 0;
	expect_nothing();
}

static void
errors_come_first(void **state)
{
	struct tidei_audit_pool *pool = facts.pools.at;

	facts.nb_ops = 16;
	facts.balances = true;
	pool[0].loose = true;
	pool[0].tide.peak = 8192;
	pool[1].tide.foreign = 1;
	check();
	assert_int_equal(tide_audit_count(audit, TIDE_AUDIT_INFO), 4);
	assert_int_equal(tide_audit_count(audit, TIDE_AUDIT_WARNING), 3);
	assert_int_equal(tide_audit_count(audit, TIDE_AUDIT_ERROR), 1);
	expect_at(0, TIDE_AUDIT_MISUSE, TIDE_AUDIT_ERROR, "mempool b", "");
	expect_at(1, TIDE_AUDIT_NEAR_PEAK, TIDE_AUDIT_WARNING, "mempool a", "");
	expect_at(2, TIDE_AUDIT_NUMA_BALANCING, TIDE_AUDIT_WARNING, "", "");
	expect_at(3, TIDE_AUDIT_OPS_TABLE, TIDE_AUDIT_INFO, "", "");
}

static void
a_terminal_gets_no_control_characters(void **state)
{
	struct tidei_audit_pool *pool = facts.pools.at;
	char *text = NULL;
	size_t size;
	FILE *out;

	strcpy(pool[1].name, "a\033[2J\n");
	pool[1].tide.foreign = 1;
	pool[1].refused = true;
	check();
	out = open_memstream(&text, &size);
	assert_non_null(out);
	tide_audit_dump(audit, out);
	fclose(out);
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "error: misuse: mempool a?[2J? refused"));
	assert_non_null(strstr(text, "limits:\n  "));
	assert_non_null(strstr(text, "mempool a?[2J? are\n"));
	free(text);
}

static void
names_are_those_of_the_header(void **state)
{
	assert_string_equal(tide_audit_kind_name(TIDE_AUDIT_PAGES_AWAY), "pages_away");
	assert_string_equal(tide_audit_kind_name(TIDE_AUDIT_NO_HEAP), "no_heap");
	assert_string_equal(tide_audit_kind_name(TIDE_AUDIT_KINDS), "unknown");
	assert_string_equal(tide_audit_severity_name(TIDE_AUDIT_ERROR), "error");
	assert_string_equal(tide_audit_severity_name((enum tide_audit_severity)3), "unknown");
}

#define CASE(claim) cmocka_unit_test_setup_teardown(claim, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_sound_program_has_no_finding),
		CASE(no_placement_is_wrong_on_one_node),
		CASE(pages_on_another_node_are_found),
		CASE(pages_of_several_sizes_have_no_size),
		CASE(moving_pages_is_no_remedy_where_others_belong),
		CASE(pages_without_an_answer_are_a_limit),
		CASE(a_queue_with_a_remote_mempool_is_found),
		CASE(queues_of_one_fault_are_one_finding),
		CASE(the_node_of_a_mempool_is_where_its_pages_are),
		CASE(a_queue_of_which_nothing_is_known_is_a_limit),
		CASE(an_lcore_that_polls_from_another_node_is_found),
		CASE(queues_polled_from_one_node_are_one_finding),
		CASE(a_thread_that_is_no_lcore_can_poll),
		CASE(queues_that_nothing_was_seen_to_poll_are_a_limit),
		CASE(a_measured_latency_is_the_penalty),
		CASE(a_port_without_an_lcore_on_its_node_is_polled_remotely),
		CASE(a_list_of_cpus_names_no_other_cpu),
		CASE(caches_that_can_take_all_objects_are_found),
		CASE(a_mempool_that_was_nearly_empty_is_found),
		CASE(a_mempool_of_few_objects_is_empty_too),
		CASE(failed_gets_are_an_error),
		CASE(a_cache_that_could_not_be_filled_is_no_error),
		CASE(each_kind_of_misuse_is_found),
		CASE(huge_pages_of_dead_processes_are_found),
		CASE(a_command_takes_no_name_for_a_command),
		CASE(a_full_table_of_ops_is_found),
		CASE(numa_balancing_is_found),
		CASE(a_device_of_unknown_node_is_found),
		CASE(a_node_without_memory_of_eal_is_found),
		CASE(a_node_whose_memory_is_forbidden_is_found),
		CASE(a_node_that_the_program_does_not_use_needs_no_memory),
		CASE(errors_come_first),
		CASE(a_terminal_gets_no_control_characters),
		CASE(names_are_those_of_the_header),
	};

	return cmocka_run_group_tests(cases, NULL, NULL);
}
