/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_TOPOLOGY_H
#define TIDE_TOPOLOGY_H

/**
 * @file
 * The machine: nodes, CPUs, distances, huge pages, and which node a port or an lcore belongs to.
 *
 * A topology is a snapshot, taken at start-up from sysfs and procfs or made from a short text, and
 * never changed afterwards, but for the latencies that tide_topology_measure() adds. It is not for
 * the data path. Every function may be called from any thread; a topology may be read by many
 * threads at once, while another measures too. Nothing here places memory for its caller.
 *
 * Node ids are the kernel's: sparse, 0 to TIDE_NODE_MAX - 1. A node may have no CPUs (CXL, HBM) or
 * no memory. "Allowed" means, for CPUs: in the Cpus_allowed of any thread of this process (EAL pins
 * the main thread to one CPU, which says nothing of what the process may use). For memory: in the
 * process's Mems_allowed, and among the nodes that the memory policy of the thread that makes the
 * topology binds it to (MPOL_BIND, as `numactl --membind` sets it). Preferring and interleaving
 * policies are hints to the kernel, which takes memory elsewhere when it must, and limit nothing
 * here. A policy the kernel does not tell (get_mempolicy(2) forbidden) is taken for none.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Ids a node can have: 0 to TIDE_NODE_MAX - 1 (the kernel's largest CONFIG_NODES_SHIFT is 10). */
#define TIDE_NODE_MAX 1024

/** Ids a CPU can have: 0 to TIDE_CPU_MAX - 1 (the kernel's largest CONFIG_NR_CPUS is 8192). */
#define TIDE_CPU_MAX 8192

/** No node: not known. Never silently node 0. */
#define TIDE_NODE_UNKNOWN (-1)

/** Huge page sizes one node can report. */
#define TIDE_HUGE_SIZES_MAX 8

/** Huge pages of one size on one node, as sysfs counts them. */
struct tide_huge {
	uint64_t page_size; /**< Bytes in a page. */
	uint64_t total; /**< Pages configured. */
	uint64_t free; /**< Pages nobody holds. */
	/** Pages this process's cgroups let it hold, all nodes together; UINT64_MAX: no limit. */
	uint64_t limit;
};

/** One node. */
struct tide_node {
	int id; /**< As the kernel numbers it. */
	unsigned int nb_cpus; /**< CPUs of the node; 0 for memory without CPUs. */
	unsigned int nb_cpus_allowed; /**< Those of them this process may run on. */
	bool mem_cpuset; /**< In the process's Mems_allowed. */
	bool mem_allowed; /**< Memory here may be used: mem_cpuset, and no policy leaves it out. */
	uint64_t memory; /**< Bytes of memory; 0 for CPUs without memory. */
	uint64_t memory_free; /**< Bytes free when the snapshot was taken. */
	unsigned int nb_huge; /**< Entries used in huge[]. */
	struct tide_huge huge[TIDE_HUGE_SIZES_MAX]; /**< By page size, largest first. */
};

/** The rung of the ladder that told the node of a port; the first that knows wins. */
enum tide_rung {
	TIDE_RUNG_DEVICE, /**< The device's own node. */
	TIDE_RUNG_CPULIST, /**< The node of all CPUs in the device's local_cpulist. */
	TIDE_RUNG_PARENT, /**< The node of a PCI bridge above the device. */
	TIDE_RUNG_ONLY_NODE, /**< One node has memory that may be used, and it has CPUs. */
	TIDE_RUNG_LCORE, /**< The node of the lcore that polls the port. */
	TIDE_RUNG_UNKNOWN, /**< Nobody knows: the node is TIDE_NODE_UNKNOWN. */
};

/** What is known of a device before the ladder is climbed. */
struct tide_device_facts {
	int device_node; /**< The device's own node, or TIDE_NODE_UNKNOWN. */
	int cpulist_node; /**< Node of all CPUs in its local_cpulist, or TIDE_NODE_UNKNOWN. */
	int parent_node; /**< Node of the nearest PCI bridge that has one, or TIDE_NODE_UNKNOWN. */
};

struct tide_topology;

