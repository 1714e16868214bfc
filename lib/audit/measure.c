/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Asks the kernel for the node of each page of the mempools. */

#include <errno.h>
#include <stdlib.h>

#include "audit_internal.h"
#include "region_friend.h"

static int
by_pool_and_address(const void *a, const void *b)
{
	const struct tidei_audit_chunk *x = a, *y = b;

	if (x->pool != y->pool)
		return x->pool < y->pool ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

static void
add_pages(struct tide_placement *sum, int node, uint64_t pages)
{
	unsigned int i = 0;

	while (i < sum->nb_found && sum->found[i].node != node)
		i++;
	if (i == TIDE_PLACEMENT_NODES_MAX)
		return;
	if (i == sum->nb_found)
		sum->found[sum->nb_found++] = (struct tide_pages_on_node){.node = node};
	sum->found[i].pages += pages;
	/* Most first. */
	for (; i > 0 && sum->found[i - 1].pages < sum->found[i].pages; i--) {
		struct tide_pages_on_node fewer = sum->found[i - 1];

		sum->found[i - 1] = sum->found[i];
		sum->found[i] = fewer;
	}
}

/* Ask for a stretch of pages of a mempool. Returns 0, or -ENOMEM. */
static int
ask(struct tidei_audit_pool *pool, uintptr_t from, uintptr_t to, size_t page_size)
{
	struct tide_placement now = {0};
	int ret = tidei_pages_measure((void *)from, to - from, page_size, pool->node, &now);

	if (ret == -ENOMEM)
		return ret;
	if (ret < 0) {
		pool->refused = true;
		return 0;
	}
	pool->found.page_size = page_size;
	pool->found.pages += now.pages;
	pool->found.local += now.local;
	pool->found.unknown += now.unknown;
	for (unsigned int i = 0; i < now.nb_found; i++)
		add_pages(&pool->found, now.found[i].node, now.found[i].pages);
	if (page_size <= tidei_page_base() && !tidei_pages_bound((void *)from))
		pool->loose = true;
	return 0;
}

/* Chunks that touch are one stretch, so that no page is counted twice. */
int
tidei_audit_measure(struct tidei_audit_facts *facts)
{
	struct tidei_audit_chunk *chunk = facts->chunks.at;
	struct tidei_audit_pool *pool = facts->pools.at;
	unsigned int next;

	if (facts->chunks.nb == 0)
		return 0;
	qsort(chunk, facts->chunks.nb, sizeof(*chunk), by_pool_and_address);
	for (unsigned int i = 0; i < facts->chunks.nb; i = next) {
		size_t page = chunk[i].page_size;
		uintptr_t to = chunk[i].to;
		int ret;

		for (next = i + 1; next < facts->chunks.nb && chunk[next].pool == chunk[i].pool &&
				   chunk[next].page_size == page &&
				   chunk[next].from < RTE_ALIGN_CEIL(to, page);
			next++)
			to = RTE_MAX(to, chunk[next].to);
		ret = ask(&pool[chunk[i].pool], chunk[i].from, to, page);
		if (ret < 0)
			return ret;
	}
	return 0;
}
