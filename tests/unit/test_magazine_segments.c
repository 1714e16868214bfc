/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Tests how runs of objects become segments: add, grow, page gaps, slots and back. */

#include <errno.h>

#include "layout.h"
#include "magazine_pool.h"

static void
add_refuses_and_changes_nothing(void **state)
{
	struct pool p = pool_empty(100, 64, TIDEI_LEDGER_FULL, 8192);
	struct tidei_magazines *m = p.mags;

	assert_int_equal(tidei_magazines_add(m, p.base, 0), -EINVAL);
	assert_int_equal(tidei_magazines_add(m, NULL, 1), -EINVAL);
	assert_int_equal(tidei_magazines_add(m, p.base + 4, 1), -EINVAL);
	assert_int_equal(tidei_magazines_add(m, (void *)(UINTPTR_MAX - 103), 2), -EINVAL);
	assert_int_equal(tidei_magazines_add(m, (void *)-(uintptr_t)64, 2), -EINVAL);
	assert_int_equal(tidei_magazines_add(m, p.base, 101), -ENOSPC);
	assert_int_equal(tidei_magazines_add(m, p.base, UINT32_MAX), -ENOSPC);
	assert_int_equal(tidei_magazines_count(m), 0);
	pool_add(&p, 640, 10);
	assert_int_equal(tidei_magazines_add(m, p.base + 64, 10), -EINVAL);
	assert_int_equal(tidei_magazines_add(m, p.base + 640, 1), -EINVAL);
	assert_int_equal(tidei_magazines_add(m, p.base + 1272, 1), -EINVAL);
	assert_int_equal(tidei_magazines_add(m, p.base + 584, 1), -EINVAL);
	assert_int_equal(tidei_magazines_add(m, p.base + 640, 91), -EINVAL);
	assert_int_equal(tidei_magazines_add(m, p.base + 1280, 91), -ENOSPC);
	pool_assert(&p, 10);
	/* Directly before and after the objects that were added. */
	pool_add(&p, 1280, 10);
	pool_add(&p, 0, 10);
	pool_add(&p, 1928, 2);
	assert_int_equal(tidei_magazines_add(m, p.base + 1920, 1), -EINVAL);
	pool_assert_usable(&p);
	pool_done(&p);
}

static void
a_full_table_of_segments_asks_to_grow(void **state)
{
	struct pool p = pool_empty(100, 64, TIDEI_LEDGER_FULL, 1 << 20);
	void *mem[3];

	/* By descending address, so that no run extends the one before. */
	for (unsigned int i = 0; i < SEGMENTS_INLINE; i++) {
		assert_int_equal(tidei_magazines_grow_size(p.mags), 0);
		pool_add(&p, 100000 - i * 1000, 2);
	}
	assert_true(tidei_magazines_grow_size(p.mags) != 0);
	assert_int_equal(tidei_magazines_add(p.mags, p.base, 2), -ENOBUFS);
	pool_assert(&p, 2 * SEGMENTS_INLINE);
	assert_null(tidei_magazines_grown(p.mags));
	for (unsigned int i = 0; i < 3; i++) {
		mem[i] = aligned_alloc(64, (tidei_magazines_grow_size(p.mags) + 63) / 64 * 64);
		assert_ptr_equal(tidei_magazines_grow(p.mags, mem[i]), i > 0 ? mem[i - 1] : NULL);
		assert_ptr_equal(tidei_magazines_grown(p.mags), mem[i]);
		assert_int_equal(tidei_magazines_grow_size(p.mags), 0);
		if (i > 0)
			free(mem[i - 1]);
		while (tidei_magazines_grow_size(p.mags) == 0)
			pool_add(&p, 90000 - p.nb * 500, 2);
		pool_assert(&p, p.nb);
	}
	assert_int_equal(p.nb, 2 * SEGMENTS_INLINE * 8);
	pool_assert_usable(&p);
	pool_done(&p);
}

static void
grow_keeps_what_the_ledger_knows(void **state)
{
	struct pool p = pool_empty(200, 64, TIDEI_LEDGER_FULL, 1 << 20);
	void *out[10], *again;
	struct tidei_record record;

	pool_add(&p, 0, 10);
	assert_int_equal(tidei_magazines_get(p.mags, out, 10, NULL), 0);
	again = out[3];
	assert_int_equal(tidei_magazines_put(p.mags, &again, 1, NULL), 0);
	for (unsigned int i = 1; i < 20; i++)
		pool_add(&p, 1000000 - i * 5000, 10);
	assert_non_null(tidei_magazines_grown(p.mags));
	pool_assert(&p, 191);
	assert_int_equal(tidei_magazines_put(p.mags, &again, 1, NULL), 1);
	record = tidei_magazines_record(p.mags, pool_slot(&p, out[0]));
	assert_true(record.known);
	out[3] = out[9];
	assert_int_equal(tidei_magazines_put(p.mags, out, 9, NULL), 0);
	pool_done(&p);
}

