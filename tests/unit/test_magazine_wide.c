/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Compares the conversion of numbers and pointers, by each width of vector register, with plain division. */

#include "layout.h"
#include "ledger.h"
#include "magazine_pool.h"
#include "wide.h"

#define BURST_MAX 70

static const struct tidei_wide *under_test;
static struct tidei_cell cell; /* The functions under test write `remote` there. */

/* One segment at some address; its memory is never touched. */
struct place {
	struct tidei_magazines mags;
	struct tidei_segment s;
	uint64_t period; /* Bytes; 0: one run. */
};

static const size_t strides[] = {8, 16, 24, 64, 72, 192, 2176, 2304, 2368, 2432, 4096, 4160, 65536,
	65600, (UINT32_C(1) << 26) - 8, (size_t)3 << 29, STRIDE_MAX - 8, STRIDE_MAX};

/* Fill in an allocator like init and add do. period: 0, or bytes from run to run, a power of two. */
static struct place
place_at(uintptr_t base, size_t stride, uint32_t objects, size_t period)
{
	void *mem = aligned_alloc(
		128, (tidei_magazines_size(objects, stride, TIDEI_LEDGER_OFF) + 127) / 128 * 128);
	struct tidei_magazines *mags = tidei_magazines_init(mem, objects, stride, TIDEI_LEDGER_OFF);
	uint32_t per = period == 0 ? objects : (uint32_t)(period / stride);
	struct place place = {.period = period};

	for (uint32_t done = 0; done < objects; done += per, base += period)
		assert_int_equal(tidei_magazines_add(mags, (void *)base,
					 per < objects - done ? per : objects - done),
			0);
	assert_int_equal(mags->segments.nb, 1);
	place.s = mags->segments.segment[0];
	place.mags = *mags;
	place.mags.segments.segment = &place.s;
	free(mem);
	return place;
}

/* Tell by division whether a pointer is an object, and compute its number in units. */
static bool
is_object(const struct place *place, uintptr_t at, uint32_t *number)
{
	uint64_t offset = at - place->s.base, in_run = offset,
		 unit = UINT64_C(1) << place->mags.shift;

	if (place->period != 0) {
		in_run = offset % place->period;
		if (in_run / place->mags.stride >= place->s.per)
			return false;
	}
	if (offset / unit >= place->s.units || in_run % place->mags.stride != 0)
		return false;
	*number = (uint32_t)(offset / unit);
	return true;
}

static void *
object_at(const struct place *place, uint32_t i)
{
	uint64_t per = place->s.per;

	return (void *)(place->s.base + i / per * place->period + i % per * place->mags.stride);
}

static void
assert_agrees(const struct place *place, void *const *table, unsigned int n)
{
	uint32_t number[BURST_MAX + 1], expected[BURST_MAX] = {0};
	struct tidei_segment s = place->s;
	struct tidei_magazines mags = place->mags;
	void *back[BURST_MAX + 1];
	bool good = true;

	for (unsigned int i = 0; i < n; i++)
		good &= is_object(place, (uintptr_t)table[i], &expected[i]);
	memset(number, 0xa5, sizeof(number));
	mags.segments.segment = &s;
	assert_int_equal(under_test->compress_put(&mags, &cell, table, number, n, 0), good ? n : 0);
	assert_int_equal(number[n], 0xa5a5a5a5);
	if (!good)
		return;
	assert_memory_equal(number, expected, n * sizeof(*number));
	memset(back, 0xa5, sizeof(back));
	assert_true(under_test->record_get(&mags, &cell, number, n, 0));
	under_test->expand(&mags, number, back, n);
	assert_memory_equal(back, table, n * sizeof(*back));
	assert_int_equal((uintptr_t)back[n], UINT64_C(0xa5a5a5a5a5a5a5a5));
}