/**
 * Read the machine this process runs on.
 *
 * On a kernel without NUMA the machine is one node, 0. A CPU that several nodes list (numa=fake)
 * is on the node that the kernel's link in the CPU's own folder names. A distance of 0 is not
 * stated by the firmware and becomes 10 to the node itself, 20 to others.
 *
 * A file that is missing or holds something else does not refuse the machine: all is read once
 * more, as a node can come or go between two files. If that does not help, a node without a folder
 * is left out, one without a list of CPUs or of memory counts as without any, a wrong distance is a
 * default one; if no node has memory then, the machine is one node, 0. One warning in the log names
 * the first such file and the value assumed instead.
 *
 * @return
 *   The topology, to be freed with tide_topology_free(); NULL with rte_errno set:
 *   - ENOMEM: out of memory.
 *   - EIO: neither a node nor /proc/meminfo tells of any memory; the log names the file.
 */
struct tide_topology *tide_topology_create(void);

/**
 * Make a topology from a text, for tests of policy on machines nobody has.
 *
 * One line per node, `#` starts a comment, the order of the fields is free, only `node` is required:
 *
 *     node 0 cpus 0-3,8 memory 16G huge 2M:512/500 huge 1G:4/4 distance 0:10,7:21 latency 0:90,7:260
 *     node 7 cpus - memory 64G distance 0:17,7:10
 *     allowed cpus 0-1 nodes 0,7 membind 7
 *
 * `cpus` is a kernel CPU list, `-` for none. Sizes take K, M, G, T. `free SIZE` is the free part of
 * `memory`, else all of it is free. `huge SIZE:TOTAL/FREE`; a lone TOTAL is all free. Distances not
 * named are 10 to itself and 20 to others. `latency` is in nanoseconds, 1 to 1000000, as
 * tide_topology_measure() finds it; those not named are not measured. Without an `allowed` line
 * everything is allowed, and so is what such a line does not name a key for; `nodes` is Mems_allowed,
 * `membind` a binding policy.
 *
 * @param text
 *   NUL-terminated text; not NULL.
 * @return
 *   The topology; NULL with rte_errno set:
 *   - EINVAL: the text is wrong (unknown key, overlapping CPUs, node named twice, no memory on any
 *     node, ...); the log names the line and what is wrong there.
 *   - ENOMEM: out of memory.
 */
struct tide_topology *tide_topology_parse(const char *text);

/**
 * Free a topology. NULL does nothing.
 */
void tide_topology_free(struct tide_topology *topo);

/** Number of nodes, allowed or not. */
unsigned int tide_topology_nb_nodes(const struct tide_topology *topo);

/**
 * The i-th node in ascending order of id.
 *
 * @param i  0 to tide_topology_nb_nodes() - 1.
 * @return   The node, valid as long as the topology; NULL when i is out of range.
 */
const struct tide_node *tide_topology_node_at(const struct tide_topology *topo, unsigned int i);

/**
 * The node with an id.
 *
 * @return  The node, valid as long as the topology; NULL when there is none (unknown included).
 */
const struct tide_node *tide_topology_node(const struct tide_topology *topo, int id);

/**
 * Why this process may not use the memory of a node, and what mends it.
 *
 * @return  The end of a sentence ("it is not in Mems_allowed: widen ..."); NULL when it may.
 */
const char *tide_node_refusal(const struct tide_node *node);

/**
 * Distance between two nodes as the firmware states it: 10 is local; a hint, not a ratio.
 *
 * @return  The distance, or 0 when either node does not exist.
 */
unsigned int tide_topology_distance(const struct tide_topology *topo, int from, int to);

/**
 * Measure what a CPU of one node waits for memory of another, and keep it in the topology. MT-safe.
 *
 * A short-lived thread on the CPUs of `from` follows pointers through 2 MB on `to`, flushed from
 * all caches; the kernel is asked first whether every page is there. Takes about 5 ms on an idle
 * CPU and blocks until it is over; not for the data path. The caller's affinity and memory policy
 * stay as they are. Measurements at the same time are safe, but slow each other down. Under
 * emulation the figure is that of the emulator, and says nothing of nodes.
 *
 * @param topo  Topology of this machine, as tide_topology_create() makes it; not NULL.
 * @param from  Node whose CPUs wait.
 * @param to    Node whose memory they wait for; may be `from`.
 * @return
 *   - 0: tide_topology_latency() tells the figure.
 *   - -EINVAL: the topology has no node `from` or `to`.
 *   - -ENODEV: this process may use no CPU of `from`, or no memory of `to`; or the topology, made
 *     from a text, names what this machine does not have.
 *   - -ENOMEM: out of memory, or `to` had too little and the pages came from elsewhere.
 *   - -EAGAIN: no thread could be started.
 *   - -ENOTSUP: this kind of CPU does not let programs flush caches: neither x86 nor Arm, of 64 bits.
 *   - Other negative errno: the kernel does not let this process place memory, or does not tell
 *     where it is (-EPERM in some containers), and several nodes could give it.
 *   On failure the log says why, and what was measured before stays.
 */
