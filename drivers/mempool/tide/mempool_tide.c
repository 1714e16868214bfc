/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* freemap behind the rte_mempool ops contract: translates, decides nothing. */

#include <errno.h>
#include <stdatomic.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mempool.h>
#include <rte_vect.h>

#include "freemap.h"
#include "mempool_tide.h"
#include "tide_log.h"
#include "tide_mempool.h"

/* Bits of a vector register without --force-max-simd-bitwidth, on every architecture DPDK has. */
#define WIDTH_DEFAULT 256

TIDE_LOG_REGISTER(mempool)

/* Threads without an lcore id are known by their kernel thread id. */
static inline uint32_t
caller(void)
{
	unsigned int lcore_id = rte_lcore_id();

	if (likely(lcore_id != LCORE_ID_ANY))
		return lcore_id;
	return TIDEI_WHO_TID | (uint32_t)rte_gettid();
}

static size_t
stride_of(const struct rte_mempool *mp)
{
	return (size_t)mp->header_size + mp->elt_size + mp->trailer_size;
}

static int
tide_alloc(struct rte_mempool *mp)
{
	size_t size = tidei_freemap_size(mp->size);
	void *mem;

	/* Here and not earlier: EAL options can change the answer. */
	tidei_freemap_choose_width(rte_vect_get_max_simd_bitwidth());
	if (size == 0)
		return -EINVAL;
	mem = rte_malloc_socket("tide_freemap", size + sizeof(struct tidei_mempool_extra),
		RTE_CACHE_LINE_SIZE, mp->socket_id);
	if (mem == NULL)
		return -ENOMEM;
	mp->pool_data = tidei_freemap_init(mem, mp->size, stride_of(mp));
	if (mp->pool_data == NULL) {
		rte_free(mem);
		return -EINVAL;
	}
	atomic_init(&tidei_mempool_extra(mp)->misuse, tidei_mempool_misuse_default());
	return 0;
}

static void
tide_free(struct rte_mempool *mp)
{
	struct tidei_freemap *map = mp->pool_data;

	if (map == NULL)
		return;
	rte_free(tidei_freemap_spans_table(map));
	rte_free(map);
}

static int
tide_dequeue(struct rte_mempool *mp, void **table, unsigned int n)
{
	return tidei_freemap_get(mp->pool_data, caller(), table, n);
}

/* The contract says that enqueue does not fail: what is refused is counted and reported. */
static int
tide_enqueue(struct rte_mempool *mp, void *const *table, unsigned int n)
{
	tidei_freemap_put(mp->pool_data, caller(), table, n, tidei_mempool_refused, mp);
	return 0;
}

static unsigned int
tide_get_count(const struct rte_mempool *mp)
{
	return tidei_freemap_count(mp->pool_data);
}

/*
 * Forget all memory when DPDK has taken it back: after a populate that failed half way it drains the
 * ops and drops every chunk, and may populate anew.
 */
static void
forget_dropped(struct rte_mempool *mp)
{
	struct tidei_freemap *map = mp->pool_data;

	if (mp->nb_mem_chunks != 0 || tidei_freemap_slots(map) == 0)
		return;
	rte_free(tidei_freemap_spans_table(map));
	tidei_freemap_init(map, mp->size, stride_of(mp));
}

/* Make room in the table of spans for one more. */
static int
reserve_span(struct rte_mempool *mp)
{
	struct tidei_freemap *map = mp->pool_data;
	uint32_t capacity = tidei_freemap_spans_capacity(map);
	void *mem;

	if (mp->nb_mem_chunks < capacity)
		return 0;
	capacity *= 2;
	mem = rte_malloc_socket("tide_spans", tidei_freemap_spans_size(capacity),
		RTE_CACHE_LINE_SIZE, mp->socket_id);
	if (mem == NULL)
		return -ENOMEM;
	rte_free(tidei_freemap_grow_spans(map, mem, capacity));
	return 0;
}

static int
tide_populate(struct rte_mempool *mp, unsigned int max_objs, void *vaddr, rte_iova_t iova,
	size_t len, rte_mempool_populate_obj_cb_t *obj_cb, void *obj_cb_arg)
{
	const size_t stride = stride_of(mp);
	unsigned int n = (unsigned int)RTE_MIN((size_t)max_objs, len / stride);
	char *object = RTE_PTR_ADD(vaddr, mp->header_size);
	int ret;

	if (n == 0)
		return 0;
	forget_dropped(mp);
	ret = reserve_span(mp);
	if (ret == 0)
		ret = tidei_freemap_add_span(mp->pool_data, object, n);
	if (ret != 0)
		return ret;
	for (unsigned int i = 0; i < n; i++)
		obj_cb(mp, obj_cb_arg, object + i * stride,
			iova == RTE_BAD_IOVA ? RTE_BAD_IOVA : iova + i * stride + mp->header_size);
	return (int)n;
}

const struct rte_mempool_ops tidei_mempool_ops = {
	.name = TIDE_MEMPOOL_OPS,
	.alloc = tide_alloc,
	.free = tide_free,
	.enqueue = tide_enqueue,
	.dequeue = tide_dequeue,
	.get_count = tide_get_count,
	.populate = tide_populate,
};

/*
 * Early, before the drivers of a static build fill the table of ops. A secondary process makes no pool and
 * keeps the width that DPDK allows by default.
 */
RTE_INIT_PRIO(tide_register, BUS)
{
	tidei_freemap_choose_width(WIDTH_DEFAULT);
	tidei_mempool_register(&tidei_mempool_ops);
}
