/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* What tide-fwd finds out about pages that move, and the sentences it has for them. */

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "eal.h"
#include "placement.h"
#include "tide_pool_query.h"

#define PAGE_2M ((uint64_t)2 << 20)

#define REMEDY                                                                                 \
	": something moved them (migratepages, numad, a change of the cpuset's nodes; memory " \
	"compaction does not); restart to place them again"

/* Pools of 64 pages on nodes 1 and 0, as no machine here could make them. */
static struct tide_placement made[2];
static struct fwd_placement placement;

static int
reset(void **state)
{
	static const int nodes[] = {1, 0};

	memset(&placement, 0, sizeof(placement));
	placement.nb_pools = 2;
	for (unsigned int i = 0; i < 2; i++) {
		made[i] = (struct tide_placement){
			.requested = nodes[i],
			.page = TIDE_PAGE_2M,
			.page_size = PAGE_2M,
			.pages = 64,
			.local = 64,
			.nb_found = 1,
			.found = {{nodes[i], 64}},
		};
		placement.pool[i].made = &made[i];
		placement.pool[i].now = made[i];
	}
	return 0;
}

/* The kernel answers for pool 0: so many on each of these nodes; what is left is on node 1. */
static void
found(unsigned int on0, unsigned int on2, unsigned int absent)
{
	const struct tide_pages_on_node all[] = {
		{1, 64 - on0 - on2 - absent}, {0, on0}, {2, on2}, {-ENOENT, absent}};
	struct tide_placement now = made[0];

	now.nb_found = 0;
	for (unsigned int i = 0; i < RTE_DIM(all); i++) {
		if (all[i].pages != 0)
			now.found[now.nb_found++] = all[i];
	}
	fwd_place_note(&placement.pool[0], &now);
}

static void
tells(const char *what)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	fwd_placement_print_pool(&placement, 0, out);
	fclose(out);
	assert_string_equal(text, what);
	free(text);
}

static void
a_finding_names_pages_nodes_and_what_to_do(void **state)
{
	tells("pool of node 1: all 64 pages of 2 MB are where they were made");
	found(12, 0, 0);
	tells("pool of node 1: 12 of 64 pages of 2 MB are on node 0 now (0 when it was "
	      "made)" REMEDY);
	found(12, 3, 1);
	tells("pool of node 1: 12 of 64 pages of 2 MB are on node 0 now (0 when it was made), "
	      "3 of 64 pages of 2 MB are on node 2 now (0 when it was made), "
	      "1 of 64 pages of 2 MB are in no memory now (0 when it was made)" REMEDY);
}

/* Best effort had put some on node 2 from the start. */
static void
pages_that_stayed_are_not_in_the_finding(void **state)
{
	made[0].found[0].pages = 40;
	made[0].found[1] = (struct tide_pages_on_node){2, 24};
	made[0].nb_found = 2;
	found(12, 24, 0);
	tells("pool of node 1: 12 of 64 pages of 2 MB are on node 0 now (0 when it was "
	      "made)" REMEDY);
}

/* migratepages takes all that is on a node: with it the pool that belongs there. */
static void
moving_back_is_advised_only_where_it_takes_no_other_pool_along(void **state)
{
	char text[400];

	found(0, 64, 0);
	snprintf(text, sizeof(text),
		"pool of node 1: 64 of 64 pages of 2 MB are on node 2 now (0 when it was "
		"made)" REMEDY ", or move what this process has there back: migratepages %d 2 1",
		(int)getpid());
	tells(text);
	found(64, 0, 0);
	tells("pool of node 1: 64 of 64 pages of 2 MB are on node 0 now (0 when it was "
	      "made)" REMEDY);
	placement.nb_pools = 1;
	snprintf(text, sizeof(text),
		"pool of node 1: 64 of 64 pages of 2 MB are on node 0 now (0 when it was "
		"made)" REMEDY ", or move what this process has there back: migratepages %d 0 1",
		(int)getpid());
	tells(text);
}

static void
absent_pages_are_a_finding_of_their_own(void **state)
{
	found(0, 0, 2);
	assert_true(placement.pool[0].news);
	tells("pool of node 1: 2 of 64 pages of 2 MB are in no memory now (0 when it was made): "
	      "swapped out, or just on their way to another node; huge pages are never swapped "
	      "(--page 2M)");
}

static void
each_change_is_news_once_and_so_is_the_way_back(void **state)
{
	const struct fwd_place *place = &placement.pool[0];
	/* Pages on node 0, and whether that is news. */
	static const struct {
		unsigned int on0;
		bool news;
	} checks[] = {{0, false}, {12, true}, {12, false}, {13, true}, {1, true}, {1, false},
		{0, true}, {0, false}, {1, true}};

	for (unsigned int i = 0; i < RTE_DIM(checks); i++) {
		found(checks[i].on0, 0, 0);
		assert_int_equal(place->news, checks[i].news);
		assert_int_equal(place->change.moved, checks[i].on0);
		assert_int_equal(place->checks, i + 1);
		if (checks[i].on0 == 0)
			tells("pool of node 1: all 64 pages of 2 MB are where they were made");
	}
	assert_int_equal(place->worst, 13);
}

