/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Life of a tide_pktbuf: check the conf, make mbufs and chunks on each node. */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>
#include <rte_mempool.h>
#include <rte_version.h>

#include "eal_friend.h"
#include "pktbuf_internal.h"
#include "pool_friend.h"
#include "region_friend.h"
#include "tide_log.h"
#include "topology_friend.h"

TIDE_LOG_REGISTER(pktbuf);

static uint32_t
chunk_size(const struct tide_pktbuf_conf *conf)
{
	return conf->chunk_size != 0 ? conf->chunk_size : TIDE_PKTBUF_CHUNK_DEFAULT;
}

/* Bytes of a chunk that are an object: the mempool's own part comes off. */
static uint32_t
object_size(const struct tide_pktbuf_conf *conf)
{
	uint32_t line = RTE_CACHE_LINE_SIZE;

	return chunk_size(conf) -
	       (rte_mempool_calc_obj_size(line, RTE_MEMPOOL_F_NO_SPREAD, NULL) - line);
}

/* Longest packet; 0: none fits. */
static uint32_t
len_max(const struct tide_pktbuf_conf *conf)
{
	uint32_t taken = TIDEI_CHUNK_START + TIDEI_PACKET_HEAD + conf->headroom;
	uint32_t size = object_size(conf);

	return size <= taken ? 0 : RTE_MIN(size - taken, (uint32_t)UINT16_MAX - conf->headroom);
}

static bool
chunk_size_is_good(const struct tide_pktbuf_conf *conf)
{
	uint32_t size = chunk_size(conf);

	return size >= TIDE_PKTBUF_CHUNK_MIN && size <= TIDE_PKTBUF_CHUNK_MAX &&
	       rte_is_power_of_2(size);
}

uint64_t
tide_pktbuf_chunks(const struct tide_pktbuf_conf *conf, uint64_t packets, uint32_t len)
{
	uint64_t each, room;

	if (!chunk_size_is_good(conf) || len == 0 || len > len_max(conf))
		return 0;
	each = RTE_ALIGN_CEIL(
		TIDEI_PACKET_HEAD + conf->headroom + len, (uint32_t)TIDEI_PACKET_ALIGN);
	room = (object_size(conf) - TIDEI_CHUNK_START) / each;
	return packets / room + (packets % room != 0);
}

