/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Regions of own memory, without EAL. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_errno.h>
#include <rte_memory.h>

#include "eal.h"
#include "log.h"
#include "region_internal.h"
#include "tide_region.h"

#define MB      ((size_t)1 << 20)
#define PAGE_2M (2 * MB)

/* What a region could leave behind. */
struct trace {
	unsigned int maps;
	unsigned int fds;
	unsigned long hugetlb_kb;
};

static void
take_trace(struct trace *trace)
{
	char line[512];
	struct dirent *entry;
	FILE *f;
	DIR *d;

	memset(trace, 0, sizeof(*trace));
	f = fopen("/proc/self/maps", "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		trace->maps++;
	fclose(f);
	f = fopen("/proc/self/status", "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		sscanf(line, "HugetlbPages: %lu", &trace->hugetlb_kb);
	fclose(f);
	d = opendir("/proc/self/fd");
	assert_non_null(d);
	while ((entry = readdir(d)) != NULL)
		trace->fds++;
	closedir(d);
}

static void
assert_same_trace(const struct trace *a, const struct trace *b)
{
	assert_int_equal(a->maps, b->maps);
	assert_int_equal(a->fds, b->fds);
	assert_int_equal(a->hugetlb_kb, b->hugetlb_kb);
}

static struct tide_region_conf
conf_of(enum tide_page page, size_t len)
{
	return (struct tide_region_conf){
		.name = "test",
		.len = len,
		.page = page,
		.backing = TIDE_BACKING_OWN,
	};
}

/* Node 0 is there on every machine these tests have seen; huge pages may not be. */
static void
need_2m(unsigned long pages)
{
	if (test_free_2m_pages() >= pages + 8)
		return;
	print_message("not enough free 2 MB huge pages: %lu, %lu needed\n", test_free_2m_pages(),
		pages + 8);
	skip();
}

static void
write_all(struct tide_region *region)
{
	memset(tide_region_addr(region), 0xa5, tide_region_len(region));
}

static void
assert_all_local(const struct tide_placement *found, int node)
{
	assert_int_equal(found->local, found->pages);
	assert_int_equal(found->nb_found, 1);
	assert_int_equal(found->found[0].node, node);
	assert_int_equal(found->found[0].pages, found->pages);
	assert_string_equal(found->reason, "");
}

static void
strict_2m_puts_every_page_on_the_node(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_2M, 15 * MB + 1);
	struct tide_placement found;
	struct tide_region *region;

	need_2m(8);
	region = tide_region_create(&conf, &found);
	assert_non_null(region);
	assert_int_equal(tide_region_len(region), 16 * MB);
	assert_int_equal((uintptr_t)tide_region_addr(region) % PAGE_2M, 0);
	assert_int_equal(found.page, TIDE_PAGE_2M);
	assert_int_equal(found.backing, TIDE_BACKING_OWN);
	assert_int_equal(found.page_size, PAGE_2M);
	assert_int_equal(found.pages, 8);
	assert_all_local(&found, 0);
	assert_memory_equal(&found, tide_region_placement(region), sizeof(found));
	assert_int_equal(tidei_region_check(region), 0);
	write_all(region);
	tide_region_free(region);
}

static void
strict_4k_uses_base_pages_only(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 5 * MB + 1);
	struct tide_placement found;
	struct tide_region *region = tide_region_create(&conf, &found);
	uint64_t thp;

	assert_non_null(region);
	assert_int_equal(found.page_size, tidei_page_base());
	assert_int_equal(found.pages * found.page_size, tide_region_len(region));
	assert_int_equal(tide_region_len(region), 5 * MB + tidei_page_base());
	assert_all_local(&found, 0);
	assert_int_equal(tidei_thp_bytes(tide_region_addr(region), 5 * MB, &thp), 0);
	assert_int_equal(thp, 0);
	write_all(region);
	tide_region_free(region);
}

static void
thp_reports_the_bytes_that_are_huge(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_THP, 7 * MB);
	struct tide_placement found;
	struct tide_region *region = tide_region_create(&conf, &found);

	if (region == NULL) {
		print_message("no transparent huge pages: %s\n", found.reason);
		skip();
	}
	assert_int_equal(found.page, TIDE_PAGE_THP);
	assert_int_equal(tide_region_len(region), 8 * MB);
	assert_int_equal(found.page_size, tidei_page_base());
	assert_int_equal(found.thp_bytes, 8 * MB);
	assert_all_local(&found, 0);
	write_all(region);
	tide_region_free(region);
}

static void
thp_of_a_neighbour_is_not_counted(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_THP, 4 * MB);
	struct tide_region *regions[4];
	unsigned int i;

	for (i = 0; i < RTE_DIM(regions); i++) {
		regions[i] = tide_region_create(&conf, NULL);
		if (regions[i] == NULL)
			break;
		assert_int_equal(tide_region_placement(regions[i])->thp_bytes, 4 * MB);
	}
	if (i == 0)
		skip();
	while (i-- > 0)
		tide_region_free(regions[i]);
}

