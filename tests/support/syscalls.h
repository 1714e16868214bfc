/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_SYSCALLS_H
#define TEST_SYSCALLS_H

/* Observes or answers calls of syscall(2) in a program that is linked with -Wl,--wrap=syscall. */

#include <stdbool.h>

/*
 * Handle a call of syscall(2). The test defines it.
 *
 * Returns true with *result set to answer the call instead of the kernel, or false to pass it on.
 */
bool on_syscall(long number, long *result);

#endif /* TEST_SYSCALLS_H */
