/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Tests the allocator in one thread: arguments, sizes at the edges, all or nothing, the peak. */

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "layout.h"
#include "magazine_pool.h"
#include "range.h"

#define PATTERN UINT64_C(0xa5a5a5a5a5a5a5a5)

static void
size_and_init_refuse_what_is_out_of_range(void **state)
{
	static const struct {
		uint32_t objects;
		size_t stride;
		int mode;
	} bad[] = {
		{0, 64, TIDEI_LEDGER_FULL},
		{TIDEI_OBJECTS_MAX + 1, 64, TIDEI_LEDGER_FULL},
		{UINT32_MAX, 64, TIDEI_LEDGER_FULL},
		{1, 0, TIDEI_LEDGER_FULL},
		{1, 4, TIDEI_LEDGER_FULL},
		{1, 12, TIDEI_LEDGER_FULL},
		{1, (size_t)STRIDE_MAX + 8, TIDEI_LEDGER_FULL},
		{1, SIZE_MAX - 7, TIDEI_LEDGER_FULL},
		{1, 64, TIDEI_LEDGER_MODES},
		{1, 64, -1},
		/* 17 objects that are 2^28 - 1 units apart have numbers above 32 bits. */
		{17, (size_t)STRIDE_MAX - 8, TIDEI_LEDGER_FULL},
	};
	void *mem = aligned_alloc(128, 1 << 20);

	memset(mem, 0xa5, 1 << 20);
	for (size_t i = 0; i < NB(bad); i++) {
		assert_int_equal(tidei_magazines_size(bad[i].objects, bad[i].stride,
					 (enum tidei_ledger_mode)bad[i].mode),
			0);
		assert_null(tidei_magazines_init(
			mem, bad[i].objects, bad[i].stride, (enum tidei_ledger_mode)bad[i].mode));
	}
	assert_int_equal(*(uint64_t *)mem, PATTERN);
	assert_true(tidei_magazines_size(1, STRIDE_MAX, TIDEI_LEDGER_FULL) != 0);
	assert_true(tidei_magazines_size(15, STRIDE_MAX - 8, TIDEI_LEDGER_FULL) != 0);
	free(mem);
}

/* Compute the bytes per object for a size, without the fixed part. */
static double
bytes_per_object(uint32_t objects, size_t stride, enum tidei_ledger_mode mode)
{
	return (double)tidei_magazines_size(objects, stride, mode) / objects;
}

static void
memory_per_object_is_bounded(void **state)
{
	static const uint32_t sizes[] = {
		16383, 65535, 65536, 131071, 1 << 20, 1 << 24, TIDEI_OBJECTS_MAX};
	static const size_t strides[] = {8, 64, 2176, 2304, 2368, 2432, 4160, 9984};

	for (size_t i = 0; i < NB(sizes); i++) {
		for (size_t k = 0; k < NB(strides); k++) {
			/* A number is 4 bytes, a ledger word 4 to 8 by stride; cells are few. */
			if (tidei_magazines_size(sizes[i], strides[k], TIDEI_LEDGER_OFF) == 0)
				continue;
			assert_true(bytes_per_object(sizes[i], strides[k], TIDEI_LEDGER_OFF) < 10);
			assert_true(
				bytes_per_object(sizes[i], strides[k], TIDEI_LEDGER_FULL) < 18.5);
			assert_true(bytes_per_object(sizes[i], strides[k], TIDEI_LEDGER_SAMPLED) <
				    10.7);
		}
	}
}

static void
the_largest_allocator_can_name_each_magazine(void **state)
{
	size_t size = tidei_magazines_size(TIDEI_OBJECTS_MAX, 8, TIDEI_LEDGER_OFF);
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct tidei_magazines *mags;

	assert_true(mem != MAP_FAILED);
	mags = tidei_magazines_init(mem, TIDEI_OBJECTS_MAX, 8, TIDEI_LEDGER_OFF);
	assert_non_null(mags);
	/* The last magazine fits in the bits of a pair and differs from NO_MAGAZINE. */
	assert_true(mags->nb_magazines - 1 < NO_MAGAZINE);
	assert_null(tidei_magazines_check(mags));
	munmap(mem, size);
}

