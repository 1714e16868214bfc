/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The helpers for AVX2, called only where the CPU has it. */

#if defined(__x86_64__)

#define TARGET __attribute__((target("avx2")))
#define WIDE   tidei_wide_avx2
#define BITS   256
#include "wide_kernel.h"

#endif