int tide_topology_measure(struct tide_topology *topo, int from, int to);

/**
 * What a CPU of one node waits for a cache line that lies in the memory of a node and in no cache.
 *
 * As tide_topology_measure() found it, or as the text said.
 *
 * @return  Nanoseconds, from 1 on; 0 when it was not measured, or when either node does not exist.
 */
unsigned int tide_topology_latency(const struct tide_topology *topo, int from, int to);

/**
 * Nodes ordered by distance, nearest first: this is the order of every fall in tidepool.
 *
 * The node itself leads. Of nodes equally far, those with CPUs come before memory without (CXL,
 * HBM), then they go by id. So memory without CPUs is taken for a node that has none to give when it
 * really is the nearest, as the firmware states it, and not otherwise.
 *
 * @param from      Node to start from.
 * @param mem_only  Only nodes that have memory this process may use.
 * @param ids       Table of `max` places for node ids.
 * @param max       Places in ids.
 * @return  How many ids were written, at most max; 0 when `from` does not exist.
 */
unsigned int tide_topology_nearest(
	const struct tide_topology *topo, int from, bool mem_only, int *ids, unsigned int max);

/**
 * Memory without CPUs that this process may use, nearest first: where packets can spill to.
 *
 * No worker lives on such a node, so no pool is made there unless it is named: in
 * tide_pool_conf.nodes, with tide_pool_conf.spill to use it.
 *
 * @param from  Node to start from.
 * @param ids   Table of `max` places for node ids.
 * @param max   Places in ids.
 * @return  How many ids were written, at most max; 0 when there are none, or no node `from`.
 */
unsigned int
tide_topology_tiers(const struct tide_topology *topo, int from, int *ids, unsigned int max);

/** The node of a CPU, or TIDE_NODE_UNKNOWN. */
int tide_topology_cpu_node(const struct tide_topology *topo, unsigned int cpu);

/** Whether this process may run on a CPU; false for a CPU that does not exist. */
bool tide_topology_cpu_allowed(const struct tide_topology *topo, unsigned int cpu);

/**
 * The node of an lcore: the node of the CPU EAL runs it on.
 *
 * @param lcore_id  EAL lcore id; LCORE_ID_ANY and lcores that are off are unknown.
 * @return  Node id or TIDE_NODE_UNKNOWN (also when the lcore's CPUs lie on several nodes).
 */
int tide_topology_lcore_node(const struct tide_topology *topo, unsigned int lcore_id);

/**
 * Climb the ladder for one device: the first rung that names an existing node wins.
 *
 * A rung that names a node this topology does not have is passed over.
 *
 * @param facts     What is known of the device; NULL: nothing.
 * @param lcore_id  Lcore that will poll it, or LCORE_ID_ANY when not known yet.
 * @param rung      Where to store the rung taken; may be NULL.
 * @return  Node id, or TIDE_NODE_UNKNOWN with *rung = TIDE_RUNG_UNKNOWN.
 */
int tide_topology_place(const struct tide_topology *topo, const struct tide_device_facts *facts,
	unsigned int lcore_id, enum tide_rung *rung);

/**
 * The node of an ethdev port, by the ladder. Needs EAL; reads sysfs for PCI devices.
 *
 * Virtual devices have no node of their own: they end on TIDE_RUNG_ONLY_NODE, TIDE_RUNG_LCORE or
 * TIDE_RUNG_UNKNOWN, unless EAL gave the device a node (a `numa_node` devarg of the driver).
 *
 * @param port_id   Port; need not be configured.
 * @param lcore_id  Lcore that will poll it, or LCORE_ID_ANY.
 * @param rung      Where to store the rung taken; may be NULL.
 * @return  Node id, or TIDE_NODE_UNKNOWN (also for a port that does not exist).
 */
int tide_topology_port_node(const struct tide_topology *topo, uint16_t port_id,
	unsigned int lcore_id, enum tide_rung *rung);

/** A few words for a rung ("device", "local_cpulist", ...); never NULL. */
const char *tide_rung_name(enum tide_rung rung);

/**
 * Write the topology for people: a line per node, then the distance table.
 *
 * tide_topology_parse() reads what this writes; only cgroup limits are lost.
 */
void tide_topology_dump(const struct tide_topology *topo, FILE *out);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_TOPOLOGY_H */
