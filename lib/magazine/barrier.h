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
 * Between the thief's store of revoked and its load of busy. Returns false when only owners with a
 * fence of their own are ordered against the caller.
 */
bool tidei_barrier_heavy(void);

/* Register the process with membarrier(2), or have its owners fence. Called by the first claim. */
void tidei_barrier_register(void);

/* A child of fork() inherits the registration on some kernels only: it registers itself. */
void tidei_barrier_forked(void);

#endif /* TIDEI_MAGAZINE_BARRIER_H */
