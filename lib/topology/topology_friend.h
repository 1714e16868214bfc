/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOPOLOGY_FRIEND_H
#define TOPOLOGY_FRIEND_H

/* The calls that the topology part offers to the other parts of the library. */

#include <sched.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_errno.h>

#include "tide_topology.h"

/*
 * Return the only node whose memory the kernel can give this process, so that all of its memory is there;
 * TIDE_NODE_UNKNOWN: there are several, or files failed that could list more. Reads sysfs: do not call
 * it for each page.
 */
int tidei_only_node(void);

/*
 * Read the machine into *own when no topology is given, else set it to NULL. 0, or a negative errno of
 * tide_topology_create(), logged.
 */
static inline int
tidei_topology_own(const struct tide_topology *given, struct tide_topology **own)
{
	*own = given == NULL ? tide_topology_create() : NULL;
	return given == NULL && *own == NULL ? -rte_errno : 0;
}

/* How a port is connected. */
enum tidei_port_bus {
	TIDEI_PORT_UNKNOWN, /* There is no such port, or its driver does not tell. */
	TIDEI_PORT_VIRTUAL, /* By no bus: it has no node unless the user gave it one. */
	TIDEI_PORT_PCI,
	TIDEI_PORT_OTHER,
};

/* Tell how a port is connected, and its name there, such as "0000:3b:00.0"; the name is empty if it is not known. */
enum tidei_port_bus tidei_port_bus(uint16_t port_id, char *name, size_t size);

/* Add the allowed CPUs of a node, or of all for TIDE_NODE_UNKNOWN, to a set; how many there were. */
unsigned int
tidei_topology_cpus(const struct tide_topology *topo, int node, cpu_set_t *set, size_t size);

/* Return the node of all CPUs that a thread of this process may run on; TIDE_NODE_UNKNOWN: several, or no such thread. */
int tidei_topology_thread_node(const struct tide_topology *topo, pid_t tid);

/* Copy the value of a key in "key=value,key=value" driver arguments into value; NULL: none. */
const char *tidei_devargs_value(const char *args, const char *key, char *value, size_t size);

#endif /* TOPOLOGY_FRIEND_H */
