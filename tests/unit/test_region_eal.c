/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Regions while EAL runs on 2 MB pages: memzones, and own memory made known to EAL and devices. */

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/resource.h>

#include <cmocka.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include <rte_memzone.h>

#include "child.h"
#include "eal.h"
#include "log.h"
#include "range.h"
#include "region_internal.h"
#include "tide_region.h"
#include "tree.h"

#define MB ((size_t)1 << 20)

static struct tide_region_conf
conf_of(enum tide_backing backing, enum tide_page page, size_t len)
{
	return (struct tide_region_conf){
		.name = "test",
		.len = len,
		.page = page,
		.backing = backing,
	};
}

static void
count_zone(const struct rte_memzone *mz, void *arg)
{
	unsigned int *count = arg;

	(*count)++;
}

static unsigned int
zones(void)
{
	unsigned int count = 0;

	rte_memzone_walk(count_zone, &count);
	return count;
}

static size_t
heap_used(void)
{
	struct rte_malloc_socket_stats stats;

	assert_int_equal(rte_malloc_get_socket_stats(0, &stats), 0);
	return stats.heap_allocsz_bytes;
}

static struct rte_device *
null_device(void)
{
	struct rte_eth_dev_info info;
	uint16_t port;

	if (rte_eth_dev_get_port_by_name("net_null_region", &port) != 0) {
		assert_int_equal(rte_eal_hotplug_add("vdev", "net_null_region", ""), 0);
		assert_int_equal(rte_eth_dev_get_port_by_name("net_null_region", &port), 0);
	}
	assert_int_equal(rte_eth_dev_info_get(port, &info), 0);
	return info.device;
}

static void
auto_backing_takes_eal_memory_and_gives_it_back(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_AUTO, TIDE_PAGE_AUTO, 5 * MB + 1);
	unsigned int before = zones();
	size_t used = heap_used();
	struct tide_placement found;
	struct tide_region *region = tide_region_create(&conf, &found);

	assert_non_null(region);
	assert_int_equal(found.backing, TIDE_BACKING_EAL);
	assert_int_equal(found.page, TIDE_PAGE_2M);
	assert_int_equal(found.page_size, 2 * MB);
	assert_uint_in_range(found.pages, 3, 4);
	assert_int_equal(found.local, found.pages);
	assert_int_equal((uintptr_t)tide_region_addr(region) % RTE_CACHE_LINE_SIZE, 0);
	assert_uint_in_range(tide_region_len(region), conf.len, conf.len + RTE_CACHE_LINE_SIZE - 1);
	assert_int_equal(tidei_region_check(region), 0);
	assert_non_null(rte_memzone_lookup("test"));
	memset(tide_region_addr(region), 1, tide_region_len(region));
	tide_region_free(region);
	assert_null(rte_memzone_lookup("test"));
	assert_int_equal(zones(), before);
	assert_int_equal(heap_used(), used);
}

static void
strict_2m_from_eal_is_2m(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_EAL, TIDE_PAGE_2M, MB);
	struct tide_placement found;
	struct tide_region *region = tide_region_create(&conf, &found);

	assert_non_null(region);
	assert_int_equal(found.page, TIDE_PAGE_2M);
	assert_string_equal(found.reason, "");
	tide_region_free(region);
}

static void
strict_1g_from_eal_without_1g_pages_is_enomem(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_EAL, TIDE_PAGE_1G, MB);
	struct tide_placement found;
	struct tidei_huge_now huge;
	unsigned int before = zones();

	if (tidei_huge_now(0, (size_t)1 << 30, &huge) == 0 && huge.total > 0)
		skip();
	assert_null(tide_region_create(&conf, &found));
	assert_int_equal(rte_errno, ENOMEM);
	assert_non_null(strstr(found.reason, "EAL 1G:"));
	assert_int_equal(zones(), before);
}

