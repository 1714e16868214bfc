/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The audit of a running EAL: mempools of several ops, ports that are polled, and processes that end. */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_version.h>

#include "audit_internal.h"
#include "child.h"
#include "eal.h"
#include "eal_friend.h"
#include "endpoint.h"
#include "mempool_friend.h"
#include "mempool_tide_friend.h"
#include "tide_audit.h"
#include "tide_eal_files.h"
#include "tide_pool.h"
#include "topology_friend.h"

/* CPU 0 is on node 0, on which the kernel of this machine has all pages. */
static const char two_nodes[] = "node 0 cpus 0 memory 16G distance 1:21 latency 0:90,1:140\n"
				"node 1 cpus 1023 memory 16G distance 0:21\n";

static struct tide_topology *topo;
static struct rte_mempool *mp;
static uint16_t port;
static bool has_port;

/* The node of the port, which is virtual and has none; TIDE_NODE_UNKNOWN: as it is. */
static int port_node = TIDE_NODE_UNKNOWN;
static enum tide_node_source port_source;

int __real_tide_topology_port_node(const struct tide_topology *t, uint16_t port_id,
	unsigned int lcore_id, enum tide_node_source *source);
int __wrap_tide_topology_port_node(const struct tide_topology *t, uint16_t port_id,
	unsigned int lcore_id, enum tide_node_source *source);

int
__wrap_tide_topology_port_node(const struct tide_topology *t, uint16_t port_id,
	unsigned int lcore_id, enum tide_node_source *source)
{
	if (port_node == TIDE_NODE_UNKNOWN)
		return __real_tide_topology_port_node(t, port_id, lcore_id, source);
	if (source != NULL)
		*source = port_source;
	return port_node;
}

/* The port is closed as soon as its node is known. */
static bool closes_port;
/* Memory of a driver that is gone; NULL: it is there. */
static const volatile char *gone;

enum tidei_port_bus __real_tidei_port_bus(uint16_t port_id, char *name, size_t size);
enum tidei_port_bus __wrap_tidei_port_bus(uint16_t port_id, char *name, size_t size);

enum tidei_port_bus
__wrap_tidei_port_bus(uint16_t port_id, char *name, size_t size)
{
	if (closes_port)
		rte_eth_dev_close(port_id);
	if (gone != NULL)
		return (enum tidei_port_bus) * gone;
	return __real_tidei_port_bus(port_id, name, size);
}

/* The driver tells which mempool fills its queues. */
static bool tells_mempool;

int __real_rte_eth_rx_queue_info_get(
	uint16_t port_id, uint16_t queue_id, struct rte_eth_rxq_info *info);
int __wrap_rte_eth_rx_queue_info_get(
	uint16_t port_id, uint16_t queue_id, struct rte_eth_rxq_info *info);

int
__wrap_rte_eth_rx_queue_info_get(uint16_t port_id, uint16_t queue_id, struct rte_eth_rxq_info *info)
{
	if (!tells_mempool)
		return __real_rte_eth_rx_queue_info_get(port_id, queue_id, info);
	info->mp = mp;
	info->nb_desc = 64;
	return 0;
}

/* Receive callbacks that were added and removed. */
static _Atomic unsigned int nb_added, nb_removed;

const struct rte_eth_rxtx_callback *__real_rte_eth_add_first_rx_callback(
	uint16_t port_id, uint16_t queue_id, rte_rx_callback_fn fn, void *user_param);
const struct rte_eth_rxtx_callback *__wrap_rte_eth_add_first_rx_callback(
	uint16_t port_id, uint16_t queue_id, rte_rx_callback_fn fn, void *user_param);
int __real_rte_eth_remove_rx_callback(
	uint16_t port_id, uint16_t queue_id, const struct rte_eth_rxtx_callback *user_cb);
int __wrap_rte_eth_remove_rx_callback(
	uint16_t port_id, uint16_t queue_id, const struct rte_eth_rxtx_callback *user_cb);

const struct rte_eth_rxtx_callback *
__wrap_rte_eth_add_first_rx_callback(
	uint16_t port_id, uint16_t queue_id, rte_rx_callback_fn fn, void *user_param)
{
	nb_added++;
	return __real_rte_eth_add_first_rx_callback(port_id, queue_id, fn, user_param);
}

int
__wrap_rte_eth_remove_rx_callback(
	uint16_t port_id, uint16_t queue_id, const struct rte_eth_rxtx_callback *user_cb)
{
	nb_removed++;
	return __real_rte_eth_remove_rx_callback(port_id, queue_id, user_cb);
}

/* The kernel lets threads sleep longer than they asked. */
static bool sleeps_long;

int __real_nanosleep(const struct timespec *duration, struct timespec *rem);
int __wrap_nanosleep(const struct timespec *duration, struct timespec *rem);

int
__wrap_nanosleep(const struct timespec *duration, struct timespec *rem)
{
	const struct timespec longer = {.tv_nsec = 20000000};

	return __real_nanosleep(sleeps_long ? &longer : duration, rem);
}

/* The allocation to fail, counted down; 0: none. */
static unsigned int fail_at;

static bool
fails(void)
{
	return fail_at != 0 && --fail_at == 0;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__wrap_realloc(void *ptr, size_t size);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
int __real_vasprintf(char **text, const char *format, va_list ap);
int
__wrap_vasprintf(char **text, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));

