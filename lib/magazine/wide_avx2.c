/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The functions of wide.h for AVX2, called only if the CPU has it. */

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET   __attribute__((target("avx2,bmi2")))
#define WIDE     tidei_wide_avx2
#define BITS     256
#define ANY(v)   (!_mm256_testz_si256((__m256i)(v), (__m256i)(v)))
#define SET(v)   ((unsigned int)_mm256_movemask_ps((__m256)(v)))
#define WIDEN(p) ((half_t)_mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *)(p))))
#define PACK(a, b)                            \
	((numbers_t)_mm256_permute4x64_epi64( \
		(__m256i)_mm256_shuffle_ps((__m256)(a), (__m256)(b), 0x88), 0xd8))
#define MOST(a, b) ((numbers_t)_mm256_max_epu32((__m256i)(a), (__m256i)(b)))
/* One instruction each: generic tuning splits them, and a split store cannot forward to a later load. */
#define LOAD(p)                                                                         \
	({                                                                              \
		half_t loaded_;                                                         \
		__asm__("vmovdqu %1, %0" : "=x"(loaded_) : "m"(*(const bytes_t *)(p))); \
		loaded_;                                                                \
	})
#define STORE(p, v) __asm__("vmovdqu %1, %0" : "=m"(*(bytes_t *)(p)) : "x"((half_t)(v)))
#define PREFETCH(p) __asm__ volatile("prefetchw %0" : : "m"(*(p)))
#include "wide_kernel.h"

#endif
