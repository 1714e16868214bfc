/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Passes calls of syscall(2) to the test, and those that it does not answer to the kernel. */

#include <stdarg.h>

#include "syscalls.h"

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

long
__wrap_syscall(long number, ...)
{
	long arg[6], result;
	va_list args;

	if (on_syscall(number, &result))
		return result;
	/* The number of arguments is unknown; syscall(2) reads six too. */
	va_start(args, number);
	for (unsigned int i = 0; i < 6; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	return __real_syscall(number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}