void *
__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *ptr, size_t size)
{
	return fails() ? NULL : __real_realloc(ptr, size);
}

char *
__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

int
__wrap_vasprintf(char **text, const char *format, va_list ap)
{
	return fails() ? -1 : __real_vasprintf(text, format, ap);
}

/* Memory that the library returned to EAL. */
static _Atomic unsigned int nb_freed;

void __real_rte_free(void *ptr);
void __wrap_rte_free(void *ptr);

void
__wrap_rte_free(void *ptr)
{
	nb_freed++;
	__real_rte_free(ptr);
}

/* The header of a mempool may be on any node, as on a node on which EAL has no heap. */
static bool heap_anywhere;

unsigned int
__real_tidei_eal_heaps(const struct tide_topology *t, int node, int *ids, unsigned int max);
unsigned int
__wrap_tidei_eal_heaps(const struct tide_topology *t, int node, int *ids, unsigned int max);

unsigned int
__wrap_tidei_eal_heaps(const struct tide_topology *t, int node, int *ids, unsigned int max)
{
	ids[0] = SOCKET_ID_ANY;
	return heap_anywhere ? 1 : __real_tidei_eal_heaps(t, node, ids, max);
}

/* EAL ends while an audit reads its lists. */
static bool ends_eal;

void __real_tidei_mempool_each(void (*cb)(struct rte_mempool *mp, void *arg), void *arg);
void __wrap_tidei_mempool_each(void (*cb)(struct rte_mempool *mp, void *arg), void *arg);

void
__wrap_tidei_mempool_each(void (*cb)(struct rte_mempool *mp, void *arg), void *arg)
{
	if (ends_eal)
		rte_eal_cleanup();
	__real_tidei_mempool_each(cb, arg);
}

/* EAL's files of this machine; some of a test. */
static unsigned int nb_files, nb_files_later;

unsigned int __wrap_tide_eal_files_read(struct tide_eal_files *files, unsigned int max);

unsigned int
__wrap_tide_eal_files_read(struct tide_eal_files *files, unsigned int max)
{
	unsigned int nb = files == NULL ? nb_files : nb_files_later;

	for (unsigned int i = 0; i < RTE_MIN(nb, max); i++)
		files[i] = (struct tide_eal_files){.directory = "/huge",
			.prefix = "rte",
			.owner = TIDE_EAL_OWNER_DEAD,
			.files = 1,
			.page_size = 4096,
			.bytes = 4096};
	return nb;
}

static void
make_pool(const char *ops, unsigned int n, unsigned int cache, int socket_id)
{
	mp = rte_pktmbuf_pool_create_by_ops(
		"pool", n, cache, 0, RTE_MBUF_DEFAULT_BUF_SIZE, socket_id, ops);
	assert_non_null(mp);
}

static int
set_up(void **state)
{
	topo = tide_topology_parse(two_nodes);
	port_node = TIDE_NODE_UNKNOWN;
	port_source = TIDE_NODE_SOURCE_DEVICE;
	nb_added = nb_removed = 0;
	return topo == NULL;
}

static int
tear_down(void **state)
{
	if (has_port)
		rte_eal_hotplug_remove("vdev", "net_null7");
	has_port = false;
	rte_mempool_free(mp);
	mp = NULL;
	tide_topology_free(topo);
	topo = NULL;
	return 0;
}

static struct tide_audit *
audit_of(const struct tide_topology *machine, unsigned int look_ms)
{
	const struct tide_audit_conf conf = {.topo = machine, .look_ms = look_ms};
	struct tide_audit *audit = tide_audit_create(&conf);

	assert_non_null(audit);
	return audit;
}

static bool
find(const struct tide_audit *audit, enum tide_audit_kind kind, struct tide_audit_finding *f)
{
	for (unsigned int i = 0; tide_audit_finding(audit, i, f); i++)
		if (f->kind == kind)
			return true;
	return false;
}

static bool
has(const struct tide_audit *audit, enum tide_audit_kind kind)
{
	struct tide_audit_finding f;

	return find(audit, kind, &f);
}

/* All but the facts that depend on the machine and on its DPDK. */
static void
expect_sound(const struct tide_audit *audit)
{
	for (unsigned int kind = 0; kind < TIDE_AUDIT_KINDS; kind++) {
		if (kind == TIDE_AUDIT_OPS_TABLE || kind == TIDE_AUDIT_NUMA_BALANCING ||
			kind == TIDE_AUDIT_NO_HEAP)
			continue;
		if (has(audit, (enum tide_audit_kind)kind))
			tide_audit_dump(audit, stderr);
		assert_false(has(audit, (enum tide_audit_kind)kind));
	}
}

static void
a_sound_mempool_has_no_finding(void **state)
{
	static const char *const ops[] = {"tide", "ring_mp_mc", "stack"};

	for (unsigned int i = 0; i < RTE_DIM(ops); i++) {
		struct tide_audit *audit;

		make_pool(ops[i], 2047, 32, SOCKET_ID_ANY);
		audit = tide_audit_create(NULL);
		assert_non_null(audit);
		expect_sound(audit);
		tide_audit_free(audit);
		rte_mempool_free(mp);
	}
	mp = NULL;
}

