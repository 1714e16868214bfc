/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: holds the devices named to EAL against the ports there are. */

#include <stdbool.h>
#include <stdio.h>

#include <rte_devargs.h>
#include <rte_ethdev.h>
#include <rte_pci.h>

#include "devices.h"
#include "nic.h"

static bool
has_port(const char *device)
{
	struct rte_dev_iterator all;
	uint16_t id;

	if (rte_eth_dev_get_port_by_name(device, &id) == 0)
		return true;
	/* Ports of one NIC may bear other names than the NIC. */
	RTE_ETH_FOREACH_MATCHING_DEV (id, device, &all) {
		rte_eth_iterator_cleanup(&all);
		return true;
	}
	return false;
}

/* EAL takes an address without its domain, sysfs does not. */
static void
full_address(const char *name, char *address, size_t len)
{
	struct rte_pci_addr addr;

	if (rte_pci_addr_parse(name, &addr) == 0)
		rte_pci_device_name(&addr, address, len);
	else
		snprintf(address, len, "%s", name);
}

static int
check_virtual(struct app_error *err)
{
	const struct rte_devargs *args;

	RTE_EAL_DEVARGS_FOREACH ("vdev", args) {
		if (args->policy == RTE_DEV_ALLOWED && !has_port(args->name))
			return app_fail(err, APP_EXIT_RUN,
				"device %s gives no port; correct its --vdev or leave it out; "
				"lines "
				"above may say what it lacks",
				args->name);
	}
	return 0;
}

static int
check_pci(struct app_error *err)
{
	const struct rte_devargs *args;
	char trouble[FWD_NIC_LEN], address[RTE_DEV_NAME_MAX_LEN];

	RTE_EAL_DEVARGS_FOREACH ("pci", args) {
		if (args->policy != RTE_DEV_ALLOWED || has_port(args->name))
			continue;
		full_address(args->name, address, sizeof(address));
		fwd_nic_trouble("", address, trouble, sizeof(trouble));
		return app_fail(err, APP_EXIT_RUN, "device %s %s", address, trouble);
	}
	return 0;
}

int
fwd_devices_check(struct app_error *err)
{
	return check_virtual(err) < 0 ? -1 : check_pci(err);
}
