/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_TOPOLOGY_H
#define TIDE_TOPOLOGY_H

/**
 * @file
 * The machine: nodes, CPUs, distances, huge pages, and the node that a port or an lcore belongs to.
 *
 * A topology is a snapshot, read from sysfs and procfs at start-up or made from a short text. Only
 * tide_topology_measure() changes it afterwards: it adds latencies. It is not for the data path.
 *
 * **Threads.** Any thread may call any function. Many threads may read a topology at once, also
 * while another thread measures. The caller of tide_topology_free() makes sure that no thread uses
 * the topology any more.
 *
 * **Placement.** Nothing here places memory for the caller.
 *
 * **Node ids** are those of the kernel, sparse, 0 to TIDE_NODE_MAX - 1. A node may have no CPUs
 * (CXL, HBM) or no memory.
 *
 * **Allowed.** A CPU is allowed if it is in the Cpus_allowed of any thread of this process. (EAL
 * pins the main thread to one CPU, so one thread alone does not show all.)
 * A node's memory is allowed under two conditions. The node is in the Mems_allowed of the process.
 * And no binding memory policy (MPOL_BIND, as `numactl --membind` sets it) of the thread that makes
 * the topology leaves it out. Preferring and interleaving policies limit nothing here, because the
 * kernel takes memory elsewhere when it must. Where get_mempolicy(2) is forbidden, the topology
 * assumes that the thread has no policy.
 *
 * An example:
 * @include topology.c
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Node ids are 0 to TIDE_NODE_MAX - 1 (the kernel's largest CONFIG_NODES_SHIFT is 10). */
#define TIDE_NODE_MAX 1024

/** CPU ids are 0 to TIDE_CPU_MAX - 1 (the kernel's largest CONFIG_NR_CPUS is 8192). */
#define TIDE_CPU_MAX 8192

/** The node is not known. The library never replaces it by node 0 silently. */
#define TIDE_NODE_UNKNOWN (-1)

/** Most huge page sizes that one node can report. */
#define TIDE_HUGE_SIZES_MAX 8

/** Huge pages of one size on one node, as sysfs counts them. */
struct tide_huge {
	uint64_t page_size; /**< Bytes in a page. */
	uint64_t total; /**< Pages configured. */
	uint64_t free; /**< Pages that no process has. */
	/**
	 * Pages that the cgroups of this process let it have, on all nodes together; UINT64_MAX: no
	 * limit.
	 */
	uint64_t limit;
};

/** One node. */
struct tide_node {
	int id; /**< As the kernel numbers it. */
	unsigned int nb_cpus; /**< CPUs of the node; 0 for memory without CPUs. */
	unsigned int nb_cpus_allowed; /**< Those of them that this process may run on. */
	bool mem_cpuset; /**< The node is in the Mems_allowed of the process. */
	bool mem_allowed; /**< The process may use its memory: in Mems_allowed and the policy. */
	uint64_t memory; /**< Bytes of memory; 0 for CPUs without memory. */
	uint64_t memory_free; /**< Bytes free when the snapshot was taken. */
	unsigned int nb_huge; /**< Entries used in huge[]. */
	struct tide_huge huge[TIDE_HUGE_SIZES_MAX]; /**< By page size, largest first. */
};

/**
 * The node source of a port: the step of the fallback chain that named its node. The steps are
 * tried in this order, and the first that names an existing node wins.
 */
enum tide_node_source {
	TIDE_NODE_SOURCE_DEVICE, /**< The device's own node. */
	TIDE_NODE_SOURCE_CPULIST, /**< The node of all CPUs in the device's local_cpulist. */
	TIDE_NODE_SOURCE_PARENT, /**< The node of a PCI bridge above the device. */
	TIDE_NODE_SOURCE_ONLY_NODE, /**< The only node with usable memory, if it has CPUs. */
	TIDE_NODE_SOURCE_LCORE, /**< The node of the lcore that polls the port. */
	TIDE_NODE_SOURCE_UNKNOWN, /**< No step names a node: the answer is TIDE_NODE_UNKNOWN. */
};