/* Make the mempool one that was requested on a node. */
static void
request(int node)
{
	mp->socket_id = node;
	if (strcmp(rte_mempool_get_ops(mp->ops_index)->name, "tide") == 0)
		tidei_mempool_extra(mp)->home = node;
}

static void
a_mempool_on_another_node_than_requested_is_found(void **state)
{
	static const char *const ops[] = {"tide", "ring_mp_mc"};

	for (unsigned int i = 0; i < RTE_DIM(ops); i++) {
		struct tide_audit_finding f;
		struct tide_audit *audit;

		make_pool(ops[i], 2047, 0, 0);
		audit = audit_of(topo, 0);
		assert_false(has(audit, TIDE_AUDIT_PAGES_AWAY));
		tide_audit_free(audit);
		request(1);
		audit = audit_of(topo, 0);
		assert_true(find(audit, TIDE_AUDIT_PAGES_AWAY, &f));
		assert_string_equal(f.pool, "pool");
		assert_int_equal(f.node, 0);
		assert_int_equal(f.home, 1);
		assert_string_equal(f.figures[0].name, "pages_away");
		assert_int_equal(f.figures[0].value, f.figures[1].value);
		/* Of these objects there is one on a page. */
		assert_true(f.figures[1].value >= 2047 && f.figures[1].value <= 2050);
		tide_audit_free(audit);
		rte_mempool_free(mp);
	}
	mp = NULL;
}

/* The node of the objects of a pool set counts, not that of its header. */
static void
a_pool_set_whose_header_is_elsewhere_is_sound(void **state)
{
	int node = 0;
	struct tide_pool_conf conf = {
		.name = "set", .nodes = &node, .nb_nodes = 1, .buffers = 1023, .data_room = 2048};
	struct tide_audit *audit;
	struct tide_pool *set;

	heap_anywhere = true;
	set = tide_pool_create(&conf);
	heap_anywhere = false;
	assert_non_null(set);
	assert_int_equal(tide_pool_on(set, 0)->socket_id, SOCKET_ID_ANY);
	assert_int_equal(tidei_mempool_home(tide_pool_on(set, 0)), 0);
	tide_pool_on(set, 0)->socket_id = 1;
	audit = audit_of(topo, 0);
	assert_false(has(audit, TIDE_AUDIT_PAGES_AWAY));
	tide_audit_free(audit);
	assert_int_equal(tide_pool_free(set), 0);
}

static void
a_mempool_for_any_node_is_nowhere_wrong(void **state)
{
	struct tide_audit *audit;

	make_pool("tide", 1023, 0, SOCKET_ID_ANY);
	assert_int_equal(tidei_mempool_home(mp), TIDE_NODE_UNKNOWN);
	audit = audit_of(topo, 0);
	assert_false(has(audit, TIDE_AUDIT_PAGES_AWAY));
	tide_audit_free(audit);
}

static unsigned int
count(const struct tide_audit *audit, enum tide_audit_kind kind)
{
	struct tide_audit_finding f;
	unsigned int found = 0;

	for (unsigned int i = 0; tide_audit_finding(audit, i, &f); i++)
		found += f.kind == kind;
	return found;
}

static void
files_of_dead_processes_are_found(void **state)
{
	const unsigned int later[] = {20, 3, 30};

	nb_files = 20;
	for (unsigned int i = 0; i < RTE_DIM(later); i++) {
		struct tide_audit *audit;

		nb_files_later = later[i];
		audit = audit_of(topo, 0);
		assert_int_equal(count(audit, TIDE_AUDIT_DEAD_PAGES), RTE_MIN(later[i], 20U));
		tide_audit_free(audit);
	}
	nb_files = nb_files_later = 0;
}

static void
a_double_free_is_found(void **state)
{
	struct tide_audit_finding f;
	struct tide_audit *audit;
	struct rte_mbuf *m;

	make_pool("tide", 1023, 0, SOCKET_ID_ANY);
	m = rte_pktmbuf_alloc(mp);
	rte_mempool_put(mp, m);
	rte_mempool_put(mp, m);
	audit = audit_of(topo, 0);
	assert_true(find(audit, TIDE_AUDIT_MISUSE, &f));
	assert_string_equal(f.figures[0].name, "double_free");
	assert_int_equal(f.figures[0].value, 1);
	tide_audit_free(audit);
}

static void
an_empty_mempool_is_found(void **state)
{
	struct rte_mbuf *m[64];
	struct tide_audit_finding f;
	struct tide_audit *audit;

	make_pool("tide", 63, 0, SOCKET_ID_ANY);
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m, 63), 0);
	assert_null(rte_pktmbuf_alloc(mp));
	rte_pktmbuf_free_bulk(m, 63);
	audit = audit_of(topo, 0);
	assert_true(find(audit, TIDE_AUDIT_NEAR_PEAK, &f));
	assert_int_equal(f.severity, TIDE_AUDIT_ERROR);
	assert_int_equal(f.figures[0].value, 63);
	tide_audit_free(audit);
}

