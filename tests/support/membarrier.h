/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_MEMBARRIER_H
#define TEST_MEMBARRIER_H

/* The kernel without membarrier(2), as under a container's seccomp profile. */

#include <stdbool.h>

/*
 * Have membarrier(2) fail with EPERM in the calling thread, and in threads and processes it starts
 * from now on. False: the kernel takes no seccomp filter.
 */
bool refuse_membarrier(void);

#endif /* TEST_MEMBARRIER_H */
