/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds the node of an ethdev port: gathers the facts of its device, then asks the fallback chain. */

#include <stdio.h>
#include <string.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_devargs.h>
#include <rte_ethdev.h>

/* The plugin must not bring these along to a program without Ethernet devices; there lib/audit calls none. */
#pragma weak rte_eth_dev_info_get
#pragma weak rte_eth_dev_is_valid_port

#include "topology_friend.h"
#include "topology_internal.h"

/* Longest name in a sysfs path here. */
#define NAME_LEN 128

/*
 * Ignores the default node of a virtual device: its driver uses the lcore that probed it, or node 0.
 * The device has a node when the user gave it one.
 */
static void
virtual_facts(const char *args, struct tide_device_facts *facts)
{
	char value[NAME_LEN];
	uint64_t node;

	if (tidei_devargs_value(args, "numa_node", value, sizeof(value)) != NULL &&
		tidei_number_parse(value, strlen(value), TIDE_NODE_MAX - 1, &node) == 0)
		facts->device_node = node;
}

/* Asks sysfs first: the kernel reports an unknown node as -1, drivers replace it. */
static void
hardware_facts(const struct tide_topology *topo, const struct rte_device *dev, const char *bus,
	struct tide_device_facts *facts)
{
	char link[2 * NAME_LEN];

	snprintf(link, sizeof(link), "/sys/bus/%.*s/devices/%.*s", NAME_LEN / 2, bus, NAME_LEN,
		rte_dev_name(dev));
	if (!tidei_device_facts(topo, "", link, facts))
		facts->device_node = rte_dev_numa_node(dev);
}

static const char *
bus_of(const struct rte_device *dev)
{
	return rte_dev_bus(dev) == NULL ? "vdev" : rte_bus_name(rte_dev_bus(dev));
}

enum tidei_port_bus
tidei_port_bus(uint16_t port_id, char *name, size_t size)
{
	struct rte_eth_dev_info info;

	name[0] = '\0';
	if (rte_eth_dev_info_get(port_id, &info) != 0 || info.device == NULL)
		return TIDEI_PORT_UNKNOWN;
	snprintf(name, size, "%s", rte_dev_name(info.device));
	if (strcmp(bus_of(info.device), "vdev") == 0)
		return TIDEI_PORT_VIRTUAL;
	return strcmp(bus_of(info.device), "pci") == 0 ? TIDEI_PORT_PCI : TIDEI_PORT_OTHER;
}

static void
port_facts(const struct tide_topology *topo, uint16_t port_id, struct tide_device_facts *facts)
{
	const struct rte_devargs *devargs;
	struct rte_eth_dev_info info;
	const char *bus;

	if (rte_eth_dev_info_get(port_id, &info) != 0 || info.device == NULL)
		return;
	bus = bus_of(info.device);
	devargs = rte_dev_devargs(info.device);
	if (strcmp(bus, "vdev") == 0)
		virtual_facts(devargs == NULL ? NULL : devargs->args, facts);
	else
		hardware_facts(topo, info.device, bus, facts);
}

int
tide_topology_port_node(const struct tide_topology *topo, uint16_t port_id, unsigned int lcore_id,
	enum tide_node_source *source)
{
	struct tide_device_facts facts = {TIDE_NODE_UNKNOWN, TIDE_NODE_UNKNOWN, TIDE_NODE_UNKNOWN};

	if (!rte_eth_dev_is_valid_port(port_id)) {
		if (source != NULL)
			*source = TIDE_NODE_SOURCE_UNKNOWN;
		return TIDE_NODE_UNKNOWN;
	}
	port_facts(topo, port_id, &facts);
	return tide_topology_device_node(topo, &facts, lcore_id, source);
}