static void
best_effort_1g_from_eal_falls_to_2m(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_EAL, TIDE_PAGE_1G, MB);
	struct tide_placement found;
	struct tidei_huge_now huge;
	struct tide_region *region;

	if (tidei_huge_now(0, (size_t)1 << 30, &huge) == 0 && huge.total > 0)
		skip();
	conf.enforce = TIDE_ENFORCE_BEST_EFFORT;
	region = tide_region_create(&conf, &found);
	assert_non_null(region);
	assert_int_equal(found.page, TIDE_PAGE_2M);
	assert_non_null(strstr(found.reason, "EAL 1G:"));
	tide_region_free(region);
}

static void
small_pages_from_eal_on_huge_pages_are_einval(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_EAL, TIDE_PAGE_4K, MB);

	assert_null(tide_region_create(&conf, NULL));
	assert_int_equal(rte_errno, EINVAL);
	conf.page = TIDE_PAGE_THP;
	assert_null(tide_region_create(&conf, NULL));
	assert_int_equal(rte_errno, EINVAL);
}

static void
more_than_eal_can_get_is_enomem_with_nothing_left(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_EAL, TIDE_PAGE_2M, 0);
	unsigned int before = zones();
	struct tidei_huge_now huge;
	size_t used = heap_used();

	assert_int_equal(tidei_huge_now(0, 2 * MB, &huge), 0);
	conf.len = (huge.total + 1) * 2 * MB;
	assert_null(tide_region_create(&conf, NULL));
	assert_int_equal(rte_errno, ENOMEM);
	assert_int_equal(zones(), before);
	assert_int_equal(heap_used(), used);
}

/* EAL itself takes memory of any node, against cpuset and policy. */
static void
eal_is_not_asked_for_memory_of_a_forbidden_node(void **state)
{
	static const char *const lines[] = {"allowed nodes 1\n", "allowed membind 1\n"};
	struct tide_region_conf conf = conf_of(TIDE_BACKING_EAL, TIDE_PAGE_AUTO, MB);

	for (unsigned int i = 0; i < RTE_DIM(lines); i++) {
		char text[128] = "node 0 cpus 0 memory 1G\nnode 1 cpus 1 memory 1G\n";
		unsigned int before = zones();
		size_t used = heap_used();
		struct tide_placement found;
		struct tide_topology *topo;

		strcat(text, lines[i]);
		topo = tide_topology_parse(text);
		assert_non_null(topo);
		conf.topo = topo;
		conf.node = 0;
		conf.enforce = TIDE_ENFORCE_STRICT;
		assert_null(tide_region_create(&conf, NULL));
		assert_int_equal(rte_errno, EPERM);
		/* Node 1, which EAL does not have, is all that is left. */
		conf.enforce = TIDE_ENFORCE_BEST_EFFORT;
		assert_null(tide_region_create(&conf, &found));
		assert_int_equal(rte_errno, ENOMEM);
		assert_non_null(strstr(found.reason, "EAL has no heap on node 1"));
		assert_non_null(strstr(found.hint, "own memory"));
		conf.node = TIDE_NODE_UNKNOWN;
		assert_null(tide_region_create(&conf, NULL));
		assert_int_equal(rte_errno, ENOMEM);
		tide_topology_free(topo);
		assert_int_equal(zones(), before);
		assert_int_equal(heap_used(), used);
	}
}

/*
 * EAL's heap is smaller than this, and sysfs says of node 0, as files, that it has few huge pages, or
 * that it has plenty.
 */
static const char *tree;

static void
huge_tree(const char *total, const char *free_pages)
{
	static const char *const files[] = {"nr_hugepages", "free_hugepages"};
	char path[128];

	tree = test_tree_make();
	for (unsigned int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "/huge/hugepages-%s/%s",
			i < 2 ? "2048kB" : "1048576kB", files[i % 2]);
		test_tree_write(path, i % 2 == 0 ? total : free_pages);
	}
}

