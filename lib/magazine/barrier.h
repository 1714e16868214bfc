/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_BARRIER_H
#define TIDEI_MAGAZINE_BARRIER_H

/* The two sides of the asymmetric fence. Private to lib/magazine; layout.h says what it is for. */

#include <stdatomic.h>
#include <stdbool.h>

/* Whether owners in this process need a full fence at entry. Set before the first entry. */
extern atomic_bool tidei_fenced;

/* Between the owner's store of busy and its load of revoked. */
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
 * Between the thief's store of revoked and its load of busy, for an owner that enters without a fence.
 * own: it is of the caller's process. Returns false when it cannot be ordered against the caller.
 *
 * Within a process: membarrier(2), PRIVATE_EXPEDITED. For other processes the kernel has GLOBAL_EXPEDITED,
 * which is not to be trusted: registration tells only the CPU it runs on, and one that is idle and still
 * has the memory map of the process loaded learns of it never. (kernel/sched/membarrier.c,
 * sync_runqueues_membarrier_state() and membarrier_switch_mm(); Linux 6.18: most processes that had moved
 * to another CPU before they registered.) So this waits for a grace period instead: milliseconds, and
 * refused by kernels with nohz_full CPUs.
 */
bool tidei_barrier_heavy(bool own);

/* Register the process with membarrier(2), or have its owners fence. Called by the first claim. */
void tidei_barrier_register(void);

/* A child of fork() inherits the registration on some kernels only: it registers itself. */
void tidei_barrier_forked(void);

#endif /* TIDEI_MAGAZINE_BARRIER_H */