static void
an_allocator_grown_before_its_first_run_is_empty(void **state)
{
	struct pool p = pool_empty(10, 64, TIDEI_LEDGER_FULL, 4096);
	/* Before it is necessary. */
	size_t size = 1024;
	void *mem = aligned_alloc(64, size), *object = p.base;
	struct refusals r;

	assert_int_equal(tidei_magazines_grow_size(p.mags), 0);
	/* The earlier content of the memory is no segment. */
	memset(mem, 0x11, size);
	assert_null(tidei_magazines_grow(p.mags, mem));
	assert_int_equal(put_noting(p.mags, &object, 1, &r), 1);
	assert_int_equal(r.noted[0].kind, TIDEI_MISUSE_FOREIGN);
	object = (void *)(UINTPTR_MAX / 15);
	assert_int_equal(put_noting(p.mags, &object, 1, &r), 1);
	assert_null(tidei_magazines_object(p.mags, 0));
	pool_assert(&p, 0);
	pool_add(&p, 0, 10);
	pool_assert_usable(&p);
	pool_done(&p);
}

static void
numbers_beyond_32_bits_are_refused(void **state)
{
	/* 16 objects that are 2^28 - 1 units apart, each a segment: the gap before the last exceeds 32 bits. */
	struct pool p = pool_empty(16, STRIDE_MAX - 8, TIDEI_LEDGER_OFF, 4096);
	unsigned int n = 0;
	int ret = 0;

	for (; n < 16 && ret == 0; n++) {
		size_t size = tidei_magazines_grow_size(p.mags);

		if (size != 0)
			free(tidei_magazines_grow(
				p.mags, aligned_alloc(64, (size + 63) / 64 * 64)));
		/* By descending address; the memory is never touched. */
		ret = tidei_magazines_add(
			p.mags, (void *)((UINT64_C(40) << 32) - n * (STRIDE_MAX + 8)), 1);
	}
	assert_int_equal(ret, -E2BIG);
	assert_true(n >= 14);
	assert_int_equal(tidei_magazines_objects(p.mags), n - 1);
	assert_int_equal(tidei_magazines_count(p.mags), n - 1);
	free(tidei_magazines_grown(p.mags));
	p.mags->grown = NULL;
	free(p.mags);
	free(p.object);
}

static void
contiguous_runs_are_one_and_need_no_more_memory(void **state)
{
	static const uint32_t pieces[] = {1, 7, 64, 1000};
	static const size_t strides[] = {8, 64, 2048, 2432, 4096};

	for (size_t i = 0; i < NB(pieces) * NB(strides); i++) {
		size_t stride = strides[i / NB(pieces)];
		struct pool p = pool_empty(5000, stride, TIDEI_LEDGER_FULL, 5000 * stride);

		while (p.nb < 5000) {
			uint32_t n = pieces[i % NB(pieces)];

			n = n < 5000 - p.nb ? n : 5000 - p.nb;
			assert_int_equal(tidei_magazines_grow_size(p.mags), 0);
			pool_add(&p, p.nb * stride, n);
		}
		assert_int_equal(p.mags->segments.nb, 1);
		pool_assert_usable(&p);
		pool_done(&p);
	}
}

static void
page_gaps_that_repeat_leave_one_segment(void **state)
{
	static const struct {
		size_t stride, page;
	} cases[] = {{2304, 2 << 20}, {2432, 2 << 20}, {2368, 4096}, {192, 4096}, {24, 4096},
		{1408, 4096}, {2176, 65536}, {64, 4096}, {4096, 4096}, {2496, 1 << 30}};

	for (size_t i = 0; i < NB(cases); i++) {
		size_t pages = 3000 * cases[i].stride / (cases[i].page / 2) + 2;
		struct pool p = pool_empty(3000, cases[i].stride, (enum tidei_ledger_mode)(i % 3),
			pages * cases[i].page);

		pool_add_pages(&p, cases[i].page);
		assert_int_equal(p.mags->segments.nb, 1);
		pool_assert_usable(&p);
		pool_done(&p);
	}
}

static void
pages_of_other_lengths_and_places_are_segments_of_their_own(void **state)
{
	/* Two objects in each page, except every fifth, and one page skipped after every seventh. */
	struct pool p = pool_empty(500, 1408, TIDEI_LEDGER_FULL, 500 * 4096);

	for (size_t page = 0; p.nb + 2 <= 500; page++)
		if (page % 7 != 0)
			pool_add(&p, page * 4096 + page % 3 * 64, page % 5 == 0 ? 1 : 2);
	assert_true(p.mags->segments.nb > 1);
	pool_assert_usable(&p);
	pool_done(&p);
}

