/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_DEVICES_H
#define FWD_DEVICES_H

/*
 * EAL goes on when a device of its command line does not start. A forwarder must not: with one port of
 * two it would send packets back where they came from.
 */

#include "error.h"

/* Tell whether each virtual or PCI device that EAL was given has become a port. */
int fwd_devices_check(struct app_error *err);

#endif /* FWD_DEVICES_H */