static void
any_node_counts_every_page_as_local(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, MB);
	struct tide_placement found;
	struct tide_region *region;

	conf.node = TIDE_NODE_UNKNOWN;
	region = tide_region_create(&conf, &found);
	assert_non_null(region);
	assert_int_equal(found.requested, TIDE_NODE_UNKNOWN);
	assert_int_equal(found.local, found.pages);
	tide_region_free(region);
}

static void
auto_does_not_round_a_small_region_to_a_huge_page(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_AUTO, 64 * 1024);
	struct tide_placement found;
	struct tide_region *region = tide_region_create(&conf, &found);

	assert_non_null(region);
	assert_int_equal(found.page, TIDE_PAGE_4K);
	assert_int_equal(tide_region_len(region), 64 * 1024);
	tide_region_free(region);
}

static void
huge_takes_an_explicit_huge_page_however_small_the_region(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_HUGE, 64 * 1024);
	struct tide_placement found;
	struct tide_region *region;

	need_2m(1);
	region = tide_region_create(&conf, &found);
	assert_non_null(region);
	assert_int_equal(found.page, TIDE_PAGE_2M);
	assert_int_equal(found.pages, 1);
	assert_all_local(&found, 0);
	tide_region_free(region);
}

static void
auto_takes_the_largest_page_there_is(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_AUTO, 7 * MB);
	struct tide_placement found;
	struct tide_region *region;

	need_2m(4);
	region = tide_region_create(&conf, &found);
	assert_non_null(region);
	assert_int_equal(found.page, TIDE_PAGE_2M);
	assert_int_equal(found.pages, 4);
	tide_region_free(region);
}

static void
auto_tells_each_step_it_fell(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_AUTO, (size_t)520 << 20);
	struct tidei_huge_now huge;
	struct tide_placement found;
	struct tide_region *region;

	if (tidei_huge_now(0, (size_t)1 << 30, &huge) == 0 && huge.free > 0)
		skip();
	/* 520 MB round to 1 GB without much waste, and there is no such page. */
	need_2m(260);
	region = tide_region_create(&conf, &found);
	assert_non_null(region);
	assert_int_equal(found.page, TIDE_PAGE_2M);
	assert_non_null(strstr(found.reason, "1G: node 0 has"));
	assert_non_null(strstr(found.reason, "1 needed"));
	tide_region_free(region);
}

static void
short_huge_pages_are_an_errno_with_the_cure(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_2M, 0);
	struct tide_placement found;
	struct trace before, after;
	struct tidei_huge_now huge;

	if (tidei_huge_now(0, PAGE_2M, &huge) < 0)
		skip();
	conf.len = (huge.total + 1) * PAGE_2M;
	assert_null(tide_region_create(&conf, NULL));
	take_trace(&before);
	assert_null(tide_region_create(&conf, &found));
	assert_int_equal(rte_errno, ENOMEM);
	take_trace(&after);
	assert_same_trace(&before, &after);
	assert_int_equal(found.requested, 0);
	assert_non_null(strstr(found.reason, "node 0 has"));
	assert_non_null(strstr(found.reason, "free 2 MB huge pages"));
}

static void
best_effort_falls_to_smaller_pages(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_1G, 3 * MB);
	struct tidei_huge_now huge;
	struct tide_placement found;
	struct tide_region *region;

	if (tidei_huge_now(0, (size_t)1 << 30, &huge) == 0 && huge.free > 0)
		skip();
	conf.enforce = TIDE_ENFORCE_BEST_EFFORT;
	region = tide_region_create(&conf, &found);
	assert_non_null(region);
	assert_true(found.page > TIDE_PAGE_1G);
	assert_non_null(strstr(found.reason, "1G: "));
	assert_int_equal(found.local, found.pages);
	write_all(region);
	tide_region_free(region);
}

static void
more_than_the_machine_has_is_refused_before_the_oom_killer(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 0);
	struct tide_placement found;
	struct trace before, after;
	uint64_t have;

	assert_int_equal(tidei_memory_now(0, &have), 0);
	conf.len = have + have / 4;
	take_trace(&before);
	assert_null(tide_region_create(&conf, &found));
	assert_int_equal(rte_errno, ENOMEM);
	take_trace(&after);
	assert_same_trace(&before, &after);
}

