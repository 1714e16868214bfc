/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The map alone: edges, spans, misuse, and random bursts against a naive model. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "layout.h"

#define BURST_MAX 512

/* A map with the memory its slots would have. */
struct fixture {
	struct tidei_freemap *map;
	char *slots;
	size_t stride;
};

static struct fixture
make(uint32_t capacity, size_t stride)
{
	struct fixture f = {.stride = stride};

	f.map = tidei_freemap_init(
		aligned_alloc(64, tidei_freemap_size(capacity)), capacity, stride);
	f.slots = aligned_alloc(64, (capacity * stride + 127) / 64 * 64);
	assert_non_null(f.map);
	assert_non_null(f.slots);
	return f;
}

/* A map whose slots are all there, in one span. */
static struct fixture
make_full(uint32_t slots, size_t stride)
{
	struct fixture f = make(slots, stride);

	assert_int_equal(tidei_freemap_add_span(f.map, f.slots, slots), 0);
	assert_int_equal(tidei_freemap_count(f.map), slots);
	return f;
}

static void
assert_sound(const struct tidei_freemap *map)
{
	const char *wrong = tidei_freemap_check(map);

	if (wrong != NULL)
		fail_msg("%s", wrong);
}

static void
done(struct fixture f)
{
	assert_sound(f.map);
	free(tidei_freemap_spans_table(f.map));
	free(f.map);
	free(f.slots);
}

static int
compare_pointers(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t) * (void *const *)a, y = (uintptr_t) * (void *const *)b;

	return (x > y) - (x < y);
}

static void
every_slot_comes_out_once_at_each_size(void **state)
{
	static const uint32_t sizes[] = {1, 2, 63, 64, 65, 127, 128, 2047, 2048, 2049, 4095, 4096,
		4097, 65535, 65536, 65537};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct fixture f = make_full(sizes[i], 64);
		void **out = calloc(sizes[i], sizeof(*out)), *more;

		for (uint32_t k = 0; k < sizes[i]; k++)
			assert_int_equal(tidei_freemap_get(f.map, 0, &out[k], 1), 0);
		assert_int_equal(tidei_freemap_get(f.map, 0, &more, 1), -ENOBUFS);
		assert_int_equal(tidei_freemap_count(f.map), 0);
		assert_sound(f.map);
		qsort(out, sizes[i], sizeof(*out), compare_pointers);
		for (uint32_t k = 0; k < sizes[i]; k++)
			assert_ptr_equal(out[k], f.slots + (size_t)k * 64);
		assert_int_equal(tidei_freemap_put(f.map, 0, out, sizes[i], NULL, NULL), 0);
		assert_int_equal(tidei_freemap_count(f.map), sizes[i]);
		free(out);
		done(f);
	}
}

static void
whole_pool_comes_out_in_one_get_even_in_crumbs(void **state)
{
	/* One slot in three of 20,000: far more blocks than one frame of visits holds. */
	enum {
		SLOTS = 20000
	};
	struct fixture f = make_full(SLOTS, 8);
	void **all = calloc(SLOTS, sizeof(*all)), **crumbs = calloc(SLOTS, sizeof(*crumbs));
	uint32_t n = 0;

	assert_int_equal(tidei_freemap_get(f.map, 3, all, SLOTS), 0);
	for (uint32_t i = 0; i < SLOTS; i += 3, n++)
		assert_int_equal(tidei_freemap_put(f.map, 3, &all[i], 1, NULL, NULL), 0);
	assert_int_equal(tidei_freemap_get(f.map, 3, crumbs, n + 1), -ENOBUFS);
	assert_int_equal(tidei_freemap_count(f.map), n);
	assert_int_equal(tidei_freemap_get(f.map, 3, crumbs, n), 0);
	qsort(crumbs, n, sizeof(*crumbs), compare_pointers);
	for (uint32_t i = 1; i < n; i++)
		assert_true(crumbs[i] > crumbs[i - 1]);
	assert_int_equal(tidei_freemap_count(f.map), 0);
	free(all);
	free(crumbs);
	done(f);
}