static void
an_allocator_is_told_from_other_memory(void **state)
{
	struct pool p = pool_full(10, 64, TIDEI_LEDGER_SAMPLED);
	char other[128] __attribute__((aligned(128))) = {0};

	assert_true(tidei_magazines_valid(p.mags));
	assert_int_equal(tidei_magazines_mode(p.mags), TIDEI_LEDGER_SAMPLED);
	assert_false(tidei_magazines_valid(other));
	pool_done(&p);
}

static void
an_allocator_without_objects_has_none_to_give(void **state)
{
	struct pool p = pool_empty(10, 64, TIDEI_LEDGER_FULL, 4096);
	void *object = p.base;
	struct refusals r;

	assert_int_equal(tidei_magazines_get(p.mags, &object, 1, NULL), -ENOBUFS);
	assert_ptr_equal(object, p.base);
	assert_int_equal(put_noting(p.mags, &object, 1, &r), 1);
	assert_int_equal(r.noted[0].kind, TIDEI_MISUSE_FOREIGN);
	assert_int_equal(tidei_magazines_objects(p.mags), 0);
	assert_null(tidei_magazines_object(p.mags, 0));
	pool_done(&p);
}

static void
every_object_comes_out_once_at_each_size(void **state)
{
	static const uint32_t sizes[] = {1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257,
		1023, 1024, 1025, 2047, 2048, 2049, 4096, 8191, 8192, 8193, 65535, 65536, 65537};

	for (size_t i = 0; i < NB(sizes); i++) {
		struct pool p = pool_full(sizes[i], 64, (enum tidei_ledger_mode)(i % 3));
		void **out = calloc(sizes[i], sizeof(*out)), *more;

		for (uint32_t k = 0; k < sizes[i]; k++) {
			assert_int_equal(tidei_magazines_get(p.mags, &out[k], 1, NULL), 0);
			*(uint32_t *)out[k] = k;
		}
		assert_int_equal(tidei_magazines_get(p.mags, &more, 1, NULL), -ENOBUFS);
		pool_assert(&p, 0);
		for (uint32_t k = 0; k < sizes[i]; k++)
			assert_int_equal(*(uint32_t *)out[k], k);
		assert_int_equal(tidei_magazines_put(p.mags, out, sizes[i], NULL), 0);
		free(out);
		pool_assert_usable(&p);
		pool_done(&p);
	}
}

static void
every_object_is_usable_at_each_stride(void **state)
{
	static const size_t strides[] = {
		8, 16, 24, 40, 64, 72, 192, 2176, 2304, 2368, 2432, 4096, 4096 + 64, 65536, 65600};
	static const uint32_t sizes[] = {1, 7, 33, 300};

	for (size_t i = 0; i < NB(strides); i++) {
		for (size_t k = 0; k < NB(sizes); k++) {
			struct pool p = pool_full(
				sizes[k], strides[i], (enum tidei_ledger_mode)((i + k) % 3));

			pool_assert_usable(&p);
			pool_done(&p);
		}
	}
}

static void
get_and_put_of_nothing_change_nothing(void **state)
{
	struct pool p = pool_full(10, 64, TIDEI_LEDGER_FULL);

	assert_int_equal(tidei_magazines_get(p.mags, NULL, 0, NULL), 0);
	assert_int_equal(tidei_magazines_put(p.mags, NULL, 0, NULL), 0);
	assert_int_equal(tidei_magazines_counters(p.mags).failures, 0);
	pool_done(&p);
}

/* Check that a get of n fails, writes nothing, takes nothing, and is counted once. */
static void
assert_short(struct pool *p, uint32_t n, uint32_t free_objects)
{
	uint64_t failures = tidei_magazines_counters(p->mags).failures;
	void **out = malloc((n + 1) * sizeof(*out));

	memset(out, 0xa5, (n + 1) * sizeof(*out));
	assert_int_equal(tidei_magazines_get(p->mags, out, n, NULL), -ENOBUFS);
	for (uint32_t i = 0; n <= TIDEI_GET_EXACT && i <= n; i++)
		assert_int_equal((uintptr_t)out[i], PATTERN);
	assert_int_equal((uintptr_t)out[n], PATTERN);
	pool_assert(p, free_objects);
	assert_int_equal(tidei_magazines_counters(p->mags).failures, failures + 1);
	free(out);
}