static void
a_get_that_finds_too_few_for_a_cache_is_no_error(void **state)
{
	struct rte_mbuf *m[512 + 256 + 1];
	struct tide_audit_finding f;
	struct tide_audit *audit;

	make_pool("tide", 1023, 256, SOCKET_ID_ANY);
	/* These leave the cache empty. */
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m, 512), 0);
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m + 512, 256), 0);
	audit = audit_of(topo, 0);
	assert_false(has(audit, TIDE_AUDIT_NEAR_PEAK));
	tide_audit_free(audit);
	m[512 + 256] = rte_pktmbuf_alloc(mp);
	assert_non_null(m[512 + 256]);
	audit = audit_of(topo, 0);
	/* From DPDK 26.07 on a get asks for less. */
	if (find(audit, TIDE_AUDIT_NEAR_PEAK, &f))
		assert_int_equal(f.severity, TIDE_AUDIT_WARNING);
	tide_audit_free(audit);
	rte_pktmbuf_free_bulk(m, RTE_DIM(m));
}

/* A cache of 256 has 256 * 1.5 objects, 256 from DPDK 26.07 on. */
static unsigned int
cached_most(void)
{
	return (unsigned int)tidei_cache_most(256, RTE_VERSION);
}

static void
caches_for_all_objects_are_found(void **state)
{
	struct tide_audit_finding f;
	struct tide_audit *audit;

	make_pool("ring_mp_mc", cached_most(), 256, SOCKET_ID_ANY);
	audit = audit_of(topo, 0);
	assert_true(find(audit, TIDE_AUDIT_CACHE_TOO_LARGE, &f));
	assert_string_equal(f.figures[2].name, "caches");
	assert_int_equal(f.figures[2].value, 2);
	tide_audit_free(audit);
	rte_mempool_free(mp);
	make_pool("ring_mp_mc", 1023, 256, SOCKET_ID_ANY);
	audit = audit_of(topo, 0);
	assert_false(has(audit, TIDE_AUDIT_CACHE_TOO_LARGE));
	tide_audit_free(audit);
}

static void *
have_cache(void *arg)
{
	struct tide_audit **audit = arg;

	assert_int_equal(rte_thread_register(), 0);
	*audit = audit_of(topo, 0);
	rte_thread_unregister();
	return NULL;
}

/* Open vSwitch polls by such threads. */
static void
a_registered_thread_has_a_cache(void **state)
{
	struct tide_audit_finding f;
	struct tide_audit *audit;
	pthread_t thread;

	make_pool("ring_mp_mc", 511, 256, SOCKET_ID_ANY);
	assert_int_equal(pthread_create(&thread, NULL, have_cache, &audit), 0);
	pthread_join(thread, NULL);
	assert_true(find(audit, TIDE_AUDIT_CACHE_TOO_LARGE, &f));
	assert_int_equal(f.figures[2].value, 3);
	tide_audit_free(audit);
	/* A cache with objects of an lcore that this process does not have is that of another process. */
	mp->local_cache[7].len = 1;
	audit = audit_of(topo, 0);
	assert_true(find(audit, TIDE_AUDIT_CACHE_TOO_LARGE, &f));
	assert_int_equal(f.figures[2].value, 3);
	tide_audit_free(audit);
	mp->local_cache[7].len = 0;
}

static bool
is_limited(const struct tide_audit *audit, const char *words)
{
	const char *limit;

	for (unsigned int i = 0; (limit = tide_audit_limit(audit, i)) != NULL; i++)
		if (strstr(limit, words) != NULL)
			return true;
	return false;
}

static void
data_in_external_buffers_is_a_limit(void **state)
{
	const struct rte_pktmbuf_extmem memory = {.buf_ptr = malloc(64 * 2048),
		.buf_iova = RTE_BAD_IOVA,
		.buf_len = 64 * 2048,
		.elt_size = 2048};
	struct tide_audit *audit;

	make_pool("ring_mp_mc", 63, 0, SOCKET_ID_ANY);
	audit = audit_of(topo, 0);
	assert_false(is_limited(audit, "external buffers"));
	tide_audit_free(audit);
	rte_mempool_free(mp);
	mp = rte_pktmbuf_pool_create_extbuf("pool", 63, 0, 0, 2048, SOCKET_ID_ANY, &memory, 1);
	assert_non_null(mp);
	audit = audit_of(topo, 0);
	assert_true(is_limited(audit, "the data of mempool pool is in external buffers"));
	tide_audit_free(audit);
	rte_mempool_free(mp);
	mp = NULL;
	free(memory.buf_ptr);
}

/* Memory of the program's own, in four chunks. */
static void
chunks_of_one_page_count_once(void **state)
{
	static alignas(4096) char memory[8 * 4096];
	struct tide_audit_finding f;
	struct tide_audit *audit;

	mp = rte_mempool_create_empty("pool", 64, 64, 0, 0, 0, RTE_MEMPOOL_F_NO_IOVA_CONTIG);
	assert_non_null(mp);
	memset(memory, 1, sizeof(memory));
	for (unsigned int i = 0; i < 4; i++)
		assert_true(rte_mempool_populate_iova(
				    mp, memory + i * 2048, RTE_BAD_IOVA, 2048, NULL, NULL) > 0);
	request(1);
	audit = audit_of(topo, 0);
	assert_true(find(audit, TIDE_AUDIT_PAGES_AWAY, &f));
	assert_int_equal(f.figures[1].value, 2);
	tide_audit_free(audit);
}

