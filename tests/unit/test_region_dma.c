/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Own memory and devices, on EAL with huge pages. The two calls of DPDK that reach an IOMMU are
 * wrapped by the linker (--wrap): this machine need not have one, and failures are chosen.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_memory.h>

#include "eal.h"
#include "region_internal.h"
#include "tide_region.h"

#define MB ((size_t)1 << 20)

#define RANGES_MAX 256

/* What a device can reach now. */
static struct range {
	struct rte_device *dev;
	void *addr;
	uint64_t iova;
	size_t len;
} ranges[RANGES_MAX];
static unsigned int nb_ranges;
static unsigned int calls; /* Of map, since the last reset. */
static unsigned int fail_call; /* The map call that fails, counted from 1; 0: none. */
static int fail_errno;
static const char *bus_name; /* What the device's bus is called; NULL: the truth. */

int __wrap_rte_dev_dma_map(struct rte_device *dev, void *addr, uint64_t iova, size_t len);
int __wrap_rte_dev_dma_unmap(struct rte_device *dev, void *addr, uint64_t iova, size_t len);
const char *__wrap_rte_bus_name(const struct rte_bus *bus);
const char *__real_rte_bus_name(const struct rte_bus *bus);

int
__wrap_rte_dev_dma_map(struct rte_device *dev, void *addr, uint64_t iova, size_t len)
{
	if (++calls == fail_call) {
		rte_errno = fail_errno;
		return -1;
	}
	/* As DPDK asks: memory must be registered first. */
	assert_non_null(rte_mem_virt2memseg_list(addr));
	assert_true(nb_ranges < RANGES_MAX);
	ranges[nb_ranges++] = (struct range){dev, addr, iova, len};
	return 0;
}

int
__wrap_rte_dev_dma_unmap(struct rte_device *dev, void *addr, uint64_t iova, size_t len)
{
	unsigned int i;

	assert_non_null(rte_mem_virt2memseg_list(addr));
	for (i = 0; i < nb_ranges; i++) {
		if (ranges[i].dev != dev || ranges[i].addr != addr)
			continue;
		assert_int_equal(ranges[i].iova, iova);
		assert_int_equal(ranges[i].len, len);
		ranges[i] = ranges[--nb_ranges];
		return 0;
	}
	fail_msg("%p is not mapped", addr);
	return -1;
}

const char *
__wrap_rte_bus_name(const struct rte_bus *bus)
{
	return bus_name != NULL ? bus_name : __real_rte_bus_name(bus);
}

static int
reset(void **state)
{
	nb_ranges = calls = fail_call = 0;
	bus_name = NULL;
	return 0;
}

static struct rte_device *
device(const char *name)
{
	struct rte_eth_dev_info info;
	uint16_t port;

	if (rte_eth_dev_get_port_by_name(name, &port) != 0) {
		assert_int_equal(rte_eal_hotplug_add("vdev", name, ""), 0);
		assert_int_equal(rte_eth_dev_get_port_by_name(name, &port), 0);
	}
	assert_int_equal(rte_eth_dev_info_get(port, &info), 0);
	return info.device;
}

static struct tide_region *
region_of(enum tide_page page, size_t len)
{
	struct tide_region_conf conf = {
		.name = "test",
		.len = len,
		.page = page,
		.backing = TIDE_BACKING_OWN,
	};
	struct tide_region *region = tide_region_create(&conf, NULL);

	assert_non_null(region);
	return region;
}

static size_t
bytes_of(const struct rte_device *dev)
{
	size_t bytes = 0;
	unsigned int i;

	for (i = 0; i < nb_ranges; i++)
		bytes += ranges[i].dev == dev ? ranges[i].len : 0;
	return bytes;
}

static void
every_byte_is_mapped_once_per_device_and_unmapped_on_free(void **state)
{
	struct rte_device *a = device("net_null_dma0"), *b = device("net_null_dma1");
	struct tide_region *region = region_of(TIDE_PAGE_2M, 32 * MB);
	unsigned int i;

	assert_int_equal(tide_region_dma_map(region, a), 0);
	assert_int_equal(bytes_of(a), 32 * MB);
	assert_int_equal(tide_region_dma_map(region, a), 0);
	assert_int_equal(bytes_of(a), 32 * MB);
	assert_int_equal(tide_region_dma_map(region, b), 0);
	assert_int_equal(bytes_of(b), 32 * MB);
	assert_int_equal(bytes_of(a), 32 * MB);
	for (i = 0; i < nb_ranges; i++)
		assert_int_equal(ranges[i].iova, rte_mem_virt2iova(ranges[i].addr));
	assert_int_equal(tidei_region_check(region), 0);
	tide_region_free(region);
	assert_int_equal(nb_ranges, 0);
}