/* Logs why the conf is invalid: -EINVAL. */
#define INVALID(conf, fmt, ...) \
	(TIDE_LOG(pktbuf, ERR, "%s: " fmt, (conf)->name, ##__VA_ARGS__), -EINVAL)

static int
check_name(const struct tide_pktbuf_conf *conf)
{
	if (conf == NULL || conf->name == NULL || conf->name[0] == '\0') {
		TIDE_LOG(pktbuf, ERR, "a set of packets needs a name");
		return -EINVAL;
	}
	if (strlen(conf->name) > TIDE_PKTBUF_NAME_MAX) {
		TIDE_LOG(pktbuf, ERR, "%s: the name has %zu characters, %d are the most",
			conf->name, strlen(conf->name), TIDE_PKTBUF_NAME_MAX);
		return -EINVAL;
	}
	return 0;
}

/* Bytes of a chunk that no packet of any length gets. */
static uint32_t
chunk_overhead(const struct tide_pktbuf_conf *conf)
{
	return chunk_size(conf) - object_size(conf) + TIDEI_CHUNK_START + TIDEI_PACKET_HEAD;
}

static int
check_chunks(const struct tide_pktbuf_conf *conf)
{
	if (conf->chunks == 0 || conf->chunks > TIDE_PKTBUF_CHUNKS_MAX)
		return INVALID(conf,
			"%" PRIu32 " chunks were requested, 1 to %" PRIu32
			" are possible: tide_pktbuf_chunks() tells how many are needed",
			conf->chunks, TIDE_PKTBUF_CHUNKS_MAX);
	if (!chunk_size_is_good(conf))
		return INVALID(conf,
			"chunks of %" PRIu32 " bytes are wanted: give chunk_size a power of two "
			"from %" PRIu32 " to %" PRIu32 ", or 0 for %" PRIu32,
			conf->chunk_size, TIDE_PKTBUF_CHUNK_MIN, TIDE_PKTBUF_CHUNK_MAX,
			TIDE_PKTBUF_CHUNK_DEFAULT);
	if (len_max(conf) == 0)
		return INVALID(conf,
			"a headroom of %u bytes leaves no room in a chunk of %" PRIu32
			", which needs %" PRIu32
			" itself: ask for less headroom or for larger chunks",
			conf->headroom, chunk_size(conf), chunk_overhead(conf));
	return 0;
}

static int
check_mbufs(const struct tide_pktbuf_conf *conf)
{
	uint64_t cached = tidei_cache_most(conf->cache_size, RTE_VERSION);

	if (conf->packets == 0)
		return INVALID(conf, "0 packets were requested: say how many per node");
	if (conf->cache_size > RTE_MEMPOOL_CACHE_MAX_SIZE || cached > conf->packets)
		return INVALID(conf,
			"a cache of %" PRIu32 " was requested: %d is the most, and the %" PRIu64
			" mbufs that it can hold must be among the %" PRIu32
			" of the set: ask for a smaller one, 0 suits the tide ops",
			conf->cache_size, RTE_MEMPOOL_CACHE_MAX_SIZE, cached, conf->packets);
	return 0;
}

static int
check_eal(const struct tide_pktbuf_conf *conf)
{
	const char *ops = conf->ops != NULL ? conf->ops : TIDE_MEMPOOL_OPS;

	if (!tidei_eal_is_up()) {
		TIDE_LOG(pktbuf, ERR, "%s: EAL is not initialised: call rte_eal_init() first",
			conf->name);
		return -ENOTSUP;
	}
	if (tidei_mempool_ops_number(ops) < 0) {
		TIDE_LOG(pktbuf, ERR, "%s: no mempool ops \"%s\": link or load (-d) their driver",
			conf->name, ops);
		return -EINVAL;
	}
	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		TIDE_LOG(pktbuf, ERR, "%s: packets are made by the primary process", conf->name);
		return -E_RTE_SECONDARY;
	}
	return 0;
}

static int
check_conf(const struct tide_pktbuf_conf *conf)
{
	int ret = check_name(conf);

	if (ret == 0)
		ret = check_mbufs(conf);
	if (ret == 0)
		ret = check_chunks(conf);
	if (ret == 0)
		ret = check_eal(conf);
	return ret;
}

/* The nodes named, or those of the lcores; when none of these is known, where the main lcore is. */
static int
collect_nodes(const struct tide_pktbuf_conf *conf, const struct tide_topology *topo, int home,
	struct tidei_nodes *nodes)
{
	unsigned int i;

	nodes->count = 0;
	for (i = 0; conf->nodes != NULL && i < conf->nb_nodes; i++) {
		if (tide_topology_node(topo, conf->nodes[i]) == NULL)
			return INVALID(conf, "node %d does not exist; this machine has %u node(s)",
				conf->nodes[i], tide_topology_nb_nodes(topo));
		tidei_nodes_add(nodes, conf->nodes[i]);
		if (nodes->count != i + 1)
			return INVALID(
				conf, "node %d is named twice: name each once", conf->nodes[i]);
	}
	if (conf->nodes == NULL) {
		RTE_LCORE_FOREACH (i)
			tidei_nodes_add(nodes, tide_topology_lcore_node(topo, i));
		if (nodes->count == 0)
			tidei_nodes_add(nodes, home);
	}
	return nodes->count != 0 ? 0 : INVALID(conf, "no node to hold packets on: name one");
}

/* Fill the tables that tell which node serves each lcore and node. */
static void
place_users(struct tide_pktbuf *set, const struct tide_topology *topo, int home,
	const struct tidei_nodes *nodes)
{
	enum tide_pool_reason reason;
	unsigned int i;
	int node;

	memset(set->index, -1, sizeof(set->index));
	for (i = 0; i < nodes->count; i++)
		set->index[nodes->ids[i]] = (int16_t)i;
	for (node = 0; node < TIDE_NODE_MAX; node++)
		set->serve[node] = (int16_t)tidei_nodes_choose(nodes, topo, node, home, &reason);
	for (i = 0; i < RTE_MAX_LCORE; i++) {
		node = tide_topology_lcore_node(topo, i);
		/* The next thread that registers may have the same id and run elsewhere. */
		set->local[i] = node == TIDE_NODE_UNKNOWN || rte_eal_lcore_role(i) == ROLE_NON_EAL
		                        ? -1
		                        : set->serve[node];
	}
}

static void
enter_chunk(struct rte_mempool *mp, void *arg, void *object, unsigned int i)
{
	struct tidei_pktbuf_node *node = arg;
	struct tidei_chunk *chunk = object;

	atomic_init(&chunk->refs, 0);
	chunk->index = i;
	chunk->iova = rte_mempool_virt2iova(object);
	node->chunk[i] = chunk;
}

static int
make_mbufs(struct tidei_pktbuf_node *node, struct tidei_objects_conf conf, uint32_t packets,
	uint32_t cache_size)
{
	struct rte_pktmbuf_pool_private priv = {0};

	conf.what = "mbufs";
	conf.count = packets;
	conf.size = sizeof(struct rte_mbuf);
	conf.cache_size = cache_size;
	conf.priv_size = sizeof(priv);
	conf.init = rte_pktmbuf_pool_init;
	conf.init_arg = &priv;
	conf.each = rte_pktmbuf_init;
	return tidei_objects_make(&node->mbufs, &conf);
}

/* Log which memory is missing. */
static int
no_memory(const char *name, const char *who, size_t size)
{
	TIDE_LOG(pktbuf, ERR, "%s: %s has no %zu bytes for tables: give it more memory", name, who,
		size);
	return -ENOMEM;
}

static int
make_chunks(struct tidei_pktbuf_node *node, struct tidei_objects_conf conf, uint32_t chunks,
	uint32_t size)
{
	node->end = size;
	node->chunk = calloc(chunks, sizeof(struct tidei_chunk *));
	if (node->chunk == NULL)
		return no_memory(conf.name, "malloc()", chunks * sizeof(struct tidei_chunk *));
	conf.what = "chunks";
	conf.count = chunks;
	conf.size = size;
	conf.each = enter_chunk;
	conf.each_arg = node;
	return tidei_objects_make(&node->chunks, &conf);
}

/* On the nearest node where EAL has something left: few cells are ever touched. */
static int
make_cells(struct tidei_pktbuf_node *node, const struct tide_topology *topo, const char *name)
{
	int heaps[TIDE_NODE_MAX];
	unsigned int i, n = tidei_eal_heaps(topo, node->node, heaps, RTE_DIM(heaps));

	for (i = 0; i < n && node->cells == NULL; i++)
		node->cells =
			rte_zmalloc_socket("tide_pktbuf", TIDEI_PKTBUF_CELLS * sizeof(*node->cells),
				alignof(struct tidei_pktbuf_cell), heaps[i]);
	if (node->cells == NULL)
		return no_memory(name, "EAL's heap", TIDEI_PKTBUF_CELLS * sizeof(*node->cells));
	for (i = 0; i < TIDEI_PKTBUF_CELLS; i++)
		atomic_init(&node->cells[i].at, node->end);
	return 0;
}

static void
free_node(struct tidei_pktbuf_node *node)
{
	rte_free(node->cells);
	tidei_objects_free(&node->chunks);
	tidei_objects_free(&node->mbufs);
	free(node->chunk);
}

static int
make_node(struct tidei_pktbuf_node *node, const struct tide_pktbuf_conf *conf,
	const struct tide_topology *topo, int id)
{
	char name[RTE_MEMPOOL_NAMESIZE];
	struct tidei_objects_conf objects = {
		.name = name,
		.topo = topo,
		.node = id,
		.compact = true,
		.ops = conf->ops != NULL ? conf->ops : TIDE_MEMPOOL_OPS,
		.page = conf->page,
		.backing = conf->backing,
		.enforce = conf->enforce,
	};
	int ret;

	node->node = id;
	snprintf(name, sizeof(name), "%s_mbuf_node%d", conf->name, id);
	ret = make_mbufs(node, objects, conf->packets, conf->cache_size);
	snprintf(name, sizeof(name), "%s_data_node%d", conf->name, id);
	if (ret == 0)
		ret = make_chunks(node, objects, conf->chunks, object_size(conf));
	if (ret == 0)
		ret = make_cells(node, topo, name);
	if (ret < 0)
		free_node(node);
	return ret;
}

static void
free_set(struct tide_pktbuf *set)
{
	while (set->nb_nodes > 0)
		free_node(&set->nodes[--set->nb_nodes]);
	free(set);
}

static int
create(const struct tide_pktbuf_conf *conf, const struct tide_topology *topo,
	struct tide_pktbuf **out)
{
	int ret, home = tide_topology_lcore_node(topo, rte_get_main_lcore());
	struct tidei_nodes nodes;
	struct tide_pktbuf *set;

	ret = collect_nodes(conf, topo, home, &nodes);
	if (ret < 0)
		return ret;
	set = calloc(1, sizeof(*set) + nodes.count * sizeof(set->nodes[0]));
	if (set == NULL)
		return no_memory(conf->name, "malloc()", sizeof(*set));
	snprintf(set->name, sizeof(set->name), "%s", conf->name);
	set->headroom = conf->headroom;
	set->len_max = len_max(conf);
	place_users(set, topo, home, &nodes);
	for (unsigned int i = 0; i < nodes.count; i++) {
		ret = make_node(&set->nodes[i], conf, topo, nodes.ids[i]);
		if (ret < 0) {
			free_set(set);
			return ret;
		}
		set->nb_nodes++;
	}
	assert(tide_pktbuf_check(set) == 0);
	*out = set;
	return 0;
}

struct tide_pktbuf *
tide_pktbuf_create(const struct tide_pktbuf_conf *conf)
{
	struct tide_topology *own_topo = NULL;
	struct tide_pktbuf *set = NULL;
	int ret = check_conf(conf);

	if (ret == 0)
		ret = tidei_topology_own(conf->topo, &own_topo);
	if (ret == 0)
		ret = create(conf, conf->topo != NULL ? conf->topo : own_topo, &set);
	if (ret < 0) {
		tide_topology_free(own_topo);
		rte_errno = -ret;
		return NULL;
	}
	set->own_topo = own_topo;
	return set;
}

/* Tells, and logs, whether a node has packets out, or mbufs without data. */
static bool
is_busy(const struct tide_pktbuf *set, int node)
{
	struct tide_pktbuf_stats stats;

	tide_pktbuf_stats(set, node, &stats);
	if (stats.packets_out == 0 && stats.mbufs_out == 0)
		return false;
	TIDE_LOG(pktbuf, ERR,
		"%s: node %d: %" PRIu64 " packets in %" PRIu32 " chunks and %" PRIu32 " of %" PRIu32
		" mbufs are still out: free what is held, clones too, then free the set",
		set->name, node, stats.packets_out, stats.chunks_out, stats.mbufs_out, stats.mbufs);
	return true;
}

int
tide_pktbuf_free(struct tide_pktbuf *set)
{
	unsigned int i, busy = 0;

	if (set == NULL)
		return 0;
	for (i = 0; i < set->nb_nodes; i++)
		busy += is_busy(set, set->nodes[i].node);
	if (busy != 0)
		return -EBUSY;
	assert(tide_pktbuf_check(set) == 0);
	tide_topology_free(set->own_topo);
	free_set(set);
	return 0;
}

int
tide_pktbuf_dma_map(struct tide_pktbuf *set, uint16_t port_id)
{
	struct rte_eth_dev_info info;
	int ret = 0;

	if (rte_eth_dev_info_get(port_id, &info) < 0) {
		TIDE_LOG(pktbuf, ERR, "%s: port %u does not exist; there are %u port(s)", set->name,
			port_id, rte_eth_dev_count_avail());
		return -EINVAL;
	}
	for (unsigned int i = 0; i < set->nb_nodes && ret == 0; i++)
		ret = tide_region_dma_map(set->nodes[i].chunks.region, info.device);
	return ret;
}
