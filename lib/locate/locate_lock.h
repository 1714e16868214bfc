/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef LOCATE_LOCK_H
#define LOCATE_LOCK_H

/*
 * EAL's lists under its locks. A program can call rte_eal_cleanup() at any time, which unmaps the lists and the locks.
 */

#include <stdbool.h>

#include "locate_friend.h"

/* Tell whether tidei_eal_alive() has found out what to look at. Async-signal-safe. */
bool tidei_eal_known(void);

/* The same as tidei_eal_alive(), as far as its first call found out. Async-signal-safe, except that it sets errno. */
bool tidei_eal_mapped(void);

/*
 * Lock the lists of mempools, rings and stacks for reading: none is created or freed. rte_eal_cleanup() waits too, as
 * does the growth of EAL's heaps. Returns false, without locks, if EAL has no memory any more.
 */
bool tidei_eal_lock(void);
void tidei_eal_unlock(void);

#endif /* LOCATE_LOCK_H */
