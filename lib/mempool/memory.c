/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Lists the memory of mempools of any ops, and asks the kernel where it is. */

#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>
#include <rte_memory.h>

#include "mempool_friend.h"
#include "region_friend.h"

/* Memory that EAL does not know is taken to have base pages: then the kernel is asked too often, never wrongly. */
static size_t
page_size_of(const void *addr)
{
	const struct rte_memseg_list *list = rte_mem_virt2memseg_list(addr);

	return list == NULL ? tidei_page_base() : (size_t)list->page_sz;
}

int
tidei_memory_read(struct tidei_list *memory, const struct rte_mempool *mp)
{
	const struct rte_mempool_memhdr *hdr;

	STAILQ_FOREACH (hdr, &mp->mem_list, next) {
		struct tidei_stretch *chunk = tidei_list_add(memory, sizeof(*chunk));

		if (chunk == NULL)
			return -ENOMEM;
		chunk->from = (uintptr_t)hdr->addr;
		chunk->to = chunk->from + hdr->len;
		chunk->page_size = page_size_of(hdr->addr);
	}
	return 0;
}

static int
by_address(const void *a, const void *b)
{
	const struct tidei_stretch *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

void
tidei_memory_join(struct tidei_list *memory)
{
	struct tidei_stretch *at = memory->at, *last = at;

	if (memory->nb == 0)
		return;
	qsort(at, memory->nb, sizeof(*at), by_address);
	for (unsigned int i = 1; i < memory->nb; i++) {
		if (at[i].page_size == last->page_size &&
			at[i].from <= RTE_ALIGN_CEIL(last->to, last->page_size))
			last->to = at[i].to;
		else
			*++last = at[i];
	}
	memory->nb = (unsigned int)(last - at) + 1;
}

int
tidei_stretch_measure(const struct tidei_stretch *stretch, int node, struct tide_placement *now)
{
	*now = (struct tide_placement){0};
	return tidei_pages_measure(
		(void *)stretch->from, stretch->to - stretch->from, stretch->page_size, node, now);
}