/* Nor can EAL still make its files of pages, on any machine. */
static void
cover_huge(void)
{
	const struct rlimit none = {0, RLIM_INFINITY};
	char by[128];

	EXPECT(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	EXPECT(setrlimit(RLIMIT_FSIZE, &none) == 0);
	snprintf(by, sizeof(by), "%s/huge", tree);
	if (!test_cover("/sys/devices/system/node/node0/hugepages", by))
		_exit(77);
	EXPECT(test_cover("/sys/kernel/mm/hugepages", by));
}

static void
expect_enomem(enum tide_page page, size_t len, const char *said)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_EAL, page, len);
	unsigned int before = zones();
	size_t used = heap_used();

	test_log_catch();
	EXPECT(tide_region_create(&conf, NULL) == NULL);
	EXPECT(rte_errno == ENOMEM);
	if (strstr(test_log_caught(), said) == NULL) {
		fprintf(stderr, "'%s' does not say '%s'\n", test_log_caught(), said);
		_exit(1);
	}
	EXPECT(zones() == before && heap_used() == used);
}

static void
with_few_huge_pages(void)
{
	static const enum tide_page kinds[] = {TIDE_PAGE_2M, TIDE_PAGE_HUGE, TIDE_PAGE_AUTO};

	cover_huge();
	for (unsigned int i = 0; i < RTE_DIM(kinds); i++)
		expect_enomem(kinds[i], 512 * MB,
			"node 0 has 2 free 2 MB huge pages, 257 needed: echo 258 > "
			"/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages\n");
	expect_enomem(TIDE_PAGE_1G, (size_t)2 << 30,
		"node 0 has 2 free 1 GB huge pages, 3 needed: echo 4 > "
		"/sys/devices/system/node/node0/hugepages/hugepages-1048576kB/nr_hugepages\n");
}

static void
eal_with_few_huge_pages_on_the_node_names_need_and_command(void **state)
{
	huge_tree("3\n", "2\n");
	test_in_child(with_few_huge_pages);
	test_tree_free();
}

static void
barred(void)
{
	static const enum tide_page kinds[] = {TIDE_PAGE_2M, TIDE_PAGE_HUGE, TIDE_PAGE_AUTO};
	char by[128];

	cover_huge();
	snprintf(by, sizeof(by), "%s/cgroup", tree);
	EXPECT(test_cover("/sys/fs/cgroup", by));
	for (unsigned int i = 0; i < RTE_DIM(kinds); i++)
		expect_enomem(kinds[i], 512 * MB,
			"node 0 has them, but the cgroup allows this process 1 more 2 MB huge "
			"pages, 257 needed: raise hugetlb.2MB.max of the cgroup");
}

static void
eal_that_a_cgroup_keeps_pages_from_names_the_limit(void **state)
{
	huge_tree("1000000\n", "1000000\n");
	test_tree_write("/cgroup/hugetlb.2MB.max", "8388608\n");
	test_tree_write("/cgroup/hugetlb.2MB.current", "6291456\n");
	test_tree_write("/cgroup/hugetlb/hugetlb.2MB.limit_in_bytes", "8388608\n");
	test_tree_write("/cgroup/hugetlb/hugetlb.2MB.usage_in_bytes", "6291456\n");
	test_in_child(barred);
	test_tree_free();
}

static void
a_second_region_of_the_same_name_is_eexist(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_EAL, TIDE_PAGE_AUTO, MB);
	struct tide_region *region = tide_region_create(&conf, NULL);

	assert_non_null(region);
	assert_null(tide_region_create(&conf, NULL));
	assert_int_equal(rte_errno, EEXIST);
	tide_region_free(region);
}

static void
regions_without_a_name_do_not_collide(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_EAL, TIDE_PAGE_AUTO, 4096);
	struct tide_region *a, *b;

	conf.name = NULL;
	a = tide_region_create(&conf, NULL);
	b = tide_region_create(&conf, NULL);
	assert_non_null(a);
	assert_non_null(b);
	tide_region_free(a);
	tide_region_free(b);
}