static void
make_port_of(uint16_t queues)
{
	struct rte_eth_conf conf = {0};

	assert_int_equal(rte_eal_hotplug_add("vdev", "net_null7", ""), 0);
	has_port = true;
	assert_int_equal(rte_eth_dev_get_port_by_name("net_null7", &port), 0);
	assert_int_equal(rte_eth_dev_configure(port, queues, 1, &conf), 0);
	for (uint16_t q = 0; q < queues; q++)
		assert_int_equal(rte_eth_rx_queue_setup(port, q, 64, SOCKET_ID_ANY, NULL, mp), 0);
	assert_int_equal(rte_eth_tx_queue_setup(port, 0, 64, SOCKET_ID_ANY, NULL), 0);
	assert_int_equal(rte_eth_dev_start(port), 0);
}

/* Tell whether a file of the kernel says that it moves pages. */
static bool
kernel_balances(void)
{
	FILE *f = fopen("/proc/sys/kernel/numa_balancing", "re");
	int mode = 0;

	if (f == NULL)
		return false;
	if (fscanf(f, "%d", &mode) != 1)
		mode = 0;
	fclose(f);
	return mode != 0;
}

static void
facts_are_those_of_eal_and_the_kernel(void **state)
{
	struct tidei_audit_facts facts = {.topo = topo};
	const struct tidei_audit_lcore *lcore;
	const struct tidei_audit_heap *heap;
	const struct tidei_audit_pool *pool;
	const struct tidei_audit_port *of_port;

	make_pool("ring_mp_mc", 1023, 32, SOCKET_ID_ANY);
	make_port_of(1);
	assert_int_equal(tidei_audit_facts_read(&facts), 0);
	assert_int_equal(facts.lcores.nb, 2);
	lcore = facts.lcores.at;
	assert_int_equal(lcore[0].id, 0);
	assert_int_equal(lcore[1].id, 1);
	assert_int_equal(lcore[1].node, 0);
	assert_int_equal(facts.heaps.nb, rte_socket_count());
	heap = facts.heaps.at;
	assert_int_equal(heap[0].node, rte_socket_id_by_idx(0));
	assert_true(heap[0].bytes >= 64 << 20);
	assert_int_equal(heap[0].free_huge, tidei_huge_bytes(heap[0].node));
	assert_int_equal(facts.pools.nb, 1);
	pool = facts.pools.at;
	assert_ptr_equal(pool->mp, mp);
	assert_int_equal(pool->size, 1023);
	assert_int_equal(pool->objects, 1023);
	assert_int_equal(pool->cache_size, 32);
	assert_false(pool->counts);
	assert_int_equal(facts.ports.nb, 1);
	of_port = facts.ports.at;
	assert_int_equal(of_port->id, port);
	assert_string_equal(of_port->device, "net_null7");
	assert_int_equal(of_port->node, TIDE_NODE_UNKNOWN);
	assert_true(of_port->is_virtual);
	assert_false(of_port->is_pci);
	assert_int_equal(facts.queues.nb, 1);
	assert_int_equal(facts.nb_ops, rte_mempool_ops_table.num_ops);
	assert_int_equal(facts.max_ops, RTE_MEMPOOL_MAX_OPS_IDX);
	assert_true(facts.has_tide_ops);
	assert_false(facts.uses_huge_pages);
	assert_false(facts.heaps_are_fixed);
	assert_int_equal(facts.balances, kernel_balances());
	assert_int_equal(facts.pid, getpid());
	tidei_audit_facts_free(&facts);
}

static void
no_node_without_memory_is_found_where_eal_has_some(void **state)
{
	struct tide_audit_finding f;
	struct tide_audit *audit = audit_of(topo, 0);

	/* This EAL runs without huge pages and has memory on node 0. */
	if (find(audit, TIDE_AUDIT_NO_HEAP, &f))
		assert_int_not_equal(f.home, 0);
	tide_audit_free(audit);
}

static void
make_port(void)
{
	make_port_of(1);
}

static void
a_mempool_that_the_driver_tells_needs_no_look(void **state)
{
	struct tide_audit_finding f;
	struct tide_audit *audit;

	make_pool("ring_mp_mc", cached_most() + 127, 256, 0);
	make_port_of(2);
	port_node = 1;
	tells_mempool = true;
	audit = audit_of(topo, 0);
	tells_mempool = false;
	assert_true(find(audit, TIDE_AUDIT_QUEUE_REMOTE, &f));
	assert_string_equal(f.pool, "pool");
	assert_int_equal(f.figures[0].value, 2);
	assert_false(is_limited(audit, "mempools fill"));
	assert_true(find(audit, TIDE_AUDIT_CACHE_TOO_LARGE, &f));
	assert_string_equal(f.figures[4].name, "descriptors");
	assert_int_equal(f.figures[4].value, 128);
	tide_audit_free(audit);
}

static void
a_port_that_is_closed_meanwhile_is_left_out(void **state)
{
	struct tide_audit *audit;

	make_pool("tide", 1023, 0, SOCKET_ID_ANY);
	make_port();
	rte_eth_dev_stop(port);
	closes_port = true;
	audit = audit_of(topo, 0);
	closes_port = false;
	assert_false(rte_eth_dev_is_valid_port(port));
	expect_sound(audit);
	assert_false(is_limited(audit, "port"));
	tide_audit_free(audit);
}