static void
objects_become_numbers_and_back_at_each_stride_and_size(void **state)
{
	for (size_t s = 0; s < NB(strides); s++) {
		uint32_t objects = strides[s] > 1 << 20 ? 2 : 1000;
		struct place place = place_at(UINTPTR_MAX / 4 + 1 + 64 * s, strides[s], objects, 0);
		void *table[BURST_MAX];

		for (unsigned int n = 0; n < BURST_MAX; n++) {
			for (unsigned int i = 0; i < n; i++)
				table[i] = object_at(&place, (i * 11 + n) % objects);
			assert_agrees(&place, table, n);
		}
	}
}

/* Put each bad pointer in each lane of bursts of each tail length. */
static void
assert_refuses(const struct place *place, const uintptr_t *bad, size_t nb, uint32_t objects)
{
	void *table[BURST_MAX];
	uint32_t number;

	for (size_t b = 0; b < nb; b++) {
		if (is_object(place, bad[b], &number))
			continue;
		for (unsigned int n = 1; n <= 25; n++) {
			for (unsigned int at = 0; at < n; at++) {
				for (unsigned int i = 0; i < n; i++)
					table[i] = object_at(place, i % objects);
				table[at] = (void *)bad[b];
				assert_agrees(place, table, n);
			}
		}
	}
}

static void
a_bad_pointer_in_any_lane_is_found(void **state)
{
	for (size_t s = 0; s < NB(strides); s++) {
		const uint64_t stride = strides[s];
		const uint32_t objects = stride > 1 << 20 ? 2 : 1000;
		struct place place = place_at(UINTPTR_MAX / 4 + 1 + 64 * s, stride, objects, 0);
		const uintptr_t base = place.s.base, end = base + objects * stride;
		const uint64_t unit = UINT64_C(1) << place.mags.shift;
		const uintptr_t bad[] = {base + 1, base - 1, base - 8, base - stride, end, end - 1,
			end - 8, end + stride, base + stride / 2, base + stride - unit,
			base + stride + unit, base + 4, base + (UINT64_C(1) << 31),
			base + (UINT64_C(1) << 32), base + (unit << 31), base + (unit << 32),
			base + (UINT64_C(1) << 32) * stride, base - (unit << 32),
			base + (UINT64_C(1) << 63), 0, UINTPTR_MAX};

		assert_refuses(&place, bad, NB(bad), objects);
	}
}

static void
a_pointer_into_a_page_gap_is_found_in_any_lane(void **state)
{
	static const struct {
		size_t stride, page;
	} cases[] = {{1408, 4096}, {192, 4096}, {2304, 2 << 20}, {2368, 4096}};

	for (size_t c = 0; c < NB(cases); c++) {
		const size_t stride = cases[c].stride, page = cases[c].page;
		const uint32_t objects = 3 * (uint32_t)(page / stride) + 1;
		struct place place = place_at(UINTPTR_MAX / 4 + 1, stride, objects, page);
		const uintptr_t base = place.s.base, gap = base + page / stride * stride;
		const uintptr_t bad[] = {gap, gap + 64, base + page - 64, base + page - 8,
			base + page + stride / 2, base + 2 * page - 64, base + 3 * page + stride,
			base + 3 * page + 64, base + 4 * page};

		assert_refuses(&place, bad, NB(bad), objects);
	}
}

static void
random_pointers_agree_with_division(void **state)
{
	unsigned int seed = seed_of_run();
	void *table[BURST_MAX];

	for (int round = 0; round < 400; round++) {
		size_t stride = strides[(size_t)rand_r(&seed) % 14];
		size_t period = rand_r(&seed) % 2 && stride <= 1 << 16 ? 1 << 17 : 0;
		uint32_t objects = 1 + (uint32_t)rand_r(&seed) % 500;
		struct place place = place_at(
			((uintptr_t)rand_r(&seed) << 20) + (1 << 30), stride, objects, period);

		for (int burst = 0; burst < 400; burst++) {
			unsigned int n = (unsigned int)rand_r(&seed) % BURST_MAX;

			for (unsigned int i = 0; i < n; i++) {
				uintptr_t near = (uintptr_t)rand_r(&seed) % (2 * objects * stride);

				table[i] = object_at(&place, (uint32_t)rand_r(&seed) % objects);
				if (rand_r(&seed) % 128 == 0)
					table[i] = (void *)(place.s.base - stride + near / 8 * 8);
				if (rand_r(&seed) % 512 == 0)
					table[i] = (void *)((uintptr_t)rand_r(&seed) << 33 ^
							    (uintptr_t)rand_r(&seed));
			}
			assert_agrees(&place, table, n);
		}
	}
}