/* EAL counts its memzones; DPDK 22.11 has 2560. */
static void
the_last_memzone_is_enospc_and_all_are_freed(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_EAL, TIDE_PAGE_AUTO, 64);
	static struct tide_region *regions[10000];
	struct tide_placement found;
	unsigned int n, before = zones();
	struct tide_topology *topo = tide_topology_create();

	assert_non_null(topo);
	conf.name = NULL;
	conf.topo = topo;
	for (n = 0; n < RTE_DIM(regions); n++) {
		regions[n] = tide_region_create(&conf, &found);
		if (regions[n] == NULL)
			break;
	}
	assert_int_equal(rte_errno, ENOSPC);
	assert_non_null(strstr(found.reason, "EAL has no memzone left"));
	assert_non_null(strstr(found.hint, "free regions and pools that are not used"));
	assert_non_null(strstr(found.hint, "MEMZONE") != NULL ? found.hint
							      : strstr(found.hint, "memzone_max"));
	while (n-- > 0)
		tide_region_free(regions[n]);
	assert_int_equal(zones(), before);
	tide_topology_free(topo);
}

static unsigned int
times(const char *text, const char *what)
{
	unsigned int n = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		n++;
	}
	return n;
}

/* EAL's memory and our own are refused for the same pages. */
static void
a_shortage_of_huge_pages_is_told_once_in_the_reason(void **state)
{
	struct tide_region_conf conf =
		conf_of(TIDE_BACKING_AUTO, TIDE_PAGE_HUGE, ((size_t)1 << 40) - 1);
	struct tide_placement found;

	conf.enforce = TIDE_ENFORCE_STRICT;
	/* While other processes take pages that they were promised, the two steps have two reasons. */
	for (int i = 0; i < 100; i++) {
		assert_null(tide_region_create(&conf, &found));
		assert_int_equal(rte_errno, ENOMEM);
		if (times(found.reason, "free 2 MB huge pages") == 1)
			break;
		usleep(100000);
	}
	if (times(found.reason, "huge pages that are not reserved") == 1)
		skip();
	assert_int_equal(times(found.reason, "free 2 MB huge pages"), 1);
	assert_int_equal(times(found.reason, "2M: the same"), 1);
	assert_int_equal(times(found.reason, "1 GB huge pages"), 1);
	assert_int_equal(times(found.reason, "1G: the same"), 1);
}

struct last {
	unsigned int count;
	uint64_t iova;
	size_t len;
};

static int
keep_last(void *addr, uint64_t iova, size_t len, void *arg)
{
	struct last *last = arg;

	last->count++;
	last->iova = iova;
	last->len = len;
	return 0;
}

struct cover {
	char *next;
	unsigned int count;
	size_t page_size;
};

/* Stretches follow each other, and each IO address is the one EAL has for the byte. */
static int
check_stretch(void *addr, uint64_t iova, size_t len, void *arg)
{
	struct cover *cover = arg;
	size_t off;

	assert_ptr_equal(addr, cover->next);
	assert_true(len > 0);
	for (off = 0; off < len; off += 4096)
		assert_int_equal(rte_mem_virt2iova(RTE_PTR_ADD(addr, off)), iova + off);
	cover->next = RTE_PTR_ADD(addr, len);
	cover->count++;
	return 0;
}

static void
stretches_cover_the_region_with_its_io_addresses(enum tide_backing backing)
{
	struct tide_region_conf conf = conf_of(backing, TIDE_PAGE_2M, 9 * MB);
	struct tide_region *region = tide_region_create(&conf, NULL);
	struct cover cover = {0};

	assert_non_null(region);
	cover.next = tide_region_addr(region);
	assert_int_equal(tide_region_iova_walk(region, check_stretch, &cover), 0);
	assert_ptr_equal(
		cover.next, RTE_PTR_ADD(tide_region_addr(region), tide_region_len(region)));
	if (rte_eal_iova_mode() == RTE_IOVA_VA)
		assert_int_equal(cover.count, 1);
	else
		assert_uint_in_range(cover.count, 1, tide_region_placement(region)->pages);
	tide_region_free(region);
}

static void
stretches_of_eal_memory_cover_it_with_its_io_addresses(void **state)
{
	stretches_cover_the_region_with_its_io_addresses(TIDE_BACKING_EAL);
}

static void
stretches_of_own_memory_cover_it_with_its_io_addresses(void **state)
{
	stretches_cover_the_region_with_its_io_addresses(TIDE_BACKING_OWN);
}

