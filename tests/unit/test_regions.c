/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* /tide/regions tells where the memory of mempools is, as the kernel says, each page once. */

#include <errno.h>
#include <inttypes.h>
#include <numaif.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <cmocka.h>

#include <rte_common.h>
#include <rte_mempool.h>

#include "answer.h"
#include "eal.h"
#include "mempool_friend.h"
#include "region_friend.h"
#include "tide_topology.h"

#define PAGE 4096

long __real_move_pages(
	int pid, unsigned long count, void **pages, const int *nodes, int *status, int flags);
long __wrap_move_pages(
	int pid, unsigned long count, void **pages, const int *nodes, int *status, int flags);
int __wrap_tidei_only_node(void);

/* Pages of these addresses are on these nodes, as the kernel of the test says. */
static struct {
	const char *at;
	size_t len;
	int node;
} told[3];
static bool refuses;

long
__wrap_move_pages(
	int pid, unsigned long count, void **pages, const int *nodes, int *status, int flags)
{
	long ret = __real_move_pages(pid, count, pages, nodes, status, flags);

	if (refuses) {
		errno = EPERM;
		return -1;
	}
	for (unsigned long i = 0; i < count; i++)
		for (unsigned int t = 0; t < RTE_DIM(told); t++)
			if ((uintptr_t)pages[i] - (uintptr_t)told[t].at < told[t].len)
				status[i] = told[t].node;
	return ret;
}

/* Else a kernel that refuses is no matter on a machine with one node. */
int
__wrap_tidei_only_node(void)
{
	return TIDE_NODE_UNKNOWN;
}

static struct rte_mempool *mp;
static char *memory;

