/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Locks EAL's lists, as long as there are any. */

#include <stdatomic.h>
#include <sys/mman.h>

#include <rte_eal_memconfig.h>
#include <rte_memory.h>

#include "locate_lock.h"

/* Where EAL reserved addresses for its memory; they are unmapped first of all. */
static void *_Atomic reserved;

static int
note_first(const struct rte_memseg_list *list, void *arg)
{
	void **first = arg;

	*first = list->external ? NULL : list->base_va;
	return *first != NULL;
}

bool
tidei_eal_alive(void)
{
	void *at = atomic_load_explicit(&reserved, memory_order_relaxed);

	if (at == NULL) {
		rte_memseg_list_walk(note_first, &at);
		atomic_store_explicit(&reserved, at, memory_order_relaxed);
	}
	/* With MS_ASYNC nothing is written, but the kernel says whether there is a mapping, readable or not. */
	return at == NULL || msync(at, 1, MS_ASYNC) == 0;
}

/*
 * rte_mempool_free() takes the lock of tail queues alone, so rte_mempool_walk(), which takes the other one, can
 * meet a mempool that is being freed. With both the list and its mempools stay. rte_eal_cleanup() takes the lock of
 * memory alone. It comes last: threads that create a mempool take it while they have one of the others.
 */
bool
tidei_eal_lock(void)
{
	if (!tidei_eal_alive())
		return false;
	rte_mcfg_mempool_read_lock();
	rte_mcfg_tailq_read_lock();
	rte_mcfg_mem_read_lock();
	/* If rte_eal_cleanup() had the last lock before, there is nothing left to unlock. */
	return tidei_eal_alive();
}

void
tidei_eal_unlock(void)
{
	rte_mcfg_mem_read_unlock();
	rte_mcfg_tailq_read_unlock();
	rte_mcfg_mempool_read_unlock();
}
