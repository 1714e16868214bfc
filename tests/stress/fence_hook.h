/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_FENCE_HOOK_H
#define TEST_FENCE_HOOK_H

/* Included before each source of the scheduler test: the scheduler sees each fence. */

#include <stdatomic.h>

void tidei_fence(memory_order order);

#undef atomic_thread_fence
#define atomic_thread_fence(order) (tidei_fence(order), __atomic_thread_fence(order))

#endif /* TEST_FENCE_HOOK_H */
