/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The facts of a device read from sysfs, on PCI trees made of files. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "topology_friend.h"
#include "topology_internal.h"
#include "tree.h"

/* A NIC behind two bridges below a host bridge, as sysfs lays it out. */
#define LINK  "/sys/bus/pci/devices/0000:3b:00.0"
#define BUS   "/sys/devices/pci0000:3a"
#define OUTER BUS "/0000:3a:00.0"
#define INNER OUTER "/0000:3a:01.0"
#define NIC   INNER "/0000:3b:00.0"

static const char *root;
static struct tide_topology *topo;

static int
make_device(void **state)
{
	root = test_tree_make();
	test_tree_link(LINK, "../../../devices/pci0000:3a/0000:3a:00.0/0000:3a:01.0/0000:3b:00.0");
	test_tree_write(NIC "/numa_node", "-1\n");
	test_tree_write(NIC "/local_cpulist", "0-7\n");
	test_tree_write(INNER "/numa_node", "-1\n");
	test_tree_write(OUTER "/numa_node", "-1\n");
	/* Below everything that is a device: not to be read. */
	test_tree_write("/sys/devices/numa_node", "0\n");
	test_tree_write("/sys/numa_node", "0\n");
	topo = tide_topology_parse("node 0 cpus 0-3 memory 1G\nnode 2 cpus 4-7 memory 1G");
	return topo == NULL ? -1 : 0;
}

static int
remove_device(void **state)
{
	tide_topology_free(topo);
	test_tree_free();
	return 0;
}

static void
facts_are(bool known, int device, int cpulist, int parent)
{
	struct tide_device_facts facts = {99, 99, 99};

	assert_int_equal(tidei_device_facts(topo, root, LINK, &facts), known);
	assert_int_equal(facts.device_node, device);
	assert_int_equal(facts.cpulist_node, cpulist);
	assert_int_equal(facts.parent_node, parent);
}

static void
a_device_without_a_placement_has_no_node(void **state)
{
	facts_are(true, -1, -1, -1);
}

static void
a_device_says_its_node(void **state)
{
	test_tree_write(NIC "/numa_node", "2\n");
	test_tree_write(NIC "/local_cpulist", "4-7\n");
	facts_are(true, 2, 2, -1);
}

static void
the_cpulist_names_a_node_only_when_all_its_cpus_agree(void **state)
{
	static const struct {
		const char *list;
		int node;
	} cases[] = {
		{"4-7\n", 2},
		{"5\n", 2},
		{"0-3\n", 0},
		{"3-4\n", -1},
		{"\n", -1},
		{"", -1},
		{"8-11\n", -1}, /* No CPU that is there. */
		{"6-11\n", 2}, /* Those that are not there do not count. */
		{"x\n", -1},
		{"0-8192\n", -1},
	};

	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		test_tree_write(NIC "/local_cpulist", cases[i].list);
		facts_are(true, -1, cases[i].node, -1);
	}
	test_tree_remove(NIC "/local_cpulist");
	facts_are(true, -1, -1, -1);
}

static void
the_nearest_bridge_with_a_node_speaks_for_the_device(void **state)
{
	test_tree_write(OUTER "/numa_node", "0\n");
	facts_are(true, -1, -1, 0);
	test_tree_write(INNER "/numa_node", "2\n");
	facts_are(true, -1, -1, 2);
	/* A node that is not there is no answer. */
	test_tree_write(INNER "/numa_node", "1\n");
	facts_are(true, -1, -1, 0);
	test_tree_remove(OUTER "/numa_node");
	facts_are(true, -1, -1, -1);
	test_tree_write(BUS "/numa_node", "2\n");
	facts_are(true, -1, -1, 2);
}

static void
a_device_without_the_file_is_not_known_but_its_bridge_may_be(void **state)
{
	test_tree_remove(NIC "/numa_node");
	test_tree_write(INNER "/numa_node", "2\n");
	facts_are(false, -1, -1, 2);
}

static void
a_strange_node_file_is_not_an_answer(void **state)
{
	static const char *const strange[] = {"", "\n", "-2\n", "x\n", "0x1\n", "1024\n", "--1\n"};

	for (unsigned int i = 0; i < RTE_DIM(strange); i++) {
		test_tree_write(NIC "/numa_node", strange[i]);
		facts_are(false, -1, -1, -1);
	}
}

static void
a_device_that_is_not_there_has_no_facts(void **state)
{
	test_tree_remove(LINK);
	facts_are(false, -1, -1, -1);
	test_tree_link(LINK, "../../../devices/gone");
	facts_are(false, -1, -1, -1);
}

