/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * An rte_mempool whose objects fill one region of one node: of mbufs, or of anything else.
 *
 * The bytes of n objects depend on the mempool ops and on the stretches of contiguous IO addresses,
 * known only once the memory exists. So the region is made with the size that the ops report; if it
 * holds too few objects, it is made again, larger.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_memory.h>
#include <rte_mempool.h>

#include "eal_friend.h"
#include "mempool_friend.h"
#include "mempool_tide_friend.h"
#include "region_friend.h"
#include "tide_log.h"

/* Regions tried until one holds all objects; the second does unless IO addresses are scattered. */
#define ATTEMPTS 4

/* Smallest stretch an own region on huge pages has. */
#define PAGE_2M ((size_t)2 << 20)

static unsigned int
flags_of(const struct tidei_objects_conf *conf)
{
	return (conf->no_iova ? RTE_MEMPOOL_F_NO_IOVA_CONTIG : 0) |
	       (conf->compact ? RTE_MEMPOOL_F_NO_SPREAD : 0);
}

/*
 * Makes a mempool without objects: header and caches are on the nearest allowed node with free memory
 * in EAL's heap. They are small and mostly cached, so a node short of memory fails only for its objects.
 */
static struct rte_mempool *
make_empty(const struct tidei_objects_conf *conf)
{
	struct rte_mempool *mp = NULL;
	int ids[TIDE_NODE_MAX];
	unsigned int i, n = tidei_eal_heaps(conf->topo, conf->node, ids, RTE_DIM(ids));

	rte_errno = ENOMEM;
	for (i = 0; i < n && mp == NULL && rte_errno == ENOMEM; i++)
		mp = rte_mempool_create_empty(conf->name, conf->count, conf->size, conf->cache_size,
			conf->priv_size, ids[i], flags_of(conf));
	if (mp != NULL && mp->socket_id != conf->node)
		TIDE_LOG(mempool, NOTICE,
			"%s: EAL has nothing on node %d that this process may use: header and "
			"caches of the mempool come from another node",
			conf->name, conf->node);
	return mp;
}

static struct rte_mempool *
make_header(const struct tidei_objects_conf *conf)
{
	struct rte_mempool *mp = make_empty(conf);
	int ret;

	if (mp == NULL)
		return NULL;
	ret = rte_mempool_set_ops_byname(mp, conf->ops, (void *)(uintptr_t)conf->ledger);
	if (ret < 0) {
		rte_mempool_free(mp);
		rte_errno = -ret;
		return NULL;
	}
	if (conf->init != NULL)
		conf->init(mp, conf->init_arg);
	return mp;
}

/*
 * Bytes no object may cross a multiple of; 0: none. Neither DPDK's own populate nor that of the tide
 * ops lets an object cross one of EAL's pages.
 */
static size_t
boundary(struct rte_mempool *mp)
{
	size_t page = 0;

	if (rte_mempool_get_page_size(mp, &page) < 0)
		page = PAGE_2M;
	return RTE_MIN(page, PAGE_2M);
}

/* The memory that the ops request for all objects. */
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

	/* Like rte_mempool_ops_calc_mem_size(), which DPDK does not export. */
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

void
tidei_objects_zone_name(const char *mempool, char *text, size_t size)
{
	snprintf(text, size, "%s_mem", mempool);
}

static struct tide_region *
make_region(const struct tidei_objects_conf *conf, size_t len)
{
	char name[RTE_MEMZONE_NAMESIZE];
	struct tide_placement found;
	struct tide_region *made;
	struct tide_region_conf region = {
		.name = name,
		.node = conf->node,
		.len = len,
		.page = conf->page,
		.backing = conf->backing,
		.enforce = conf->enforce,
		.topo = conf->topo,
	};

	tidei_objects_zone_name(conf->name, name, sizeof(name));
	made = tidei_region_create(&region, &found, conf->failed != NULL);
	if (made == NULL && conf->failed != NULL)
		*conf->failed = found;
	return made;
}

/* Returns the text of DPDK's error: each mempool, and some ops too, need a memzone. */
static const char *
words_of(int ret, char *text, size_t size)
{
	if (ret == -ENOSPC)
		snprintf(text, size, "EAL has no memzone left: %s", tidei_memzones_advice());
	else
		snprintf(text, size, "%s", rte_strerror(-ret));
	return text;
}

/* One try with `extra` bytes more than the ops ask for; *missing: objects that found no room. */
static int
try_make(struct tidei_objects *objects, const struct tidei_objects_conf *conf, size_t extra,
	uint32_t *missing)
{
	struct filling filling;
	struct want want;
	char words[256];
	int ret;

	*missing = 0;
	objects->mp = make_header(conf);
	if (objects->mp == NULL) {
		ret = -rte_errno;
		TIDE_LOG(mempool, ERR, "%s: no mempool of %" PRIu32 " %s: %s", conf->name,
			conf->count, conf->what, words_of(ret, words, sizeof(words)));
		return ret;
	}
	ret = ask_ops(objects->mp, &want);
	if (ret < 0 || want.len > SIZE_MAX - extra) {
		ret = ret < 0 ? ret : -ENOMEM;
		TIDE_LOG(mempool, ERR, "%s: the mempool ops cannot hold %" PRIu32 " %s: %s",
			conf->name, conf->count, conf->what, rte_strerror(-ret));
		goto fail;
	}
	objects->region = make_region(conf, want.len + extra);
	if (objects->region == NULL) {
		ret = -rte_errno;
		goto fail;
	}
	filling.mp = objects->mp;
	filling.want = &want;
	if (conf->no_iova)
		ret = fill_stretch(tide_region_addr(objects->region), RTE_BAD_IOVA,
			tide_region_len(objects->region), &filling);
	else
		ret = tide_region_iova_walk(objects->region, fill_stretch, &filling);
	if (ret < 0) {
		TIDE_LOG(mempool, ERR, "%s: the mempool ops refuse the memory: %s", conf->name,
			words_of(ret, words, sizeof(words)));
		goto fail;
	}
	*missing = objects->mp->size - objects->mp->populated_size;
	if (*missing == 0)
		return 0;
	ret = -ENOMEM;
fail:
	tidei_objects_free(objects);
	return ret;
}

int
tidei_objects_make(struct tidei_objects *objects, const struct tidei_objects_conf *conf)
{
	size_t object = rte_mempool_calc_obj_size(conf->size, flags_of(conf), NULL);
	unsigned int attempt;
	uint32_t missing = 0;
	size_t extra = 0;
	int ret = -ENOMEM;

	memset(objects, 0, sizeof(*objects));
	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		ret = try_make(objects, conf, extra, &missing);
		if (ret == 0 || missing == 0)
			break;
		extra += (size_t)missing * object + PAGE_2M;
	}
	if (ret < 0 && missing != 0)
		TIDE_LOG(mempool, ERR,
			"%s: %" PRIu32 " of %" PRIu32 " %s find no contiguous IO addresses: "
			"use larger pages or an IOMMU",
			conf->name, missing, conf->count, conf->what);
	if (ret < 0)
		return ret;
	/* The header can be elsewhere. */
	if (tidei_mempool_queryable(objects->mp) == 0)
		tidei_mempool_extra(objects->mp)->home = conf->node;
	rte_mempool_obj_iter(objects->mp, conf->each, conf->each_arg);
	return 0;
}

void
tidei_objects_free(struct tidei_objects *objects)
{
	rte_mempool_free(objects->mp);
	tide_region_free(objects->region);
	objects->mp = NULL;
	objects->region = NULL;
}
