/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_NIC_DRIVER_H
#define APP_NIC_DRIVER_H

#include <stdbool.h>

/* Tell whether a driver of the kernel leaves its NIC to a program such as EAL. */
bool app_nic_driver_is_for_programs(const char *driver);

#endif /* APP_NIC_DRIVER_H */