static void
bad_requests_are_einval(void **state)
{
	struct tide_region_conf good = conf_of(TIDE_PAGE_4K, 4096), conf;
	static const size_t lens[] = {0, SIZE_MAX, SIZE_MAX - 4094};
	struct tide_placement found;
	unsigned int i;

	for (i = 0; i < RTE_DIM(lens); i++) {
		conf = good;
		conf.len = lens[i];
		rte_errno = 0;
		assert_null(tide_region_create(&conf, &found));
		assert_int_equal(rte_errno, EINVAL);
	}
	conf = good;
	conf.page = (enum tide_page)99;
	assert_null(tide_region_create(&conf, NULL));
	assert_int_equal(rte_errno, EINVAL);
	conf = good;
	conf.backing = (enum tide_backing)99;
	assert_null(tide_region_create(&conf, NULL));
	assert_int_equal(rte_errno, EINVAL);
	conf = good;
	conf.enforce = (enum tide_enforce)99;
	assert_null(tide_region_create(&conf, NULL));
	assert_int_equal(rte_errno, EINVAL);
	conf = good;
	conf.name = "a name of thirty-two characters.";
	assert_null(tide_region_create(&conf, NULL));
	assert_int_equal(rte_errno, EINVAL);
	conf.name = "a name of thirty-one characters";
	tide_region_free(tide_region_create(&conf, NULL));
}

static void
a_length_that_only_overflows_when_rounded_is_refused(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_1G, SIZE_MAX - (size_t)8192);

	assert_null(tide_region_create(&conf, NULL));
	assert_int_equal(rte_errno, EINVAL);
}

static void
a_node_that_does_not_exist_is_einval(void **state)
{
	static const int nodes[] = {1, 1023, 1024, -2, INT32_MAX, INT32_MIN};
	struct tide_topology *topo = tide_topology_parse("node 0 cpus 0 memory 1G");
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 4096);
	unsigned int i;

	assert_non_null(topo);
	conf.topo = topo;
	conf.enforce = TIDE_ENFORCE_BEST_EFFORT;
	for (i = 0; i < RTE_DIM(nodes); i++) {
		conf.node = nodes[i];
		rte_errno = 0;
		assert_null(tide_region_create(&conf, NULL));
		assert_int_equal(rte_errno, EINVAL);
	}
	tide_topology_free(topo);
}

static void
eal_memory_without_eal_is_enotsup(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_AUTO, 4096);

	conf.backing = TIDE_BACKING_EAL;
	assert_null(tide_region_create(&conf, NULL));
	assert_int_equal(rte_errno, ENOTSUP);
}

static void
mapping_for_a_device_without_eal_is_enotsup(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 4096);
	struct tide_region *region = tide_region_create(&conf, NULL);

	assert_non_null(region);
	assert_int_equal(tide_region_dma_map(region, NULL), -ENOTSUP);
	tide_region_free(region);
}

/* Machines whose node 1 this process may not use, and the cure of each. */
static const struct {
	const char *text, *cure;
} forbidden[] = {
	{"node 0 cpus 0 memory 1G\nnode 1 cpus 1 memory 1G\nallowed nodes 0\n",
		"node 1 cannot give memory to this process: it is not in Mems_allowed"},
	{"node 0 cpus 0 memory 1G\nnode 1 cpus 1 memory 1G\nallowed membind 0\n",
		"node 1 cannot give memory to this process: the memory policy leaves it out: name "
		"it in numactl --membind"},
};

static void
strict_on_a_forbidden_node_is_eperm_and_best_effort_goes_to_the_nearest(void **state)
{
	for (unsigned int i = 0; i < RTE_DIM(forbidden); i++) {
		struct tide_topology *topo = tide_topology_parse(forbidden[i].text);
		struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 64 * 1024);
		struct tide_placement found;
		struct tide_region *region;

		assert_non_null(topo);
		conf.topo = topo;
		conf.node = 1;
		test_log_catch();
		assert_null(tide_region_create(&conf, NULL));
		assert_int_equal(rte_errno, EPERM);
		assert_non_null(strstr(test_log_caught(), forbidden[i].cure));
		conf.enforce = TIDE_ENFORCE_BEST_EFFORT;
		region = tide_region_create(&conf, &found);
		assert_non_null(region);
		assert_int_equal(found.requested, 1);
		assert_int_equal(found.local, 0);
		assert_int_equal(found.found[0].node, 0);
		assert_int_equal(found.found[0].pages, found.pages);
		assert_ptr_equal(strstr(found.reason,
					 "asked of node 0, the nearest by distance (20) with room; "
					 "node 1: "),
			found.reason);
		assert_non_null(strstr(found.reason, strstr(forbidden[i].cure, "process: ") + 9));
		assert_non_null(strstr(found.reason, "0 of 16 pages on node 1"));
		tide_region_free(region);
		tide_topology_free(topo);
	}
}