/*
 * Write LEDGER_CHUNK consecutive objects into a table. At random make one fault: two objects swapped,
 * one twice, one pointer beside its object, or pointers a stride apart that begin beside an object or
 * run into a gap or past the last object.
 */
static void
burst_from(const struct pool *p, uint32_t first, unsigned int *seed, void **table)
{
	unsigned int a = (unsigned int)rand_r(seed) % LEDGER_CHUNK,
		     b = (unsigned int)rand_r(seed) % LEDGER_CHUNK;
	size_t askew = rand_r(seed) % 2 ? 8 : 0;
	void *at_a;

	memcpy(table, p->object + first, LEDGER_CHUNK * sizeof(*table));
	at_a = table[a];
	switch (rand_r(seed) % 5) {
	case 0:
		table[a] = table[b];
		table[b] = at_a;
		break;
	case 1:
		table[a] = table[b];
		break;
	case 2:
		table[a] = (char *)at_a + 8 * ((unsigned int)rand_r(seed) % 16);
		break;
	case 3:
		for (size_t i = 0; i < LEDGER_CHUNK; i++)
			table[i] = p->object[first + a] + askew + i * p->stride;
		break;
	default:
		break;
	}
}

/* Tell whether all pointers are different objects that are out. Changes no word. */
static bool
all_out(const struct pool *p, void *const *table)
{
	for (unsigned int i = 0; i < LEDGER_CHUNK; i++) {
		uint32_t slot;

		if (tidei_magazines_slot(p->mags, table[i], &slot) != 0 ||
			!(p->mags->ledger[slot] & LEDGER_OUT))
			return false;
		for (unsigned int k = 0; k < i; k++)
			if (table[k] == table[i])
				return false;
	}
	return true;
}

static void
assert_bursts_update_the_ledger(size_t stride, size_t page)
{
	unsigned int seed = seed_of_run();
	struct pool p = pool_empty(500 + 2 * LEDGER_CHUNK, stride, TIDEI_LEDGER_FULL, 40 * 4096);
	uint32_t number[LEDGER_CHUNK], words[500 + 2 * LEDGER_CHUNK], *ledger;
	void *table[LEDGER_CHUNK], *back[LEDGER_CHUNK];

	p.capacity = 500;
	pool_add_pages(&p, page);
	qsort(p.object, p.nb, sizeof(*p.object), compare_pointers);
	ledger = (uint32_t *)(uintptr_t)p.mags->ledger;
	for (int round = 0; round < 20000; round++) {
		/* The words after those of the objects can have any content. */
		for (uint32_t i = 0; i < NB(words); i++)
			ledger[i] = rand_r(&seed) % 100 == 0 ? 7 : 7 | LEDGER_OUT;
		memcpy(words, ledger, sizeof(words));
		burst_from(&p, (uint32_t)rand_r(&seed) % (500 - LEDGER_CHUNK), &seed, table);
		if (!all_out(&p, table)) {
			assert_int_equal(under_test->compress_put(
						 p.mags, &cell, table, number, LEDGER_CHUNK, 9),
				0);
			assert_memory_equal(ledger, words, sizeof(words));
			continue;
		}
		assert_int_equal(
			under_test->compress_put(p.mags, &cell, table, number, LEDGER_CHUNK, 9),
			LEDGER_CHUNK);
		for (unsigned int i = 0; i < LEDGER_CHUNK; i++) {
			uint32_t slot;

			assert_int_equal(tidei_magazines_slot(p.mags, table[i], &slot), 0);
			assert_int_equal(ledger[slot], 9);
			words[slot] = 9;
		}
		assert_memory_equal(ledger, words, sizeof(words));
		assert_true(under_test->record_get(
			p.mags, &cell, number, LEDGER_CHUNK, 11 | LEDGER_OUT));
		under_test->expand(p.mags, number, back, LEDGER_CHUNK);
		assert_memory_equal(back, table, sizeof(table));
		/* A second get fails: the objects are out. */
		assert_false(under_test->record_get(
			p.mags, &cell, number, LEDGER_CHUNK, 12 | LEDGER_OUT));
	}
	memset(ledger, 0, sizeof(words));
	pool_done(&p);
}

