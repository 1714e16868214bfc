/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The functions of wide.h for any CPU, and the choice of a width. */

#define TARGET
#define WIDE   tidei_wide_plain
#define BITS   64
#define ANY(v) ((((half_t)(v))[0] | ((half_t)(v))[1] | ((half_t)(v))[2] | ((half_t)(v))[3]) != 0)
#define SET(v)                                                                       \
	(((v)[0] & 1) | ((v)[1] & 2) | ((v)[2] & 4) | ((v)[3] & 8) | ((v)[4] & 16) | \
		((v)[5] & 32) | ((v)[6] & 64) | ((v)[7] & 128))
#define WIDEN(p) ((half_t){(p)[0], (p)[1], (p)[2], (p)[3]})
#define PACK(a, b)                                                                           \
	((numbers_t){(uint32_t)(a)[0], (uint32_t)(a)[1], (uint32_t)(a)[2], (uint32_t)(a)[3], \
		(uint32_t)(b)[0], (uint32_t)(b)[1], (uint32_t)(b)[2], (uint32_t)(b)[3]})
#define MOST(a, b)  (((numbers_t)((a) > (b)) & (a)) | (~(numbers_t)((a) > (b)) & (b)))
#define LOAD(p)     ((half_t)(*(const bytes_t *)(p)))
#define STORE(p, v) ((void)(*(bytes_t *)(p) = (bytes_t)(v)))
#define PREFETCH(p) __builtin_prefetch(p, 1)
#include "wide_kernel.h"

const struct tidei_wide *_Atomic tidei_wide = &tidei_wide_plain;

unsigned int
tidei_magazines_choose_width(unsigned int max_bits)
{
	const struct tidei_wide *chosen = &tidei_wide_plain;

#if defined(__x86_64__)
	__builtin_cpu_init();
	if (max_bits >= 256 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
		chosen = &tidei_wide_avx2;
#endif
	/* Relaxed: see wide(). */
	atomic_store_explicit(&tidei_wide, chosen, memory_order_relaxed);
	return chosen->bits;
}
