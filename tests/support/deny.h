/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_DENY_H
#define TEST_DENY_H

#include <stdint.h>

/* Any third argument. */
#define DENY_ANY UINT32_MAX

/*
 * Make a system call with that third argument fail with err in this process and its children from now on,
 * like the seccomp profile of a container or an older kernel. err 0: the call does nothing and succeeds.
 * Returns 0, or a negative errno.
 */
int test_deny(unsigned int number, uint32_t arg2, unsigned int err);

/* The same, but calls whose second argument, a length, is 0 reach the kernel. */
int test_deny_len(unsigned int number, uint32_t arg2, unsigned int err);

#endif /* TEST_DENY_H */
