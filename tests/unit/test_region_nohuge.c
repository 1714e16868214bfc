/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Regions while EAL runs without huge pages. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>
#include <rte_memzone.h>

#include "eal.h"
#include "region_internal.h"
#include "tide_region.h"

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
auto_backing_is_own_memory(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_AUTO, TIDE_PAGE_AUTO, 3 * MB);
	struct tide_placement found;
	struct tide_region *region = tide_region_create(&conf, &found);

	assert_non_null(region);
	assert_int_equal(found.backing, TIDE_BACKING_OWN);
	assert_int_equal(found.local, found.pages);
	tide_region_free(region);
}

static void
eal_memory_is_populated_bound_and_measured(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_EAL, TIDE_PAGE_AUTO, 3 * MB + 5);
	struct tide_placement found;
	struct tide_region *region = tide_region_create(&conf, &found);

	assert_non_null(region);
	assert_int_equal(found.backing, TIDE_BACKING_EAL);
	assert_int_equal(found.page, TIDE_PAGE_4K);
	assert_int_equal(found.page_size, tidei_page_base());
	assert_int_equal(found.pages, 3 * MB / tidei_page_base() + 1);
	assert_int_equal(found.local, found.pages);
	assert_int_equal(found.found[0].node, 0);
	assert_int_equal((uintptr_t)tide_region_addr(region) % tidei_page_base(), 0);
	assert_true(region->bound_eal);
	assert_int_equal(tidei_region_check(region), 0);
	memset(tide_region_addr(region), 1, tide_region_len(region));
	tide_region_free(region);
	assert_null(rte_memzone_lookup("test"));
}

static void
base_pages_from_eal_are_what_it_has(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_EAL, TIDE_PAGE_4K, MB);
	struct tide_placement found;
	struct tide_region *region = tide_region_create(&conf, &found);

	assert_non_null(region);
	assert_int_equal(found.page, TIDE_PAGE_4K);
	tide_region_free(region);
}

static void
huge_pages_from_eal_without_huge_pages_are_enomem_or_fall(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_EAL, TIDE_PAGE_2M, MB);
	struct tide_placement found;
	struct tide_region *region;

	assert_null(tide_region_create(&conf, &found));
	assert_int_equal(rte_errno, ENOMEM);
	assert_non_null(strstr(found.reason, "EAL runs without huge pages"));
	conf.enforce = TIDE_ENFORCE_BEST_EFFORT;
	region = tide_region_create(&conf, &found);
	assert_non_null(region);
	assert_int_equal(found.page, TIDE_PAGE_4K);
	assert_non_null(strstr(found.reason, "EAL runs without huge pages"));
	tide_region_free(region);
}

static void
more_than_eal_has_is_enomem(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_EAL, TIDE_PAGE_AUTO, 1024 * MB);

	assert_null(tide_region_create(&conf, NULL));
	assert_int_equal(rte_errno, ENOMEM);
	assert_null(rte_memzone_lookup("test"));
}

static void
own_huge_pages_work_beside_eal_without(void **state)
{
	struct tide_region_conf conf = conf_of(TIDE_BACKING_AUTO, TIDE_PAGE_2M, 4 * MB);
	struct tide_placement found;
	struct tide_region *region;

	if (test_free_2m_pages() < 10)
		skip();
	region = tide_region_create(&conf, &found);
	assert_non_null(region);
	assert_int_equal(found.backing, TIDE_BACKING_OWN);
	assert_int_equal(found.page, TIDE_PAGE_2M);
	assert_int_equal(tide_region_dma_map(region, NULL), 0);
	assert_non_null(rte_mem_virt2memseg_list(tide_region_addr(region)));
	tide_region_free(region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(auto_backing_is_own_memory),
		cmocka_unit_test(eal_memory_is_populated_bound_and_measured),
		cmocka_unit_test(base_pages_from_eal_are_what_it_has),
		cmocka_unit_test(huge_pages_from_eal_without_huge_pages_are_enomem_or_fall),
		cmocka_unit_test(more_than_eal_has_is_enomem),
		cmocka_unit_test(own_huge_pages_work_beside_eal_without),
	};

	test_eal_start(false, 64, "0");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
