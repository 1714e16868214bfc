/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Placement that cannot be asked: mbind(2) or move_pages(2) is refused, as in containers and by kernels
 * without NUMA. With one node that changes nothing; with several, pages are unknown, not elsewhere.
 * Each case runs in a child of its own, behind a real seccomp filter.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include <rte_errno.h>

#include "child.h"
#include "deny.h"
#include "eal.h"
#include "log.h"
#include "machine.h"
#include "region_internal.h"
#include "tide_shard.h"
#include "topology_friend.h"
#include "tree.h"

#define MB  ((size_t)1 << 20)
#define LEN (8 * MB)

/* Node 1 is on paper: it has a CPU and memory that this process may use. */
static int
make_two_nodes(void **state)
{
	test_machine_paper();
	return 0;
}

static int
free_tree(void **state)
{
	test_tree_free();
	return 0;
}

static void
on_two_nodes(void)
{
	if (!test_machine_enter())
		_exit(77);
	EXPECT(tidei_only_node() == TIDE_NODE_UNKNOWN);
}

static void
on_one_node(void)
{
	if (tidei_only_node() == TIDE_NODE_UNKNOWN) {
		printf("this machine has several nodes\n");
		_exit(77);
	}
}

static void
deny(unsigned int number, unsigned int err)
{
	EXPECT(test_deny(number, DENY_ANY, err) == 0);
}

/* Tell whether regions on pages of that kind can be made here, also where the free pages are on paper. */
static bool
can_try(enum tide_page page)
{
	return page == TIDE_PAGE_4K || test_free_2m_pages() >= LEN / (2 * MB);
}

/* At the end of a test: its cases without huge pages have passed. */
static void
need_huge_pages(void)
{
	if (can_try(TIDE_PAGE_2M))
		return;
	print_message("cases on huge pages are left out: %lu of 2 MB are free, %zu needed\n",
		test_free_2m_pages(), LEN / (2 * MB));
	skip();
}

static struct tide_region_conf
conf_of(enum tide_page page, int node, enum tide_enforce enforce)
{
	return (struct tide_region_conf){
		.name = "test",
		.node = node,
		.len = LEN,
		.page = page,
		.backing = TIDE_BACKING_OWN,
		.enforce = enforce,
		.prefault_threads = 1,
	};
}

/* Make it without a word in the log; its placement. */
static struct tide_region *
make_silently(const struct tide_region_conf *conf, struct tide_placement *found)
{
	struct tide_region *region;
	const char *log;

	test_log_catch();
	region = tide_region_create(conf, found);
	log = test_log_caught();
	if (region == NULL || log[0] != '\0')
		fprintf(stderr, "errno %d, log: %s\n", rte_errno, log);
	EXPECT(region != NULL && log[0] == '\0');
	EXPECT(tidei_region_check(region) == 0);
	return region;
}

/* Strict on the node and anywhere, of any page kind there is: all pages are there, and are measured so. */
static void
all_is_proven(void)
{
	static const enum tide_page kinds[] = {TIDE_PAGE_4K, TIDE_PAGE_2M, TIDE_PAGE_AUTO};
	const int nodes[] = {tidei_only_node(), TIDE_NODE_UNKNOWN};

	for (unsigned int k = 0; k < RTE_DIM(kinds) * RTE_DIM(nodes); k++) {
		const struct tide_region_conf conf = conf_of(
			kinds[k / RTE_DIM(nodes)], nodes[k % RTE_DIM(nodes)], TIDE_ENFORCE_STRICT);
		struct tide_placement found, now;
		struct tide_placement_change change;
		struct tide_region *region;

		if (!can_try(conf.page))
			continue;
		region = make_silently(&conf, &found);

		EXPECT(found.local == found.pages && found.unknown == 0);
		EXPECT(found.nb_found == 1 && found.found[0].node == nodes[0]);
		EXPECT(tide_region_measure(region, &now) == 0);
		EXPECT(tide_placement_compare(&found, &now, &change) == 0);
		tide_region_free(region);
	}
}

static void
one_node_no_mbind(void)
{
	on_one_node();
	deny(SYS_mbind, EPERM);
	all_is_proven();
}

static void
one_node_no_move_pages(void)
{
	on_one_node();
	deny(SYS_move_pages, EPERM);
	all_is_proven();
}

/* As a kernel without NUMA has it, down to sysfs. */
static void
no_numa(void)
{
	static const unsigned int calls[] = {
		SYS_mbind, SYS_move_pages, SYS_get_mempolicy, SYS_set_mempolicy, SYS_migrate_pages};
	char by[128];

	on_one_node();
	snprintf(by, sizeof(by), "%s/system", test_tree_root());
	if (!test_cover("/sys/devices/system", by))
		_exit(77);
	for (unsigned int i = 0; i < RTE_DIM(calls); i++)
		deny(calls[i], ENOSYS);
	EXPECT(tidei_only_node() == 0);
	test_log_catch();
	for (int node = TIDE_NODE_UNKNOWN; node <= 0; node++) {
		const struct tide_region_conf conf =
			conf_of(TIDE_PAGE_4K, node, TIDE_ENFORCE_STRICT);
		struct tide_placement found;
		struct tide_region *region = make_silently(&conf, &found);

		EXPECT(found.local == found.pages && found.unknown == 0);
		tide_region_free(region);
	}
}

