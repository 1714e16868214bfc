/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Two pointers at a time, on every 64-bit Arm. */

#include "wide.h"

#if defined(__aarch64__)

#include <arm_neon.h>

static uint64_t
fold(const struct tidei_divisor *divisor, uintptr_t block, void *const *table, unsigned int n)
{
	const uint64x2_t base = vdupq_n_u64(block), strange = vdupq_n_u64(divisor->strange);
	const uint32x2_t inverse = vdup_n_u32((uint32_t)divisor->inverse);
	const int64x2_t shift = vdupq_n_s64(-(int64_t)divisor->shift);
	const uint64x2_t one = vdupq_n_u64(1), beyond = vdupq_n_u64(~(uint64_t)(BLOCK_SLOTS - 1));
	uint64x2_t bits = vdupq_n_u64(0);
	uint64_t mask;
	unsigned int i;

	for (i = 0; i + 2 <= n; i += 2) {
		uint64x2_t offset = vsubq_u64(vld1q_u64((const uint64_t *)(table + i)), base);
		uint32x2_t narrow = vmovn_u64(vshlq_u64(offset, shift));
		uint64x2_t slot = vmovl_u32(vmul_u32(narrow, inverse));
		uint64x2_t bad = vorrq_u64(vandq_u64(offset, strange), vandq_u64(slot, beyond));

		if (vmaxvq_u32(vreinterpretq_u32_u64(bad)) != 0)
			break;
		bits = vorrq_u64(bits, vshlq_u64(one, vreinterpretq_s64_u64(slot)));
	}
	mask = vgetq_lane_u64(bits, 0) | vgetq_lane_u64(bits, 1);
	return (unsigned int)__builtin_popcountll(mask) == i ? mask : 0;
}

/* The first two pointers of a run. */
static inline uint64x2_t
two_from(uintptr_t first, uint64_t stride)
{
	return vcombine_u64(vcreate_u64(first), vcreate_u64(first + stride));
}

static unsigned int
follow(uintptr_t first, uint64_t stride, void *const *table, unsigned int n)
{
	const uint64x2_t two = vdupq_n_u64(2 * stride);
	uint64x2_t want = two_from(first, stride);
	unsigned int i;

	for (i = 0; i + 2 <= n; i += 2) {
		uint64x2_t same = vceqq_u64(vld1q_u64((const uint64_t *)(table + i)), want);

		if (vminvq_u32(vreinterpretq_u32_u64(same)) == 0)
			break;
		want = vaddq_u64(want, two);
	}
	while (i < n && (uintptr_t)table[i] == first + i * stride)
		i++;
	return i;
}

static void
run(uintptr_t first, uint64_t stride, void **table, unsigned int n)
{
	const uint64x2_t two = vdupq_n_u64(2 * stride);
	uint64x2_t at = two_from(first, stride);
	unsigned int i;

	for (i = 0; i + 2 <= n; i += 2) {
		vst1q_u64((uint64_t *)(table + i), at);
		at = vaddq_u64(at, two);
	}
	if (i < n)
		table[i] = (void *)(first + i * stride);
}

const struct tidei_wide tidei_wide_neon = {128, fold, follow, run};

#endif
