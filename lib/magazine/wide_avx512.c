/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The helpers for AVX-512, called only where the CPU has it. */

#if defined(__x86_64__)

#define TARGET __attribute__((target("avx512f,avx512vl,avx2")))
#define WIDE   tidei_wide_avx512
#define BITS   512
#include "wide_kernel.h"

#endif