static void
a_map_of_16_million_slots_gives_all_in_one_get(void **state)
{
	enum {
		SLOTS = 16 << 20
	};
	struct fixture f = make_full(SLOTS, 8);
	void **all = calloc(SLOTS + 1, sizeof(*all));

	assert_int_equal(tidei_freemap_get(f.map, 5, all, SLOTS + 1), -ENOBUFS);
	assert_int_equal(tidei_freemap_count(f.map), SLOTS);
	assert_int_equal(tidei_freemap_get(f.map, 5, all, SLOTS), 0);
	assert_int_equal(tidei_freemap_count(f.map), 0);
	for (uint32_t i = 0; i < SLOTS; i++)
		*(uint64_t *)all[i] = i;
	for (uint32_t i = 0; i < SLOTS; i++)
		assert_true(*(uint64_t *)all[i] == i);
	assert_int_equal(tidei_freemap_put(f.map, 5, all, SLOTS, NULL, NULL), 0);
	assert_int_equal(tidei_freemap_count(f.map), SLOTS);
	free(all);
	done(f);
}

static void
get_takes_nothing_and_writes_nothing_when_short(void **state)
{
	struct fixture f = make_full(65, 64);
	void *out[66];

	memset(out, 0xa5, sizeof(out));
	assert_int_equal(tidei_freemap_get(f.map, 0, out, 66), -ENOBUFS);
	for (size_t i = 0; i < 66; i++)
		assert_int_equal((uintptr_t)out[i], UINT64_C(0xa5a5a5a5a5a5a5a5));
	assert_int_equal(tidei_freemap_count(f.map), 65);
	assert_int_equal(tidei_freemap_failures(f.map), 1);
	assert_int_equal(tidei_freemap_get(f.map, 0, out, 65), 0);
	done(f);
}

static void
get_and_put_of_nothing_change_nothing(void **state)
{
	struct fixture f = make_full(10, 64);

	assert_int_equal(tidei_freemap_get(f.map, 0, NULL, 0), 0);
	assert_int_equal(tidei_freemap_put(f.map, 0, NULL, 0, NULL, NULL), 0);
	assert_int_equal(tidei_freemap_count(f.map), 10);
	done(f);
}

static void
init_refuses_what_is_out_of_range(void **state)
{
	void *mem = aligned_alloc(64, tidei_freemap_size(1));

	assert_int_equal(tidei_freemap_size(0), 0);
	assert_int_equal(tidei_freemap_size(TIDEI_FREEMAP_SLOTS_MAX + 1), 0);
	assert_true(tidei_freemap_size(TIDEI_FREEMAP_SLOTS_MAX) > TIDEI_FREEMAP_SLOTS_MAX);
	assert_null(tidei_freemap_init(mem, 0, 64));
	assert_null(tidei_freemap_init(mem, 1, 7));
	assert_null(tidei_freemap_init(mem, 1, SIZE_MAX));
	free(mem);
}

static void
add_span_refuses_and_changes_nothing(void **state)
{
	struct fixture f = make(100, 64);

	assert_int_equal(tidei_freemap_add_span(f.map, f.slots, 0), -EINVAL);
	assert_int_equal(tidei_freemap_add_span(f.map, NULL, 1), -EINVAL);
	assert_int_equal(tidei_freemap_add_span(f.map, (void *)(UINTPTR_MAX - 100), 2), -EINVAL);
	assert_int_equal(tidei_freemap_add_span(f.map, f.slots, 101), -ENOSPC);
	assert_int_equal(tidei_freemap_add_span(f.map, f.slots + 640, 10), 0);
	assert_int_equal(tidei_freemap_add_span(f.map, f.slots + 64, 10), -EINVAL);
	assert_int_equal(tidei_freemap_add_span(f.map, f.slots + 640, 1), -EINVAL);
	assert_int_equal(tidei_freemap_add_span(f.map, f.slots + 1279, 1), -EINVAL);
	assert_int_equal(tidei_freemap_add_span(f.map, f.slots + 1280, 10), 0);
	assert_int_equal(tidei_freemap_add_span(f.map, f.slots, 10), 0);
	assert_int_equal(tidei_freemap_add_span(f.map, f.slots + 1920, 2), 0);
	assert_int_equal(tidei_freemap_add_span(f.map, f.slots + 3200, 2), -ENOBUFS);
	assert_int_equal(tidei_freemap_slots(f.map), 32);
	assert_int_equal(tidei_freemap_count(f.map), 32);
	done(f);
}

static void
keep_first(const struct tidei_refusal *refusal, void *arg)
{
	struct tidei_refusal *first = arg;

	if (first->nth == 0)
		*first = *refusal;
}