static void
a_port_whose_driver_goes_away_meanwhile_is_left_out(void **state)
{
	struct tide_audit *audit;
	void *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(page, MAP_FAILED);
	make_pool("tide", 1023, 0, SOCKET_ID_ANY);
	make_port();
	gone = page;
	audit = audit_of(topo, 0);
	gone = NULL;
	assert_false(is_limited(audit, "port"));
	tide_audit_free(audit);
	audit = audit_of(topo, 0);
	assert_true(is_limited(audit, "port"));
	tide_audit_free(audit);
	munmap(page, 4096);
}

/* As in a container that may use one node of several. */
static void
the_only_node_for_memory_is_no_node_of_a_port(void **state)
{
	struct tide_audit *audit;

	make_pool("tide", 1023, 0, 0);
	make_port();
	port_node = 1;
	audit = audit_of(topo, 0);
	assert_true(has(audit, TIDE_AUDIT_POLLED_REMOTELY));
	tide_audit_free(audit);
	port_source = TIDE_NODE_SOURCE_ONLY_NODE;
	audit = audit_of(topo, 0);
	expect_sound(audit);
	tide_audit_free(audit);
}

static _Atomic bool stop, polls;

static uint16_t polled_queue;

static int
poll_port(void *arg)
{
	struct rte_mbuf *m[32];

	while (!stop) {
		rte_pktmbuf_free_bulk(m, rte_eth_rx_burst(port, polled_queue, m, 32));
		polls = true;
	}
	return 0;
}

static void
start_polling(unsigned int lcore_id)
{
	stop = polls = false;
	assert_int_equal(rte_eal_remote_launch(poll_port, NULL, lcore_id), 0);
	while (!polls)
		rte_pause();
}

static void
stop_polling(void)
{
	stop = true;
	rte_eal_mp_wait_lcore();
}

static void
a_look_finds_mempool_and_lcore_of_a_queue(void **state)
{
	struct tide_audit_finding f;
	struct tide_audit *audit;

	make_pool("tide", 1023, 0, 0);
	make_port();
	port_node = 1;
	start_polling(1);
	nb_freed = 0;
	audit = audit_of(topo, 0);
	assert_false(has(audit, TIDE_AUDIT_QUEUE_REMOTE));
	assert_non_null(strstr(tide_audit_limit(audit, 0), "does not tell which mempools"));
	assert_int_equal(nb_added, 0);
	tide_audit_free(audit);
	for (unsigned int i = 1; i <= 20; i++) {
		audit = audit_of(topo, 10000);
		assert_true(find(audit, TIDE_AUDIT_QUEUE_REMOTE, &f));
		assert_string_equal(f.pool, "pool");
		assert_int_equal(f.port, port);
		assert_int_equal(f.queue, 0);
		assert_true(find(audit, TIDE_AUDIT_POLLED_REMOTELY, &f));
		assert_int_equal(f.lcore_id, 1);
		assert_null(tide_audit_limit(audit, 0));
		assert_int_equal(nb_added, i);
		assert_int_equal(nb_removed, i);
		tide_audit_free(audit);
		/* All callbacks but the newest are freed. */
		assert_int_equal(nb_freed, i - 1);
	}
	/* On the right node nothing is wrong. */
	port_node = 0;
	audit = audit_of(topo, 10000);
	expect_sound(audit);
	tide_audit_free(audit);
	stop_polling();
}

static void
a_look_tells_queues_apart(void **state)
{
	struct tide_audit_finding f;
	struct tide_audit *audit;

	make_pool("tide", 1023, 0, 0);
	make_port_of(3);
	port_node = 1;
	polled_queue = 1;
	start_polling(1);
	audit = audit_of(topo, 100);
	stop_polling();
	polled_queue = 0;
	assert_true(find(audit, TIDE_AUDIT_QUEUE_REMOTE, &f));
	assert_int_equal(f.queue, 1);
	assert_true(find(audit, TIDE_AUDIT_POLLED_REMOTELY, &f));
	assert_int_equal(f.queue, 1);
	assert_int_equal(f.figures[0].value, 1);
	assert_true(is_limited(audit, "polled 2 of the 3 receive queues of port"));
	assert_true(is_limited(audit, "the look saw no packet of some queue"));
	tide_audit_free(audit);
}

/* Return the answer of /tide/audit as JSON; valid until the next call. */
static const char *
ask(const char *params)
{
	static char text[TIDEI_ANSWER_REPLY];
	struct tidei_answer answer;

	tidei_answer_to_json(&answer, text);
	tidei_endpoint_find("/tide/audit")->answer(params, &answer);
	tidei_answer_end(&answer);
	return text;
}

static void
the_endpoint_has_all_of_a_finding(void **state)
{
	const char *text;
	struct rte_mbuf *m;

	make_pool("tide", 1023, 0, SOCKET_ID_ANY);
	m = rte_pktmbuf_alloc(mp);
	rte_mempool_put(mp, m);
	assert_non_null(strstr(ask(""), "{\"errors\":0,"));
	rte_mempool_put(mp, m);
	text = ask("");
	assert_non_null(strstr(text, "{\"errors\":1,"));
	assert_non_null(strstr(text, "\"finding_0\":{\"kind\":\"misuse\",\"severity\":\"error\","
				     "\"pool\":\"pool\",\"double_free\":1,\"foreign\":0,"
				     "\"misaligned\":0,\"fact\":\"mempool pool refused 1 objects"));
	assert_non_null(strstr(text, "\"remedy\":\"run the program with TIDE_MISUSE=abort"));
}