static void
a_get_that_is_one_short_takes_and_writes_nothing(void **state)
{
	static const uint32_t sizes[] = {1, 31, 32, 33, 64, 65, 500, 1023, 1024, 1025, 2049, 5000};

	for (size_t i = 0; i < NB(sizes); i++) {
		struct pool p = pool_full(sizes[i], 64, (enum tidei_ledger_mode)(i % 3));

		assert_short(&p, sizes[i] + 1, sizes[i]);
		assert_short(&p, UINT16_MAX, sizes[i]);
		pool_assert_usable(&p);
		pool_done(&p);
	}
}

static void
a_get_above_the_exact_size_takes_all_or_nothing(void **state)
{
	static const uint32_t gets[] = {TIDEI_GET_EXACT - 1, TIDEI_GET_EXACT, TIDEI_GET_EXACT + 1,
		2 * TIDEI_GET_EXACT + 7, 6000};
	struct pool p = pool_full(6000, 64, TIDEI_LEDGER_FULL);
	void **out = malloc(6001 * sizeof(*out));

	for (size_t i = 0; i < NB(gets); i++) {
		memset(out, 0xa5, 6001 * sizeof(*out));
		assert_int_equal(tidei_magazines_get(p.mags, out, gets[i], NULL), 0);
		assert_int_equal((uintptr_t)out[gets[i]], PATTERN);
		pool_assert(&p, 6000 - gets[i]);
		assert_short(&p, 6000 - gets[i] + 1, 6000 - gets[i]);
		assert_int_equal(tidei_magazines_put(p.mags, out, gets[i], NULL), 0);
	}
	free(out);
	pool_done(&p);
}

/* A get that fails takes many objects for a short time; they must not raise the peak. */
static void
a_get_that_fails_is_no_peak(void **state)
{
	struct pool p = pool_full(6000, 64, TIDEI_LEDGER_FULL);
	void *out[100];

	assert_int_equal(tidei_magazines_get(p.mags, out, 100, NULL), 0);
	assert_short(&p, 5901, 5900);
	assert_true(tidei_magazines_peak(p.mags) < 1000);
	assert_int_equal(tidei_magazines_put(p.mags, out, 100, NULL), 0);
	pool_done(&p);
}

static void
the_last_objects_come_in_one_get_out_of_many_cells(void **state)
{
	/* Few objects in each of 20 cells: no magazine of the depot is full. */
	enum {
		WORKERS = 20,
		EACH = 11,
		OBJECTS = 1500,
	};
	struct pool p = pool_full(OBJECTS, 64, TIDEI_LEDGER_FULL);
	void **out = calloc(OBJECTS, sizeof(*out)), *got[WORKERS * EACH + 1];

	assert_int_equal(tidei_magazines_get(p.mags, out, OBJECTS, NULL), 0);
	for (unsigned int i = 0; i < WORKERS; i++)
		assert_int_equal(worker_put(p.mags, i, out + i * EACH, EACH), 0);
	pool_assert(&p, WORKERS * EACH);
	assert_short(&p, WORKERS * EACH + 1, WORKERS * EACH);
	memset(got, 0xa5, sizeof(got));
	assert_int_equal(tidei_magazines_get(p.mags, got, WORKERS * EACH, NULL), 0);
	qsort(got, WORKERS * EACH, sizeof(*got), compare_pointers);
	qsort(out, WORKERS * EACH, sizeof(*out), compare_pointers);
	assert_memory_equal(got, out, WORKERS * EACH * sizeof(*got));
	assert_true(tidei_magazines_counters(p.mags).steals >= WORKERS);
	assert_int_equal(tidei_magazines_put(p.mags, out, OBJECTS, NULL), 0);
	free(out);
	pool_done(&p);
}

