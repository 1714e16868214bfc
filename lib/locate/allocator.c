/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Leaves out the allocators and caches of mempools: they have pointers to free objects, and old pointers. */

#include "locate_scan.h"
#include "magazine.h"

/* The memory of a ring or a stack is one span, and so is each of the two parts of the tide ops' allocator. */
static void
leave_out_span(struct tidei_scan *scan, const void *at)
{
	const struct tidei_span *span = tidei_layout_block(&scan->layout, (uintptr_t)at);

	if (span != NULL)
		tidei_layout_leave_out(&scan->layout, span->from, span->to);
}

/* The memory of other ops can have pointers to free objects, and to those that are out. */
static void
name_span(struct tidei_scan *scan, const struct tidei_target_pool *p)
{
	struct tidei_span *span = tidei_layout_block(&scan->layout, (uintptr_t)p->pool_data);

	if (span == NULL)
		return;
	span->kind = TIDE_LOCATE_ALLOCATOR;
	span->name = p->ops;
}

void
tidei_scan_leave_out(struct tidei_scan *scan, const struct tidei_target_pool *p)
{
	const struct rte_mempool *mp = p->mp;

	if (p->kind == TIDEI_OPS_OTHER)
		name_span(scan, p);
	else
		leave_out_span(scan, p->pool_data);
	if (p->kind == TIDEI_OPS_TIDE && p->pool_data != NULL)
		leave_out_span(scan, tidei_magazines_grown(p->pool_data));
	if (mp->cache_size != 0)
		tidei_layout_leave_out(&scan->layout, (uintptr_t)mp->local_cache,
			(uintptr_t)(mp->local_cache + RTE_MAX_LCORE));
}