static void
the_endpoint_refuses_other_parameters_than_milliseconds(void **state)
{
	static const char *const wrong[] = {
		"x", "-1", "10001", "1 ", "5,5", "999999999999999999999"};

	for (unsigned int i = 0; i < RTE_DIM(wrong); i++)
		assert_non_null(strstr(ask(wrong[i]), "{\"error\":\"the parameter is the time"));
	assert_non_null(strstr(ask("0"), "\"warnings\":"));
}

static void
looks_at_a_port_that_no_lcore_polls_end_and_keep_little(void **state)
{
	struct tide_audit *audit;
	unsigned int kept;

	make_pool("tide", 1023, 0, 0);
	make_port();
	port_node = 1;
	for (unsigned int i = 0; i < 8; i++) {
		audit = audit_of(topo, 2);
		assert_false(has(audit, TIDE_AUDIT_QUEUE_REMOTE));
		assert_true(nb_added <= 4);
		assert_int_equal(nb_removed, nb_added);
		tide_audit_free(audit);
	}
	/* After a pause it is tried again. Once an lcore polls, all are freed. */
	start_polling(1);
	sleep(3);
	kept = nb_added;
	for (unsigned int i = kept + 1; i < kept + 16; i++) {
		audit = audit_of(topo, 10000);
		assert_true(has(audit, TIDE_AUDIT_QUEUE_REMOTE));
		assert_int_equal(nb_added, i);
		tide_audit_free(audit);
	}
	stop_polling();
}

static void *
look_long(void *arg)
{
	tide_audit_free(audit_of(topo, 1000));
	return NULL;
}

static void
one_audit_looks_at_a_time(void **state)
{
	const struct tide_audit_conf conf = {.topo = topo, .look_ms = 1};
	pthread_t thread;

	make_pool("tide", 1023, 0, 0);
	make_port();
	assert_int_equal(pthread_create(&thread, NULL, look_long, NULL), 0);
	while (nb_added == 0)
		sched_yield();
	assert_null(tide_audit_create(&conf));
	assert_int_equal(rte_errno, EBUSY);
	assert_non_null(strstr(ask("1"), "{\"error\":\"another audit looks at packets"));
	/* One that does not look goes on. */
	tide_audit_free(audit_of(topo, 0));
	pthread_join(thread, NULL);
	tide_audit_free(audit_of(topo, 1));
}

static void
a_look_longer_than_ten_seconds_is_refused(void **state)
{
	const struct tide_audit_conf conf = {.look_ms = 10001};

	assert_null(tide_audit_create(&conf));
	assert_int_equal(rte_errno, EINVAL);
}

static bool
has_callback(void)
{
	return rte_eth_fp_ops[port].rxq.clbk[0] != NULL;
}

/* DPDK gives the callbacks of a port that was closed to the next port of that number. */
static void
a_callback_of_a_closed_port_is_removed_later(void **state)
{
	uint16_t before;
	pthread_t thread;

	make_pool("tide", 1023, 0, 0);
	make_port();
	before = port;
	/* Only the callback of this look is kept of all tests. */
	start_polling(1);
	tide_audit_free(audit_of(topo, 10000));
	stop_polling();
	nb_added = 0;
	assert_int_equal(pthread_create(&thread, NULL, look_long, NULL), 0);
	while (nb_added == 0)
		sched_yield();
	assert_int_equal(rte_eal_hotplug_remove("vdev", "net_null7"), 0);
	pthread_join(thread, NULL);
	make_port();
	assert_int_equal(port, before);
	assert_true(has_callback());
	start_polling(1);
	nb_freed = 0;
	tide_audit_free(audit_of(topo, 10000));
	assert_false(has_callback());
	tide_audit_free(audit_of(topo, 10000));
	stop_polling();
	/* All but the last one. */
	assert_int_equal(nb_freed, 3);
	assert_false(has_callback());
}

static uint16_t
drop_all(uint16_t port_id, uint16_t queue_id, struct rte_mbuf *pkts[], uint16_t nb_pkts,
	uint16_t max_pkts, void *arg)
{
	rte_pktmbuf_free_bulk(pkts, nb_pkts);
	return 0;
}

static void
a_look_sees_packets_that_callbacks_drop(void **state)
{
	const struct rte_eth_rxtx_callback *callback;
	struct tide_audit *audit;

	make_pool("tide", 1023, 0, 0);
	make_port();
	port_node = 1;
	callback = rte_eth_add_rx_callback(port, 0, drop_all, NULL);
	assert_non_null(callback);
	start_polling(1);
	audit = audit_of(topo, 1000);
	assert_true(has(audit, TIDE_AUDIT_QUEUE_REMOTE));
	tide_audit_free(audit);
	stop_polling();
	assert_int_equal(rte_eth_remove_rx_callback(port, 0, callback), 0);
	rte_free((void *)(uintptr_t)callback);
}

