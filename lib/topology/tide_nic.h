/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_NIC_H
#define TIDE_NIC_H

/**
 * @file
 * The NICs of a machine as sysfs lists them, with their drivers and nodes; and the command that
 * reserves huge pages on a node.
 *
 * It needs no EAL and no privilege, so that a program can choose EAL's arguments by it. It is not for
 * the data path.
 *
 * **Threads.** Any thread may call any function.
 *
 * **Placement.** Nothing here places memory for the caller.
 *
 * An example:
 * @include nic.c
 */

#include <stddef.h>
#include <stdint.h>

#include "tide_topology.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** A PCI device of the class "network controller". */
struct tide_nic {
	char address[24]; /**< PCI address as sysfs writes it: "0000:3b:00.0". */
	char driver[32]; /**< Driver of the kernel that has it, such as "vfio-pci"; empty: none. */
	char interface[32]; /**< First network interface of it in the kernel; empty: none. */
	uint16_t vendor; /**< PCI vendor id. */
	uint16_t device; /**< PCI device id. */
	int node; /**< Its node, or TIDE_NODE_UNKNOWN. */
	enum tide_node_source source; /**< The step of the fallback chain that named the node. */
};

/**
 * List the NICs of this machine, by PCI address.
 *
 * The device may have any driver or none. Virtual functions are listed like others. A container sees
 * every NIC of the machine here, whether it may use it or not.
 *
 * @param topo  Topology of this machine; not NULL.
 * @param nics  Table of `max` entries; may be NULL if max is 0.
 * @param max   Entries in nics.
 * @return  Number of NICs of the machine, of which the first `max` are in nics; 0 also if the machine
 *          has no PCI bus or sysfs cannot be read.
 */
unsigned int
tide_nics_read(const struct tide_topology *topo, struct tide_nic *nics, unsigned int max);

/**
 * Write the shell command after which a node has a number of free huge pages.
 *
 * The file of the kernel takes the total, which includes the pages in use now. The call reads only the
 * node of the topology, so the machine can be another one.
 *
 * @param node       Node of a topology; not NULL.
 * @param page_size  Bytes in a page.
 * @param pages      Free pages wanted.
 * @param text       Where to store the command; empty if so many are free already.
 * @param size       Bytes in text, at least 1.
 * @return
 *   - 0: stored.
 *   - -ENOMEM: the node has less memory than that; text is empty.
 */
int tide_node_reserve_command(
	const struct tide_node *node, uint64_t page_size, uint64_t pages, char *text, size_t size);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_NIC_H */
