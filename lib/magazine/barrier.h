/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_BARRIER_H
#define TIDEI_MAGAZINE_BARRIER_H

/* The two sides of the asymmetric fence: see "Entry" in layout.h. Private to lib/magazine. */

#include <stdatomic.h>
#include <stdbool.h>

/* Owners in this process enter with a full fence. Set before the first entry. */
extern atomic_bool tidei_fenced;

/* Order the owner's store of busy before its load of revoked. */
static inline void
barrier_light(void)
{
	/* Relaxed: the value never changes after the first entry of the process. */
	if (__builtin_expect(atomic_load_explicit(&tidei_fenced, memory_order_relaxed), 0))
		atomic_thread_fence(memory_order_seq_cst);
	else
		atomic_signal_fence(memory_order_seq_cst);
}

/*
 * Make every CPU that can run an owner without a fence pass a full barrier. The thief calls it between
 * its store of revoked and its load of busy.
 *
 * own: the owner belongs to the process of the caller. Returns false if the kernel refuses.
 *
 * Within a process it uses membarrier(2) with PRIVATE_EXPEDITED. GLOBAL_EXPEDITED, which is meant for
 * other processes, misses some of them: registration informs only the CPU that it runs on. An idle CPU
 * that still has the memory map of the process loaded never learns of the registration. (See
 * sync_runqueues_membarrier_state() and membarrier_switch_mm() in kernel/sched/membarrier.c. With
 * Linux 6.18, it missed most processes that had moved to another CPU before they registered.) So for
 * another process it uses GLOBAL, which waits for a grace period, some milliseconds. Kernels with
 * nohz_full CPUs refuse GLOBAL.
 */
bool tidei_barrier_heavy(bool own);

/* Register the process with membarrier(2); if that fails, set tidei_fenced. The first claim calls it. */
void tidei_barrier_register(void);

/* Register a child of fork() again, because only some kernels let it inherit the registration. */
void tidei_barrier_forked(void);

#endif /* TIDEI_MAGAZINE_BARRIER_H */
