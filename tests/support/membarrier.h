/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_MEMBARRIER_H
#define TEST_MEMBARRIER_H

/* Hides membarrier(2), like the seccomp profile of a container. */

#include <stdbool.h>

/*
 * Make membarrier(2) fail with EPERM in the calling thread, and in threads and processes that it starts
 * from now on. Returns false if the kernel accepts no seccomp filter.
 */
bool refuse_membarrier(void);

#endif /* TEST_MEMBARRIER_H */
