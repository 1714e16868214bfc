/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The sentences that tide-fwd has for pages that move. */

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "eal.h"
#include "monitor_internal.h"
#include "placement.h"
#include "tide_pool_query.h"

#define PAGE_2M ((uint64_t)2 << 20)

#define REMEDY                                                                                 \
	": something moved them (migratepages, numad, a change of the cpuset's nodes; memory " \
	"compaction does not); restart to place them again"

static struct tide_topology *topo;
static struct fwd fwd;

/* Pools of 64 pages on nodes 0 and 1, as no machine here could make them. */
static struct tide_placement made[2];

/* The member of node 1. */
static unsigned int at;
static struct tide_monitor_pool *place;

static void
make(const int *nodes, unsigned int n)
{
	const struct tide_pool_conf conf = {.name = "fwd_place",
		.topo = topo,
		.nodes = nodes,
		.nb_nodes = n,
		.buffers = 1024,
		.data_room = RTE_MBUF_DEFAULT_BUF_SIZE,
		.backing = TIDE_BACKING_OWN,
		.page = TIDE_PAGE_4K,
		.enforce = TIDE_ENFORCE_BEST_EFFORT};

	fwd.pool = tide_pool_create(&conf);
	assert_non_null(fwd.pool);
	fwd.monitor =
		tide_monitor_create(&(struct tide_monitor_conf){.pool = fwd.pool, .topo = topo});
	assert_non_null(fwd.monitor);
}

static int
drop(void **state)
{
	tide_monitor_free(fwd.monitor);
	return tide_pool_free(fwd.pool);
}

static void
pretend(const int *nodes, unsigned int n)
{
	make(nodes, n);
	for (unsigned int i = 0; i < n; i++) {
		made[i] = (struct tide_placement){
			.requested = nodes[i],
			.page = TIDE_PAGE_2M,
			.page_size = PAGE_2M,
			.pages = 64,
			.local = 64,
			.nb_found = 1,
			.found = {{nodes[i], 64}},
		};
		place = &fwd.monitor->pools[i];
		place->made = &made[i];
		place->now = made[i];
	}
	at = n - 1;
}

static int
reset(void **state)
{
	pretend((const int[]){0, 1}, 2);
	return 0;
}

/* The kernel answers for the pool of node 1: so many on each of these nodes; what is left is on node 1. */
static void
found(unsigned int on0, unsigned int on2, unsigned int absent)
{
	const struct tide_pages_on_node all[] = {
		{1, 64 - on0 - on2 - absent}, {0, on0}, {2, on2}, {-ENOENT, absent}};
	struct tide_placement now = made[at];
	struct tide_placement_change since;

	now.nb_found = 0;
	for (unsigned int i = 0; i < RTE_DIM(all); i++) {
		if (all[i].pages != 0)
			now.found[now.nb_found++] = all[i];
	}
	tidei_monitor_pool_note(place, &now, &since);
}

static void
tells(const char *what)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	fwd_pool_print_place(&fwd, at, out);
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
	made[at].found[0].pages = 40;
	made[at].found[1] = (struct tide_pages_on_node){2, 24};
	made[at].nb_found = 2;
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
	/* The only pool. */
	drop(NULL);
	pretend((const int[]){1}, 1);
	found(64, 0, 0);
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
	assert_true(place->changed);
	tells("pool of node 1: 2 of 64 pages of 2 MB are in no memory now (0 when it was made): "
	      "swapped out, or just on their way to another node; huge pages are never swapped "
	      "(--page 2M)");
}

static void
pages_that_are_back_are_where_they_were_made(void **state)
{
	found(12, 0, 0);
	found(0, 0, 0);
	assert_true(place->changed);
	tells("pool of node 1: all 64 pages of 2 MB are where they were made");
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
		place->now.page_size = sizes[i].bytes;
		snprintf(text, sizeof(text),
			"pool of node 1: all 64 pages of %s are where they were made",
			sizes[i].text);
		tells(text);
	}
}

static void
the_start_tells_addresses_and_where_the_pages_are(void **state)
{
	char want[300], *text = NULL;
	FILE *out;
	void *addr;
	size_t len, size;

	make((const int[]){0}, 1);
	assert_int_equal(tide_pool_memory(fwd.pool, 0, &addr, &len), 0);
	snprintf(want, sizeof(want),
		"pool of node 0: 1024 buffers in memory 0x%" PRIxPTR "-0x%" PRIxPTR
		" (%zu kB, own), %zu of %zu pages of 4 kB on node 0\n",
		(uintptr_t)addr, (uintptr_t)addr + len, len / 1024, len / 4096, len / 4096);
	out = open_memstream(&text, &size);
	fwd_pools_print_made(&fwd, out);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, reset, drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_finding_names_pages_nodes_and_what_to_do),
		CASE(pages_that_stayed_are_not_in_the_finding),
		CASE(moving_back_is_advised_only_where_it_takes_no_other_pool_along),
		CASE(absent_pages_are_a_finding_of_their_own),
		CASE(pages_that_are_back_are_where_they_were_made),
		CASE(page_sizes_are_told_in_the_largest_unit_that_fits),
		cmocka_unit_test_teardown(the_start_tells_addresses_and_where_the_pages_are, drop),
	};
	int ret;

	topo = tide_topology_parse("node 0 cpus 0 memory 8G\nnode 1 cpus 1 memory 8G\n");
	if (topo == NULL)
		return 1;
	test_eal_start(false, 32, "0");
	ret = cmocka_run_group_tests_name("fwd_placement", tests, NULL, NULL);
	tide_topology_free(topo);
	return ret;
}