static void
a_get_gives_all_back_when_it_cannot_reach_what_a_stopped_thread_has(void **state)
{
	static const uint32_t gets[] = {2, 33, 300, 900, TIDEI_GET_EXACT, 1300, 1480};
	struct pool p = pool_full(1500, 64, TIDEI_LEDGER_FULL);
	struct tidei_cell *stopped = NULL;
	void **out = calloc(1500, sizeof(*out)), **more = calloc(1500, sizeof(*more));

	assert_int_equal(tidei_magazines_get(p.mags, out, 1500, NULL), 0);
	assert_int_equal(worker_put(p.mags, 0, out, 20), 0);
	for (uint32_t c = 0; c < p.mags->nb_cells; c++)
		if (count_pair(cell_pair(&p.mags->cell[c])) == 20)
			stopped = &p.mags->cell[c];
	assert_non_null(stopped);
	for (size_t i = 0; i < NB(gets); i++) {
		uint32_t rest = gets[i] - 1;

		/* By count there are enough objects, with those in the cell of the stopped thread. */
		assert_int_equal(tidei_magazines_put(p.mags, out + 20, rest, NULL), 0);
		atomic_store(&stopped->busy, 1);
		memset(more, 0xa5, 1500 * sizeof(*more));
		assert_int_equal(tidei_magazines_get(p.mags, more, gets[i], NULL), -ENOBUFS);
		if (gets[i] <= TIDEI_GET_EXACT)
			assert_int_equal((uintptr_t)more[0], PATTERN);
		atomic_store(&stopped->busy, 0);
		pool_assert(&p, 20 + rest);
		assert_int_equal(tidei_magazines_get(p.mags, more, gets[i] + 19, NULL), 0);
		assert_int_equal(worker_put(p.mags, 0, more, 20), 0);
		memcpy(out, more, 20 * sizeof(*out));
		memcpy(out + 20, more + 20, rest * sizeof(*out));
	}
	assert_int_equal(tidei_magazines_put(p.mags, out + 20, 1480, NULL), 0);
	free(out);
	free(more);
	pool_assert_usable(&p);
	pool_done(&p);
}

/* Find the only cell that has so many objects. */
static struct tidei_cell *
cell_with(const struct pool *p, uint32_t objects)
{
	struct tidei_cell *found = NULL;

	for (uint32_t c = 0; c < p->mags->nb_cells; c++)
		if (count_pair(cell_pair(&p->mags->cell[c])) == objects)
			found = &p->mags->cell[c];
	assert_non_null(found);
	return found;
}

/* A get that fails lowers the count of the depot for a short time; a later peak must still be measured. */
static void
a_get_that_fails_hides_no_later_peak(void **state)
{
	static const uint32_t fails[] = {900, TIDEI_GET_EXACT, 1500, 5500};

	for (size_t i = 0; i < NB(fails); i++) {
		struct pool p = pool_full(6000, 64, TIDEI_LEDGER_FULL);
		void **out = calloc(6000, sizeof(*out)), **more = calloc(6000, sizeof(*more));
		uint32_t first = 6000 - fails[i], second = fails[i] - 150;
		struct tidei_cell *stopped;

		assert_int_equal(tidei_magazines_get(p.mags, out, first, NULL), 0);
		assert_int_equal(tidei_magazines_get(p.mags, more, 20, NULL), 0);
		assert_int_equal(worker_put(p.mags, 0, more, 20), 0);
		stopped = cell_with(&p, 20);
		atomic_store(&stopped->busy, 1);
		assert_int_equal(tidei_magazines_get(p.mags, more, fails[i], NULL), -ENOBUFS);
		atomic_store(&stopped->busy, 0);
		assert_int_equal(tidei_magazines_get(p.mags, more, second, NULL), 0);
		assert_int_equal(tidei_magazines_put(p.mags, more, second, NULL), 0);
		/* Two threads have cells, with two magazines each. */
		assert_uint_in_range(tidei_magazines_peak(p.mags), first + second - 4 * 64, 6000);
		assert_int_equal(tidei_magazines_put(p.mags, out, first, NULL), 0);
		free(out);
		free(more);
		pool_done(&p);
	}
}

/* A theft does not lower the count of the depot; the get that steals must measure the peak itself. */
static void
a_get_that_steals_raises_the_peak(void **state)
{
	/* Two magazines of 32. The main thread and a worker get one object each, and so a magazine each. */
	struct pool p = pool_full(64, 64, TIDEI_LEDGER_FULL);
	void *out[64];

	assert_int_equal(tidei_magazines_get(p.mags, out, 1, NULL), 0);
	assert_int_equal(worker_get(p.mags, 0, out + 1, 1), 0);
	assert_int_equal(tidei_magazines_get(p.mags, out + 2, 31, NULL), 0);
	assert_int_equal(tidei_magazines_get(p.mags, out + 33, 20, NULL), 0);
	assert_int_equal(tidei_magazines_counters(p.mags).steals, 1);
	assert_int_equal(tidei_magazines_put(p.mags, out, 53, NULL), 0);
	assert_int_equal(tidei_magazines_peak(p.mags), 53);
	pool_done(&p);
}

