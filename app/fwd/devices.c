/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: holds the devices named to EAL against the ports there are. */

#include <stdbool.h>

#include <rte_devargs.h>
#include <rte_ethdev.h>

#include "devices.h"

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

static int
check_bus(const char *bus, const char *hint, struct app_error *err)
{
	const struct rte_devargs *args;

	RTE_EAL_DEVARGS_FOREACH (bus, args) {
		if (args->policy == RTE_DEV_ALLOWED && !has_port(args->name))
			return app_fail(
				err, APP_EXIT_RUN, "device %s gives no port; %s", args->name, hint);
	}
	return 0;
}

int
fwd_devices_check(struct app_error *err)
{
	if (check_bus("vdev", "mend its --vdev or leave it out; lines above may say what it lacks",
		    err) < 0)
		return -1;
	return check_bus(
		"pci", "bind the NIC to vfio-pci with dpdk-devbind.py, or leave out its -a", err);
}
