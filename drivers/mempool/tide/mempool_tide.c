/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The mempool ops: they translate the rte_mempool contract to calls of the allocator. */

#include <errno.h>
#include <stdatomic.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mempool.h>
#include <rte_vect.h>

#include "magazine.h"
#include "mempool_tide_internal.h"
#include "tide_log.h"
#include "tide_mempool_ops.h"

/* Bits of a vector register without --force-max-simd-bitwidth, on every architecture DPDK has. */
#define WIDTH_DEFAULT 256

TIDE_LOG_REGISTER(mempool)

static uint32_t
lcore_id(void)
{
	return rte_lcore_id();
}
static_assert(LCORE_ID_ANY == UINT32_MAX, "the value for a thread without an lcore id");

static size_t
stride_of(const struct rte_mempool *mp)
{
	return (size_t)mp->header_size + mp->elt_size + mp->trailer_size;
}

static int
tide_alloc(struct rte_mempool *mp)
{
	enum tidei_ledger_mode mode = tidei_mempool_ledger(mp);
	size_t size = tidei_magazines_size(mp->size, stride_of(mp), mode);
	void *mem;

	/* Not earlier, because EAL options can change the width. */
	tidei_magazines_choose_width(rte_vect_get_max_simd_bitwidth());
	if (size == 0)
		return -EINVAL;
	mem = rte_malloc_socket("tide_magazines", sizeof(struct tidei_mempool_extra) + size,
		sizeof(struct tidei_mempool_extra), mp->socket_id);
	if (mem == NULL)
		return -ENOMEM;
	mp->pool_data = tidei_magazines_init(RTE_PTR_ADD(mem, sizeof(struct tidei_mempool_extra)),
		mp->size, stride_of(mp), mode);
	atomic_init(&tidei_mempool_extra(mp)->misuse, tidei_mempool_misuse_default());
	tidei_mempool_extra(mp)->home = mp->socket_id;
	tidei_mempool_choose_cache(mp);
	return 0;
}

static void
tide_free(struct rte_mempool *mp)
{
	struct tidei_magazines *mags = mp->pool_data;

	if (mags == NULL)
		return;
	rte_free(tidei_magazines_grown(mags));
	rte_free(tidei_mempool_extra(mp));
}

static int
tide_dequeue(struct rte_mempool *mp, void **table, unsigned int n)
{
	const struct tidei_listener listener = {tidei_mempool_refused, mp};

	return tidei_magazines_get(mp->pool_data, table, n, &listener);
}

/* By the contract enqueue does not fail: the allocator counts and reports refused objects. */
static int
tide_enqueue(struct rte_mempool *mp, void *const *table, unsigned int n)
{
	const struct tidei_listener listener = {tidei_mempool_refused, mp};

	tidei_magazines_put(mp->pool_data, table, n, &listener);
	return 0;
}

static unsigned int
tide_get_count(const struct rte_mempool *mp)
{
	return tidei_magazines_count(mp->pool_data);
}

/*
 * Reset the allocator if DPDK has freed all memory of the mempool. After a populate that fails half way,
 * DPDK drains the ops, frees every chunk, and may populate again.
 */
static void
forget_dropped(struct rte_mempool *mp)
{
	struct tidei_magazines *mags = mp->pool_data;

	if (mp->nb_mem_chunks != 0 || tidei_magazines_objects(mags) == 0)
		return;
	rte_free(tidei_magazines_grown(mags));
	tidei_magazines_init(mags, mp->size, stride_of(mp), tidei_magazines_mode(mags));
}

/* Add a run of objects, and grow the allocator's tables if necessary. */
static int
add_run(struct rte_mempool *mp, void *first, unsigned int n)
{
	struct tidei_magazines *mags = mp->pool_data;
	size_t size = tidei_magazines_grow_size(mags);
	void *mem;

	if (size != 0) {
		mem = rte_malloc_socket("tide_grown", size, RTE_CACHE_LINE_SIZE, mp->socket_id);
		if (mem == NULL)
			return -ENOMEM;
		rte_free(tidei_magazines_grow(mags, mem));
	}
	return tidei_magazines_add(mags, first, n);
}

/*
 * Compute the bytes to skip at an address so that an object does not cross a page. The result is 0 if
 * page_size is 0 or smaller than an object: then DPDK lets objects cross pages.
 */
static size_t
page_gap(uintptr_t address, size_t stride, size_t page_size)
{
	size_t in_page;

	if (page_size == 0 || stride > page_size)
		return 0;
	in_page = address & (page_size - 1);
	return in_page + stride > page_size ? page_size - in_page : 0;
}

/* Count the objects that fit from an address on without a gap. */
static unsigned int
run_length(uintptr_t address, size_t len, size_t stride, size_t page_size, unsigned int max)
{
	if (page_size != 0 && stride <= page_size)
		len = RTE_MIN(len, page_size - (address & (page_size - 1)));
	return (unsigned int)RTE_MIN((size_t)max, len / stride);
}

static int
tide_populate(struct rte_mempool *mp, unsigned int max_objs, void *vaddr, rte_iova_t iova,
	size_t len, rte_mempool_populate_obj_cb_t *obj_cb, void *obj_cb_arg)
{
	const size_t stride = stride_of(mp);
	unsigned int done = 0, n;
	size_t off = 0, page_size;
	int ret = rte_mempool_get_page_size(mp, &page_size);

	if (ret != 0)
		return ret;
	forget_dropped(mp);
	for (; done < max_objs; done += n) {
		off += page_gap((uintptr_t)vaddr + off, stride, page_size);
		if (off + stride > len)
			break;
		n = run_length(
			(uintptr_t)vaddr + off, len - off, stride, page_size, max_objs - done);
		ret = add_run(mp, RTE_PTR_ADD(vaddr, off + mp->header_size), n);
		/* DPDK counts the added objects, and frees the memory chunk only if there are none. */
		if (ret != 0)
			return done > 0 ? (int)done : ret;
		for (unsigned int i = 0; i < n; i++, off += stride)
			obj_cb(mp, obj_cb_arg, RTE_PTR_ADD(vaddr, off + mp->header_size),
				iova == RTE_BAD_IOVA ? RTE_BAD_IOVA : iova + off + mp->header_size);
	}
	return (int)done;
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

/* A secondary process makes no mempool, and keeps the width that DPDK allows by default. */
RTE_INIT(tide_init)
{
	tidei_magazines_choose_width(WIDTH_DEFAULT);
	tidei_magazines_name_lcores(lcore_id);
	tidei_mempool_register_last();
}
