/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Chooses the width of the helpers; the plain ones are for CPUs without any. */

#include "wide.h"

/* One pointer at a time: what the wide helpers must equal. */
static uint64_t
fold_plain(const struct tidei_divisor *divisor, uintptr_t base, void *const *table, unsigned int n)
{
	uint64_t bits = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		uint64_t offset = (uintptr_t)table[i] - base;
		uint32_t slot = (uint32_t)(offset >> divisor->shift) * (uint32_t)divisor->inverse;

		if ((offset & divisor->strange) != 0 || slot >= BLOCK_SLOTS)
			break;
		bits |= UINT64_C(1) << slot;
	}
	return (unsigned int)__builtin_popcountll(bits) == i ? bits : 0;
}

static unsigned int
follow_plain(uintptr_t first, uint64_t stride, void *const *table, unsigned int n)
{
	unsigned int i = 0;

	while (i < n && (uintptr_t)table[i] == first + i * stride)
		i++;
	return i;
}

static void
run_plain(uintptr_t first, uint64_t stride, void **table, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		table[i] = (void *)(first + i * stride);
}

const struct tidei_wide tidei_wide_plain = {64, fold_plain, follow_plain, run_plain};

const struct tidei_wide *_Atomic tidei_wide = &tidei_wide_plain;

unsigned int
tidei_freemap_choose_width(unsigned int max_bits)
{
	const struct tidei_wide *chosen = &tidei_wide_plain;

#if defined(__x86_64__)
	__builtin_cpu_init();
	if (max_bits >= 256 && __builtin_cpu_supports("avx2"))
		chosen = &tidei_wide_avx2;
	if (max_bits >= 512 && __builtin_cpu_supports("avx512f"))
		chosen = &tidei_wide_avx512;
#elif defined(__aarch64__)
	if (max_bits >= 128)
		chosen = &tidei_wide_neon;
#endif
	/* Relaxed: as in wide(). */
	atomic_store_explicit(&tidei_wide, chosen, memory_order_relaxed);
	return chosen->bits;
}