/* Make a mempool of the caller's memory: pieces of 16 pages, of which the caller says where they begin. */
static void
make(const unsigned int *first, unsigned int nb)
{
	memory = mmap(NULL, 256 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(memory != MAP_FAILED);
	/* Pages that nothing touched are on no node. */
	memset(memory, 0, 256 * PAGE);
	mp = rte_mempool_create_empty("regions", 4000, 64, 0, 0, 0, 0);
	assert_non_null(mp);
	for (unsigned int i = 0; i < nb; i++)
		assert_true(rte_mempool_populate_iova(mp, memory + (size_t)first[i] * PAGE,
				    RTE_BAD_IOVA, 16 * PAGE, NULL, NULL) > 0);
}

static int
tear_down(void **state)
{
	rte_mempool_free(mp);
	if (memory != NULL)
		munmap(memory, 256 * PAGE);
	mp = NULL;
	memory = NULL;
	memset(told, 0, sizeof(told));
	refuses = false;
	return 0;
}

static void
assert_has(const char *answer, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (strstr(answer, text) == NULL)
		fail_msg("%s is not in %s", text, answer);
}

static void
names_that_no_mempool_has_are_refused(void **state)
{
	char name[1000];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_string_equal(test_answer("/tide/regions", "none"),
		"{\"error\":\"no mempool is called none: /tide/pools lists them\"}");
	assert_has(test_answer("/tide/regions", name), "no mempool is called xxx");
}

static void
a_mempool_without_memory_has_no_regions(void **state)
{
	mp = rte_mempool_create_empty("hollow", 64, 64, 0, 0, 0, 0);
	assert_non_null(mp);
	assert_string_equal(test_answer("/tide/regions", "hollow"),
		"{\"name\":\"hollow\",\"node\":0,\"bytes\":0,\"pages\":0,\"regions\":0}");
}

static void
chunks_that_touch_are_one_region(void **state)
{
	static const unsigned int first[] = {64, 0, 32, 16};
	const char *answer;

	make(first, RTE_DIM(first));
	told[0].at = memory;
	told[0].len = 40 * PAGE;
	told[0].node = 1;
	told[1].at = memory + 64 * PAGE;
	told[1].len = 16 * PAGE;
	told[2].at = memory + 65 * PAGE;
	told[2].len = PAGE;
	told[2].node = -ENOENT;
	answer = test_answer("/tide/regions", "regions");
	assert_has(answer,
		"{\"name\":\"regions\",\"node\":0,\"bytes\":262144,\"pages\":64,"
		"\"pages_node_1\":40,\"pages_node_0\":23,\"pages_unknown\":1,\"regions\":2,");
	assert_has(answer,
		"\"region_0\":{\"address\":\"0x%" PRIxPTR "\",\"bytes\":196608,\"page_size\":4096,"
		"\"pages\":48,\"pages_node_1\":40,\"pages_node_0\":8},",
		(uintptr_t)memory);
	assert_has(answer,
		"\"region_1\":{\"address\":\"0x%" PRIxPTR "\",\"bytes\":65536,\"page_size\":4096,"
		"\"pages\":16,\"pages_node_0\":15,\"pages_unknown\":1}}",
		(uintptr_t)memory + 64 * (uintptr_t)PAGE);
}

static void
without_a_name_each_mempool_has_its_sum(void **state)
{
	static const unsigned int first[] = {0};
	struct rte_mempool *hollow;
	const char *answer;

	make(first, RTE_DIM(first));
	hollow = rte_mempool_create_empty("hollow", 64, 64, 0, 0, SOCKET_ID_ANY, 0);
	assert_non_null(hollow);
	answer = test_answer("/tide/regions", "hollow");
	assert_string_equal(answer, "{\"name\":\"hollow\",\"bytes\":0,\"pages\":0,\"regions\":0}");
	answer = test_answer("/tide/regions", "");
	rte_mempool_free(hollow);
	assert_has(answer,
		"{\"pool_0\":{\"name\":\"regions\",\"node\":0,\"bytes\":65536,\"pages\":16,"
		"\"pages_node_0\":16,\"regions\":1},");
	/* No node was requested. */
	assert_has(answer, "\"pool_1\":{\"name\":\"hollow\",\"bytes\":0,");
	assert_null(strstr(answer, "region_0"));
}

static void
a_kernel_that_refuses_is_quoted(void **state)
{
	static const unsigned int first[] = {0, 32};
	const char *answer;

	make(first, RTE_DIM(first));
	refuses = true;
	answer = test_answer("/tide/regions", "regions");
	assert_has(answer, "\"bytes\":131072,\"pages\":0,\"refused\":\"Operation not "
			   "permitted\",\"regions\":2,");
	assert_has(
		answer, "\"page_size\":4096,\"pages\":0,\"refused\":\"Operation not permitted\"}}");
}

/* As many as do not fit into an answer; then it says how many it leaves out. */
static void
an_answer_that_is_full_says_how_many_regions_it_lacks(void **state)
{
	unsigned int shown = 0, left_out = 0;
	const char *answer, *at;
	char *many;

	many = mmap(NULL, 1000 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(many != MAP_FAILED);
	mp = rte_mempool_create_empty("regions", 4000, 64, 0, 0, 0, 0);
	assert_non_null(mp);
	for (unsigned int i = 0; i < 500; i++)
		assert_true(rte_mempool_populate_iova(mp, many + (size_t)2 * i * PAGE, RTE_BAD_IOVA,
				    1024, NULL, NULL) > 0);
	answer = test_answer("/tide/regions", "regions");
	assert_has(answer, "\"bytes\":512000,");
	assert_has(answer, "\"regions\":500,");
	for (at = answer; (at = strstr(at, "\"region_")) != NULL; at++)
		shown++;
	at = strstr(answer, "\"left_out\":");
	assert_non_null(at);
	assert_int_equal(sscanf(at, "\"left_out\":%u}", &left_out), 1);
	assert_true(shown > 50);
	assert_int_equal(shown + left_out, 500);
	rte_mempool_free(mp);
	mp = NULL;
	munmap(many, 1000 * PAGE);
}

/* What tidei_memory_join() makes of random chunks, against a map of bytes. */
static void
random_chunks_are_joined_as_a_naive_map_joins_them(void **state)
{
	unsigned int seed = (unsigned int)time(NULL);

	printf("seed %u\n", seed);
	srand(seed);
	for (unsigned int round = 0; round < 2000; round++) {
		struct tidei_list list = {0};
		unsigned int nb = (unsigned int)rand() % 12;
		bool used[64 * 4] = {false}, page[64] = {false};
		unsigned int regions = 0;

		/* Chunks of quarters of pages; those of one mempool never overlap. */
		for (unsigned int i = 0; i < nb; i++) {
			unsigned int from = (unsigned int)rand() % 240,
				     to = from + 1 + (unsigned int)rand() % 10;
			struct tidei_stretch *s;
			bool overlaps = false;

			for (unsigned int q = from; q < to; q++)
				overlaps = overlaps || used[q];
			if (overlaps)
				continue;
			s = tidei_list_add(&list, sizeof(*s));
			assert_non_null(s);
			*s = (struct tidei_stretch){(uintptr_t)(1024 + from) * PAGE / 4,
				(uintptr_t)(1024 + to) * PAGE / 4, PAGE};
			for (unsigned int q = from; q < to; q++)
				used[q] = page[q / 4] = true;
		}
		tidei_memory_join(&list);
		for (unsigned int p = 0; p < 64; p++)
			regions += page[p] && (p == 0 || !page[p - 1] || !used[4 * p]);
		assert_int_equal(list.nb, regions);
		TIDEI_LIST_EACH (list, const struct tidei_stretch, s) {
			unsigned int from = (unsigned int)(s->from * 4 / PAGE) - 1024,
				     to = (unsigned int)(s->to * 4 / PAGE) - 1024;

			assert_true(used[from] && used[to - 1]);
			for (unsigned int p = from / 4; p <= (to - 1) / 4; p++) {
				assert_true(page[p]);
				page[p] = false;
			}
		}
		for (unsigned int p = 0; p < 64; p++)
			assert_false(page[p]);
		tidei_list_free(&list);
	}
}

static void
pages_of_different_sizes_are_different_regions(void **state)
{
	static const struct tidei_stretch chunks[] = {
		{0x400000, 0x400000 + PAGE, PAGE}, {0x200000, 0x400000, 0x200000}};
	const struct tidei_stretch *at;
	struct tidei_list list = {0};

	for (unsigned int i = 0; i < RTE_DIM(chunks); i++)
		*(struct tidei_stretch *)tidei_list_add(&list, sizeof(chunks[0])) = chunks[i];
	tidei_memory_join(&list);
	at = list.at;
	assert_int_equal(list.nb, 2);
	assert_true(at[0].page_size == 0x200000 && at[0].to == 0x400000);
	assert_true(at[1].page_size == PAGE && at[1].from == 0x400000);
	tidei_list_free(&list);
}

static void
sums_of_placements_keep_the_nodes_with_most_pages_first(void **state)
{
	const struct tide_placement a = {.pages = 10,
		.local = 4,
		.unknown = 1,
		.nb_found = 3,
		.found = {{0, 5}, {1, 4}, {-ENOENT, 1}}};
	const struct tide_placement b = {.page_size = PAGE,
		.pages = 9,
		.local = 2,
		.unknown = 2,
		.nb_found = 3,
		.found = {{2, 6}, {1, 2}, {-ENOENT, 1}}};
	struct tide_placement sum = {0};

	tidei_placement_add(&sum, &a);
	tidei_placement_add(&sum, &b);
	assert_int_equal(sum.pages, 19);
	assert_int_equal(sum.local, 6);
	assert_int_equal(sum.unknown, 3);
	assert_int_equal(sum.page_size, PAGE);
	assert_int_equal(sum.nb_found, 4);
	assert_true(sum.found[0].pages == 6 && sum.found[1].pages == 6);
	assert_true(sum.found[0].node + sum.found[1].node == 3);
	assert_true(sum.found[2].node == 0 && sum.found[2].pages == 5);
	assert_true(sum.found[3].node == -ENOENT && sum.found[3].pages == 2);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_teardown(name, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(names_that_no_mempool_has_are_refused),
		CASE(a_mempool_without_memory_has_no_regions),
		CASE(chunks_that_touch_are_one_region),
		CASE(without_a_name_each_mempool_has_its_sum),
		CASE(a_kernel_that_refuses_is_quoted),
		CASE(an_answer_that_is_full_says_how_many_regions_it_lacks),
		CASE(random_chunks_are_joined_as_a_naive_map_joins_them),
		CASE(pages_of_different_sizes_are_different_regions),
		CASE(sums_of_placements_keep_the_nodes_with_most_pages_first),
	};

	test_eal_start(false, 32, "0");
	return cmocka_run_group_tests_name("regions", tests, NULL, NULL);
}
