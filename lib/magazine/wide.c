/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Chooses the width of the helpers; these are for any CPU. */

#define TARGET
#define WIDE tidei_wide_plain
#define BITS 64
#include "wide_kernel.h"

const struct tidei_wide *_Atomic tidei_wide = &tidei_wide_plain;

unsigned int
tidei_magazines_choose_width(unsigned int max_bits)
{
	const struct tidei_wide *chosen = &tidei_wide_plain;

#if defined(__x86_64__)
	__builtin_cpu_init();
	if (max_bits >= 256 && __builtin_cpu_supports("avx2"))
		chosen = &tidei_wide_avx2;
	if (max_bits >= 512 && __builtin_cpu_supports("avx512f") &&
		__builtin_cpu_supports("avx512vl"))
		chosen = &tidei_wide_avx512;
#endif
	/* Relaxed: as in wide(). */
	atomic_store_explicit(&tidei_wide, chosen, memory_order_relaxed);
	return chosen->bits;
}