static void
one_node_no_shard_calls(void)
{
	const struct tide_shard_conf conf = {
		.size = 64, .by = TIDE_SHARD_BY_NODE, .enforce = TIDE_ENFORCE_STRICT};
	struct tide_shard *shard;

	on_one_node();
	deny(SYS_mbind, EPERM);
	deny(SYS_move_pages, EPERM);
	shard = tide_shard_create(&conf);
	EXPECT(shard != NULL);
	tide_shard_free(shard);
}

static void
with_one_node_strict_holds_though_nothing_can_be_asked(void **state)
{
	test_in_child(one_node_no_mbind);
	test_in_child(one_node_no_move_pages);
	test_in_child(one_node_no_shard_calls);
	need_huge_pages();
}

static void
on_a_kernel_without_numa_strict_holds(void **state)
{
	test_tree_write("/system/cpu/online", "0\n");
	test_in_child(no_numa);
}

/* Fails with that errno and says `said`, but nothing of reserving huge pages. */
static void
fails(const struct tide_region_conf *conf, int err, const char *said)
{
	struct tide_placement found;
	const char *log;

	test_log_catch();
	rte_errno = 0;
	EXPECT(tide_region_create(conf, &found) == NULL);
	EXPECT(rte_errno == err);
	log = test_log_caught();
	if (strstr(log, said) == NULL || strstr(log, "nr_hugepages") != NULL)
		fputs(log, stderr);
	EXPECT(strstr(log, said) != NULL);
	EXPECT(strstr(log, "nr_hugepages") == NULL);
	EXPECT(strstr(found.hint, "nr_hugepages") == NULL);
}

static void
two_nodes_no_mbind(void)
{
	static const enum tide_page kinds[] = {TIDE_PAGE_4K, TIDE_PAGE_2M, TIDE_PAGE_HUGE};

	on_two_nodes();
	deny(SYS_mbind, EPERM);
	for (unsigned int k = 0; k < RTE_DIM(kinds); k++) {
		const struct tide_region_conf conf = conf_of(kinds[k], 0, TIDE_ENFORCE_STRICT);

		if (can_try(kinds[k]))
			fails(&conf, EPERM,
				"mbind: Operation not permitted: a container's seccomp");
	}
}

static void
two_nodes_no_move_pages(void)
{
	static const enum tide_page kinds[] = {TIDE_PAGE_4K, TIDE_PAGE_2M};

	on_two_nodes();
	deny(SYS_move_pages, EPERM);
	for (unsigned int k = 0; k < RTE_DIM(kinds); k++) {
		const struct tide_region_conf conf = conf_of(kinds[k], 0, TIDE_ENFORCE_STRICT);

		if (can_try(kinds[k]))
			fails(&conf, EPERM,
				"move_pages: Operation not permitted: a container's seccomp");
	}
}

static void
with_several_nodes_strict_is_eperm_and_names_the_cure(void **state)
{
	test_in_child(two_nodes_no_mbind);
	test_in_child(two_nodes_no_move_pages);
	need_huge_pages();
}

static void
two_nodes_unknown(void)
{
	const struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 0, TIDE_ENFORCE_BEST_EFFORT);
	struct tide_placement found;
	struct tide_region *region;
	char text[1024] = "";
	FILE *out;

	on_two_nodes();
	deny(SYS_mbind, EPERM);
	deny(SYS_move_pages, EPERM);
	region = tide_region_create(&conf, &found);
	EXPECT(region != NULL);
	EXPECT(found.pages == 8 * MB / tidei_page_base());
	EXPECT(found.local == 0 && found.unknown == found.pages);
	EXPECT(found.nb_found == 1 && found.found[0].node == -EPERM);
	EXPECT(found.found[0].pages == found.pages);
	EXPECT(strstr(found.reason, "placement unknown: move_pages") != NULL);
	EXPECT(strstr(found.reason, "pages on node") == NULL);
	EXPECT(tidei_region_check(region) == 0);
	out = fmemopen(text, sizeof(text), "w");
	EXPECT(out != NULL);
	tide_placement_dump(&found, out);
	fclose(out);
	EXPECT(strstr(text, "0 of 2048 pages there") != NULL);
	EXPECT(strstr(text, ", 2048 unknown,") != NULL);
	tide_region_free(region);
}

static void
with_several_nodes_pages_are_unknown_not_elsewhere(void **state)
{
	test_in_child(two_nodes_unknown);
}

