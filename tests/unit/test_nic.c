/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* NICs listed from PCI trees made of files, and the commands that reserve huge pages. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "machine.h"
#include "topology_internal.h"
#include "tree.h"

#define PCI "/sys/bus/pci/devices"

static const char *root;
static struct tide_topology *topo;

static void
make_device(const char *address, const char *class, const char *node)
{
	test_machine_write(class, PCI "/%s/class", address);
	test_machine_write("0x8086\n", PCI "/%s/vendor", address);
	test_machine_write("0x1592\n", PCI "/%s/device", address);
	test_machine_write(node, PCI "/%s/numa_node", address);
}

static int
make_tree(void **state)
{
	root = test_tree_make();
	topo = tide_topology_parse("node 0 cpus 0-3 memory 1G huge 2M:64/40\n"
				   "node 2 cpus 4-7 memory 1G huge 1G:0 huge 2M:16/0");
	return topo == NULL ? -1 : 0;
}

static int
remove_tree(void **state)
{
	tide_topology_free(topo);
	test_tree_free();
	return 0;
}

static void
without_a_bus_there_are_no_nics(void **state)
{
	assert_int_equal(tidei_nics_read(topo, root, NULL, 0), 0);
}

static void
only_network_controllers_are_nics_in_order_of_address(void **state)
{
	struct tide_nic nic[4];

	make_device("0000:af:00.0", "0x020000\n", "2\n");
	make_device("0000:3b:00.0", "0x028000\n", "0\n");
	make_device("0000:00:1f.2", "0x010601\n", "0\n");
	make_device("0000:01:00.0", "garbage\n", "0\n");
	assert_int_equal(tidei_nics_read(topo, root, nic, 4), 2);
	assert_string_equal(nic[0].address, "0000:3b:00.0");
	assert_int_equal(nic[0].node, 0);
	assert_int_equal(nic[0].source, TIDE_NODE_SOURCE_DEVICE);
	assert_int_equal(nic[0].vendor, 0x8086);
	assert_int_equal(nic[0].device, 0x1592);
	assert_string_equal(nic[1].address, "0000:af:00.0");
	assert_int_equal(nic[1].node, 2);
}

static void
nics_beyond_the_table_are_counted(void **state)
{
	struct tide_nic nic[2];

	make_device("0000:01:00.0", "0x020000\n", "0\n");
	make_device("0000:02:00.0", "0x020000\n", "0\n");
	make_device("0000:03:00.0", "0x020000\n", "0\n");
	strcpy(nic[1].address, "untouched");
	assert_int_equal(tidei_nics_read(topo, root, nic, 1), 3);
	assert_string_equal(nic[0].address, "0000:01:00.0");
	assert_string_equal(nic[1].address, "untouched");
}

static void
an_unknown_node_stays_unknown(void **state)
{
	struct tide_nic nic;

	make_device("0000:3b:00.0", "0x020000\n", "-1\n");
	assert_int_equal(tidei_nics_read(topo, root, &nic, 1), 1);
	assert_int_equal(nic.node, TIDE_NODE_UNKNOWN);
	assert_int_equal(nic.source, TIDE_NODE_SOURCE_UNKNOWN);
	test_tree_write(PCI "/0000:3b:00.0/local_cpulist", "4-7\n");
	tidei_nics_read(topo, root, &nic, 1);
	assert_int_equal(nic.node, 2);
	assert_int_equal(nic.source, TIDE_NODE_SOURCE_CPULIST);
}

static void
drivers_and_interfaces_have_names(void **state)
{
	struct tide_nic nic[3];

	make_device("0000:01:00.0", "0x020000\n", "0\n");
	test_tree_link(PCI "/0000:01:00.0/driver", "../../../../bus/pci/drivers/mlx5_core");
	test_tree_write(PCI "/0000:01:00.0/net/eth9/mtu", "1500\n");
	test_tree_write(PCI "/0000:01:00.0/net/eth1/mtu", "1500\n");
	make_device("0000:02:00.0", "0x020000\n", "0\n");
	test_tree_link(PCI "/0000:02:00.0/driver", "../../../../bus/pci/drivers/virtio-pci");
	test_tree_write(PCI "/0000:02:00.0/virtio3/net/ens4/mtu", "1500\n");
	make_device("0000:03:00.0", "0x020000\n", "0\n");
	assert_int_equal(tidei_nics_read(topo, root, nic, 3), 3);
	assert_string_equal(nic[0].driver, "mlx5_core");
	assert_string_equal(nic[0].interface, "eth1");
	assert_string_equal(nic[1].driver, "virtio-pci");
	assert_string_equal(nic[1].interface, "ens4");
	assert_string_equal(nic[2].driver, "");
	assert_string_equal(nic[2].interface, "");
}

static void
the_command_raises_the_total_by_the_pages_that_lack(void **state)
{
	char text[160];

	/* 24 pages are in use. */
	assert_int_equal(tide_node_reserve_command(
				 tide_topology_node(topo, 0), 2 << 20, 100, text, sizeof(text)),
		0);
	assert_string_equal(text, "echo 124 > /sys/devices/system/node/node0/hugepages/"
				  "hugepages-2048kB/nr_hugepages");
	assert_int_equal(tide_node_reserve_command(
				 tide_topology_node(topo, 0), 2 << 20, 41, text, sizeof(text)),
		0);
	assert_non_null(strstr(text, "echo 65 >"));
}

static void
enough_free_pages_need_no_command(void **state)
{
	char text[160] = "x";

	assert_int_equal(tide_node_reserve_command(
				 tide_topology_node(topo, 0), 2 << 20, 40, text, sizeof(text)),
		0);
	assert_string_equal(text, "");
}

static void
no_command_reserves_more_than_the_memory_of_the_node(void **state)
{
	const struct tide_node *node = tide_topology_node(topo, 2);
	char text[160] = "x";

	/* 512 pages are the memory, 16 of them are in use. */
	assert_int_equal(tide_node_reserve_command(node, 2 << 20, 496, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "echo 512 >"));
	assert_int_equal(
		tide_node_reserve_command(node, 2 << 20, 497, text, sizeof(text)), -ENOMEM);
	assert_string_equal(text, "");
	assert_int_equal(
		tide_node_reserve_command(node, 2 << 20, UINT64_MAX, text, sizeof(text)), -ENOMEM);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_tree, remove_tree)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(without_a_bus_there_are_no_nics),
		CASE(only_network_controllers_are_nics_in_order_of_address),
		CASE(nics_beyond_the_table_are_counted),
		CASE(an_unknown_node_stays_unknown),
		CASE(drivers_and_interfaces_have_names),
		CASE(the_command_raises_the_total_by_the_pages_that_lack),
		CASE(enough_free_pages_need_no_command),
		CASE(no_command_reserves_more_than_the_memory_of_the_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
