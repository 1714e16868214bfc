/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Locks EAL's lists, as long as there are any. */

#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

#include <rte_eal_memconfig.h>
#include <rte_memory.h>

#include "locate_lock.h"

/* Addresses that EAL reserved for its memory; they are unmapped first of all. */
static void *_Atomic reserved;
static size_t _Atomic reserved_len;

/* They were unmapped; a later mapping can be there. */
static atomic_bool ended;

static int
note_first(const struct rte_memseg_list *list, void *arg)
{
	void **first = arg;

	if (list->external)
		return 0;
	atomic_store_explicit(&reserved_len, list->len, memory_order_relaxed);
	*first = list->base_va;
	return 1;
}

bool
tidei_eal_known(void)
{
	return atomic_load_explicit(&reserved, memory_order_relaxed) != NULL;
}

bool
tidei_eal_mapped(void)
{
	void *at = atomic_load_explicit(&reserved, memory_order_acquire);
	size_t len = atomic_load_explicit(&reserved_len, memory_order_relaxed);

	/* With MS_ASYNC nothing is written, but the kernel says whether all of it is mapped, readable or not. */
	if (at != NULL && msync(at, len, MS_ASYNC) != 0)
		atomic_store_explicit(&ended, true, memory_order_relaxed);
	return !atomic_load_explicit(&ended, memory_order_relaxed);
}

bool
tidei_eal_alive(void)
{
	void *at = atomic_load_explicit(&reserved, memory_order_relaxed);

	if (at == NULL) {
		rte_memseg_list_walk(note_first, &at);
		/* Pairs with the acquire in tidei_eal_mapped(), which needs the length too. */
		atomic_store_explicit(&reserved, at, memory_order_release);
	}
	return tidei_eal_mapped();
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
