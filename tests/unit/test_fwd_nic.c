/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* What tide-fwd says of a NIC that became no port, by a directory in the place of sysfs. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nic.h"
#include "tree.h"

#define NIC  "0000:17:00.0"
#define HERE "/sys/bus/pci/devices/" NIC

static char text[FWD_NIC_LEN];
static const char *root;

static int
setup(void **state)
{
	root = test_tree_make();
	memset(text, 'x', sizeof(text));
	return 0;
}

static int
teardown(void **state)
{
	test_tree_free();
	return 0;
}

static void
say(void)
{
	fwd_nic_trouble(root, NIC, text, sizeof(text));
	/* Nothing was cut off. */
	assert_true(strlen(text) < sizeof(text) - 1);
}

static void
a_nic_that_is_not_there_is_said_so(void **state)
{
	say();
	assert_non_null(strstr(text, "does not exist: lspci -D"));
}

static void
a_nic_without_a_driver_gets_the_command(void **state)
{
	test_tree_link(HERE "/iommu_group", "../../../kernel/iommu_groups/7");
	say();
	assert_string_equal(text, "is bound to no driver: dpdk-devbind.py --bind=vfio-pci " NIC
				  " gives it to EAL, or leave out its -a");
}

static void
the_kernels_driver_is_named(void **state)
{
	test_tree_link(HERE "/iommu_group", "../../../kernel/iommu_groups/7");
	test_tree_link(HERE "/driver", "../../../bus/pci/drivers/ixgbe");
	say();
	assert_non_null(strstr(text, "the kernel's driver ixgbe: dpdk-devbind.py"));
}

static void
without_an_iommu_group_the_iommu_comes_first(void **state)
{
	test_tree_write(HERE "/vendor", "0x8086\n");
	say();
	assert_non_null(strstr(text, "is bound to no driver, and vfio-pci refuses it"));
	assert_non_null(strstr(text, "intel_iommu=on"));
	assert_non_null(strstr(text, "enable_unsafe_noiommu_mode"));
	test_tree_link(HERE "/driver", "ixgbe");
	say();
	assert_non_null(strstr(text, "driver ixgbe, and vfio-pci refuses it"));
}

static void
a_nic_that_eal_could_have_taken_is_left_to_the_log(void **state)
{
	static const char *const drivers[] = {
		"vfio-pci", "igb_uio", "uio_pci_generic", "mlx5_core", "mlx4_core"};

	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		test_tree_link(HERE "/driver", drivers[i]);
		say();
		assert_non_null(strstr(text, drivers[i]));
		assert_non_null(strstr(text, "gives no port: lines above"));
		test_tree_remove(HERE "/driver");
	}
}

static void
a_long_name_is_cut_and_ended(void **state)
{
	char name[200];

	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	test_tree_link(HERE "/driver", name);
	say();
	assert_non_null(strstr(text, "ddd"));
	fwd_nic_trouble(root, NIC, text, 8);
	assert_int_equal(strlen(text), 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_nic_that_is_not_there_is_said_so, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_nic_without_a_driver_gets_the_command, setup, teardown),
		cmocka_unit_test_setup_teardown(the_kernels_driver_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(
			without_an_iommu_group_the_iommu_comes_first, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_nic_that_eal_could_have_taken_is_left_to_the_log, setup, teardown),
		cmocka_unit_test_setup_teardown(a_long_name_is_cut_and_ended, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