/** Facts about a device, read from EAL and sysfs: the input of the fallback chain. */
struct tide_device_facts {
	int device_node; /**< The device's own node, or TIDE_NODE_UNKNOWN. */
	int cpulist_node; /**< Node of all CPUs in its local_cpulist, or TIDE_NODE_UNKNOWN. */
	int parent_node; /**< Node of the nearest PCI bridge that has one, or TIDE_NODE_UNKNOWN. */
};

/** A snapshot of a machine; opaque. */
struct tide_topology;

/**
 * Read the machine that this process runs on.
 *
 * On a kernel without NUMA the machine is one node, 0. A CPU that several nodes list (numa=fake)
 * is on the node that the link in the CPU's own sysfs directory names. A distance of 0 means that
 * the firmware states none: it becomes 10 from a node to itself and 20 to others.
 *
 * A missing or malformed file does not make the call fail. Everything is read once more, as a node
 * can appear or disappear between two reads. If that does not help:
 *   - a node without a directory is left out;
 *   - a node without a list of CPUs or of memory counts as one without any;
 *   - a wrong distance becomes the default distance;
 *   - if no node has memory then, the machine is one node, 0.
 *
 * One warning in the log names the first such file and the value that is assumed instead.
 *
 * @return
 *   The topology, which the caller frees with tide_topology_free(); NULL with rte_errno set:
 *   - ENOMEM: out of memory.
 *   - EIO: neither a node nor /proc/meminfo reports any memory; the log names the file.
 */
struct tide_topology *tide_topology_create(void);

/**
 * Make a topology from a text, to test policies on machines that are not at hand.
 *
 * The text has one line per node. `#` starts a comment. The order of the fields is free and only
 * `node` is required:
 *
 *     node 0 cpus 0-3,8 memory 16G huge 2M:512/500 huge 1G:4/4 distance 0:10,7:21 latency 0:90,7:260
 *     node 7 cpus - memory 64G distance 0:17,7:10
 *     allowed cpus 0-1 nodes 0,7 membind 7
 *
 *   - `cpus` is a CPU list as the kernel writes it, `-` for none.
 *   - Sizes take the suffixes K, M, G and T.
 *   - `free SIZE` is the free part of `memory`; without it all of the memory is free.
 *   - `huge SIZE:TOTAL/FREE` counts huge pages; with TOTAL alone, all of them are free. Those of a node have 4096T at
 *     most.
 *   - `distance` gives distances by node; the default is 10 to the node itself and 20 to others.
 *   - `latency` is in nanoseconds, 1 to 1000000, as tide_topology_measure() finds it; a latency
 *     that is not given counts as not measured.
 *   - `allowed` limits what the process may use; a key that it does not name limits nothing.
 *     `nodes` is Mems_allowed, `membind` a binding memory policy.
 *
 * @param text  NUL-terminated text; not NULL.
 * @return
 *   The topology, which the caller frees with tide_topology_free(); NULL with rte_errno set:
 *   - EINVAL: the text is wrong (unknown key, overlapping CPUs, node named twice, no memory on any
 *     node, ...); the log names the line and the mistake.
 *   - ENOMEM: out of memory.
 */
struct tide_topology *tide_topology_parse(const char *text);

/**
 * Free a topology.
 *
 * @param topo  Topology that no thread uses any more; NULL does nothing.
 */
void tide_topology_free(struct tide_topology *topo);

/**
 * Count the nodes of a topology, allowed or not.
 *
 * @param topo  Topology; not NULL.
 * @return  Number of nodes.
 */
unsigned int tide_topology_nb_nodes(const struct tide_topology *topo);

/**
 * Find the i-th node in ascending order of id.
 *
 * @param topo  Topology; not NULL.
 * @param i     Index, 0 to tide_topology_nb_nodes() - 1.
 * @return  The node, valid as long as the topology; NULL if i is out of range.
 */
const struct tide_node *tide_topology_node_at(const struct tide_topology *topo, unsigned int i);

/**
 * Find a node by its id.
 *
 * @param topo  Topology; not NULL.
 * @param id    Node id as the kernel numbers it; TIDE_NODE_UNKNOWN names no node.
 * @return  The node, valid as long as the topology; NULL if the topology has no such node.
 */
const struct tide_node *tide_topology_node(const struct tide_topology *topo, int id);

