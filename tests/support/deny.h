/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_DENY_H
#define TEST_DENY_H

#include <stdint.h>

/* Any third argument. */
#define DENY_ANY UINT32_MAX

/*
 * From here on this process and its children get err from a system call, given that third argument, as
 * by a container's seccomp profile or an older kernel; 0: the call does nothing. 0, or a negative errno.
 */
int test_deny(unsigned int number, uint32_t arg2, unsigned int err);

/* The same, but for calls whose second argument, a length, is 0: these are let through. */
int test_deny_len(unsigned int number, uint32_t arg2, unsigned int err);

#endif /* TEST_DENY_H */