/* Put what is partly bad; how many were refused, and the first of them. */
static unsigned int
put_bad(struct tidei_freemap *map, void *const *table, unsigned int n, struct tidei_refusal *first)
{
	first->nth = 0;
	return tidei_freemap_put(map, 0, table, n, keep_first, first);
}

static void
misuse_is_refused_counted_and_harmless(void **state)
{
	struct fixture f = make_full(130, 192);
	struct tidei_refusal first;
	char elsewhere[192];
	void *out[130], *bad[4];

	assert_int_equal(tidei_freemap_get(f.map, 0, out, 130), 0);
	bad[0] = elsewhere;
	assert_int_equal(put_bad(f.map, bad, 1, &first), 1);
	assert_int_equal(first.kind, TIDEI_MISUSE_FOREIGN);
	assert_ptr_equal(first.object, elsewhere);
	bad[0] = (char *)out[7] + 64;
	assert_int_equal(put_bad(f.map, bad, 1, &first), 1);
	assert_int_equal(first.kind, TIDEI_MISUSE_MISALIGNED);
	bad[0] = f.slots + 130 * 192; /* The end is no slot. */
	assert_int_equal(put_bad(f.map, bad, 1, &first), 1);
	assert_int_equal(first.kind, TIDEI_MISUSE_FOREIGN);
	bad[0] = NULL;
	assert_int_equal(put_bad(f.map, bad, 1, &first), 1);
	assert_int_equal(first.kind, TIDEI_MISUSE_FOREIGN);
	assert_int_equal(tidei_freemap_count(f.map), 0);

	/* Twice in one burst; the good ones go back. */
	bad[0] = f.slots;
	bad[1] = f.slots;
	bad[2] = elsewhere;
	bad[3] = f.slots + 192;
	assert_int_equal(put_bad(f.map, bad, 4, &first), 2);
	assert_int_equal(first.kind, TIDEI_MISUSE_DOUBLE_FREE);
	assert_int_equal(first.slot, 0);
	assert_int_equal(tidei_freemap_count(f.map), 2);
	/* Already in the map. */
	assert_int_equal(put_bad(f.map, bad, 1, &first), 1);
	assert_ptr_equal(first.object, f.slots);
	assert_int_equal(tidei_freemap_count(f.map), 2);

	assert_int_equal(tidei_freemap_misuses(f.map, TIDEI_MISUSE_DOUBLE_FREE), 2);
	assert_int_equal(tidei_freemap_misuses(f.map, TIDEI_MISUSE_FOREIGN), 4);
	assert_int_equal(tidei_freemap_misuses(f.map, TIDEI_MISUSE_MISALIGNED), 1);
	done(f);
}

static uint32_t
slot_of(struct fixture f, void *object)
{
	uint32_t slot = UINT32_MAX;

	assert_int_equal(tidei_freemap_slot_of(f.map, object, &slot), 0);
	return slot;
}

static void
a_run_goes_back_up_or_down_from_any_start(void **state)
{
	struct fixture f = make_full(200, 192);
	void *out[200], *turned[64];

	for (unsigned int n = 1; n <= 64; n++) {
		for (unsigned int start = 0; start + n <= 200; start += 7) {
			assert_int_equal(tidei_freemap_get(f.map, 0, out, 200), 0);
			qsort(out, 200, sizeof(*out), compare_pointers);
			for (unsigned int i = 0; i < n; i++)
				turned[i] = out[start + n - 1 - i];
			assert_int_equal(tidei_freemap_put(f.map, 0, turned, n, NULL, NULL), 0);
			for (unsigned int i = 0; i < 200; i++)
				assert_int_equal(tidei_freemap_is_free(f.map, slot_of(f, out[i])),
					i >= start && i < start + n);
			assert_int_equal(tidei_freemap_get(f.map, 0, turned, n), 0);
			assert_int_equal(
				tidei_freemap_put(f.map, 0, out + start, n, NULL, NULL), 0);
			assert_int_equal(tidei_freemap_count(f.map), n);
			/* The same again is free already, whichever way round. */
			assert_int_equal(
				tidei_freemap_put(f.map, 0, out + start, n, NULL, NULL), n);
			for (unsigned int i = 0; i < n; i++)
				turned[i] = out[start + n - 1 - i];
			assert_int_equal(tidei_freemap_put(f.map, 0, turned, n, NULL, NULL), n);
			assert_int_equal(tidei_freemap_put(f.map, 0, out, start, NULL, NULL), 0);
			assert_int_equal(tidei_freemap_put(f.map, 0, out + start + n,
						 200 - start - n, NULL, NULL),
				0);
			assert_int_equal(tidei_freemap_count(f.map), 200);
		}
	}
	done(f);
}

