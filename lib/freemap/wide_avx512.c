/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Eight pointers at a time. Compiled for AVX-512 by attribute, called only where the CPU has it. */

#include "wide.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,popcnt")))

AVX512 static uint64_t
fold(const struct tidei_divisor *divisor, uintptr_t block, void *const *table, unsigned int n)
{
	const __m512i base = _mm512_set1_epi64((long long)block);
	const __m512i strange = _mm512_set1_epi64((long long)divisor->strange);
	const __m512i inverse = _mm512_set1_epi64((uint32_t)divisor->inverse);
	const __m512i beyond = _mm512_set1_epi64(~(long long)(BLOCK_SLOTS - 1));
	const __m512i one = _mm512_set1_epi64(1);
	const __m128i shift = _mm_cvtsi32_si128((int)divisor->shift);
	__m512i bits = _mm512_setzero_si512();
	uint64_t mask;
	unsigned int i, step;

	for (i = 0; i < n; i += step) {
		step = n - i < 8 ? n - i : 8;
		/* Lanes beyond the end count as the base, and set no bit. */
		__mmask8 lanes = (__mmask8)(0xff >> (8 - step));
		__m512i at = _mm512_mask_loadu_epi64(base, lanes, table + i);
		__m512i offset = _mm512_sub_epi64(at, base);
		__m512i slot = _mm512_mullo_epi32(_mm512_srl_epi64(offset, shift), inverse);

		if (_mm512_test_epi64_mask(offset, strange) | _mm512_test_epi64_mask(slot, beyond))
			break;
		bits = _mm512_mask_or_epi64(bits, lanes, bits, _mm512_sllv_epi64(one, slot));
	}
	mask = (uint64_t)_mm512_reduce_or_epi64(bits);
	return (unsigned int)__builtin_popcountll(mask) == i ? mask : 0;
}

/* The first eight pointers of a run. A stride can be negative, modulo 2^64. */
AVX512 static inline __m512i
eight_from(uintptr_t first, uint64_t stride)
{
	const __m512i one = _mm512_set1_epi64((long long)stride);
	const __m512i two = _mm512_add_epi64(one, one), four = _mm512_add_epi64(two, two);
	__m512i at = _mm512_set1_epi64((long long)first);

	at = _mm512_mask_add_epi64(at, 0xaa, at, one);
	at = _mm512_mask_add_epi64(at, 0xcc, at, two);
	return _mm512_mask_add_epi64(at, 0xf0, at, four);
}

AVX512 static unsigned int
follow(uintptr_t first, uint64_t stride, void *const *table, unsigned int n)
{
	const __m512i eight = _mm512_set1_epi64((long long)(8 * stride));
	__m512i want = eight_from(first, stride);
	unsigned int i;

	for (i = 0; i < n; i += 8) {
		__mmask8 lanes = (__mmask8)(n - i < 8 ? 0xff >> (8 - (n - i)) : 0xff);
		__m512i at = _mm512_mask_loadu_epi64(want, lanes, table + i);
		__mmask8 other = _mm512_cmpneq_epi64_mask(at, want);

		if (other != 0)
			return i + (unsigned int)__builtin_ctz(other);
		want = _mm512_add_epi64(want, eight);
	}
	return n;
}

AVX512 static void
run(uintptr_t first, uint64_t stride, void **table, unsigned int n)
{
	const __m512i step = _mm512_set1_epi64((long long)(8 * stride));
	__m512i at = eight_from(first, stride);
	unsigned int i;

	for (i = 0; i + 8 <= n; i += 8) {
		_mm512_storeu_si512(table + i, at);
		at = _mm512_add_epi64(at, step);
	}
	if (i < n)
		_mm512_mask_storeu_epi64(table + i, (__mmask8)(0xff >> (8 - (n - i))), at);
}

const struct tidei_wide tidei_wide_avx512 = {512, fold, follow, run};

#endif