/**
 * Explain why this process may not use the memory of a node, and what to do about it.
 *
 * @param node  Node of a topology; not NULL.
 * @return  The end of a sentence, a static string ("it is not in Mems_allowed: widen ..."); NULL if
 *          the process may use the memory.
 */
const char *tide_node_refusal(const struct tide_node *node);

/**
 * Read the distance between two nodes as the firmware states it.
 *
 * 10 is local. A distance is a hint, not a ratio; tide_topology_measure() measures.
 *
 * @param topo  Topology; not NULL.
 * @param from  Node id of the CPU.
 * @param to    Node id of the memory.
 * @return  The distance; 0 if either node does not exist.
 */
unsigned int tide_topology_distance(const struct tide_topology *topo, int from, int to);

/**
 * Measure how long a CPU of one node waits for memory of another, and keep it in the topology.
 *
 * MT-safe; simultaneous measurements slow each other down. A short-lived thread on the CPUs of
 * `from` follows pointers through 2 MB of memory on `to` that it has flushed from all caches. The
 * kernel confirms first that every page is there. The call blocks until it is over, about 5 ms on
 * an idle CPU, so it is not for the data path. The affinity and the memory policy of the calling
 * thread do not change. Under emulation the result is a latency of the emulator and tells nothing
 * about nodes.
 *
 * @param topo  Topology of this machine, made by tide_topology_create(); not NULL.
 * @param from  Node id of the CPUs that wait.
 * @param to    Node id of the memory; may be equal to `from`.
 * @return
 *   - 0: measured; tide_topology_latency() returns the result.
 *   - -EINVAL: the topology has no node `from` or no node `to`.
 *   - -ENODEV: this process may use no CPU of `from`, or no memory of `to`; or the topology was
 *     made from a text and names nodes or CPUs that this machine does not have.
 *   - -ENOMEM: out of memory, or `to` had too little and the kernel took pages from elsewhere.
 *   - -EAGAIN: no thread could be started.
 *   - -ENOTSUP: programs cannot flush the caches of this CPU: it is neither 64-bit x86 nor 64-bit
 *     Arm.
 *   - Other negative errno: the kernel refuses to place memory or to report where it is (-EPERM in
 *     some containers), and more than one node could have provided it.
 *
 *   On failure the log has the reason, and an earlier result stays.
 */
int tide_topology_measure(struct tide_topology *topo, int from, int to);

/**
 * Read how long a CPU of one node waits for a cache line that is in memory of a node and in no
 * cache.
 *
 * The latency is the result of tide_topology_measure(), or the one in the text of
 * tide_topology_parse().
 *
 * @param topo  Topology; not NULL.
 * @param from  Node id of the CPU.
 * @param to    Node id of the memory.
 * @return  Nanoseconds, at least 1; 0 if it was not measured or if either node does not exist.
 */
unsigned int tide_topology_latency(const struct tide_topology *topo, int from, int to);

/**
 * List nodes by distance, nearest first: the order of every fallback in tidepool.
 *
 * The first is the node itself. Among nodes at the same distance, those with CPUs come before those
 * without (CXL, HBM), then the lower id comes first. So a node without CPUs is the fallback of
 * another node only if the firmware states that it is the nearest.
 *
 * @param topo      Topology; not NULL.
 * @param from      Node id to start from.
 * @param mem_only  List only nodes that have memory which this process may use.
 * @param ids       Table of `max` entries for node ids.
 * @param max       Entries in ids.
 * @return  Number of ids written, at most max; 0 if `from` does not exist.
 */
unsigned int tide_topology_nearest(
	const struct tide_topology *topo, int from, bool mem_only, int *ids, unsigned int max);

/**
 * List nodes that have memory which this process may use but no CPUs, nearest first.
 *
 * Packets can spill to such a node. No worker runs there, so no pool is made there by default. To
 * use one, name it in tide_pool_conf.nodes and set tide_pool_conf.spill.
 *
 * @param topo  Topology; not NULL.
 * @param from  Node id to start from.
 * @param ids   Table of `max` entries for node ids.
 * @param max   Entries in ids.
 * @return  Number of ids written, at most max; 0 if there are none or `from` does not exist.
 */
unsigned int
tide_topology_tiers(const struct tide_topology *topo, int from, int *ids, unsigned int max);