/* Two pairs of sockets, as the firmware of real machines states them. */
static void
best_effort_goes_to_the_nearest_node_not_the_next(void **state)
{
	static const struct {
		int requested;
		const char *allowed, *said;
	} cases[] = {
		{3, "allowed nodes 0-2\n", "asked of node 2, the nearest by distance (16)"},
		{2, "allowed nodes 0-1\n", "asked of node 0, the nearest by distance (21)"},
		{1, "allowed membind 2-3\n", "asked of node 3, the nearest by distance (21)"},
	};

	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 64 * 1024);
		struct tide_placement found;
		struct tide_region *region;
		struct tide_topology *topo;
		char text[512];

		snprintf(text, sizeof(text), "%s%s",
			"node 0 cpus 0 memory 1G distance 1:16,2:21,3:28\n"
			"node 1 cpus 1 memory 1G distance 0:16,2:28,3:21\n"
			"node 2 cpus 2 memory 1G distance 0:21,1:28,3:16\n"
			"node 3 cpus 3 memory 1G distance 0:28,1:21,2:16\n",
			cases[i].allowed);
		topo = tide_topology_parse(text);
		assert_non_null(topo);
		conf.topo = topo;
		conf.node = cases[i].requested;
		conf.enforce = TIDE_ENFORCE_BEST_EFFORT;
		region = tide_region_create(&conf, &found);
		assert_non_null(region);
		if (strstr(found.reason, cases[i].said) != found.reason)
			fail_msg("'%s' does not begin with '%s'", found.reason, cases[i].said);
		tide_region_free(region);
		tide_topology_free(topo);
	}
}

static void
strict_on_a_node_without_memory_is_enomem(void **state)
{
	struct tide_topology *topo = tide_topology_parse("node 0 cpus 0 memory 1G\n"
							 "node 1 cpus 1\n");
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 4096);

	assert_non_null(topo);
	conf.topo = topo;
	conf.node = 1;
	assert_null(tide_region_create(&conf, NULL));
	assert_int_equal(rte_errno, ENOMEM);
	tide_topology_free(topo);
}

/* The topology claims a node the kernel does not have: nothing may be inferred from it. */
static void
a_node_only_the_topology_knows_is_an_error_of_the_kernel(void **state)
{
	struct tide_topology *topo = tide_topology_parse("node 0 cpus 0 memory 1G\n"
							 "node 5 cpus 1 memory 1G\n");
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 4096);
	struct trace before, after;

	assert_non_null(topo);
	conf.topo = topo;
	conf.node = 5;
	take_trace(&before);
	test_log_catch();
	assert_null(tide_region_create(&conf, NULL));
	assert_int_equal(rte_errno, EPERM);
	assert_non_null(
		strstr(test_log_caught(), "node 5 is offline or no longer in Mems_allowed"));
	take_trace(&after);
	assert_same_trace(&before, &after);
	tide_topology_free(topo);
}

static size_t
address_space(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	size_t pages = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%zu", &pages), 1);
	fclose(f);
	return pages * tidei_page_base();
}

static void
a_limit_on_address_space_is_enomem(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 256 * MB);
	struct rlimit limit;
	int status;
	pid_t pid;

	/* Room enough for all but the region. */
	limit.rlim_cur = limit.rlim_max = address_space() + 64 * MB;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		setrlimit(RLIMIT_AS, &limit);
		if (tide_region_create(&conf, NULL) != NULL)
			_exit(1);
		_exit(rte_errno == ENOMEM ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
a_child_does_not_inherit_own_memory(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, MB);
	struct tide_region *region = tide_region_create(&conf, NULL);
	unsigned char vec;
	int status;
	pid_t pid;

	assert_non_null(region);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(mincore(tide_region_addr(region), 4096, &vec) < 0 && errno == ENOMEM ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	tide_region_free(region);
}

/* More pages than exist behind a mapping without a reservation: a touch would be a SIGBUS. */
static void
populating_beyond_the_huge_pages_is_efault_not_a_signal(enum tidei_prefault_by by)
{
	struct tidei_step source = {.topo = NULL, .node = 0, .threads = 2};
	struct tide_topology *topo = tide_topology_parse("node 0 cpus 0-1 memory 1G");
	size_t len = (size_t)1 << 30;
	struct tidei_huge_now huge;
	void *addr;
	int ret;

	assert_non_null(topo);
	source.topo = topo;
	/* 1 GB pages, because there are none: taking the last 2 MB page would starve the others. */
	if (tidei_huge_now(0, len, &huge) < 0 || huge.free != 0)
		skip();
	addr = mmap(NULL, len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE | (30 << 26), -1, 0);
	if (addr == MAP_FAILED)
		skip();
	ret = tidei_prefault(addr, len, len, &source, by);
	munmap(addr, len);
	tide_topology_free(topo);
	assert_int_equal(ret, -EFAULT);
}

static void
populating_by_madvise_beyond_the_huge_pages_is_efault(void **state)
{
	populating_beyond_the_huge_pages_is_efault_not_a_signal(TIDEI_PREFAULT_BY_MADVISE);
}

static void
populating_by_read_beyond_the_huge_pages_is_efault(void **state)
{
	populating_beyond_the_huge_pages_is_efault_not_a_signal(TIDEI_PREFAULT_BY_READ);
}

static void
populating_by_read_makes_every_page_present(void **state)
{
	struct tide_topology *topo = tide_topology_parse("node 0 cpus 0-1 memory 1G");
	struct tidei_step source = {.topo = topo, .node = 0, .threads = 3};
	size_t len = 40 * MB, base = tidei_page_base(), i;
	unsigned char *vec = calloc(len / base, 1);
	char *addr = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_non_null(vec);
	assert_ptr_not_equal(addr, MAP_FAILED);
	assert_int_equal(tidei_prefault(addr, len, base, &source, TIDEI_PREFAULT_BY_READ), 0);
	assert_int_equal(mincore(addr, len, vec), 0);
	for (i = 0; i < len / base; i++)
		assert_int_equal(vec[i] & 1, 1);
	munmap(addr, len);
	free(vec);
	tide_topology_free(topo);
}

static void
any_number_of_threads_populates_the_same_region(void **state)
{
	static const unsigned int threads[] = {1, 2, 3, 64, 1000};
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 50 * MB);
	struct tide_placement found;
	struct tide_region *region;
	unsigned int i;

	for (i = 0; i < RTE_DIM(threads); i++) {
		conf.prefault_threads = threads[i];
		region = tide_region_create(&conf, &found);
		assert_non_null(region);
		assert_int_equal(found.pages, 50 * MB / tidei_page_base());
		assert_int_equal(found.local, found.pages);
		tide_region_free(region);
	}
}