/* The kernel may move base pages: no physical address of theirs is told. */
static void
base_pages_have_no_physical_io_address(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_OWN, TIDE_PAGE_4K, MB);
	struct tide_region *region = tide_region_create(&conf, NULL);
	struct last last = {0};

	assert_non_null(region);
	assert_int_equal(tide_region_iova_walk(region, keep_last, &last), 0);
	assert_int_equal(last.count, 1);
	assert_int_equal(last.len, MB);
	if (rte_eal_iova_mode() == RTE_IOVA_PA)
		assert_int_equal(last.iova, RTE_BAD_IOVA);
	else
		assert_int_equal(last.iova, (uintptr_t)tide_region_addr(region));
	tide_region_free(region);
}

static void
own_memory_is_registered_once_and_unregistered_on_free(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_OWN, TIDE_PAGE_2M, 4 * MB);
	struct tide_region *region = tide_region_create(&conf, NULL);
	void *addr;

	assert_non_null(region);
	addr = tide_region_addr(region);
	assert_null(rte_mem_virt2memseg_list(addr));
	assert_int_equal(tide_region_dma_map(region, NULL), 0);
	assert_non_null(rte_mem_virt2memseg_list(addr));
	assert_int_equal(tide_region_dma_map(region, NULL), 0);
	assert_int_equal(tide_region_dma_map(region, null_device()), 0);
	assert_int_equal(tide_region_dma_map(region, null_device()), 0);
	assert_uint_in_range(region->nb_dma_devs, 0, 1);
	assert_int_equal(tidei_region_check(region), 0);
	tide_region_free(region);
	assert_null(rte_mem_virt2memseg_list(addr));
}

static void
eal_memory_needs_no_mapping(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_EAL, TIDE_PAGE_AUTO, 4096);
	struct tide_region *region = tide_region_create(&conf, NULL);

	assert_non_null(region);
	assert_int_equal(tide_region_dma_map(region, null_device()), 0);
	assert_int_equal(tide_region_dma_map(region, NULL), 0);
	assert_false(region->registered);
	tide_region_free(region);
}

static void
base_pages_are_fit_for_virtual_devices(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_AUTO, TIDE_PAGE_4K, MB);
	struct tide_region *region = tide_region_create(&conf, NULL);

	assert_non_null(region);
	assert_int_equal(tide_region_placement(region)->backing, TIDE_BACKING_OWN);
	assert_int_equal(tide_region_dma_map(region, null_device()), 0);
	tide_region_free(region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(auto_backing_takes_eal_memory_and_gives_it_back),
		cmocka_unit_test(strict_2m_from_eal_is_2m),
		cmocka_unit_test(strict_1g_from_eal_without_1g_pages_is_enomem),
		cmocka_unit_test(best_effort_1g_from_eal_falls_to_2m),
		cmocka_unit_test(small_pages_from_eal_on_huge_pages_are_einval),
		cmocka_unit_test(more_than_eal_can_get_is_enomem_with_nothing_left),
		cmocka_unit_test(eal_is_not_asked_for_memory_of_a_forbidden_node),
		cmocka_unit_test(eal_with_few_huge_pages_on_the_node_names_need_and_command),
		cmocka_unit_test(eal_that_a_cgroup_keeps_pages_from_names_the_limit),
		cmocka_unit_test(a_second_region_of_the_same_name_is_eexist),
		cmocka_unit_test(regions_without_a_name_do_not_collide),
		cmocka_unit_test(a_shortage_of_huge_pages_is_told_once_in_the_reason),
		cmocka_unit_test(the_last_memzone_is_enospc_and_all_are_freed),
		cmocka_unit_test(stretches_of_eal_memory_cover_it_with_its_io_addresses),
		cmocka_unit_test(stretches_of_own_memory_cover_it_with_its_io_addresses),
		cmocka_unit_test(base_pages_have_no_physical_io_address),
		cmocka_unit_test(own_memory_is_registered_once_and_unregistered_on_free),
		cmocka_unit_test(eal_memory_needs_no_mapping),
		cmocka_unit_test(base_pages_are_fit_for_virtual_devices),
	};

	if (!test_eal_start(true, 32, "0")) {
		fprintf(stderr, "needs EAL on huge pages: too few 2 MB pages are free\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
