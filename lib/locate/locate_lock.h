/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef LOCATE_LOCK_H
#define LOCATE_LOCK_H

/*
 * EAL's lists under its locks. A program can call rte_eal_cleanup() at any time, which unmaps the lists and the locks.
 */

#include <stdbool.h>

/*
 * Tell whether EAL still has its memory. Until the caller has a lock, the answer can become false.
 *
 * The first call in a process must be before rte_eal_cleanup(); it finds out what to look at.
 */
bool tidei_eal_alive(void);

/* The same, as far as the first call of tidei_eal_alive() found out. Async-signal-safe, except that it sets errno. */
bool tidei_eal_mapped(void);

/*
 * Lock the lists of mempools, rings and stacks for reading: none is created or freed. rte_eal_cleanup() waits too, as
 * does the growth of EAL's heaps. Returns false, without locks, if EAL has no memory any more.
 */
bool tidei_eal_lock(void);
void tidei_eal_unlock(void);

#endif /* LOCATE_LOCK_H */
