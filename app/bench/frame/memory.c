/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: the memory that pools are made on. */

#include <errno.h>
#include <string.h>

#include <rte_lcore.h>
#include <rte_memzone.h>

#include "frame/memory.h"

/* Compute the bytes for the buffers. Most ops let no buffer cross a page. */
static size_t
need(unsigned int buffers, unsigned int object)
{
	const size_t page = rte_eal_has_hugepages() ? RTE_PGSIZE_2M : RTE_PGSIZE_4K;
	const size_t total = rte_mempool_calc_obj_size(object, 0, NULL);

	if (total > page)
		return buffers * RTE_ALIGN_CEIL(total, page) + page;
	return (buffers / (page / total) + 2) * page;
}

int
memory_take(struct memory *memory, unsigned int buffers, unsigned int object)
{
	memory->mz = rte_memzone_reserve_aligned("tide_bench", need(buffers, object),
		(int)rte_socket_id(), RTE_MEMZONE_SIZE_HINT_ONLY, RTE_PGSIZE_4K);
	return memory->mz == NULL ? -ENOMEM : 0;
}

int
memory_fit(struct memory *memory, unsigned int buffers, unsigned int object)
{
	if (memory->mz != NULL && memory->mz->len >= need(buffers, object))
		return 0;
	memory_release(memory);
	if (memory_take(memory, buffers, object) != 0)
		return -ENOMEM;
	memset(memory->mz->addr, 0, memory->mz->len);
	return 0;
}

void
memory_release(struct memory *memory)
{
	rte_memzone_free(memory->mz);
	memory->mz = NULL;
}