/* Stretches of the region; more than one only with physical addresses. */
static int
count(void *addr, uint64_t iova, size_t len, void *arg)
{
	unsigned int *n = arg;

	(*n)++;
	return 0;
}

static void
a_failure_at_any_stretch_undoes_those_before(void **state)
{
	struct rte_device *dev = device("net_null_dma0");
	struct tide_region *region = region_of(TIDE_PAGE_2M, 32 * MB);
	unsigned int n = 0, i;

	tide_region_iova_walk(region, count, &n);
	fail_errno = EIO;
	for (i = 1; i <= n; i++) {
		calls = 0;
		fail_call = i;
		assert_int_equal(tide_region_dma_map(region, dev), -EIO);
		assert_int_equal(nb_ranges, 0);
		assert_int_equal(region->nb_dma_devs, 0);
	}
	fail_call = 0;
	assert_int_equal(tide_region_dma_map(region, dev), 0);
	assert_int_equal(bytes_of(dev), 32 * MB);
	tide_region_free(region);
	assert_int_equal(nb_ranges, 0);
}

static void
a_bus_without_dma_mapping_counts_as_done(void **state)
{
	struct rte_device *dev = device("net_null_dma0");
	struct tide_region *region = region_of(TIDE_PAGE_2M, 4 * MB);

	fail_call = 1;
	fail_errno = ENOTSUP;
	assert_int_equal(tide_region_dma_map(region, dev), 0);
	assert_int_equal(nb_ranges, 0);
	tide_region_free(region);
}

static void
pages_that_move_are_refused_to_devices_with_physical_addresses(void **state)
{
	struct rte_device *dev = device("net_null_dma0");
	struct tide_region *region = region_of(TIDE_PAGE_4K, MB);

	bus_name = "pci";
	if (rte_eal_iova_mode() == RTE_IOVA_PA) {
		assert_int_equal(tide_region_dma_map(region, dev), -ENOTSUP);
		assert_int_equal(nb_ranges, 0);
	} else {
		assert_int_equal(tide_region_dma_map(region, dev), 0);
		assert_int_equal(bytes_of(dev), MB);
	}
	tide_region_free(region);
	assert_int_equal(nb_ranges, 0);
}

static void
huge_pages_are_mapped_for_devices_with_physical_addresses(void **state)
{
	struct rte_device *dev = device("net_null_dma0");
	struct tide_region *region = region_of(TIDE_PAGE_2M, 4 * MB);

	bus_name = "pci";
	assert_int_equal(tide_region_dma_map(region, dev), 0);
	assert_int_equal(bytes_of(dev), 4 * MB);
	tide_region_free(region);
	assert_int_equal(nb_ranges, 0);
}

/* EAL has room for RTE_MAX_MEMSEG_LISTS kinds of memory, its own included. */
static void
more_regions_than_eal_can_know_are_an_errno_and_nothing_is_lost(void **state)
{
	struct tide_region *regions[RTE_MAX_MEMSEG_LISTS + 1];
	unsigned int i, round, known[2];
	int ret = 0;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < RTE_DIM(regions); i++) {
			regions[i] = region_of(TIDE_PAGE_4K, 4096);
			ret = tide_region_dma_map(regions[i], NULL);
			if (ret < 0)
				break;
		}
		assert_int_equal(ret, -ENOSPC);
		assert_false(regions[i]->registered);
		known[round] = i;
		do {
			tide_region_free(regions[i]);
		} while (i-- > 0);
	}
	assert_int_equal(known[0], known[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			every_byte_is_mapped_once_per_device_and_unmapped_on_free, reset),
		cmocka_unit_test_setup(a_failure_at_any_stretch_undoes_those_before, reset),
		cmocka_unit_test_setup(a_bus_without_dma_mapping_counts_as_done, reset),
		cmocka_unit_test_setup(
			pages_that_move_are_refused_to_devices_with_physical_addresses, reset),
		cmocka_unit_test_setup(
			huge_pages_are_mapped_for_devices_with_physical_addresses, reset),
		cmocka_unit_test_setup(
			more_regions_than_eal_can_know_are_an_errno_and_nothing_is_lost, reset),
	};

	if (!test_eal_start(true, 32, "0") || test_free_2m_pages() < 24) {
		fprintf(stderr, "needs EAL on huge pages: too few 2 MB pages are free\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