/* A split needs no warning in mid-run: every page is where it was. */
static void
a_split_huge_page_is_no_news_but_is_counted(void **state)
{
	struct tide_placement now = made[0];

	made[0].thp_bytes = placement.pool[0].now.thp_bytes = PAGE_2M;
	fwd_place_note(&placement.pool[0], &now);
	assert_false(placement.pool[0].news);
	assert_int_equal(placement.pool[0].change.moved, 0);
	assert_int_equal(placement.pool[0].change.thp_lost, PAGE_2M);
}

static void
page_sizes_are_told_in_the_largest_unit_that_fits(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = {{4096, "4 kB"}, {65536, "64 kB"}, {PAGE_2M, "2 MB"}, {1 << 30, "1 GB"}};
	char text[100];

	for (unsigned int i = 0; i < RTE_DIM(sizes); i++) {
		placement.pool[0].now.page_size = sizes[i].bytes;
		snprintf(text, sizeof(text),
			"pool of node 1: all 64 pages of %s are where they were made",
			sizes[i].text);
		tells(text);
	}
}

static struct tide_pool *
small_pages(void)
{
	static const int node = 0;
	const struct tide_pool_conf conf = {.name = "fwd_place",
		.nodes = &node,
		.nb_nodes = 1,
		.buffers = 1024,
		.data_room = RTE_MBUF_DEFAULT_BUF_SIZE,
		.backing = TIDE_BACKING_OWN,
		.page = TIDE_PAGE_4K};
	struct tide_pool *pool = tide_pool_create(&conf);

	assert_non_null(pool);
	fwd_placement_begin(&placement, pool);
	return pool;
}

static void
drop_first_page(const struct tide_pool *pool)
{
	void *addr;
	size_t len;

	assert_int_equal(tide_pool_memory(pool, 0, &addr, &len), 0);
	assert_int_equal(madvise(addr, 4096, MADV_DONTNEED), 0);
}

static void
a_round_asks_for_so_many_pages_a_step(void **state)
{
	struct tide_pool *pool = small_pages();
	const struct fwd_place *place = &placement.pool[0];
	uint64_t steps = (place->made->pages + 255) / 256;

	assert_true(steps > 2);
	for (unsigned int round = 1; round < 3; round++) {
		for (uint64_t i = 1; i < steps; i++) {
			assert_int_equal(fwd_placement_step(&placement, pool, 256), 0);
			assert_int_equal(place->checks, round - 1);
		}
		assert_int_equal(fwd_placement_step(&placement, pool, 256), 1);
		assert_int_equal(place->checks, round);
		assert_false(place->news);
	}
	assert_int_equal(tide_pool_free(pool), 0);
}

/* Or the answer could be older than the question. */
static void
a_round_begun_anew_asks_for_every_page_again(void **state)
{
	struct tide_pool *pool = small_pages();
	const struct fwd_place *place = &placement.pool[0];

	assert_int_equal(fwd_placement_step(&placement, pool, 256), 0);
	drop_first_page(pool);
	fwd_placement_restart(&placement);
	while (fwd_placement_step(&placement, pool, 256) == 0)
		continue;
	assert_true(place->news);
	assert_int_equal(place->change.moved, 1);
	assert_int_equal(tide_pool_free(pool), 0);
}

static void
the_last_check_asks_for_every_page(void **state)
{
	struct tide_pool *pool = small_pages();
	const struct fwd_place *place = &placement.pool[0];

	drop_first_page(pool);
	fwd_placement_finish(&placement, pool);
	assert_int_equal(place->checks, 1);
	assert_int_equal(place->change.moved, 1);
	assert_int_equal(tide_pool_free(pool), 0);
}

static void
the_start_tells_addresses_and_where_the_pages_are(void **state)
{
	struct tide_pool *pool = small_pages();
	char want[300], *text = NULL;
	FILE *out;
	void *addr;
	size_t len, size;

	assert_int_equal(tide_pool_memory(pool, 0, &addr, &len), 0);
	snprintf(want, sizeof(want),
		"pool of node 0: 1024 buffers in memory 0x%" PRIxPTR "-0x%" PRIxPTR
		" (%zu kB, own), %zu of %zu pages of 4 kB on node 0\n",
		(uintptr_t)addr, (uintptr_t)addr + len, len / 1024, len / 4096, len / 4096);
	out = open_memstream(&text, &size);
	fwd_placement_print(&placement, pool, out);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
	assert_int_equal(tide_pool_free(pool), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_finding_names_pages_nodes_and_what_to_do, reset),
		cmocka_unit_test_setup(pages_that_stayed_are_not_in_the_finding, reset),
		cmocka_unit_test_setup(
			moving_back_is_advised_only_where_it_takes_no_other_pool_along, reset),
		cmocka_unit_test_setup(absent_pages_are_a_finding_of_their_own, reset),
		cmocka_unit_test_setup(each_change_is_news_once_and_so_is_the_way_back, reset),
		cmocka_unit_test_setup(a_split_huge_page_is_no_news_but_is_counted, reset),
		cmocka_unit_test_setup(page_sizes_are_told_in_the_largest_unit_that_fits, reset),
		cmocka_unit_test(a_round_asks_for_so_many_pages_a_step),
		cmocka_unit_test(a_round_begun_anew_asks_for_every_page_again),
		cmocka_unit_test(the_last_check_asks_for_every_page),
		cmocka_unit_test(the_start_tells_addresses_and_where_the_pages_are),
	};

	test_eal_start(false, 32, "0");
	return cmocka_run_group_tests_name("fwd_placement", tests, NULL, NULL);
}