static void
sixteen_million_objects_come_in_one_get(void **state)
{
	enum {
		OBJECTS = 1 << 24
	};
	struct pool p = pool_full(OBJECTS, 8, TIDEI_LEDGER_FULL);
	void **all = calloc(OBJECTS + 1, sizeof(*all));

	assert_int_equal(tidei_magazines_get(p.mags, all, OBJECTS + 1, NULL), -ENOBUFS);
	assert_int_equal(tidei_magazines_count(p.mags), OBJECTS);
	assert_int_equal(tidei_magazines_get(p.mags, all, OBJECTS, NULL), 0);
	assert_int_equal(tidei_magazines_count(p.mags), 0);
	for (uint32_t i = 0; i < OBJECTS; i++)
		*(uint64_t *)all[i] = i;
	for (uint32_t i = 0; i < OBJECTS; i++)
		assert_true(*(uint64_t *)all[i] == i);
	assert_int_equal(tidei_magazines_put(p.mags, all, OBJECTS, NULL), 0);
	free(all);
	pool_done(&p);
}

/* Make an allocator of one object that shares the hint of another and ends at an unmapped page. */
static struct tidei_magazines *
make_at_the_end(const struct tidei_magazines *other, char *map, size_t len)
{
	const size_t size = tidei_magazines_size(1, 64, TIDEI_LEDGER_OFF), page = 4096;

	for (size_t end = len - page; end > size; end -= page) {
		struct tidei_magazines *mags = (void *)(map + (end - size) / 128 * 128);

		tidei_magazines_init(mags, 1, 64, TIDEI_LEDGER_OFF);
		if (mags->hint_index == other->hint_index) {
			assert_int_equal(mprotect(map + end, page, PROT_NONE), 0);
			return mags;
		}
	}
	return NULL;
}

static void
a_hint_of_another_allocator_reads_nothing_outside(void **state)
{
	const size_t len = 1000 * 4096;
	struct pool large = pool_full(70000, 64, TIDEI_LEDGER_OFF);
	char *map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct tidei_magazines *small;
	char object[64] __attribute__((aligned(64)));
	void *out;

	assert_true(map != MAP_FAILED);
	small = make_at_the_end(large.mags, map, len);
	assert_non_null(small);
	/* The last workers own cells of the large allocator whose indices the small one does not have. */
	for (unsigned int i = 0; i < 130; i++) {
		assert_int_equal(worker_get(large.mags, i, &out, 1), 0);
		assert_int_equal(worker_put(large.mags, i, &out, 1), 0);
	}
	assert_int_equal(tidei_magazines_add(small, object, 1), 0);
	for (unsigned int i = 0; i < 130; i++) {
		assert_int_equal(worker_get(small, i, &out, 1), 0);
		assert_ptr_equal(out, object);
		assert_int_equal(worker_put(small, i, &out, 1), 0);
	}
	assert_null(tidei_magazines_check(small));
	munmap(map, len);
	pool_done(&large);
}

static int
group(const char *name)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(size_and_init_refuse_what_is_out_of_range),
		cmocka_unit_test(memory_per_object_is_bounded),
		cmocka_unit_test(the_largest_allocator_can_name_each_magazine),
		cmocka_unit_test(an_allocator_is_told_from_other_memory),
		cmocka_unit_test(an_allocator_without_objects_has_none_to_give),
		cmocka_unit_test(every_object_comes_out_once_at_each_size),
		cmocka_unit_test(every_object_is_usable_at_each_stride),
		cmocka_unit_test(get_and_put_of_nothing_change_nothing),
		cmocka_unit_test(a_get_that_is_one_short_takes_and_writes_nothing),
		cmocka_unit_test(a_get_above_the_exact_size_takes_all_or_nothing),
		cmocka_unit_test(a_get_that_fails_is_no_peak),
		cmocka_unit_test(the_last_objects_come_in_one_get_out_of_many_cells),
		cmocka_unit_test(
			a_get_gives_all_back_when_it_cannot_reach_what_a_stopped_thread_has),
		cmocka_unit_test(a_get_that_fails_hides_no_later_peak),
		cmocka_unit_test(a_get_that_steals_raises_the_peak),
		cmocka_unit_test(sixteen_million_objects_come_in_one_get),
		cmocka_unit_test(a_hint_of_another_allocator_reads_nothing_outside),
	};

	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int
main(int argc, char **argv)
{
	return magazine_tests(argc, argv, "magazine", group);
}
