/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: what keeps a NIC from EAL. */

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nic.h"
#include "nic_driver.h"

/* Read the last part of a link of the NIC's directory; false when there is none. */
static bool
read_link(const char *root, const char *address, const char *link, char *name, size_t len)
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *slash;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/%s", root, address, link);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	slash = strrchr(target, '/');
	return snprintf(name, len, "%s", slash == NULL ? target : slash + 1) >= 0;
}

static bool
exists(const char *root, const char *address)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s", root, address);
	return access(path, F_OK) == 0;
}

/* These NICs are shared with the kernel, whose driver they keep. */
static bool
keeps_driver(const char *driver)
{
	return strcmp(driver, "mlx5_core") == 0 || strcmp(driver, "mlx4_core") == 0;
}

/* Write the way to vfio-pci, which a machine without an IOMMU bars. */
static void
bind(char *text, size_t len, const char *what, const char *address, bool iommu)
{
	if (iommu)
		snprintf(text, len,
			"%s: dpdk-devbind.py --bind=vfio-pci %s gives it to EAL, or leave out its "
			"-a",
			what, address);
	else
		snprintf(text, len,
			"%s, and vfio-pci refuses it for want of an IOMMU group: switch the IOMMU "
			"on (in the firmware, and intel_iommu=on on the kernel's command line) or, "
			"where the NIC may write to all memory, echo 1 > "
			"/sys/module/vfio/parameters/enable_unsafe_noiommu_mode; then "
			"dpdk-devbind.py --bind=vfio-pci %s",
			what, address);
}

void
fwd_nic_trouble(const char *root, const char *address, char *text, size_t len)
{
	char driver[64], what[128], group[32];
	bool iommu = read_link(root, address, "iommu_group", group, sizeof(group));

	if (!exists(root, address)) {
		snprintf(text, len, "does not exist: lspci -D lists what does; correct its -a");
		return;
	}
	if (!read_link(root, address, "driver", driver, sizeof(driver))) {
		bind(text, len, "is bound to no driver", address, iommu);
		return;
	}
	if (app_nic_driver_is_for_programs(driver) || keeps_driver(driver)) {
		snprintf(text, len,
			"is bound to %s and yet gives no port: lines above may say why; it may be "
			"in use by another program, or DPDK's driver for it is not there",
			driver);
		return;
	}
	snprintf(what, sizeof(what), "is bound to the kernel's driver %s", driver);
	bind(text, len, what, address, iommu);
}