static void
creating_and_freeing_leaves_nothing(void **state)
{
	static const enum tide_page pages[] = {
		TIDE_PAGE_AUTO, TIDE_PAGE_2M, TIDE_PAGE_THP, TIDE_PAGE_4K};
	struct tide_region_conf conf;
	struct trace before, after;
	unsigned int i, round;

	for (round = 0; round < 3; round++) {
		/* The first round is for the library's own lazy allocations. */
		if (round < 2)
			take_trace(&before);
		for (i = 0; i < RTE_DIM(pages); i++) {
			conf = conf_of(pages[i], 20 * MB);
			conf.prefault_threads = 1;
			tide_region_free(tide_region_create(&conf, NULL));
		}
	}
	take_trace(&after);
	assert_same_trace(&before, &after);
	tide_region_free(NULL);
}

static void
measuring_again_sees_a_page_that_left(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 64 * 1024);
	struct tide_region *region = tide_region_create(&conf, NULL);
	struct tide_placement now;

	assert_non_null(region);
	assert_int_equal(tide_region_measure(region, &now), 0);
	assert_int_equal(now.local, 16);
	assert_int_equal(madvise(tide_region_addr(region), 4096, MADV_DONTNEED), 0);
	assert_int_equal(tide_region_measure(region, &now), 0);
	assert_int_equal(now.local, 15);
	assert_int_equal(now.nb_found, 2);
	assert_int_equal(now.found[0].node, 0);
	assert_int_equal(now.found[1].node, -ENOENT);
	assert_int_equal(now.found[1].pages, 1);
	tide_region_free(region);
}

/* Leaves a page without memory, like swapping or a free of the page. */
static void
drop_page(struct tide_region *region, size_t page)
{
	char *addr = tide_region_addr(region);

	assert_int_equal(
		madvise(addr + page * tidei_page_base(), tidei_page_base(), MADV_DONTNEED), 0);
}

/* Sizes around what the kernel is asked for in one call. */
static void
a_scan_in_steps_finds_the_same_as_one_query(void **state)
{
	static const uint64_t sizes[] = {1, 2, 255, 256, 257, 512, 599, 600, 601, UINT64_MAX};
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 600 * tidei_page_base());
	struct tide_region *region = tide_region_create(&conf, NULL);
	struct tide_placement whole, now;
	struct tide_scan *scan;
	unsigned int i, again;
	uint64_t left;

	assert_non_null(region);
	drop_page(region, 0);
	drop_page(region, 2);
	drop_page(region, 256);
	drop_page(region, 599);
	assert_int_equal(tide_region_measure(region, &whole), 0);
	assert_int_equal(whole.local, 596);
	scan = tide_region_scan(region);
	assert_non_null(scan);
	for (i = 0; i < RTE_DIM(sizes); i++) {
		/* A scan that has ended begins again. */
		for (again = 0; again < 2; again++) {
			memset(&now, 0x5a, sizeof(now));
			for (left = 600; left > sizes[i]; left -= sizes[i])
				assert_int_equal(tide_scan_step(scan, sizes[i], &now), 0);
			assert_int_equal(now.pages, 0x5a5a5a5a5a5a5a5a);
			assert_int_equal(tide_scan_step(scan, sizes[i], &now), 1);
			assert_memory_equal(&now, &whole, sizeof(now));
		}
	}
	assert_int_equal(tide_scan_step(scan, 7, &now), 0);
	tide_scan_free(scan);
	tide_scan_free(NULL);
	tide_region_free(region);
}

