/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_FRIEND_H
#define TIDEI_MAGAZINE_FRIEND_H

/* What lib/magazine offers to the other parts of the library. */

#include <stdint.h>

/*
 * The identity of the calling thread, for as long as the thread lives. Never 0. Any thread.
 *
 * A kernel thread id is used again when its thread has ended; this word also has 29 random bits, so a
 * later thread with the same id has another identity. The first call of a thread makes system calls; later
 * calls read a thread-local word. A child of fork(2) has another identity than its parent.
 */
uint64_t tidei_self_identity(void);

#endif /* TIDEI_MAGAZINE_FRIEND_H */