static void
the_largest_exact_get_leaves_the_table_alone_in_crumbs(void **state)
{
	enum {
		SLOTS = 64 * (TIDEI_FREEMAP_EXACT - 1),
		ONE_EACH = TIDEI_FREEMAP_EXACT - 1
	};
	struct fixture f = make_full(SLOTS, 8);
	void **all = calloc(SLOTS, sizeof(*all)), *out[TIDEI_FREEMAP_EXACT];

	assert_int_equal(tidei_freemap_get(f.map, 0, all, SLOTS), 0);
	for (uint32_t i = 0; i < SLOTS; i++)
		if (slot_of(f, all[i]) % 64 == 7)
			assert_int_equal(tidei_freemap_put(f.map, 0, &all[i], 1, NULL, NULL), 0);
	memset(out, 0xa5, sizeof(out));
	assert_int_equal(tidei_freemap_get(f.map, 0, out, TIDEI_FREEMAP_EXACT), -ENOBUFS);
	for (uint32_t i = 0; i < TIDEI_FREEMAP_EXACT; i++)
		assert_int_equal((uintptr_t)out[i], UINT64_C(0xa5a5a5a5a5a5a5a5));
	assert_int_equal(tidei_freemap_count(f.map), ONE_EACH);
	assert_int_equal(tidei_freemap_get(f.map, 0, out, ONE_EACH), 0);
	free(all);
	done(f);
}

static void
slots_that_a_killed_giver_left_unknown_are_found_again(void **state)
{
	struct fixture f = make_full(64 * 32 * 9, 8);
	const uint32_t slots = 64 * 32 * 9;
	void **all = calloc(slots, sizeof(*all)), *out;
	unsigned int failures = 0;

	assert_int_equal(tidei_freemap_get(f.map, 0, all, slots), 0);
	/* A giver in each group is killed after its or: the slot is free, the summary knows nothing. */
	for (uint32_t group = 0; group < 9; group++)
		atomic_fetch_or(&f.map->block[group * GROUP_BLOCKS + 3 * group % 32].free, 1u << 5);
	assert_non_null(tidei_freemap_check(f.map));
	for (uint32_t group = 0; group < 9; group++) {
		while (tidei_freemap_get(f.map, 0, &out, 1) != 0)
			assert_true(++failures < 100);
		assert_int_equal(slot_of(f, out) % 64, 5);
	}
	assert_int_equal(tidei_freemap_get(f.map, 0, &out, 1), -ENOBUFS);
	free(all);
	done(f);
}

static bool
is_ready(struct fixture f, uint32_t block)
{
	return atomic_load(&f.map->group[block / GROUP_BLOCKS].ready) >> block % GROUP_BLOCKS & 1;
}

static void
a_block_is_ready_when_it_has_many_free_slots_and_nobody_has_it_open(void **state)
{
	struct fixture f = make_full(256, 64);
	void *few[4], *whole[64];
	uint32_t block;

	assert_int_equal(tidei_freemap_get(f.map, 0, few, 4), 0);
	block = slot_of(f, few[0]) / BLOCK_SLOTS;
	assert_false(is_ready(f, block));
	/* The open block has too few for 64: it is left, with 60. */
	assert_int_equal(tidei_freemap_get(f.map, 0, whole, 64), 0);
	assert_int_not_equal(slot_of(f, whole[0]) / BLOCK_SLOTS, block);
	assert_true(is_ready(f, block));
	/* What comes back to a block that is empty makes it ready from three quarters on. */
	block = slot_of(f, whole[0]) / BLOCK_SLOTS;
	assert_int_equal(tidei_freemap_put(f.map, 1, whole, 47, NULL, NULL), 0);
	assert_false(is_ready(f, block));
	assert_int_equal(tidei_freemap_put(f.map, 1, whole + 47, 17, NULL, NULL), 0);
	assert_true(is_ready(f, block));
	assert_int_equal(tidei_freemap_put(f.map, 0, few, 4, NULL, NULL), 0);
	done(f);
}

