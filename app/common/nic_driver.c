/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* What the programs share: drivers of the kernel that leave a NIC to a program. */

#include <string.h>

#include <rte_common.h>

#include "nic_driver.h"

static const char *const drivers[] = {"vfio-pci", "igb_uio", "uio_pci_generic"};

bool
app_nic_driver_is_for_programs(const char *driver)
{
	for (unsigned int i = 0; i < RTE_DIM(drivers); i++) {
		if (strcmp(driver, drivers[i]) == 0)
			return true;
	}
	return false;
}