static void
a_region_that_lost_every_page_is_a_finding_not_an_error(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 300 * tidei_page_base());
	struct tide_region *region = tide_region_create(&conf, NULL);
	struct tide_placement_change change;
	struct tide_placement now;
	size_t i;

	assert_non_null(region);
	for (i = 0; i < 300; i++)
		drop_page(region, i);
	assert_int_equal(tide_region_measure(region, &now), 0);
	assert_int_equal(now.pages, 300);
	assert_int_equal(now.local, 0);
	assert_int_equal(now.nb_found, 1);
	assert_int_equal(now.found[0].node, -ENOENT);
	assert_int_equal(tide_placement_compare(tide_region_placement(region), &now, &change), 1);
	assert_int_equal(change.moved, 300);
	assert_int_equal(change.nb_moves, 1);
	assert_int_equal(change.moves[0].from, 0);
	assert_int_equal(change.moves[0].to, -ENOENT);
	/* A touch brings them back to their node: the policy is still there. */
	write_all(region);
	assert_int_equal(tide_region_measure(region, &now), 0);
	assert_int_equal(tide_placement_compare(tide_region_placement(region), &now, &change), 0);
	tide_region_free(region);
}

static void
a_page_that_is_not_mapped_is_listed_with_its_errno(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 16 * tidei_page_base());
	struct tide_region *region = tide_region_create(&conf, NULL);
	struct tide_placement now;

	assert_non_null(region);
	assert_int_equal(munmap(tide_region_addr(region), tidei_page_base()), 0);
	assert_int_equal(tide_region_measure(region, &now), 0);
	assert_int_equal(now.local, 15);
	assert_int_equal(now.found[1].node, -EFAULT);
	assert_int_equal(now.found[1].pages, 1);
	tide_region_free(region);
}

static void
a_huge_page_that_was_split_is_a_change(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_THP, 4 * MB);
	struct tide_region *region = tide_region_create(&conf, NULL);
	struct tide_placement_change change;
	struct tide_placement now;

	if (region == NULL) {
		print_message("no transparent huge pages\n");
		skip();
	}
	drop_page(region, 3);
	write_all(region);
	assert_int_equal(tide_region_measure(region, &now), 0);
	assert_int_equal(tide_placement_compare(tide_region_placement(region), &now, &change), 1);
	assert_int_equal(change.moved, 0);
	assert_int_equal(change.nb_moves, 0);
	assert_int_equal(change.thp_lost, PAGE_2M);
	tide_region_free(region);
}

static void
assert_moves(struct tide_placement_change *change, uint64_t moved, unsigned int nb,
	const struct tide_pages_moved *moves)
{
	unsigned int i;

	assert_int_equal(change->moved, moved);
	assert_int_equal(change->nb_moves, nb);
	for (i = 0; i < nb; i++) {
		assert_int_equal(change->moves[i].from, moves[i].from);
		assert_int_equal(change->moves[i].to, moves[i].to);
		assert_int_equal(change->moves[i].pages, moves[i].pages);
	}
}

/* The first placement compared changes into the second. */
struct comparison {
	unsigned int nb_made, nb_now, nb_moves;
	struct tide_pages_on_node made[3], now[3];
	struct tide_pages_moved moves[3];
};

static void
moves_are_told_from_counts(void **state)
{
	static const struct comparison cases[] = {
		/* Nothing happened; and two nodes exchanged pages, which counts do not show. */
		{1, 1, 0, {{1, 64}}, {{1, 64}}, {{0, 0, 0}}},
		{2, 2, 0, {{1, 32}, {0, 32}}, {{0, 32}, {1, 32}}, {{0, 0, 0}}},
		/* Some pages left the node; all left; all returned. */
		{1, 2, 1, {{1, 64}}, {{1, 52}, {0, 12}}, {{1, 0, 12}}},
		{1, 1, 1, {{1, 64}}, {{0, 64}}, {{1, 0, 64}}},
		{2, 1, 1, {{1, 52}, {0, 12}}, {{1, 64}}, {{0, 1, 12}}},
		{2, 2, 1, {{0, 40}, {1, 24}}, {{0, 52}, {1, 12}}, {{1, 0, 12}}},
		/* From one to two, from two to one, from two to two with an overlap. */
		{1, 3, 2, {{1, 64}}, {{0, 40}, {2, 20}, {1, 4}}, {{1, 0, 40}, {1, 2, 20}}},
		{2, 1, 2, {{0, 40}, {2, 24}}, {{1, 64}}, {{0, 1, 40}, {2, 1, 24}}},
		{2, 2, 3, {{0, 40}, {1, 24}}, {{2, 50}, {3, 14}},
			{{0, 2, 40}, {1, 2, 10}, {1, 3, 14}}},
		/* Pages without memory are an entry like any other, there and back. */
		{1, 3, 2, {{1, 64}}, {{1, 60}, {0, 3}, {-ENOENT, 1}}, {{1, 0, 3}, {1, -ENOENT, 1}}},
		{2, 1, 1, {{1, 63}, {-ENOENT, 1}}, {{1, 64}}, {{-ENOENT, 1, 1}}},
	};
	struct tide_placement_change change;
	unsigned int i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		const struct comparison *c = &cases[i];
		struct tide_placement made = {.pages = 64, .page_size = PAGE_2M}, now = made;
		uint64_t moved = 0;
		unsigned int k;

		made.nb_found = c->nb_made;
		memcpy(made.found, c->made, sizeof(c->made));
		now.nb_found = c->nb_now;
		memcpy(now.found, c->now, sizeof(c->now));
		for (k = 0; k < c->nb_moves; k++)
			moved += c->moves[k].pages;
		assert_int_equal(tide_placement_compare(&made, &now, &change), c->nb_moves != 0);
		assert_moves(&change, moved, c->nb_moves, c->moves);
		assert_int_equal(change.thp_lost, 0);
	}
}