static void
put_into_a_map_without_spans_is_foreign(void **state)
{
	struct fixture f = make(10, 64);
	void *object = f.slots;

	assert_int_equal(tidei_freemap_put(f.map, 0, &object, 1, NULL, NULL), 1);
	assert_int_equal(tidei_freemap_get(f.map, 0, &object, 1), -ENOBUFS);
	done(f);
}

static void
slot_and_object_are_inverse_at_any_stride(void **state)
{
	static const size_t strides[] = {8, 9, 64, 72, 100, 192, 2176, 2368, 65536, 65600};

	for (size_t i = 0; i < sizeof(strides) / sizeof(strides[0]); i++) {
		struct fixture f = make_full(200, strides[i]);
		uint32_t slot;

		for (size_t off = 0; off < 200 * strides[i]; off++) {
			int ret = tidei_freemap_slot_of(f.map, f.slots + off, &slot);

			if (off % strides[i] != 0) {
				assert_int_equal(ret, -EINVAL);
				continue;
			}
			assert_int_equal(ret, 0);
			assert_int_equal(slot, off / strides[i]);
			assert_ptr_equal(tidei_freemap_object(f.map, slot), f.slots + off);
			assert_true(tidei_freemap_is_free(f.map, slot));
		}
		assert_int_equal(tidei_freemap_slot_of(f.map, f.slots - 1, &slot), -ENOENT);
		assert_int_equal(
			tidei_freemap_slot_of(f.map, f.slots + 200 * strides[i], &slot), -ENOENT);
		done(f);
	}
}

static int
count_slots(const struct tidei_freemap *map, uint32_t slot, void *arg)
{
	uint32_t *count = arg;

	assert_false(tidei_freemap_is_free(map, slot));
	++*count;
	return 0;
}

static int
stop_at_first(const struct tidei_freemap *map, uint32_t slot, void *arg)
{
	*(uint32_t *)arg = slot;
	return 7;
}

