/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOPOLOGY_INTERNAL_H
#define TOPOLOGY_INTERNAL_H

/* What the sources of the topology part share; nothing here leaves the library. */

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

#include "tide_topology.h"

/* Distances every firmware agrees on: LOCAL_DISTANCE and REMOTE_DISTANCE of Linux. */
#define DISTANCE_LOCAL  10
#define DISTANCE_REMOTE 20
#define DISTANCE_MAX    255

/* Slowest access noted, in ns: a millisecond. What takes longer was not an access to memory. */
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
	/* Files failed, so that there may be more nodes with memory than these. */
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

/* Read an unsigned decimal number that fills len characters. 0, -EINVAL or -ERANGE (above max). */
int tidei_number_parse(const char *text, size_t len, uint64_t max, uint64_t *value);

/*
 * Make a topology of the nodes in a set: no CPUs, no memory, all allowed, distances 10 and 20.
 * NULL with rte_errno ENOMEM.
 */
struct tide_topology *tidei_topology_new(const struct tidei_idset *ids);

/* Give CPUs to a node. 0, or -EEXIST with *clash one that has a node already and nothing changed. */
int tidei_topology_set_cpus(
	struct tide_topology *topo, int id, const struct tidei_idset *cpus, unsigned int *clash);

/* Take a CPU away from the node that has it. */
void tidei_topology_drop_cpu(struct tide_topology *topo, unsigned int cpu);

/* Note huge pages, largest first. 0; -EEXIST: that size is there; -ENOSPC: too many sizes. */
int tidei_node_add_huge(struct tide_node *node, const struct tide_huge *huge);

/*
 * Say which CPUs this process may use, which nodes its cpuset leaves it, and which of those its memory
 * policy does; those that do not exist are left out.
 */
void tidei_topology_allow(struct tide_topology *topo, const struct tidei_idset *cpus,
	const struct tidei_idset *cpuset, const struct tidei_idset *bound);

/* The place of the distance between two nodes given by their index. */
static inline uint8_t *
tidei_distance_at(const struct tide_topology *topo, unsigned int from, unsigned int to)
{
	return &topo->distance[from * topo->nb_nodes + to];
}

/* Relaxed: a figure stands for itself, nothing is read by way of it. */
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

/* The node all CPUs of a set lie on (CPUs without a node aside), or TIDE_NODE_UNKNOWN. */
int tidei_topology_cpus_node(const struct tide_topology *topo, const struct tidei_idset *cpus);

/* What must always hold of a topology. 0, or -EINVAL after a log line that says what does not. */
int tidei_topology_check(const struct tide_topology *topo);

/* A memory policy as get_mempolicy(2) gives it. */
struct tidei_policy {
	int mode; /* MPOL_* with MPOL_F_*, of linux/mempolicy.h. */
	unsigned long nodes[TIDE_NODE_MAX / (sizeof(unsigned long) * CHAR_BIT)];
};

/* The policy of the calling thread; the default one where the kernel does not tell. */
void tidei_policy_read(struct tidei_policy *policy);

/* Keep of the nodes a cpuset leaves those that the policy binds to; all when it does not bind. */
void tidei_policy_limit(const struct tidei_policy *policy, struct tidei_idset *nodes);

/*
 * Read the machine below a root folder ("" for the real one), as a thread with that memory policy
 * sees it. As tide_topology_create().
 */
struct tide_topology *tidei_topology_read(const char *root, const struct tidei_policy *policy);

/* Read it without a line in the log about faults. */
struct tide_topology *
tidei_topology_read_quietly(const char *root, const struct tidei_policy *policy);

/* The only node of a machine that memory of this process can be on; as tidei_only_node(). */
int tidei_topology_only_node(const struct tide_topology *topo);

/* Huge pages of one size the cgroups of this process let it hold; UINT64_MAX without a limit. */
uint64_t tidei_cgroup_huge_limit(const char *root, uint64_t page_size);
/* Those it may still take; as free pages, a number that others change. */
uint64_t tidei_cgroup_huge_room(const char *root, uint64_t page_size);

/*
 * What sysfs below a root folder knows of a device: `link` is its path there, such as
 * "/sys/bus/pci/devices/0000:3b:00.0". Whether the device's own node could be read at all, that is
 * whether -1 there is an answer; facts that cannot be read are TIDE_NODE_UNKNOWN.
 */
bool tidei_device_facts(const struct tide_topology *topo, const char *root, const char *link,
	struct tide_device_facts *facts);

/* The value of a key in "key=value,key=value" driver arguments; NULL: none. Copied into value. */
const char *tidei_devargs_value(const char *args, const char *key, char *value, size_t size);

/* Add the allowed CPUs of a node, or of all for TIDE_NODE_UNKNOWN, to a set; how many there were. */
unsigned int
tidei_topology_cpus(const struct tide_topology *topo, int node, cpu_set_t *set, size_t size);

/*
 * Start a thread on a set of CPUs (NULL: on the caller's), with no signals: those belong to the
 * application's threads. 0 or negative errno; -EINVAL: this machine has none of the CPUs.
 */
int tidei_thread_start(
	pthread_t *thread, void *(*work)(void *arg), void *arg, const cpu_set_t *set, size_t size);

/* A small text file, read whole. The largest is a CPU list of every other of TIDE_CPU_MAX CPUs. */
struct tidei_textfile {
	char path[PATH_MAX];
	char text[32768]; /* NUL-terminated, without the last newline. */
};

/* Read root/path. 0 or negative errno; -EFBIG: larger than text[]. path[] is set in any case. */
int tidei_textfile_read(struct tidei_textfile *file, const char *root, const char *fmt, ...)
	__rte_format_printf(3, 4);

#endif /* TOPOLOGY_INTERNAL_H */