static void
bursts_in_order_and_nearly_so_update_the_ledger_like_any(void **state)
{
	/* Pages of more objects than a burst: runs end inside bursts. */
	assert_bursts_update_the_ledger(192, 16384);
	/* One run of objects whose stride is one unit. */
	assert_bursts_update_the_ledger(64, 40 * 4096);
}

#define LONG 300

/* Make a burst of different objects: in order, except for some swapped pairs. */
static unsigned int
long_burst(const struct pool *p, unsigned int *seed, void **table)
{
	unsigned int n = 1 + (unsigned int)rand_r(seed) % LONG,
		     swaps = (unsigned int)rand_r(seed) % 4;
	uint32_t first = (uint32_t)rand_r(seed) % (p->nb - n);

	memcpy(table, p->object + first, n * sizeof(*table));
	while (swaps-- > 0) {
		unsigned int a = (unsigned int)rand_r(seed) % n, b = (unsigned int)rand_r(seed) % n;
		void *swapped = table[a];

		table[a] = table[b];
		table[b] = swapped;
	}
	return n;
}

/*
 * Update the words of n objects by the rule of wide.h, in the plain way. Returns the number of objects,
 * in whole chunks or all, whose words had the bit `out`.
 */
static unsigned int
update_words(const struct pool *p, void *const *table, unsigned int n, uint32_t out, uint32_t to,
	uint32_t *words)
{
	for (unsigned int done = 0; done < n; done += LEDGER_CHUNK) {
		unsigned int end = done + LEDGER_CHUNK < n ? done + LEDGER_CHUNK : n;
		uint32_t slot[LEDGER_CHUNK];

		for (unsigned int i = done; i < end; i++) {
			assert_int_equal(
				tidei_magazines_slot(p->mags, table[i], &slot[i - done]), 0);
			if ((words[slot[i - done]] & LEDGER_OUT) != out)
				return done;
		}
		for (unsigned int i = done; i < end; i++)
			words[slot[i - done]] = to;
	}
	return n;
}

static void
long_bursts_update_the_ledger_chunk_by_chunk(void **state)
{
	unsigned int seed = seed_of_run(), whole = 0, part = 0;
	struct pool p = pool_empty(2000, 192, TIDEI_LEDGER_FULL, 130 * 4096);
	uint32_t number[LONG], words[2000], *ledger;
	void *table[LONG], *back[LONG];

	pool_add_pages(&p, 16384);
	qsort(p.object, p.nb, sizeof(*p.object), compare_pointers);
	ledger = (uint32_t *)(uintptr_t)p.mags->ledger;
	for (int round = 0; round < 20000; round++) {
		unsigned int n = long_burst(&p, &seed, table), given;

		for (uint32_t i = 0; i < NB(words); i++)
			ledger[i] = rand_r(&seed) % 200 == 0 ? 7 : 7 | LEDGER_OUT;
		memcpy(words, ledger, sizeof(words));
		given = update_words(&p, table, n, LEDGER_OUT, 9, words);
		assert_int_equal(
			under_test->compress_put(p.mags, &cell, table, number, n, 9), given);
		assert_memory_equal(ledger, words, sizeof(words));
		cell.remote = round & 1;
		if (given == n && rand_r(&seed) % 2 == 0) {
			whole++;
			assert_int_equal(update_words(&p, table, n, 0, 11 | LEDGER_OUT, words), n);
			assert_true(
				under_test->record_get(p.mags, &cell, number, n, 11 | LEDGER_OUT));
			under_test->expand(p.mags, number, back, n);
			assert_memory_equal(back, table, n * sizeof(*table));
			assert_memory_equal(ledger, words, sizeof(words));
		} else if (given == n) {
			uint32_t slot;

			part++;
			assert_int_equal(tidei_magazines_slot(p.mags,
						 table[(unsigned int)rand_r(&seed) % n], &slot),
				0);
			ledger[slot] = words[slot] = 8 | LEDGER_OUT;
			/* The objects before it are free again, with another word. */
			assert_false(
				under_test->record_get(p.mags, &cell, number, n, 11 | LEDGER_OUT));
			for (uint32_t i = 0; i < NB(words); i++)
				assert_true(ledger[i] == words[i] ||
					    (words[i] == 9 && ledger[i] == 11));
		}
	}
	assert_true(whole > 100 && part > 100);
	memset(ledger, 0, sizeof(words));
	pool_done(&p);
}