static void
a_walk_sees_each_slot_that_is_out_and_no_other(void **state)
{
	struct fixture f = make_full(130, 64);
	void *out[130];
	uint32_t count = 0;

	assert_int_equal(tidei_freemap_walk(f.map, count_slots, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(tidei_freemap_get(f.map, 0, out, 130), 0);
	assert_int_equal(tidei_freemap_put(f.map, 0, out, 5, NULL, NULL), 0);
	assert_int_equal(tidei_freemap_walk(f.map, count_slots, &count), 0);
	assert_int_equal(count, 125);
	assert_int_equal(tidei_freemap_walk(f.map, stop_at_first, &count), 7);
	assert_int_equal(tidei_freemap_put(f.map, 0, out + 5, 125, NULL, NULL), 0);
	done(f);
}

static void
pass_some_time(void)
{
	nanosleep(&(struct timespec){0, 30000000}, NULL);
}

static void
origin_tells_who_opened_the_block_and_when(void **state)
{
	const uint32_t thread = TIDEI_WHO_TID | 4242;
	struct fixture f = make_full(64, 64);
	struct tidei_origin origin;
	void *out[64];

	assert_int_equal(tidei_freemap_origin(f.map, 0).epoch, 0);
	assert_int_equal(tidei_freemap_get(f.map, thread, out, 1), 0);
	pass_some_time();
	origin = tidei_freemap_origin(f.map, slot_of(f, out[0]));
	assert_int_equal(origin.who, thread);
	assert_int_equal(origin.epoch, 1);
	assert_in_range(origin.to_ms - origin.from_ms, 20, 10000);
	/* The rest of the block comes without another opening. */
	assert_int_equal(tidei_freemap_get(f.map, thread, out + 1, 63), 0);
	assert_int_equal(tidei_freemap_origin(f.map, slot_of(f, out[63])).epoch, 1);
	assert_int_equal(tidei_freemap_put(f.map, thread, out, 64, NULL, NULL), 0);
	done(f);
}

static void
a_slot_that_stays_out_keeps_its_origin_while_the_block_is_opened_again(void **state)
{
	struct fixture f = make_full(64, 64);
	struct tidei_origin first, now;
	void *out[64], *held;

	assert_int_equal(tidei_freemap_get(f.map, 1, out, 64), 0);
	held = out[0];
	first = tidei_freemap_origin(f.map, slot_of(f, held));
	/* Another lcore takes what came back, again and again. */
	assert_int_equal(tidei_freemap_put(f.map, 1, out + 1, 63, NULL, NULL), 0);
	for (uint32_t who = 2; who < 6; who++) {
		pass_some_time();
		assert_int_equal(tidei_freemap_get(f.map, who, out + 1, 63), 0);
		now = tidei_freemap_origin(f.map, slot_of(f, held));
		assert_int_equal(now.who, 1);
		assert_int_equal(now.from_ms, first.from_ms);
		assert_int_equal(tidei_freemap_origin(f.map, slot_of(f, out[7])).who, who);
		assert_int_equal(tidei_freemap_put(f.map, who, out + 1, 63, NULL, NULL), 0);
	}
	assert_int_equal(now.epoch, 5);
	/* Once it is back, the next that stays out has an origin of its own. */
	assert_int_equal(tidei_freemap_put(f.map, 1, &held, 1, NULL, NULL), 0);
	assert_int_equal(tidei_freemap_get(f.map, 7, out, 64), 0);
	assert_int_equal(tidei_freemap_put(f.map, 7, out + 1, 63, NULL, NULL), 0);
	assert_int_equal(tidei_freemap_get(f.map, 8, out + 1, 63), 0);
	assert_int_equal(tidei_freemap_origin(f.map, slot_of(f, out[0])).who, 7);
	assert_int_equal(tidei_freemap_put(f.map, 8, out, 64, NULL, NULL), 0);
	done(f);
}

/* Add the slots of a map in pieces of random size, order and distance, growing the table. */
static void
add_random_spans(struct fixture *f, uint32_t slots, unsigned int *seed)
{
	uint32_t *size = calloc(slots, sizeof(*size)), nb = 0, left = slots;
	size_t *at = calloc(slots, sizeof(*at)), offset = 0;

	while (left > 0) {
		uint32_t n = rand_r(seed) % 3 == 0 ? 1 : 1 + (uint32_t)rand_r(seed) % 200;

		size[nb] = n < left ? n : left;
		at[nb] = offset;
		offset += size[nb] * f->stride + (size_t)(rand_r(seed) % 3) * 8;
		left -= size[nb++];
	}
	free(f->slots);
	f->slots = malloc(offset);
	for (uint32_t i = 0; i < nb; i++) {
		uint32_t k = i + (uint32_t)rand_r(seed) % (nb - i), n = size[k];
		size_t o = at[k];
		int ret = tidei_freemap_add_span(f->map, f->slots + o, n);

		if (ret == -ENOBUFS) {
			uint32_t capacity = tidei_freemap_spans_capacity(f->map) * 2;

			free(tidei_freemap_grow_spans(
				f->map, malloc(tidei_freemap_spans_size(capacity)), capacity));
			ret = tidei_freemap_add_span(f->map, f->slots + o, n);
		}
		assert_int_equal(ret, 0);
		size[k] = size[i];
		at[k] = at[i];
	}
	free(size);
	free(at);
	assert_sound(f->map);
}

/* Random bursts of get and put, good and bad, against a table of who has what. */
static void
run_against_model(struct fixture f, uint32_t slots, unsigned int *seed)
{
	bool *taken = calloc(tidei_freemap_bound(f.map), sizeof(*taken));
	void **held = calloc(slots, sizeof(*held)), *burst[BURST_MAX];
	uint32_t nb_held = 0, slot;
	uint64_t doubles = 0, misaligned = 0;

	for (int round = 0; round < 3000; round++) {
		unsigned int n =
			1 + (unsigned int)rand_r(seed) % (rand_r(seed) % 4 ? 32 : BURST_MAX);
		uint32_t who = (uint32_t)rand_r(seed) % 3;

		if (rand_r(seed) % 2) {
			bool fits = n <= slots - nb_held;

			assert_int_equal(
				tidei_freemap_get(f.map, who, burst, n), fits ? 0 : -ENOBUFS);
			for (unsigned int i = 0; fits && i < n; i++) {
				assert_int_equal(tidei_freemap_slot_of(f.map, burst[i], &slot), 0);
				assert_false(taken[slot]);
				taken[slot] = true;
				held[nb_held++] = burst[i];
			}
		} else {
			unsigned int bad = 0, k = 0;

			for (; k < n && nb_held > 0; k++) {
				uint32_t at = (uint32_t)rand_r(seed) % nb_held;

				if (rand_r(seed) % 2)
					at = nb_held - 1;
				burst[k] = held[at];
				held[at] = held[--nb_held];
				assert_int_equal(tidei_freemap_slot_of(f.map, burst[k], &slot), 0);
				taken[slot] = false;
			}
			if (k > 0 && k < BURST_MAX && rand_r(seed) % 5 == 0) {
				burst[k] = burst[(unsigned int)rand_r(seed) % k];
				k++;
				bad = 1;
			}
			doubles += bad;
			if (k > 0 && k < BURST_MAX && rand_r(seed) % 5 == 0) {
				burst[k] = (char *)burst[(unsigned int)rand_r(seed) % k] + 1 +
				           (size_t)rand_r(seed) % (f.stride - 1);
				k++;
				bad++;
				misaligned++;
			}
			assert_int_equal(tidei_freemap_put(f.map, who, burst, k, NULL, NULL), bad);
		}
		if (round % 100 == 0)
			assert_sound(f.map);
		assert_int_equal(tidei_freemap_count(f.map), slots - nb_held);
	}
	for (slot = 0; slot < tidei_freemap_bound(f.map); slot++)
		if (taken[slot])
			assert_false(tidei_freemap_is_free(f.map, slot));
	assert_int_equal(tidei_freemap_misuses(f.map, TIDEI_MISUSE_DOUBLE_FREE), doubles);
	assert_int_equal(tidei_freemap_misuses(f.map, TIDEI_MISUSE_MISALIGNED), misaligned);
	free(taken);
	free(held);
}

static unsigned int
seed_of_run(void)
{
	const char *given = getenv("TIDE_TEST_SEED");
	unsigned int seed =
		given != NULL ? (unsigned int)strtoul(given, NULL, 0) : (unsigned int)time(NULL);

	print_message("seed %u (repeat with TIDE_TEST_SEED=%u)\n", seed, seed);
	return seed;
}

static void
random_bursts_agree_with_a_naive_model(void **state)
{
	unsigned int seed = seed_of_run();

	for (int i = 0; i < 12; i++) {
		uint32_t slots = 1 + (uint32_t)rand_r(&seed) % (i % 2 ? 300 : 9000);
		struct fixture f = make_full(slots, 8 * (1 + (size_t)rand_r(&seed) % 40));

		run_against_model(f, slots, &seed);
		done(f);
	}
}

static void
random_bursts_agree_with_a_naive_model_over_many_spans(void **state)
{
	unsigned int seed = seed_of_run();

	for (int i = 0; i < 12; i++) {
		uint32_t slots = 1 + (uint32_t)rand_r(&seed) % 9000;
		struct fixture f = make(slots, 8 * (1 + (size_t)rand_r(&seed) % 40));

		add_random_spans(&f, slots, &seed);
		run_against_model(f, slots, &seed);
		done(f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_slot_comes_out_once_at_each_size),
		cmocka_unit_test(whole_pool_comes_out_in_one_get_even_in_crumbs),
		cmocka_unit_test(a_map_of_16_million_slots_gives_all_in_one_get),
		cmocka_unit_test(get_takes_nothing_and_writes_nothing_when_short),
		cmocka_unit_test(get_and_put_of_nothing_change_nothing),
		cmocka_unit_test(init_refuses_what_is_out_of_range),
		cmocka_unit_test(add_span_refuses_and_changes_nothing),
		cmocka_unit_test(misuse_is_refused_counted_and_harmless),
		cmocka_unit_test(a_run_goes_back_up_or_down_from_any_start),
		cmocka_unit_test(the_largest_exact_get_leaves_the_table_alone_in_crumbs),
		cmocka_unit_test(slots_that_a_killed_giver_left_unknown_are_found_again),
		cmocka_unit_test(
			a_block_is_ready_when_it_has_many_free_slots_and_nobody_has_it_open),
		cmocka_unit_test(put_into_a_map_without_spans_is_foreign),
		cmocka_unit_test(slot_and_object_are_inverse_at_any_stride),
		cmocka_unit_test(a_walk_sees_each_slot_that_is_out_and_no_other),
		cmocka_unit_test(origin_tells_who_opened_the_block_and_when),
		cmocka_unit_test(
			a_slot_that_stays_out_keeps_its_origin_while_the_block_is_opened_again),
		cmocka_unit_test(random_bursts_agree_with_a_naive_model),
		cmocka_unit_test(random_bursts_agree_with_a_naive_model_over_many_spans),
	};

	return cmocka_run_group_tests_name("freemap", tests, NULL, NULL);
}