/* The most moves there can be, and nodes beyond what a placement lists. */
static void
moves_between_as_many_nodes_as_fit_are_all_listed(void **state)
{
	struct tide_placement made = {.pages = 16 * 30, .page_size = PAGE_2M}, now = made;
	struct tide_placement_change change;
	uint64_t moved = 0;
	unsigned int i;

	made.nb_found = now.nb_found = TIDE_PLACEMENT_NODES_MAX;
	for (i = 0; i < TIDE_PLACEMENT_NODES_MAX; i++) {
		made.found[i] = (struct tide_pages_on_node){(int)i, 30};
		now.found[i] = (struct tide_pages_on_node){(int)i + 100, i == 0 ? 15 : 30};
	}
	assert_int_equal(tide_placement_compare(&made, &now, &change), 1);
	assert_int_equal(change.nb_moves, TIDE_PLACEMENT_MOVES_MAX - 1);
	for (i = 0; i < change.nb_moves; i++)
		moved += change.moves[i].pages;
	/* 15 pages are on nodes that are not listed. */
	assert_int_equal(change.moved, 16 * 30 - 15);
	assert_int_equal(moved, change.moved);
}

static void
placements_of_different_regions_are_not_compared(void **state)
{
	struct tide_placement made = {.pages = 64, .page_size = PAGE_2M}, now = made;
	struct tide_placement_change change = {.moved = 7};

	now.pages = 65;
	assert_int_equal(tide_placement_compare(&made, &now, &change), -EINVAL);
	now = made;
	now.page_size = 4096;
	assert_int_equal(tide_placement_compare(&made, &now, &change), -EINVAL);
	assert_int_equal(change.moved, 7);
}

struct stretch {
	unsigned int count;
	size_t bytes;
	uint64_t iova;
};

static int
sum_stretch(void *addr, uint64_t iova, size_t len, void *arg)
{
	struct stretch *sum = arg;

	sum->count++;
	sum->bytes += len;
	sum->iova = iova;
	return 0;
}

static int
stop_at_once(void *addr, uint64_t iova, size_t len, void *arg)
{
	return -EXFULL;
}

static void
stretches_without_eal_have_no_io_address(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 64 * 1024);
	struct tide_region *region = tide_region_create(&conf, NULL);
	struct stretch sum = {0};

	assert_non_null(region);
	assert_int_equal(tide_region_iova_walk(region, sum_stretch, &sum), 0);
	assert_int_equal(sum.count, 1);
	assert_int_equal(sum.bytes, 64 * 1024);
	assert_int_equal(sum.iova, RTE_BAD_IOVA);
	assert_int_equal(tide_region_iova_walk(region, stop_at_once, NULL), -EXFULL);
	tide_region_free(region);
}

static void
page_names_are_read_as_they_are_written(void **state)
{
	enum tide_page page, read;

	for (page = TIDE_PAGE_AUTO; page <= TIDE_PAGE_4K; page++) {
		assert_int_equal(tide_page_parse(tide_page_name(page), &read), 0);
		assert_int_equal(read, page);
	}
	assert_int_equal(tide_page_parse("thp", &read), 0);
	assert_int_equal(read, TIDE_PAGE_THP);
	read = TIDE_PAGE_2M;
	assert_int_equal(tide_page_parse("3M", &read), -EINVAL);
	assert_int_equal(tide_page_parse("", &read), -EINVAL);
	assert_int_equal(tide_page_parse(NULL, &read), -EINVAL);
	assert_int_equal(read, TIDE_PAGE_2M);
	assert_string_equal(tide_page_name((enum tide_page)77), "unknown");
}