/* Get all objects of a new allocator in bursts of a chunk, by the fast path; the objects are in order. */
static void
bursts_in_order_hand_out_each_object_once_in_each_mode(void **state)
{
	for (int mode = 0; mode < TIDEI_LEDGER_MODES; mode++) {
		/* Magazines of four bursts. */
		struct pool p = pool_full(8192, 192, (enum tidei_ledger_mode)mode);
		void **out = calloc(p.nb, sizeof(*out));

		for (uint32_t n = 0; n < p.nb; n += LEDGER_CHUNK)
			assert_int_equal(
				tidei_magazines_get(p.mags, out + n, LEDGER_CHUNK, NULL), 0);
		qsort(out, p.nb, sizeof(*out), compare_pointers);
		for (uint32_t i = 0; i < p.nb; i++) {
			struct tidei_record r = tidei_magazines_record(p.mags, i);

			assert_ptr_equal(out[i], p.object[i]);
			assert_int_equal(r.known,
				mode == TIDEI_LEDGER_FULL || (mode == TIDEI_LEDGER_SAMPLED &&
								     i % TIDEI_LEDGER_SAMPLE == 0));
		}
		for (uint32_t n = 0; n < p.nb; n += LEDGER_CHUNK)
			assert_int_equal(
				tidei_magazines_put(p.mags, out + n, LEDGER_CHUNK, NULL), 0);
		free(out);
		pool_done(&p);
	}
}

static int
run_all(const char *name, const struct tidei_wide *w)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_become_numbers_and_back_at_each_stride_and_size),
		cmocka_unit_test(a_bad_pointer_in_any_lane_is_found),
		cmocka_unit_test(a_pointer_into_a_page_gap_is_found_in_any_lane),
		cmocka_unit_test(random_pointers_agree_with_division),
		cmocka_unit_test(bursts_in_order_and_nearly_so_update_the_ledger_like_any),
		cmocka_unit_test(long_bursts_update_the_ledger_chunk_by_chunk),
		cmocka_unit_test(bursts_in_order_hand_out_each_object_once_in_each_mode),
	};

	under_test = w;
	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int
main(void)
{
	static const unsigned int widths[] = {64, 256};
	int failed = 0;

	for (size_t i = 0; i < NB(widths); i++) {
		unsigned int chosen = tidei_magazines_choose_width(widths[i]);
		char name[32];

		/* Widths in between are rounded down: the result is never above the request. */
		failed += chosen > widths[i];
		failed += tidei_magazines_choose_width(widths[i] + 63) != chosen;
		failed += wide()->bits != chosen;
		if (chosen != widths[i]) {
			print_message("skipped: this CPU has no vectors of %u bits\n", widths[i]);
			continue;
		}
		snprintf(name, sizeof(name), "wide %u", widths[i]);
		failed += run_all(name, wide());
	}
	failed += tidei_magazines_choose_width(0) != 64;
	return failed;
}
