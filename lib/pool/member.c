/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * One member of a pool set: an rte_mempool of mbufs whose objects fill one region of one node.
 *
 * How many bytes n objects take depends on the mempool ops and on the stretches of contiguous IO
 * addresses, and those are known only once the memory is there. So the ops are asked, the region
 * made and filled, and when it holds too few it is made again, larger.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_memory.h>
#include <rte_mempool.h>

#include "pool_internal.h"
#include "tide_log.h"

/* Regions tried until one holds all objects; the second does unless IO addresses are scattered. */
#define ATTEMPTS 4

/* Smallest stretch an own region on huge pages has. */
#define PAGE_2M ((size_t)2 << 20)

void
tidei_member_name(const struct tide_pool_conf *conf, int node, char *text, size_t size)
{
	snprintf(text, size, "%s_node%d", conf->name, node);
}

static bool
has_heap(int node)
{
	unsigned int i;

	for (i = 0; i < rte_socket_count(); i++) {
		if (rte_socket_id_by_idx(i) == node)
			return true;
	}
	return false;
}

/*
 * A mempool without buffers: header and caches from the nearest node that may be used, has a heap of
 * EAL (those without CPUs have none) and has something left there. They are small and seldom far from
 * any cache; a node short of memory shall fail for its buffers' sake, or not at all.
 */
static struct rte_mempool *
make_empty(const struct tide_pool_conf *conf, const struct tide_topology *topo, int node,
	const char *name, unsigned int private_size)
{
	unsigned int size = sizeof(struct rte_mbuf) + conf->priv_size + conf->data_room;
	unsigned int i, n, tried = 0;
	struct rte_mempool *mp = NULL;
	int ids[TIDE_NODE_MAX + 1];

	n = tide_topology_nearest(topo, node, true, ids, TIDE_NODE_MAX);
	/* With no such heap, what EAL likes. */
	ids[n++] = SOCKET_ID_ANY;
	rte_errno = ENOMEM;
	for (i = 0; i < n && mp == NULL && rte_errno == ENOMEM; i++) {
		if (ids[i] == SOCKET_ID_ANY ? tried != 0 : !has_heap(ids[i]))
			continue;
		mp = rte_mempool_create_empty(
			name, conf->buffers, size, conf->cache_size, private_size, ids[i], 0);
		tried++;
	}
	if (mp != NULL && mp->socket_id != node)
		TIDE_LOG(pool, NOTICE,
			"%s: EAL has nothing on node %d that this process may use: header and "
			"caches of the mempool come from another node",
			name, node);
	return mp;
}

static struct rte_mempool *
make_header(const struct tide_pool_conf *conf, const struct tide_topology *topo, int node,
	const char *name)
{
	struct rte_pktmbuf_pool_private priv = {
		.mbuf_data_room_size = conf->data_room,
		.mbuf_priv_size = conf->priv_size,
	};
	struct rte_mempool *mp = make_empty(conf, topo, node, name, sizeof(priv));
	int ret;

	if (mp == NULL)
		return NULL;
	ret = rte_mempool_set_ops_byname(mp, conf->ops != NULL ? conf->ops : TIDE_POOL_OPS, NULL);
	if (ret < 0) {
		rte_mempool_free(mp);
		rte_errno = -ret;
		return NULL;
	}
	rte_pktmbuf_pool_init(mp, &priv);
	return mp;
}

/*
 * Bytes no object may cross a multiple of; 0: none. DPDK's own populate never lets an object cross
 * one of EAL's pages; other ops fill a stretch of contiguous IO addresses to the brim.
 */
static size_t
boundary(struct rte_mempool *mp)
{
	const struct rte_mempool_ops *ops = rte_mempool_get_ops(mp->ops_index);
	size_t page = 0;

	if (ops->populate != NULL && rte_eal_iova_mode() == RTE_IOVA_VA)
		return 0;
	if (rte_mempool_get_page_size(mp, &page) < 0)
		page = PAGE_2M;
	return RTE_MIN(page, PAGE_2M);
}

/* What the ops say about memory for all objects. */
struct want {
	size_t len; /* Bytes, alignment included. */
	size_t align; /* Of the first byte. */
	size_t min_stretch; /* Shorter stretches hold nothing. */
};

static int
ask_ops(struct rte_mempool *mp, struct want *want)
{
	const struct rte_mempool_ops *ops = rte_mempool_get_ops(mp->ops_index);
	size_t page = boundary(mp);
	uint32_t shift = page == 0 ? 0 : (uint32_t)__builtin_ctzl(page);
	ssize_t len;

	/* As rte_mempool_ops_calc_mem_size(), which DPDK keeps to itself. */
	if (ops->calc_mem_size != NULL)
		len = ops->calc_mem_size(mp, mp->size, shift, &want->min_stretch, &want->align);
	else
		len = rte_mempool_op_calc_mem_size_default(
			mp, mp->size, shift, &want->min_stretch, &want->align);
	if (len < 0)
		return (int)len;
	want->len = (size_t)len;
	/* A region starts on a cache line at least. */
	if (want->align > RTE_CACHE_LINE_SIZE)
		want->len += want->align;
	return 0;
}

