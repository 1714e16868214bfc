/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef LOCATE_FRIEND_H
#define LOCATE_FRIEND_H

/* For the parts that read EAL's lists in a control thread, while the program can end EAL at any time. */

#include <stdbool.h>

#include <rte_mempool.h>

/*
 * Tell whether EAL still has its memory. Until the caller has a lock, the answer can become false.
 *
 * The first call in a process must be before rte_eal_cleanup(); it finds out what to look at.
 */
bool tidei_eal_alive(void);

/*
 * Run work(arg), which reads EAL's memory, and survive rte_eal_cleanup() in the middle of it.
 *
 * EAL unmaps its lists and locks without a lock that a reader could hold. Meanwhile this function handles SIGSEGV and
 * SIGBUS of the process: a fault of the calling thread after EAL's memory was unmapped ends the work. Each other fault
 * goes to the program, with the disposition that it had before.
 *
 * For control threads; several can be inside at once, but not one thread twice. The work must take no lock that it shares
 * with others, except EAL's, and must tolerate that it ends at any access to EAL's memory: what it allocated until then
 * must be known to the caller, or is lost.
 *
 * Returns what the work returned, or -ECANCELED if EAL's memory was unmapped before or meanwhile.
 */
int tidei_eal_guarded(int (*work)(void *arg), void *arg);

/*
 * Run work(arg) inside tidei_eal_guarded(), and survive a fault in it. This is for calls of DPDK about a thing that the
 * program can destroy meanwhile, and which has no lock that the caller could take, such as a port. The same rules apply
 * to the work as there.
 *
 * Returns what the work returned, or -EFAULT.
 */
int tidei_eal_attempt(int (*work)(void *arg), void *arg);

/*
 * Call each() for the mempools of the process, none of which is freed meanwhile. In tidei_eal_guarded(), so what it says
 * there applies to each(). Returns 0, or -ECANCELED if EAL has ended, also in the middle of each().
 */
int tidei_mempools_walk(void (*each)(struct rte_mempool *mp, void *arg), void *arg);

#endif /* LOCATE_FRIEND_H */
