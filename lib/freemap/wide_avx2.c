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

/* What four pointers come to. */
struct step {
	__m256i offset, slot;
};

AVX2 static inline struct step
divide(void *const *table, __m256i base, __m128i shift, __m256i inverse)
{
	struct step s;

	s.offset = _mm256_sub_epi64(_mm256_loadu_si256((const __m256i *)table), base);
	s.slot = _mm256_mullo_epi32(_mm256_srl_epi64(s.offset, shift), inverse);
	return s;
}

AVX2 static uint64_t
fold(const struct tidei_divisor *divisor, uintptr_t block, void *const *table, unsigned int n)
{
	const __m256i base = _mm256_set1_epi64x((long long)block);
	const __m256i strange = _mm256_set1_epi64x((long long)divisor->strange);
	const __m256i inverse = _mm256_set1_epi64x((uint32_t)divisor->inverse);
	const __m256i last = _mm256_set1_epi64x(BLOCK_SLOTS - 1);
	const __m256i one = _mm256_set1_epi64x(1);
	const __m128i shift = _mm_cvtsi32_si128((int)divisor->shift);
	__m256i bits = _mm256_setzero_si256(), bad;
	uint64_t mask;
	unsigned int i;

	for (i = 0; i + 8 <= n; i += 8) {
		struct step a = divide(table + i, base, shift, inverse);
		struct step b = divide(table + i + 4, base, shift, inverse);

		bad = _mm256_or_si256(
			_mm256_and_si256(_mm256_or_si256(a.offset, b.offset), strange),
			_mm256_andnot_si256(last, _mm256_or_si256(a.slot, b.slot)));
		if (!_mm256_testz_si256(bad, bad))
			break;
		bits = _mm256_or_si256(bits, _mm256_or_si256(_mm256_sllv_epi64(one, a.slot),
						     _mm256_sllv_epi64(one, b.slot)));
	}
	for (; i + 4 <= n; i += 4) {
		struct step a = divide(table + i, base, shift, inverse);

		bad = _mm256_or_si256(
			_mm256_and_si256(a.offset, strange), _mm256_andnot_si256(last, a.slot));
		if (!_mm256_testz_si256(bad, bad))
			break;
		bits = _mm256_or_si256(bits, _mm256_sllv_epi64(one, a.slot));
	}
	mask = or_lanes(bits);
	return (unsigned int)__builtin_popcountll(mask) == i ? mask : 0;
}

/* The first four pointers of a run. */
AVX2 static inline __m256i
four_from(uintptr_t first, uint64_t stride)
{
	return _mm256_set_epi64x((long long)(first + 3 * stride), (long long)(first + 2 * stride),
		(long long)(first + stride), (long long)first);
}

AVX2 static inline __m256i
same(void *const *table, __m256i want)
{
	return _mm256_cmpeq_epi64(_mm256_loadu_si256((const __m256i *)table), want);
}

AVX2 static inline bool
all(__m256i lanes)
{
	return _mm256_movemask_epi8(lanes) == -1;
}

AVX2 static unsigned int
follow(uintptr_t first, uint64_t stride, void *const *table, unsigned int n)
{
	const __m256i four = _mm256_set1_epi64x((long long)(4 * stride));
	const __m256i eight = _mm256_add_epi64(four, four);
	__m256i low = four_from(first, stride), high = _mm256_add_epi64(low, four);
	void *const *at = table, *const *end = table + n;

	for (; end - at >= 8; at += 8) {
		if (!all(_mm256_and_si256(same(at, low), same(at + 4, high))))
			break;
		low = _mm256_add_epi64(low, eight);
		high = _mm256_add_epi64(high, eight);
	}
	first = (uintptr_t)_mm256_extract_epi64(low, 0);
	for (; at < end && (uintptr_t)*at == first; at++)
		first += stride;
	return (unsigned int)(at - table);
}

AVX2 static void
run(uintptr_t first, uint64_t stride, void **table, unsigned int n)
{
	const __m256i four = _mm256_set1_epi64x((long long)(4 * stride));
	const __m256i eight = _mm256_add_epi64(four, four);
	__m256i low = four_from(first, stride), high = _mm256_add_epi64(low, four);
	void **end = table + n;

	for (; end - table >= 8; table += 8) {
		_mm256_storeu_si256((__m256i *)table, low);
		_mm256_storeu_si256((__m256i *)(table + 4), high);
		low = _mm256_add_epi64(low, eight);
		high = _mm256_add_epi64(high, eight);
	}
	first = (uintptr_t)_mm256_extract_epi64(low, 0);
	for (; table < end; first += stride)
		*table++ = (void *)first;
}

const struct tidei_wide tidei_wide_avx2 = {256, fold, follow, run};

#endif
