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

/* Where a block is folded from; its addresses are never read. */
struct place {
	uintptr_t base;
	size_t stride;
	struct tidei_divisor divisor;
};

static struct place
place_at(uintptr_t base, size_t stride)
{
	struct tidei_freemap *map =
		tidei_freemap_init(aligned_alloc(64, tidei_freemap_size(1)), 1, stride);
	struct place place = {base, stride, map->divisor};

	free(map);
	return place;
}

static bool
is_slot(const struct place *place, const void *object)
{
	uintptr_t offset = (uintptr_t)object - place->base;

	return offset < BLOCK_SLOTS * place->stride && offset % place->stride == 0;
}

/* How many leading pointers are slots, reckoned by division. */
static unsigned int
leading(const struct place *place, void *const *table, unsigned int n)
{
	unsigned int i = 0;

	while (i < n && is_slot(place, table[i]))
		i++;
	return i;
}

static uint64_t
bits_of(const struct place *place, void *const *table, unsigned int n)
{
	uint64_t bits = 0;

	for (unsigned int i = 0; i < n; i++)
		bits |= UINT64_C(1) << ((uintptr_t)table[i] - place->base) / place->stride;
	return bits;
}

static void
assert_folds_right(const struct place *place, void *const *table, unsigned int n)
{
	unsigned int good = leading(place, table, n), step = under_test->bits / 64;
	uint64_t mask = under_test->fold(&place->divisor, place->base, table, n);
	unsigned int folded = (unsigned int)__builtin_popcountll(mask);

	assert_true(folded <= good);
	assert_int_equal(mask, bits_of(place, table, folded));
	/* Nothing: the first step is not all slots, or a slot stands twice in what is. */
	if (folded == 0)
		assert_true(good < step ||
			    __builtin_popcountll(bits_of(place, table, good)) < (int)good);
	else
		assert_true(good - folded < step);
}

static void
fold_takes_distinct_slots_at_every_stride_and_size(void **state)
{
	for (size_t s = 0; s < sizeof(strides) / sizeof(strides[0]); s++) {
		struct place place = place_at(UINTPTR_MAX / 4 + 24 * s, strides[s]);
		void *table[BLOCK_SLOTS];

		for (unsigned int n = 0; n <= BLOCK_SLOTS; n++) {
			for (unsigned int start = 0; start < BLOCK_SLOTS; start += 5) {
				for (unsigned int i = 0; i < n; i++)
					table[i] = (void *)(place.base +
							    (start + i * 11) % 64 * strides[s]);
				assert_folds_right(&place, table, n);
			}
		}
	}
}

static void
fold_stops_at_any_pointer_that_is_no_slot(void **state)
{
	for (size_t s = 0; s < sizeof(strides) / sizeof(strides[0]); s++) {
		size_t stride = strides[s];
		struct place place = place_at(UINTPTR_MAX / 4 + 24 * s, stride);
		const uintptr_t bad[] = {place.base + 1, place.base - 1, place.base - stride,
			place.base + 64 * stride, place.base + 63 * stride + 1,
			place.base + stride / 2, place.base + (UINT64_C(1) << 32),
			place.base + (UINT64_C(1) << 32) * stride, 0, UINTPTR_MAX,
			place.base + (UINT64_C(1) << 63)};
		void *table[32];

		for (size_t b = 0; b < sizeof(bad) / sizeof(bad[0]); b++) {
			for (unsigned int at = 0; at < 32; at++) {
				for (unsigned int i = 0; i < 32; i++)
					table[i] = (void *)(place.base + i * stride);
				table[at] = (void *)bad[b];
				if (is_slot(&place, table[at]))
					continue;
				assert_folds_right(&place, table, 32);
			}
		}
	}
}

static void
fold_of_a_slot_that_stands_twice_is_left_alone(void **state)
{
	struct place place = place_at(4096, 192);
	void *table[32];

	for (unsigned int at = 1; at < 32; at++) {
		for (unsigned int i = 0; i < 32; i++)
			table[i] = (void *)(place.base + i * 192);
		table[at] = table[at / 2];
		assert_int_equal(under_test->fold(&place.divisor, place.base, table, 32), 0);
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
		struct place place = place_at(((uintptr_t)rand_r(&seed) << 20) + (1 << 30), stride);
		unsigned int n = (unsigned int)rand_r(&seed) % BURST_MAX;

		for (unsigned int i = 0; i < n; i++) {
			uintptr_t slot = (uintptr_t)rand_r(&seed) % 64;

			table[i] = (void *)(place.base + slot * stride);
			if (rand_r(&seed) % 64 == 0)
				table[i] = (void *)(place.base + (uintptr_t)rand_r(&seed) -
						    RAND_MAX / 2);
		}
		assert_folds_right(&place, table, n);
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

static void
assert_follows(uintptr_t first, uint64_t stride)
{
	void *table[BURST_MAX];

	for (unsigned int n = 0; n <= 70; n++) {
		tidei_wide_plain.run(first, stride, table, BURST_MAX);
		assert_int_equal(under_test->follow(first, stride, table, n), n);
		for (unsigned int at = 0; at < n; at++) {
			table[at] = (char *)table[at] + 1;
			assert_int_equal(under_test->follow(first, stride, table, n), at);
			table[at] = (char *)table[at] - 1;
		}
	}
}

static void
follow_counts_a_run_up_or_down_and_stops_at_any_other(void **state)
{
	for (size_t s = 0; s < sizeof(strides) / sizeof(strides[0]); s++) {
		assert_follows(0x123458, strides[s]);
		assert_follows(UINTPTR_MAX / 2, -strides[s]);
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
		cmocka_unit_test(follow_counts_a_run_up_or_down_and_stops_at_any_other),
	};

	under_test = w;
	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int
main(void)
{
	static const unsigned int widths[] = {64, 128, 256, 512};
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