/* Compare tidei_magazines_slot() with a division for each address around the memory of a pool. */
static void
assert_slots(struct pool *p, size_t bytes)
{
	uint32_t bound = tidei_magazines_objects(p->mags), next = 0, slot;
	bool *seen = calloc(bound, sizeof(*seen));

	qsort(p->object, p->nb, sizeof(*p->object), compare_pointers);
	for (size_t off = 0; off < bytes; off++) {
		const char *at = p->base + off;
		int ret = tidei_magazines_slot(p->mags, at, &slot);

		if (next == p->nb || at != p->object[next]) {
			assert_true(ret == -EINVAL || ret == -ENOENT);
			continue;
		}
		next++;
		assert_int_equal(ret, 0);
		assert_true(slot < bound);
		assert_false(seen[slot]);
		seen[slot] = true;
		assert_ptr_equal(tidei_magazines_object(p->mags, slot), at);
	}
	assert_int_equal(next, p->nb);
	for (slot = 0; slot < bound; slot++)
		if (!seen[slot])
			assert_null(tidei_magazines_object(p->mags, slot));
	free(seen);
}

static void
slot_and_object_are_inverse_in_one_run(void **state)
{
	static const size_t strides[] = {8, 24, 64, 72, 192, 2176, 2368, 65536, 65600};

	for (size_t i = 0; i < NB(strides); i++) {
		struct pool p = pool_full(150, strides[i], TIDEI_LEDGER_OFF);
		uint32_t slot;

		assert_slots(&p, 150 * strides[i]);
		assert_int_equal(tidei_magazines_slot(p.mags, p.base - 1, &slot), -ENOENT);
		assert_int_equal(
			tidei_magazines_slot(p.mags, p.base + 150 * strides[i], &slot), -ENOENT);
		assert_int_equal(tidei_magazines_slot(p.mags, p.base + 150 * strides[i] - 1, &slot),
			-EINVAL);
		pool_done(&p);
	}
}

static void
slot_and_object_are_inverse_across_gaps_and_segments(void **state)
{
	struct pool p = pool_empty(200, 192, TIDEI_LEDGER_OFF, 200 * 4096);
	struct pool q = pool_empty(120, 192, TIDEI_LEDGER_OFF, 200 * 4096);

	pool_add_pages(&p, 4096);
	assert_slots(&p, 11 * 4096);
	pool_done(&p);
	for (unsigned int i = 0; i < 12; i++)
		pool_add(&q, (11 - i) * 2200 + i * 8, 10);
	assert_slots(&q, 13 * 2200);
	pool_done(&q);
}

static void
a_slot_beyond_the_bound_has_no_object_and_no_record(void **state)
{
	static const size_t strides[] = {8, 192, 2432, 65536};

	for (size_t i = 0; i < NB(strides); i++) {
		struct pool p = pool_full(100, strides[i], TIDEI_LEDGER_FULL);
		uint32_t bound = tidei_magazines_objects(p.mags);
		void *out[100];

		assert_int_equal(tidei_magazines_get(p.mags, out, 100, NULL), 0);
		for (unsigned int bit = 0; bit < 32; bit++) {
			uint32_t slot = UINT32_C(1) << bit;

			if (slot < bound)
				continue;
			assert_null(tidei_magazines_object(p.mags, slot));
			assert_false(tidei_magazines_record(p.mags, slot).known);
			assert_null(tidei_magazines_object(p.mags, slot + bound / 2));
		}
		assert_null(tidei_magazines_object(p.mags, UINT32_MAX));
		assert_false(tidei_magazines_record(p.mags, UINT32_MAX).known);
		assert_int_equal(tidei_magazines_put(p.mags, out, 100, NULL), 0);
		pool_done(&p);
	}
}

static int
group(const char *name)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(add_refuses_and_changes_nothing),
		cmocka_unit_test(a_full_table_of_segments_asks_to_grow),
		cmocka_unit_test(grow_keeps_what_the_ledger_knows),
		cmocka_unit_test(an_allocator_grown_before_its_first_run_is_empty),
		cmocka_unit_test(numbers_beyond_32_bits_are_refused),
		cmocka_unit_test(contiguous_runs_are_one_and_need_no_more_memory),
		cmocka_unit_test(page_gaps_that_repeat_leave_one_segment),
		cmocka_unit_test(pages_of_other_lengths_and_places_are_segments_of_their_own),
		cmocka_unit_test(slot_and_object_are_inverse_in_one_run),
		cmocka_unit_test(slot_and_object_are_inverse_across_gaps_and_segments),
		cmocka_unit_test(a_slot_beyond_the_bound_has_no_object_and_no_record),
	};

	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int
main(int argc, char **argv)
{
	return magazine_tests(argc, argv, "magazine_segments", group);
}