static void
two_nodes_any(void)
{
	static const enum tide_page kinds[] = {TIDE_PAGE_4K, TIDE_PAGE_2M};

	on_two_nodes();
	deny(SYS_mbind, EPERM);
	deny(SYS_move_pages, EPERM);
	for (unsigned int k = 0; k < RTE_DIM(kinds); k++) {
		const struct tide_region_conf conf =
			conf_of(kinds[k], TIDE_NODE_UNKNOWN, TIDE_ENFORCE_STRICT);
		struct tide_placement found;
		struct tide_region *region;

		if (!can_try(kinds[k]))
			continue;
		region = make_silently(&conf, &found);

		EXPECT(found.local == found.pages && found.unknown == 0);
		EXPECT(found.nb_found == 1 && found.found[0].node == -EPERM);
		EXPECT(found.reason[0] == '\0');
		tide_region_free(region);
	}
}

/* Any of two that are allowed, of three there are: own memory is then asked of a node by name. */
static void
two_of_three_nodes_any(void)
{
	struct tide_topology *topo = tide_topology_parse("node 0 cpus 0 memory 1G\n"
							 "node 1 cpus 1 memory 1G\n"
							 "node 2 cpus 2 memory 1G\n"
							 "allowed nodes 0-1\n");
	struct tide_region_conf conf =
		conf_of(TIDE_PAGE_4K, TIDE_NODE_UNKNOWN, TIDE_ENFORCE_STRICT);
	struct tide_placement found;

	EXPECT(topo != NULL);
	conf.topo = topo;
	on_two_nodes();
	deny(SYS_mbind, EPERM);
	tide_region_free(make_silently(&conf, &found));
	EXPECT(found.local == found.pages);
	tide_topology_free(topo);
}

static void
where_any_node_will_do_strict_holds(void **state)
{
	test_in_child(two_nodes_any);
	test_in_child(two_of_three_nodes_any);
	need_huge_pages();
}

static void
measured_again(void)
{
	const struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 0, TIDE_ENFORCE_STRICT);
	struct tide_region *region;
	struct tide_placement now = {.pages = 7};
	struct tide_scan *scan;

	on_two_nodes();
	region = tide_region_create(&conf, NULL);
	EXPECT(region != NULL);
	scan = tide_region_scan(region);
	EXPECT(scan != NULL);
	EXPECT(tide_scan_step(scan, 1, &now) == 0);
	deny(SYS_move_pages, EPERM);
	test_log_catch();
	EXPECT(tide_region_measure(region, &now) == -EIO);
	EXPECT(strstr(test_log_caught(), "Operation not permitted") != NULL);
	test_log_catch();
	EXPECT(tide_scan_step(scan, 1, &now) == -EIO);
	EXPECT(strstr(test_log_caught(), "Operation not permitted") != NULL);
	EXPECT(now.pages == 7);
	tide_scan_free(scan);
	tide_region_free(region);
}

static void
measuring_again_where_it_is_forbidden_is_eio(void **state)
{
	test_in_child(measured_again);
}

/* The kernel answers, and has no page anywhere: the call does nothing. */
static void
absent(void)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 0, TIDE_ENFORCE_STRICT);
	struct tide_placement found;
	struct tide_region *region;

	deny(SYS_move_pages, 0);
	fails(&conf, EXDEV, "0 of 2048 pages on node 0: the kernel reports no node for the others");
	conf.enforce = TIDE_ENFORCE_BEST_EFFORT;
	region = tide_region_create(&conf, &found);
	EXPECT(region != NULL);
	EXPECT(found.local == 0 && found.unknown == found.pages);
	EXPECT(found.nb_found == 1 && found.found[0].node == -ENOENT);
	tide_region_free(region);
}

static void
strict_fails_where_pages_are_nowhere(void **state)
{
	test_in_child(absent);
}

static void
more_than_all_memory(void)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_2M, 0, TIDE_ENFORCE_STRICT);

	on_two_nodes();
	conf.len = (size_t)9 << 30;
	fails(&conf, ENOMEM, "4608 needed: ask for less: node 0 has 8192 MB of memory");
}

static void
no_command_is_given_for_pages_that_do_not_fit_the_node(void **state)
{
	test_in_child(more_than_all_memory);
}

#define ON_TWO(test) cmocka_unit_test_setup_teardown(test, make_two_nodes, free_tree)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_TWO(with_one_node_strict_holds_though_nothing_can_be_asked),
		ON_TWO(on_a_kernel_without_numa_strict_holds),
		ON_TWO(with_several_nodes_strict_is_eperm_and_names_the_cure),
		ON_TWO(with_several_nodes_pages_are_unknown_not_elsewhere),
		ON_TWO(where_any_node_will_do_strict_holds),
		ON_TWO(strict_fails_where_pages_are_nowhere),
		ON_TWO(measuring_again_where_it_is_forbidden_is_eio),
		ON_TWO(no_command_is_given_for_pages_that_do_not_fit_the_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
