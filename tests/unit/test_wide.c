/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The wide helpers of the map against the plain ones: every stride, start and burst size. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "wide.h"

#define BURST_MAX 130

static const struct tidei_wide *under_test;

static const size_t strides[] = {8, 9, 24, 64, 72, 100, 192, 2176, 2368, 2432, 4096, 65536, 65600,
	(UINT32_C(1) << 26) - 1, (size_t)3 << 29, STRIDE_MAX};

/* Where a block of a stride is folded from; the addresses are never read. */
static struct wide_block
block_at(uintptr_t base, size_t stride)
{
	uint32_t shift = (uint32_t)__builtin_ctzll(stride);
	uint64_t odd = stride >> shift, inverse = odd;

	while (odd * inverse != 1)
		inverse *= 2 - odd * inverse;
	return (struct wide_block){
		base, ~(((UINT64_C(1) << 32) - 1) << shift), shift, (uint32_t)inverse};
}

static bool
is_slot(const struct wide_block *block, size_t stride, const void *object)
{
	uintptr_t offset = (uintptr_t)object - block->base;

	return offset < BLOCK_SLOTS * stride && offset % stride == 0;
}

/* How many leading pointers are slots, reckoned by division. */
static unsigned int
leading(const struct wide_block *block, size_t stride, void *const *table, unsigned int n)
{
	unsigned int i = 0;

	while (i < n && is_slot(block, stride, table[i]))
		i++;
	return i;
}

static void
assert_folds_right(
	const struct wide_block *block, size_t stride, void *const *table, unsigned int n)
{
	unsigned int good = leading(block, stride, table, n), step = under_test->bits / 64, folded;
	uint64_t mask = 1, want = 0;

	folded = under_test->fold(block, table, n, &mask);
	for (unsigned int i = 0; i < folded; i++)
		want |= UINT64_C(1) << ((uintptr_t)table[i] - block->base) / stride;
	assert_int_equal(mask, want);
	assert_int_equal(__builtin_popcountll(want), folded);
	assert_true(folded <= good);
	if (folded == 0) {
		/* Nothing: the first step is not all slots, or a slot stands twice in what is. */
		uint64_t seen = 0;

		for (unsigned int i = 0; i < good; i++)
			seen |= UINT64_C(1) << ((uintptr_t)table[i] - block->base) / stride;
		assert_true(good < step || (unsigned int)__builtin_popcountll(seen) < good);
		return;
	}
	assert_true(good - folded < step);
}

static void
fold_takes_distinct_slots_at_every_stride_and_size(void **state)
{
	for (size_t s = 0; s < sizeof(strides) / sizeof(strides[0]); s++) {
		struct wide_block block = block_at(UINTPTR_MAX / 4 + 24 * s, strides[s]);
		void *table[BLOCK_SLOTS];

		for (unsigned int n = 0; n <= BLOCK_SLOTS; n++) {
			for (unsigned int start = 0; start < BLOCK_SLOTS; start += 5) {
				for (unsigned int i = 0; i < n; i++)
					table[i] = (void *)(block.base +
							    (start + i * 11) % 64 * strides[s]);
				assert_folds_right(&block, strides[s], table, n);
			}
		}
	}
}

static void
fold_stops_at_any_pointer_that_is_no_slot(void **state)
{
	for (size_t s = 0; s < sizeof(strides) / sizeof(strides[0]); s++) {
		size_t stride = strides[s];
		struct wide_block block = block_at(UINTPTR_MAX / 4 + 24 * s, stride);
		const uintptr_t bad[] = {block.base + 1, block.base - 1, block.base - stride,
			block.base + 64 * stride, block.base + 63 * stride + 1,
			block.base + stride / 2, block.base + (UINT64_C(1) << 32),
			block.base + (UINT64_C(1) << 32) * stride, 0, UINTPTR_MAX,
			block.base + (UINT64_C(1) << 63)};
		void *table[32];

		for (size_t b = 0; b < sizeof(bad) / sizeof(bad[0]); b++) {
			for (unsigned int at = 0; at < 32; at++) {
				for (unsigned int i = 0; i < 32; i++)
					table[i] = (void *)(block.base + i * stride);
				table[at] = (void *)bad[b];
				if (is_slot(&block, stride, table[at]))
					continue;
				assert_folds_right(&block, stride, table, 32);
			}
		}
	}
}

static void
fold_of_a_slot_that_stands_twice_is_left_alone(void **state)
{
	struct wide_block block = block_at(4096, 192);
	void *table[32];
	uint64_t mask;

	for (unsigned int at = 1; at < 32; at++) {
		for (unsigned int i = 0; i < 32; i++)
			table[i] = (void *)(block.base + i * 192);
		table[at] = table[at / 2];
		mask = 1;
		assert_int_equal(under_test->fold(&block, table, 32, &mask), 0);
		assert_int_equal(mask, 0);
	}
}

static void
fold_of_random_pointers_near_the_block(void **state)
{
	unsigned int seed = (unsigned int)time(NULL);
	void *table[BURST_MAX];

	print_message("seed %u\n", seed);
	for (int round = 0; round < 200000; round++) {
		size_t stride = strides[(size_t)rand_r(&seed) % 12];
		struct wide_block block =
			block_at(((uintptr_t)rand_r(&seed) << 20) + (1 << 30), stride);
		unsigned int n = (unsigned int)rand_r(&seed) % BURST_MAX;

		for (unsigned int i = 0; i < n; i++) {
			uintptr_t slot = (uintptr_t)rand_r(&seed) % 64;

			table[i] = (void *)(block.base + slot * stride);
			if (rand_r(&seed) % 64 == 0)
				table[i] = (void *)(block.base + (uintptr_t)rand_r(&seed) -
						    RAND_MAX / 2);
		}
		assert_folds_right(&block, stride, table, n);
	}
}

static void
run_writes_n_pointers_and_no_more(void **state)
{
	void *table[BURST_MAX + 1];

	for (size_t s = 0; s < sizeof(strides) / sizeof(strides[0]); s++) {
		for (unsigned int n = 0; n < BURST_MAX; n++) {
			memset(table, 0xa5, sizeof(table));
			under_test->run(0x123458, strides[s], table, n);
			for (unsigned int i = 0; i < n; i++)
				assert_int_equal((uintptr_t)table[i], 0x123458 + i * strides[s]);
			assert_int_equal((uintptr_t)table[n], UINT64_C(0xa5a5a5a5a5a5a5a5));
		}
	}
}

static int
run_all(const char *name, const struct tidei_wide *w)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fold_takes_distinct_slots_at_every_stride_and_size),
		cmocka_unit_test(fold_stops_at_any_pointer_that_is_no_slot),
		cmocka_unit_test(fold_of_a_slot_that_stands_twice_is_left_alone),
		cmocka_unit_test(fold_of_random_pointers_near_the_block),
		cmocka_unit_test(run_writes_n_pointers_and_no_more),
	};

	under_test = w;
	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int
main(void)
{
	static const unsigned int widths[] = {64, 256, 512};
	int failed = 0;

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		char name[32];

		if (tidei_freemap_choose_width(widths[i]) != widths[i]) {
			print_message("skipped: this CPU has no vectors of %u bits\n", widths[i]);
			continue;
		}
		snprintf(name, sizeof(name), "wide %u", widths[i]);
		failed += run_all(name, wide());
	}
	return failed;
}