static void
a_placement_is_one_line(void **state)
{
	struct tide_placement found = {
		.requested = 1,
		.page = TIDE_PAGE_THP,
		.backing = TIDE_BACKING_OWN,
		.page_size = 4096,
		.pages = 10,
		.local = 7,
		.thp_bytes = 0,
		.nb_found = 3,
		.found = {{1, 7}, {0, 2}, {-ENOENT, 1}},
		.reason = "because",
	};
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	tide_placement_dump(&found, f);
	fclose(f);
	assert_string_equal(text, "node 1: 7 of 10 pages there, 4 kB each (THP, own), "
				  "0 MB on transparent huge pages, node 1: 7, node 0: 2, "
				  "No such file or directory: 1 [because]\n");
	free(text);
}

static void
the_check_sees_each_broken_invariant(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_PAGE_4K, 64 * 1024);
	struct tide_region *region = tide_region_create(&conf, NULL);
	struct tide_region good;

	assert_non_null(region);
	good = *region;
	region->len++;
	assert_int_equal(tidei_region_check(region), -EINVAL);
	*region = good;
	region->found.local = region->found.pages + 1;
	assert_int_equal(tidei_region_check(region), -EINVAL);
	*region = good;
	region->found.found[0].pages++;
	assert_int_equal(tidei_region_check(region), -EINVAL);
	*region = good;
	region->nb_dma_devs = 1;
	assert_int_equal(tidei_region_check(region), -EINVAL);
	*region = good;
	region->found.backing = TIDE_BACKING_EAL;
	assert_int_equal(tidei_region_check(region), -EINVAL);
	*region = good;
	assert_int_equal(tidei_region_check(region), 0);
	tide_region_free(region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strict_2m_puts_every_page_on_the_node),
		cmocka_unit_test(strict_4k_uses_base_pages_only),
		cmocka_unit_test(thp_reports_the_bytes_that_are_huge),
		cmocka_unit_test(thp_of_a_neighbour_is_not_counted),
		cmocka_unit_test(any_node_counts_every_page_as_local),
		cmocka_unit_test(auto_does_not_round_a_small_region_to_a_huge_page),
		cmocka_unit_test(huge_takes_an_explicit_huge_page_however_small_the_region),
		cmocka_unit_test(auto_takes_the_largest_page_there_is),
		cmocka_unit_test(auto_tells_each_step_it_fell),
		cmocka_unit_test(short_huge_pages_are_an_errno_with_the_cure),
		cmocka_unit_test(best_effort_falls_to_smaller_pages),
		cmocka_unit_test(more_than_the_machine_has_is_refused_before_the_oom_killer),
		cmocka_unit_test(bad_requests_are_einval),
		cmocka_unit_test(a_length_that_only_overflows_when_rounded_is_refused),
		cmocka_unit_test(a_node_that_does_not_exist_is_einval),
		cmocka_unit_test(eal_memory_without_eal_is_enotsup),
		cmocka_unit_test(mapping_for_a_device_without_eal_is_enotsup),
		cmocka_unit_test(
			strict_on_a_forbidden_node_is_eperm_and_best_effort_goes_to_the_nearest),
		cmocka_unit_test(best_effort_goes_to_the_nearest_node_not_the_next),
		cmocka_unit_test(strict_on_a_node_without_memory_is_enomem),
		cmocka_unit_test(a_node_only_the_topology_knows_is_an_error_of_the_kernel),
		cmocka_unit_test(a_limit_on_address_space_is_enomem),
		cmocka_unit_test(a_child_does_not_inherit_own_memory),
		cmocka_unit_test(populating_by_madvise_beyond_the_huge_pages_is_efault),
		cmocka_unit_test(populating_by_read_beyond_the_huge_pages_is_efault),
		cmocka_unit_test(populating_by_read_makes_every_page_present),
		cmocka_unit_test(any_number_of_threads_populates_the_same_region),
		cmocka_unit_test(creating_and_freeing_leaves_nothing),
		cmocka_unit_test(measuring_again_sees_a_page_that_left),
		cmocka_unit_test(a_scan_in_steps_finds_the_same_as_one_query),
		cmocka_unit_test(a_region_that_lost_every_page_is_a_finding_not_an_error),
		cmocka_unit_test(a_page_that_is_not_mapped_is_listed_with_its_errno),
		cmocka_unit_test(a_huge_page_that_was_split_is_a_change),
		cmocka_unit_test(moves_are_told_from_counts),
		cmocka_unit_test(moves_between_as_many_nodes_as_fit_are_all_listed),
		cmocka_unit_test(placements_of_different_regions_are_not_compared),
		cmocka_unit_test(stretches_without_eal_have_no_io_address),
		cmocka_unit_test(page_names_are_read_as_they_are_written),
		cmocka_unit_test(a_placement_is_one_line),
		cmocka_unit_test(the_check_sees_each_broken_invariant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