static void
a_device_outside_the_device_tree_has_no_parents(void **state)
{
	test_tree_remove(LINK);
	test_tree_write("/elsewhere/dev/numa_node", "2\n");
	test_tree_write("/elsewhere/numa_node", "2\n");
	test_tree_link(LINK, "../../../../elsewhere/dev");
	facts_are(true, 2, -1, -1);
	/* A directory with a name that only starts like the top of the tree. */
	test_tree_remove(LINK);
	test_tree_write("/sys/devices2/a/numa_node", "2\n");
	test_tree_write("/sys/devices2/a/b/numa_node", "-1\n");
	test_tree_link(LINK, "../../../devices2/a/b");
	facts_are(true, -1, -1, -1);
}

static void
driver_arguments_are_found_by_whole_keys(void **state)
{
	char value[8];

	assert_null(tidei_devargs_value(NULL, "iface", value, sizeof(value)));
	assert_null(tidei_devargs_value("", "iface", value, sizeof(value)));
	assert_null(tidei_devargs_value("iface", "iface", value, sizeof(value)));
	assert_null(tidei_devargs_value("xiface=a,ifaces=b", "iface", value, sizeof(value)));
	assert_null(tidei_devargs_value("iface=12345678", "iface", value, sizeof(value)));
	assert_string_equal(tidei_devargs_value("iface=", "iface", value, sizeof(value)), "");
	assert_string_equal(
		tidei_devargs_value("a=1,,iface=eth0,b", "iface", value, sizeof(value)), "eth0");
	assert_string_equal(
		tidei_devargs_value("iface=1234567", "iface", value, sizeof(value)), "1234567");
}

static void
an_address_finds_the_node_without_eal(void **state)
{
	enum tide_node_source source;

	test_tree_write(NIC "/numa_node", "2\n");
	assert_int_equal(tidei_pci_node(topo, root, "0000:3b:00.0", &source), 2);
	assert_int_equal(source, TIDE_NODE_SOURCE_DEVICE);
	assert_int_equal(tidei_pci_node(topo, root, "3b:00.0", NULL), 2);
	test_tree_write(NIC "/numa_node", "-1\n");
	test_tree_write(NIC "/local_cpulist", "0-3\n");
	assert_int_equal(tidei_pci_node(topo, root, "3b:00.0", &source), 0);
	assert_int_equal(source, TIDE_NODE_SOURCE_CPULIST);
}

static void
what_is_no_address_has_no_node(void **state)
{
	static const char *const wrong[] = {
		"", "3b", "3b:00", "3b:00.0x", "0000:3b:00.1", "../0000:3b:00.0", "net_null0"};
	enum tide_node_source source;

	/* On a machine of one node every device is on that node. */
	tide_topology_free(topo);
	topo = tide_topology_parse("node 0 cpus 0-3 memory 1G");
	assert_non_null(topo);
	test_tree_remove(NIC "/local_cpulist");
	assert_int_equal(tidei_pci_node(topo, root, "3b:00.0", &source), 0);
	assert_int_equal(source, TIDE_NODE_SOURCE_ONLY_NODE);
	for (unsigned int i = 0; i < RTE_DIM(wrong); i++) {
		source = TIDE_NODE_SOURCE_DEVICE;
		assert_int_equal(tidei_pci_node(topo, root, wrong[i], &source), TIDE_NODE_UNKNOWN);
		assert_int_equal(source, TIDE_NODE_SOURCE_UNKNOWN);
	}
	assert_int_equal(tide_topology_pci_node(topo, "ffff:ff:1f.7", NULL), TIDE_NODE_UNKNOWN);
}

#define ON_FILES(test) cmocka_unit_test_setup_teardown(test, make_device, remove_device)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_FILES(a_device_without_a_placement_has_no_node),
		ON_FILES(a_device_says_its_node),
		ON_FILES(the_cpulist_names_a_node_only_when_all_its_cpus_agree),
		ON_FILES(the_nearest_bridge_with_a_node_speaks_for_the_device),
		ON_FILES(a_device_without_the_file_is_not_known_but_its_bridge_may_be),
		ON_FILES(a_strange_node_file_is_not_an_answer),
		ON_FILES(a_device_that_is_not_there_has_no_facts),
		ON_FILES(a_device_outside_the_device_tree_has_no_parents),
		ON_FILES(an_address_finds_the_node_without_eal),
		ON_FILES(what_is_no_address_has_no_node),
		cmocka_unit_test(driver_arguments_are_found_by_whole_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
