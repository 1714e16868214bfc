/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds the node of a PCI device by its address, before EAL knows it. */

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include <rte_lcore.h>
#include <rte_pci.h>

#include "topology_internal.h"

int
tidei_pci_node(const struct tide_topology *topo, const char *root, const char *address,
	enum tide_node_source *source)
{
	struct tide_device_facts facts;
	char name[PCI_PRI_STR_SIZE], link[64], path[PATH_MAX];
	struct rte_pci_addr addr;

	if (source != NULL)
		*source = TIDE_NODE_SOURCE_UNKNOWN;
	if (rte_pci_addr_parse(address, &addr) != 0)
		return TIDE_NODE_UNKNOWN;
	rte_pci_device_name(&addr, name, sizeof(name));
	snprintf(link, sizeof(link), "/sys/bus/pci/devices/%s", name);
	if (snprintf(path, sizeof(path), "%s%s", root, link) >= (int)sizeof(path) ||
		access(path, F_OK) != 0)
		return TIDE_NODE_UNKNOWN;
	tidei_device_facts(topo, root, link, &facts);
	return tide_topology_device_node(topo, &facts, LCORE_ID_ANY, source);
}

int
tide_topology_pci_node(
	const struct tide_topology *topo, const char *address, enum tide_node_source *source)
{
	return tidei_pci_node(topo, "", address, source);
}