struct filling {
	struct rte_mempool *mp;
	const struct want *want;
};

static int
fill_stretch(void *addr, uint64_t iova, size_t len, void *arg)
{
	struct filling *filling = arg;
	const struct want *want = filling->want;
	char *start = RTE_PTR_ALIGN_CEIL(addr, want->align);
	size_t skip = (size_t)(start - (char *)addr);
	int ret;

	if (filling->mp->populated_size >= filling->mp->size || len < skip + want->min_stretch)
		return 0;
	ret = rte_mempool_populate_iova(filling->mp, start,
		iova == RTE_BAD_IOVA ? RTE_BAD_IOVA : iova + skip, len - skip, NULL, NULL);
	return ret < 0 ? ret : 0;
}

static struct tide_region *
make_region(const struct tide_pool_conf *conf, const struct tide_topology *topo, int node,
	const char *name, size_t len)
{
	char region_name[RTE_MEMZONE_NAMESIZE];
	struct tide_placement found;
	struct tide_region *made;
	struct tide_region_conf region = {
		.name = region_name,
		.node = node,
		.len = len,
		.page = conf->page,
		.backing = conf->backing,
		.enforce = conf->enforce,
		.topo = topo,
	};

	snprintf(region_name, sizeof(region_name), "%s_mem", name);
	made = tide_region_create(&region, &found);
	if (made == NULL && conf->failed != NULL)
		*conf->failed = found;
	return made;
}

/* One try with `extra` bytes more than the ops ask for; *missing: objects that found no room. */
static int
try_make(struct tidei_member *member, const struct tide_pool_conf *conf,
	const struct tide_topology *topo, const char *name, size_t extra, uint32_t *missing)
{
	struct filling filling;
	struct want want;
	int ret;

	*missing = 0;
	member->mp = make_header(conf, topo, member->node, name);
	if (member->mp == NULL) {
		ret = -rte_errno;
		TIDE_LOG(pool, ERR, "%s: no mempool of %" PRIu32 " buffers: %s", name,
			conf->buffers, rte_strerror(-ret));
		return ret;
	}
	ret = ask_ops(member->mp, &want);
	if (ret < 0 || want.len > SIZE_MAX - extra) {
		ret = ret < 0 ? ret : -ENOMEM;
		TIDE_LOG(pool, ERR, "%s: the mempool ops cannot hold %" PRIu32 " buffers: %s", name,
			conf->buffers, rte_strerror(-ret));
		goto fail;
	}
	member->region = make_region(conf, topo, member->node, name, want.len + extra);
	if (member->region == NULL) {
		ret = -rte_errno;
		goto fail;
	}
	filling.mp = member->mp;
	filling.want = &want;
	ret = tide_region_stretches(member->region, fill_stretch, &filling);
	if (ret < 0) {
		TIDE_LOG(pool, ERR, "%s: the mempool ops refuse the memory: %s", name,
			rte_strerror(-ret));
		goto fail;
	}
	*missing = member->mp->size - member->mp->populated_size;
	if (*missing == 0)
		return 0;
	ret = -ENOMEM;
fail:
	tidei_member_free(member);
	return ret;
}

int
tidei_member_make(struct tidei_member *member, const struct tide_pool_conf *conf,
	const struct tide_topology *topo, int node)
{
	size_t object = rte_mempool_calc_obj_size(
		sizeof(struct rte_mbuf) + conf->priv_size + conf->data_room, 0, NULL);
	char name[RTE_MEMPOOL_NAMESIZE];
	unsigned int attempt;
	uint32_t missing = 0;
	size_t extra = 0;
	int ret = -ENOMEM;

	memset(member, 0, sizeof(*member));
	member->node = node;
	tidei_member_name(conf, node, name, sizeof(name));
	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		ret = try_make(member, conf, topo, name, extra, &missing);
		if (ret == 0 || missing == 0)
			break;
		extra += (size_t)missing * object + PAGE_2M;
	}
	if (ret < 0 && missing != 0)
		TIDE_LOG(pool, ERR,
			"%s: %" PRIu32 " of %" PRIu32 " buffers find no contiguous IO addresses: "
			"use larger pages or an IOMMU",
			name, missing, conf->buffers);
	if (ret == 0)
		rte_mempool_obj_iter(member->mp, rte_pktmbuf_init, NULL);
	return ret;
}

void
tidei_member_free(struct tidei_member *member)
{
	rte_mempool_free(member->mp);
	tide_region_free(member->region);
	member->mp = NULL;
	member->region = NULL;
}