/**
 * Find the node of a CPU.
 *
 * @param topo  Topology; not NULL.
 * @param cpu   CPU id as the kernel numbers it.
 * @return  Node id; TIDE_NODE_UNKNOWN if no node lists the CPU.
 */
int tide_topology_cpu_node(const struct tide_topology *topo, unsigned int cpu);

/**
 * Check whether this process may run on a CPU.
 *
 * @param topo  Topology; not NULL.
 * @param cpu   CPU id as the kernel numbers it.
 * @return  true if it may; false if it may not or if the CPU does not exist.
 */
bool tide_topology_cpu_allowed(const struct tide_topology *topo, unsigned int cpu);

/**
 * Find the node of an lcore: the node of the CPUs that EAL runs it on.
 *
 * @param topo      Topology; not NULL.
 * @param lcore_id  EAL lcore id.
 * @return  Node id; TIDE_NODE_UNKNOWN for LCORE_ID_ANY, for an lcore that is off, and for one whose
 *          CPUs are on several nodes.
 */
int tide_topology_lcore_node(const struct tide_topology *topo, unsigned int lcore_id);

/**
 * Find the node of a device by the fallback chain of enum tide_node_source.
 *
 * The first node source that names an existing node wins. A source that names a node which this
 * topology does not have is skipped.
 *
 * @param topo      Topology; not NULL.
 * @param facts     What is known of the device; NULL: nothing.
 * @param lcore_id  Lcore that will poll it; LCORE_ID_ANY if it is not known yet.
 * @param source    Where to store the node source; may be NULL.
 * @return  Node id; TIDE_NODE_UNKNOWN, with *source = TIDE_NODE_SOURCE_UNKNOWN, if no source names one.
 */
int
tide_topology_device_node(const struct tide_topology *topo, const struct tide_device_facts *facts,
	unsigned int lcore_id, enum tide_node_source *source);

/**
 * Find the node of a PCI device by the fallback chain of enum tide_node_source.
 *
 * Needs no EAL, so that a program can choose EAL's arguments by it, see tide_eal_advise(). It reads
 * sysfs. The device may have any driver or none.
 *
 * @param topo     Topology; not NULL.
 * @param address  As EAL takes it: "0000:3b:00.0", or "3b:00.0" for domain 0; not NULL.
 * @param source   Where to store the node source; may be NULL.
 * @return  Node id; TIDE_NODE_UNKNOWN, with *source = TIDE_NODE_SOURCE_UNKNOWN, if no source names
 *          one, if the text is no address and if the machine does not have the device.
 */
int tide_topology_pci_node(
	const struct tide_topology *topo, const char *address, enum tide_node_source *source);

/**
 * Find the node of an ethdev port by the fallback chain of enum tide_node_source.
 *
 * Needs EAL; reads sysfs for PCI devices. A virtual device has no node of its own, unless EAL gave
 * it one (a `numa_node` devarg of the driver). Its node source is TIDE_NODE_SOURCE_ONLY_NODE,
 * TIDE_NODE_SOURCE_LCORE or TIDE_NODE_SOURCE_UNKNOWN.
 *
 * @param topo      Topology; not NULL.
 * @param port_id   Port; it need not be configured.
 * @param lcore_id  Lcore that will poll it; LCORE_ID_ANY if it is not known yet.
 * @param source    Where to store the node source; may be NULL.
 * @return  Node id; TIDE_NODE_UNKNOWN if no source names one or the port does not exist.
 */
int tide_topology_port_node(const struct tide_topology *topo, uint16_t port_id,
	unsigned int lcore_id, enum tide_node_source *source);

/**
 * Name a node source in a few words ("device", "local_cpulist", ...).
 *
 * @param source  Node source.
 * @return  A static string; never NULL, also for a value that is no node source.
 */
const char *tide_node_source_name(enum tide_node_source source);

/**
 * Write the topology for people: a line per node, then the table of distances.
 *
 * tide_topology_parse() reads this text. Only the limits of cgroups are lost on that way.
 *
 * @param topo  Topology; not NULL.
 * @param out   Stream to write to.
 */
void tide_topology_dump(const struct tide_topology *topo, FILE *out);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_TOPOLOGY_H */
