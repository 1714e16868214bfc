/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_EAL_H
#define TIDE_EAL_H

/**
 * @file
 * The memory of EAL: which kind it can start with, on which node its heap is, which arguments it needs.
 *
 * EAL ends the process by SIGABRT, or fails without a reason, if it gets no huge pages on the node
 * of the main lcore. So a program asks before rte_eal_init(), and passes the answer as arguments.
 *
 * **Placement.** tide_eal_memory() and tide_eal_advise() read counts of free huge pages, which
 * other processes change. They reserve nothing and promise nothing.
 *
 * **Threads.** Any thread may call any function. No function is for the data path.
 *
 * An example:
 * @include eal.c
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tide_topology.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** The memory that EAL can start with. */
struct tide_eal_memory {
	/** Node of the main lcore, where EAL's heap begins; TIDE_NODE_UNKNOWN: it cannot be told. */
	int node;
	/**
	 * The EAL argument that the arguments lack: "--no-huge" or "--in-memory". Empty if EAL
	 * starts without it, or if it starts with no kind of memory.
	 */
	char argument[16];
	/** The arguments have --huge-unlink=never: EAL leaves its files in a hugetlbfs for the next start. */
	bool keeps_files;
	char reason[512]; /**< Why EAL needs the argument, or why it does not start; else empty. */
	char hint[256]; /**< What to do if EAL does not start; else empty. */
};

/**
 * Find the kind of memory that EAL can start with on this machine. MT-safe.
 *
 * For a call before rte_eal_init(). It reads sysfs and /proc/mounts, and asks the kernel whether
 * this process may ask where pages are.
 *
 * If the arguments name a kind of memory (--in-memory, --no-huge, --huge-dir, --huge-unlink,
 * --legacy-mem, --single-file-segments), that choice is kept. Else `argument` is:
 *   - "--no-huge" if no huge page is free on the node of the main lcore, or if the kernel does not
 *     tell this process where pages are. EAL then has no heap on other nodes. It is not chosen
 *     beside --socket-mem and other arguments that EAL refuses with it.
 *   - "--in-memory" if huge pages are free but no hugetlbfs of them can be written to.
 *
 * @param argc    Number of strings in argv, at least 1.
 * @param argv    The program's name and its arguments for EAL, without "--" and what follows; not NULL.
 * @param memory  Where to store the answer; not NULL. Written unless the return value is -EINVAL.
 * @return
 *   - 0: EAL can start with these arguments and memory->argument.
 *   - -ENOMEM: the arguments request huge pages, and the node of the main lcore has none;
 *     memory->reason and memory->hint say which node and what to do.
 *   - -EINVAL: argc is below 1, or a pointer is NULL.
 */
int tide_eal_memory(int argc, char *const argv[], struct tide_eal_memory *memory);

/** Where EAL's heap should be, and the arguments for it. */
struct tide_eal_advice {
	int node; /**< Node where the heap should begin: that of the main lcore. */
	int cpu; /**< First CPU of that node that can be the main lcore. */
	/** EAL argument, for example "--socket-mem=0,64": megabytes by node id. */
	char socket_mem[512];
	/** The requested nodes that cannot be chosen, and why; empty: none. */
	char reason[512];
	/** Shell command that reserves huge pages on the first of them that lacks pages; else empty. */
	char hint[160];
};

/**
 * Choose the node of EAL's heap, and the arguments for it, for ports on some nodes. MT-safe.
 *
 * For a call before rte_eal_init(); tide_topology_pci_node() finds the nodes of NICs. The call reads
 * only the topology, except for the hint. EAL can have a heap on a node under three conditions: the
 * node has a CPU below RTE_MAX_LCORE, memory that this process may use, and `mb` megabytes of free
 * huge pages. The main lcore also needs a CPU there that this process may use.
 *
 * The first requested node that meets all four is chosen, else the nearest to the first requested
 * node. socket_mem reserves `mb` megabytes on the chosen node, and on each requested one on which EAL
 * can have a heap.
 * Descriptor rings, mempool headers and other small tables are in this memory. Buffers of a
 * tide_pool on EAL memory are in it too, and EAL takes more for them as needed.
 *
 * @param topo      Topology; not NULL.
 * @param nodes     Node ids of the ports, the most important first; TIDE_NODE_UNKNOWN is skipped; not NULL.
 * @param nb_nodes  Entries in nodes, at least 1.
 * @param mb        Megabytes of EAL memory on each node, at least 1.
 * @param advice    Where to store the answer; not NULL. Written if the return value is 0 or -ENOMEM.
 * @return
 *   - 0: chosen.
 *   - -EINVAL: a pointer is NULL, or a number is 0.
 *   - -ENOENT: the topology does not have one of the nodes.
 *   - -ERANGE: EAL does not reach one of the nodes: its id is RTE_MAX_NUMA_NODES or more.
 *   - -ENOMEM: no node meets the conditions; node is TIDE_NODE_UNKNOWN, cpu is -1 and socket_mem is
 *     empty; reason and hint are filled. tide_eal_memory() finds what EAL can start with instead.
 */
int tide_eal_advise(const struct tide_topology *topo, const int *nodes, unsigned int nb_nodes,
	unsigned int mb, struct tide_eal_advice *advice);

/**
 * Find the nearest node on which EAL's heap has a free block. MT-safe.
 *
 * For a call after rte_eal_init(). It allocates a block and frees it, so a later request of that
 * size most likely succeeds, but another thread can take the memory first. EAL has no heap on a node
 * without CPUs, and an empty one on a node without huge pages. A driver that asks there for
 * descriptors fails: pass the result as socket_id of rte_eth_rx_queue_setup(), rte_malloc_socket()
 * and similar calls.
 *
 * @param topo   Topology; not NULL.
 * @param node   Node id as the kernel numbers it.
 * @param bytes  Bytes of the block, at least 1.
 * @return  Node id; TIDE_NODE_UNKNOWN, which is SOCKET_ID_ANY, if no node that this process may use
 *          has such a block or the topology does not have the node.
 */
int tide_eal_heap_near(const struct tide_topology *topo, int node, size_t bytes);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_EAL_H */
