/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef LOCATE_CONTAINER_H
#define LOCATE_CONTAINER_H

/*
 * Reads the pointers that an rte_ring or an rte_stack has at this moment, and not those that remain in its memory
 * from before.
 */

#include <stddef.h>
#include <stdint.h>

/* Called for each pointer. */
typedef void tidei_pointer_cb(uintptr_t pointer, void *arg);

/* Read a ring. Returns the bytes of its memory, or 0 if there is no ring of pointers. */
size_t tidei_ring_read(uintptr_t ring, tidei_pointer_cb *cb, void *arg);

/* Read a stack. Returns the bytes of its memory, or 0 if there is none, or a lock-free one. */
size_t tidei_stack_read(uintptr_t stack, tidei_pointer_cb *cb, void *arg);

#endif /* LOCATE_CONTAINER_H */
