/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOPOLOGY_INTERNAL_H
#define TOPOLOGY_INTERNAL_H

/* Shared by the sources of the topology part; private to the library. */

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

#include "sys_friend.h"
#include "tide_nic.h"
#include "tide_topology.h"

/* Distances every firmware agrees on: LOCAL_DISTANCE and REMOTE_DISTANCE of Linux. */
#define DISTANCE_LOCAL  10
#define DISTANCE_REMOTE 20
#define DISTANCE_MAX    255

/* Slowest access noted, in ns: one that takes longer was not an access to memory. */
#define LATENCY_MAX 1000000

/* A set of CPU or node ids. */
struct tidei_idset {
	uint64_t bits[TIDE_CPU_MAX / 64];
};

struct tide_topology {
	unsigned int nb_nodes;
	struct tide_node *nodes; /* Ascending ids. */
	uint8_t *distance; /* nb_nodes rows (from) of nb_nodes columns (to). */
	/* As distance, in ns per miss; 0: not measured. Any thread writes and reads. */
	_Atomic uint32_t *latency;
	int16_t index[TIDE_NODE_MAX]; /* Node id -> place in nodes[], or -1. */
	int16_t cpu_node[TIDE_CPU_MAX]; /* CPU -> node id, or TIDE_NODE_UNKNOWN. */
	struct tidei_idset cpu_allowed; /* Never a CPU without a node. */
	/* Files failed, so there may be more nodes with memory than these. */
	bool partial;
};

static inline bool
tidei_idset_has(const struct tidei_idset *set, unsigned int id)
{
	return id < TIDE_CPU_MAX && (set->bits[id / 64] >> (id % 64) & 1) != 0;
}

static inline void
tidei_idset_add(struct tidei_idset *set, unsigned int id)
{
	set->bits[id / 64] |= UINT64_C(1) << (id % 64);
}

static inline void
tidei_idset_remove(struct tidei_idset *set, unsigned int id)
{
	set->bits[id / 64] &= ~(UINT64_C(1) << (id % 64));
}

/*
 * Add the ids of a kernel list ("0-3,8"; empty for none) to a set.
 * 0; -EINVAL: not a list; -ERANGE: an id is max or more. On failure the set is half filled.
 */
int tidei_idset_parse(struct tidei_idset *set, const char *text, size_t len, unsigned int max);

/*
 * Make a topology of the nodes in a set: no CPUs, no memory, all allowed, distances 10 and 20.
 * NULL with rte_errno ENOMEM.
 */
struct tide_topology *tidei_topology_new(const struct tidei_idset *ids);

/* Give CPUs to a node. 0, or -EEXIST with *clash one that has a node already and nothing changed. */
int tidei_topology_set_cpus(
	struct tide_topology *topo, int id, const struct tidei_idset *cpus, unsigned int *clash);

/* Remove a CPU from its node. */
void tidei_topology_drop_cpu(struct tide_topology *topo, unsigned int cpu);

/* Note huge pages, largest first. 0; -EEXIST: that size is there; -ENOSPC: too many sizes. */
int tidei_node_add_huge(struct tide_node *node, const struct tide_huge *huge);

/*
 * Set which CPUs this process may use, which nodes its cpuset allows, and which of these its memory
 * policy allows; ids that do not exist are left out.
 */
void tidei_topology_allow(struct tide_topology *topo, const struct tidei_idset *cpus,
	const struct tidei_idset *cpuset, const struct tidei_idset *bound);

/* Return the place of the distance between two nodes given by their index. */
static inline uint8_t *
tidei_distance_at(const struct tide_topology *topo, unsigned int from, unsigned int to)
{
	return &topo->distance[from * topo->nb_nodes + to];
}

/* Relaxed: no other data depends on the figure. */
static inline void
tidei_latency_set(const struct tide_topology *topo, unsigned int from, unsigned int to, uint32_t ns)
{
	atomic_store_explicit(&topo->latency[from * topo->nb_nodes + to], ns, memory_order_relaxed);
}

/* Relaxed: as above. */
static inline uint32_t
tidei_latency_at(const struct tide_topology *topo, unsigned int from, unsigned int to)
{
	return atomic_load_explicit(
		&topo->latency[from * topo->nb_nodes + to], memory_order_relaxed);
}

/* Return the node of all CPUs of a set (CPUs without a node aside), or TIDE_NODE_UNKNOWN. */
int tidei_topology_cpus_node(const struct tide_topology *topo, const struct tidei_idset *cpus);

/* Check the invariants of a topology. 0, or -EINVAL after a log line that names the broken one. */
int tidei_topology_check(const struct tide_topology *topo);

/* A memory policy as get_mempolicy(2) gives it. */
struct tidei_policy {
	int mode; /* MPOL_* with MPOL_F_*, of linux/mempolicy.h. */
	unsigned long nodes[TIDE_NODE_MAX / (sizeof(unsigned long) * CHAR_BIT)];
};

/* Read the policy of the calling thread; the default one if the kernel refuses. */
void tidei_policy_read(struct tidei_policy *policy);

/* Keep only the nodes of a cpuset that the policy binds to; all when it does not bind. */
void tidei_policy_limit(const struct tidei_policy *policy, struct tidei_idset *nodes);

/*
 * Read the machine below a root directory ("" for the real one), for a thread with that memory policy.
 * Returns like tide_topology_create().
 */
struct tide_topology *tidei_topology_read(const char *root, const struct tidei_policy *policy);

/* Read it without a line in the log about faults. */
struct tide_topology *
tidei_topology_read_quietly(const char *root, const struct tidei_policy *policy);

/* Return the only node that memory of this process can be on, like tidei_only_node(). */
int tidei_topology_only_node(const struct tide_topology *topo);

/*
 * Read the facts of a device from sysfs below a root directory: `link` is its path there, such as
 * "/sys/bus/pci/devices/0000:3b:00.0". Returns whether the device's own node could be read, so that -1
 * is an answer; facts that cannot be read are TIDE_NODE_UNKNOWN.
 */
bool tidei_device_facts(const struct tide_topology *topo, const char *root, const char *link,
	struct tide_device_facts *facts);

/* As tide_topology_pci_node(), with sysfs below a root directory. */
int tidei_pci_node(const struct tide_topology *topo, const char *root, const char *address,
	enum tide_node_source *source);

/* As tide_nics_read(), with sysfs below a root directory. */
unsigned int tidei_nics_read(const struct tide_topology *topo, const char *root,
	struct tide_nic *nics, unsigned int max);

#endif /* TOPOLOGY_INTERNAL_H */
