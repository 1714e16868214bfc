/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_FRIEND_H
#define TIDEI_MAGAZINE_FRIEND_H

/* Functions of lib/magazine for the other parts of the library. */

#include <stdint.h>

/*
 * Return the identity of the calling thread, which is never 0. MT-safe.
 *
 * The identity lasts as long as the thread. The kernel reuses thread ids, but an identity also has 29
 * random bits, so a later thread with the same id has another identity. The first call of a thread
 * makes system calls; later calls read a thread-local word. A child of fork(2) has an identity of its own.
 */
uint64_t tidei_self_identity(void);

#endif /* TIDEI_MAGAZINE_FRIEND_H */