static void
a_look_ends_in_time(void **state)
{
	struct timespec begin, end;

	make_pool("tide", 1023, 0, 0);
	make_port();
	sleeps_long = true;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	tide_audit_free(audit_of(topo, 50));
	clock_gettime(CLOCK_MONOTONIC, &end);
	sleeps_long = false;
	/* 50 sleeps would take a second. */
	assert_true(
		(end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000 < 700);
}

/* Faults of each kind that needs no other machine. */
static void
any_allocation_can_fail(void **state)
{
	struct rte_mbuf *m;
	unsigned int n = 0;

	make_pool("tide", cached_most(), 256, 0);
	m = rte_pktmbuf_alloc(mp);
	rte_mempool_put(mp, m);
	make_port();
	port_node = 1;
	nb_files = nb_files_later = 1;
	start_polling(1);
	do {
		const struct tide_audit_conf conf = {.topo = topo, .look_ms = 10000};
		struct tide_audit *audit;

		fail_at = ++n;
		rte_errno = 0;
		audit = tide_audit_create(&conf);
		if (fail_at == 0) {
			assert_null(audit);
			assert_int_equal(rte_errno, ENOMEM);
		}
		tide_audit_free(audit);
	} while (fail_at == 0);
	fail_at = 0;
	stop_polling();
	nb_files = nb_files_later = 0;
	assert_true(n > 20);
	assert_false(has_callback());
}

static void *
churn(void *arg)
{
	char name[RTE_MEMPOOL_NAMESIZE];

	for (unsigned int i = 0; !stop; i++) {
		struct rte_mempool *one;

		snprintf(name, sizeof(name), "churn%u", i);
		one = rte_pktmbuf_pool_create(name, 127, 0, 0, 256, SOCKET_ID_ANY);
		rte_mempool_free(one);
	}
	return NULL;
}

static void
mempools_may_come_and_go_meanwhile(void **state)
{
	pthread_t thread;

	stop = false;
	assert_int_equal(pthread_create(&thread, NULL, churn, NULL), 0);
	for (unsigned int i = 0; i < 200; i++)
		tide_audit_free(audit_of(topo, 0));
	stop = true;
	pthread_join(thread, NULL);
}

static void
audit_without_eal(void)
{
	EXPECT(tide_audit_create(NULL) == NULL && rte_errno == ENOTSUP);
}

static void
audit_while_eal_ends(void)
{
	struct tide_audit *audit;

	test_eal_start(false, 64, "0");
	audit = tide_audit_create(NULL);
	EXPECT(audit != NULL);
	tide_audit_free(audit);
	ends_eal = true;
	EXPECT(tide_audit_create(NULL) == NULL && rte_errno == ECANCELED);
	ends_eal = false;
	EXPECT(tide_audit_create(NULL) == NULL && rte_errno == ECANCELED);
	/* The handlers at exit would end EAL again, and remove this. */
	rmdir(rte_eal_get_runtime_dir());
	_exit(0);
}

static void
without_eal_there_is_no_audit(void **state)
{
	test_in_child(audit_without_eal);
}

static void
an_audit_survives_the_end_of_eal(void **state)
{
	test_in_child(audit_while_eal_ends);
}

#define CASE(claim) cmocka_unit_test_setup_teardown(claim, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_sound_mempool_has_no_finding),
		CASE(a_mempool_on_another_node_than_requested_is_found),
		CASE(a_pool_set_whose_header_is_elsewhere_is_sound),
		CASE(a_mempool_for_any_node_is_nowhere_wrong),
		CASE(files_of_dead_processes_are_found),
		CASE(a_double_free_is_found),
		CASE(an_empty_mempool_is_found),
		CASE(a_get_that_finds_too_few_for_a_cache_is_no_error),
		CASE(caches_for_all_objects_are_found),
		CASE(a_registered_thread_has_a_cache),
		CASE(data_in_external_buffers_is_a_limit),
		CASE(a_mempool_that_the_driver_tells_needs_no_look),
		CASE(a_port_that_is_closed_meanwhile_is_left_out),
		CASE(a_port_whose_driver_goes_away_meanwhile_is_left_out),
		CASE(the_only_node_for_memory_is_no_node_of_a_port),
		CASE(chunks_of_one_page_count_once),
		CASE(facts_are_those_of_eal_and_the_kernel),
		CASE(no_node_without_memory_is_found_where_eal_has_some),
		CASE(a_look_finds_mempool_and_lcore_of_a_queue),
		CASE(a_look_tells_queues_apart),
		CASE(one_audit_looks_at_a_time),
		CASE(a_callback_of_a_closed_port_is_removed_later),
		CASE(a_look_sees_packets_that_callbacks_drop),
		CASE(a_look_ends_in_time),
		CASE(a_look_longer_than_ten_seconds_is_refused),
		CASE(any_allocation_can_fail),
		CASE(mempools_may_come_and_go_meanwhile),
		CASE(the_endpoint_has_all_of_a_finding),
		CASE(the_endpoint_refuses_other_parameters_than_milliseconds),
		CASE(looks_at_a_port_that_no_lcore_polls_end_and_keep_little),
	};

	const struct CMUnitTest before_eal[] = {
		cmocka_unit_test(without_eal_there_is_no_audit),
		cmocka_unit_test(an_audit_survives_the_end_of_eal),
	};
	int failed = cmocka_run_group_tests(before_eal, NULL, NULL);

	test_eal_start(false, 128, "0@0,1@0");
	return cmocka_run_group_tests(cases, NULL, NULL) + failed;
}
