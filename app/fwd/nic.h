/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_NIC_H
#define FWD_NIC_H

/*
 * Tell why a PCI NIC that EAL was given became no port, as far as sysfs below `root` shows, and what to do:
 * a sentence without its subject, such as "is bound to no driver: ...".
 */

#include <stddef.h>

/* Longest sentence. */
#define FWD_NIC_LEN 512

void fwd_nic_trouble(const char *root, const char *address, char *text, size_t len);

#endif /* FWD_NIC_H */
