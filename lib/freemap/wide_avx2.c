/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Four pointers at a time. Compiled for AVX2 by attribute, called only where the CPU has it. */

#include "wide.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,popcnt")))

AVX2 static inline uint64_t
or_lanes(__m256i v)
{
	__m128i half = _mm_or_si128(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));

	return (uint64_t)_mm_cvtsi128_si64(half) | (uint64_t)_mm_extract_epi64(half, 1);
}

AVX2 static unsigned int
fold(const struct wide_block *block, void *const *table, unsigned int n, uint64_t *mask)
{
	const __m256i base = _mm256_set1_epi64x((long long)block->base);
	const __m256i strange = _mm256_set1_epi64x((long long)block->strange);
	const __m256i inverse = _mm256_set1_epi64x(block->inverse);
	const __m256i last = _mm256_set1_epi64x(BLOCK_SLOTS - 1);
	const __m256i one = _mm256_set1_epi64x(1);
	const __m128i shift = _mm_cvtsi32_si128((int)block->shift);
	__m256i bits = _mm256_setzero_si256();
	unsigned int i;

	for (i = 0; i + 4 <= n; i += 4) {
		__m256i at = _mm256_loadu_si256((const __m256i *)(table + i));
		__m256i offset = _mm256_sub_epi64(at, base);
		__m256i slot = _mm256_mullo_epi32(_mm256_srl_epi64(offset, shift), inverse);
		__m256i bad = _mm256_or_si256(
			_mm256_and_si256(offset, strange), _mm256_andnot_si256(last, slot));

		if (!_mm256_testz_si256(bad, bad))
			break;
		bits = _mm256_or_si256(bits, _mm256_sllv_epi64(one, slot));
	}
	*mask = or_lanes(bits);
	if ((unsigned int)__builtin_popcountll(*mask) == i)
		return i;
	*mask = 0;
	return 0;
}

AVX2 static void
run(uintptr_t first, uint64_t stride, void **table, unsigned int n)
{
	const __m256i step = _mm256_set1_epi64x((long long)(4 * stride));
	__m256i at = _mm256_set_epi64x((long long)(first + 3 * stride),
		(long long)(first + 2 * stride), (long long)(first + stride), (long long)first);
	unsigned int i;

	for (i = 0; i + 4 <= n; i += 4) {
		_mm256_storeu_si256((__m256i *)(table + i), at);
		at = _mm256_add_epi64(at, step);
	}
	for (; i < n; i++)
		table[i] = (void *)(first + i * stride);
}

const struct tidei_wide tidei_wide_avx2 = {256, fold, run};

#endif
