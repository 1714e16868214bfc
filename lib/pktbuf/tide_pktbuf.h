/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_PKTBUF_H
#define TIDE_PKTBUF_H

/**
 * @file
 * Packets that take about their size: mbufs whose data is allocated to measure from chunks of a
 * node.
 *
 * It is for code that keeps packets: shapers, reorder buffers, capture. An mbuf as drivers fill it
 * takes 2 KB for any packet. Here a packet of 64 bytes takes 280 bytes: 192 for the mbuf and its
 * mempool header, 64 for data, 24 for its reference count.
 *
 * **Structure.** A set has, on each of its nodes, a mempool of bare mbufs and a mempool of chunks.
 * An lcore allocates from a chunk of its own, without atomics; threads without an lcore id share
 * one per node, lock-free. The results are ordinary mbufs with an external buffer
 * (RTE_MBUF_F_EXTERNAL). Any thread may free them with rte_pktmbuf_free(), clone, chain and send
 * them. The last free of the last packet of a chunk returns the chunk, on any core. So one packet
 * that is kept keeps its whole chunk: choose small chunks if some packets are kept much longer than
 * others.
 *
 * **Differences from other mbufs.**
 *  - There is no headroom unless conf.headroom requests it: rte_pktmbuf_prepend() fails.
 *  - The reference count of the buffer (rte_mbuf_ext_refcnt_read()) belongs to one packet and its
 *    clones: 1 means that no other mbuf refers to the data. Like that of any mbuf it has 16 bits:
 *    65,534 clones at a time.
 *  - A port may send them directly: buf_iova is right, and a packet has contiguous IO addresses.
 *    Chunks that are not EAL's memory must be mapped for it (tide_pktbuf_dma_map()). Its
 *    RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE must be off, because it does not handle external buffers.
 *  - They are not for receive queues: tide_pool makes such buffers.
 *  - Primary process only: the last free calls a function, which other processes have at another
 *    address. Other processes may read the packets.
 *
 * **Placement.** Mbufs and chunks are on measured memory of their node.
 *
 * **Threads.** Creating and freeing a set and mapping it for ports are for control threads. Any
 * thread may call the rest. A thread that is stopped inside a call makes no other thread wait. A
 * thread that is killed there can lose a chunk and some mbufs.
 *
 * An example:
 * @include pktbuf.c
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_mbuf.h>

#include "tide_region.h"
#include "tide_topology.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Longest name of a set, characters. */
#define TIDE_PKTBUF_NAME_MAX 11

/** Smallest chunk, bytes; the size of a chunk is a power of two. */
#define TIDE_PKTBUF_CHUNK_MIN (UINT32_C(1) << 10)

/** Largest chunk, bytes. */
#define TIDE_PKTBUF_CHUNK_MAX (UINT32_C(1) << 20)

/** Value of tide_pktbuf_conf.chunk_size that 0 means, bytes. */
#define TIDE_PKTBUF_CHUNK_DEFAULT (UINT32_C(1) << 16)

/** Most chunks on one node. */
#define TIDE_PKTBUF_CHUNKS_MAX ((UINT32_C(1) << 24) - 2)

/** The requested set. Zero is a good default in every field except name, packets and chunks. */
struct tide_pktbuf_conf {
	const char *name; /**< Mempools are called NAME_mbuf_node<id> and NAME_data_node<id>. */
	const struct tide_topology *topo; /**< Machine; must outlive the set; NULL: read once. */
	const int *nodes; /**< Nodes for packets; NULL: those of the lcores of EAL. */
	unsigned int nb_nodes; /**< Entries in nodes. */
	uint32_t packets; /**< Packets per node: the number of mbufs. */
	uint32_t chunks; /**< Chunks per node; see tide_pktbuf_chunks(). */
	uint32_t chunk_size; /**< Bytes of a chunk in total; 0: TIDE_PKTBUF_CHUNK_DEFAULT. */
	uint16_t headroom; /**< Bytes before the data of each packet. */
	uint32_t cache_size; /**< Per-lcore cache of mbufs; 0: none, which suits tide. */
	const char *ops; /**< Mempool ops by name; NULL: tide. */
	enum tide_page page; /**< As in tide_region_conf. */
	enum tide_backing backing; /**< As in tide_region_conf. */
	enum tide_enforce enforce; /**< As in tide_region_conf. */
};

/** Counters of one node of a set: approximate while others work, not an atomic snapshot. */
struct tide_pktbuf_stats {
	int node; /**< Node id. */
	uint64_t memory; /**< Bytes of mbufs and chunks: the length of both regions. */
	uint32_t mbufs; /**< Mbufs. */
	uint32_t mbufs_out; /**< Mbufs that are out. */
	uint64_t packets_out; /**< Packets whose data an mbuf refers to, be it only a clone. */
	uint32_t chunks; /**< Chunks. */
	uint32_t chunks_out; /**< Chunks that have packets or are open. */
	uint32_t chunks_open; /**< Those of them that a thread allocates from. */
	uint64_t packets; /**< Packets allocated since creation. */
	uint64_t bytes; /**< Bytes allocated since creation, with headroom and count. */
	uint64_t waste; /**< Bytes left at the end of chunks since creation. */
	uint64_t no_mbuf; /**< Calls that found too few mbufs. */
	uint64_t no_chunk; /**< Calls that found no chunk. */
};

/** A set; opaque. */
struct tide_pktbuf;

/**
 * Compute how many chunks a number of packets of one length needs. MT-safe; it reads only its
 * arguments.
 *
 * Add one chunk for each lcore that allocates, and one for all threads without an lcore id: each
 * has a chunk open. Packets of mixed lengths waste half a packet at the end of a chunk, on average.
 *
 * @param conf     Request, of which chunk_size and headroom count; not NULL.
 * @param packets  Packets.
 * @param len      Bytes of data per packet.
 * @return  Chunks; 0: len is 0 or too long for a chunk, see tide_pktbuf_alloc().
 */
uint64_t tide_pktbuf_chunks(const struct tide_pktbuf_conf *conf, uint64_t packets, uint32_t len);

/**
 * Create a set: on each node a mempool of bare mbufs and one of chunks. For a control thread.
 *
 * @param conf  Request.
 * @return
 *   The set, which the caller frees with tide_pktbuf_free(); NULL with rte_errno set and nothing
 *   left behind:
 *   - EINVAL: conf is NULL; no name or one that is too long; no packets; no chunks or more than
 *     TIDE_PKTBUF_CHUNKS_MAX; chunk_size not a power of two within its bounds; a headroom that leaves
 *     no room in a chunk; cache_size that rte_mempool refuses; a node that does not exist or is
 *     named twice, or no node at all; an unknown ops name.
 *   - EEXIST: a mempool of that name exists.
 *   - E_RTE_SECONDARY: this is not the primary process.
 *   - ENOTSUP: EAL is not initialised.
 *   - ENOMEM, EPERM, EXDEV: as tide_region_create(), or (ENOMEM) no memory for the tables of the
 *     set; the log names the node or the heap, and says what to do.
 *   - ENOSPC: EAL has no memzone left; the log says what to do.
 *   - EIO: conf->topo is NULL and the machine could not be read.
 */
struct tide_pktbuf *tide_pktbuf_create(const struct tide_pktbuf_conf *conf);

/**
 * Free a set and its memory. For a control thread; not MT-safe.
 *
 * Threads that free packets of the set must have returned from that call.
 *
 * @param set  Set; NULL does nothing and returns 0.
 * @return
 *   - 0: freed.
 *   - -EBUSY: packets or bare mbufs are out; nothing was freed; the log says how many on which
 *     node.
 */
int tide_pktbuf_free(struct tide_pktbuf *set);

/**
 * Allocate a packet with room for len bytes, on the node of the calling thread. MT-safe.
 *
 * The call is lock-free with lock-free mempool ops. For lcores it has no atomics except those of
 * the mempool of mbufs. The packet is empty, like that of rte_pktmbuf_alloc(): its data_len is 0,
 * and rte_pktmbuf_append() takes up to len bytes. Its buf_len is exactly headroom + len. If a
 * packet does not fit into the rest of a chunk, the rest is given up and another chunk is opened.
 *
 * If the set does not have the node of the caller, the packet is on the nearest node that it has.
 * The call makes no system call, with two exceptions. getcpu(2) tells the node of threads without
 * an lcore id, of threads that registered for one, and of lcores that EAL did not run when the set
 * was created. Such a thread calls gettid(2) once.
 *
 * @param set  Set; not NULL.
 * @param len  Bytes, 1 to 65,535 - headroom, and no more than fit into a chunk: chunk_size - 152 -
 *             headroom (64 of the mempool, 64 of the chunk, 24 of the packet).
 * @return
 *   The packet, with a reference count of one; NULL with rte_errno set and nothing taken:
 *   - EINVAL: len is 0.
 *   - EMSGSIZE: len is too long.
 *   - ENOBUFS: the node has no mbuf left.
 *   - ENOMEM: len does not fit into the open chunk, and the node has no chunk left, or another
 *     thread without an lcore id has just taken the last chunk and not used it.
 */
struct rte_mbuf *tide_pktbuf_alloc(struct tide_pktbuf *set, uint32_t len);

/**
 * Allocate a packet with room for len bytes, on a given node. Else like tide_pktbuf_alloc().
 *
 * @param set   Set; not NULL.
 * @param node  Node id as the kernel numbers it.
 * @param len   As in tide_pktbuf_alloc().
 * @return  As tide_pktbuf_alloc(), and NULL with rte_errno ENOENT: the set does not have this node.
 */
struct rte_mbuf *tide_pktbuf_alloc_on(struct tide_pktbuf *set, int node, uint32_t len);

/**
 * Copy a packet into compact form, on the node of the calling thread. MT-safe as
 * tide_pktbuf_alloc().
 *
 * The copy is one segment, as long as all segments of m together. It does not refer to m, so the
 * caller may free m at any time. The copy has all metadata of the packet: port, packet type, hash,
 * VLAN tags, offloads, timesync, dynamic fields and ol_flags. Those of ol_flags that describe the
 * buffer are those of the copy. The private area of the application is not copied.
 *
 * @param set  Set; not NULL.
 * @param m    Packet of any kind: direct, indirect, external; it is only read.
 * @return
 *   The copy, with a reference count of one; NULL with rte_errno set and nothing taken: as
 *   tide_pktbuf_alloc() for the length of m, and EINVAL if m is NULL.
 */
struct rte_mbuf *tide_pktbuf_copy(struct tide_pktbuf *set, const struct rte_mbuf *m);

/**
 * Copy a packet into compact form, on a given node. Else like tide_pktbuf_copy().
 *
 * @param set   Set; not NULL.
 * @param node  Node id as the kernel numbers it.
 * @param m     Packet of any kind; it is only read.
 * @return  As tide_pktbuf_copy(), and NULL with rte_errno ENOENT: the set does not have this node.
 */
struct rte_mbuf *tide_pktbuf_copy_on(struct tide_pktbuf *set, int node, const struct rte_mbuf *m);

/**
 * Copy packets in order, up to the first that cannot be copied. MT-safe as tide_pktbuf_alloc().
 *
 * Each copy is like one of tide_pktbuf_copy(); a burst is cheaper than single calls.
 *
 * @param set  Set; not NULL.
 * @param in   Table of n packets; they are only read.
 * @param out  Table of at least n entries that does not overlap in; as many are written as
 *             returned.
 * @param n    Packets.
 * @return  Number of copies; if it is less than n, rte_errno is as of tide_pktbuf_copy().
 */
unsigned int tide_pktbuf_copy_burst(
	struct tide_pktbuf *set, struct rte_mbuf *const *in, struct rte_mbuf **out, unsigned int n);

/**
 * Let a port send packets of the set directly: DMA-map the chunks of all nodes for it. Not MT-safe.
 *
 * For EAL memory it does nothing. See tide_region_dma_map().
 *
 * @param set      Set; not NULL.
 * @param port_id  Port.
 * @return
 *   - 0: done, or nothing to do.
 *   - -EINVAL: the port does not exist.
 *   - Other negative errno: as tide_region_dma_map(); the nodes before the one that failed are
 *     mapped.
 */
int tide_pktbuf_dma_map(struct tide_pktbuf *set, uint16_t port_id);

/**
 * Count the nodes of a set. MT-safe.
 *
 * @param set  Set; not NULL.
 * @return  Number of nodes, at least 1.
 */
unsigned int tide_pktbuf_nb_nodes(const struct tide_pktbuf *set);

/**
 * Read the id of the i-th node of a set, in ascending order. MT-safe.
 *
 * @param set  Set; not NULL.
 * @param i    Index, 0 to tide_pktbuf_nb_nodes() - 1.
 * @return  Node id as the kernel numbers it; TIDE_NODE_UNKNOWN if i is out of range.
 */
int tide_pktbuf_node_id(const struct tide_pktbuf *set, unsigned int i);

/**
 * Read the counters of a node, summed over its lcores. MT-safe.
 *
 * The call takes no packet and no lock. It walks all chunks of the node, so it is not for the data
 * path.
 *
 * @param set    Set; not NULL.
 * @param node   Node id as the kernel numbers it.
 * @param stats  Where to store them; written only on success.
 * @return
 *   - 0: stored.
 *   - -ENOENT: the set does not have this node.
 */
int tide_pktbuf_stats(const struct tide_pktbuf *set, int node, struct tide_pktbuf_stats *stats);

/**
 * Read where the chunks of a node are, as measured when the set was created. MT-safe.
 *
 * The data of the packets is in the chunks.
 *
 * @param set   Set; not NULL.
 * @param node  Node id as the kernel numbers it.
 * @return  The placement, valid as long as the set; NULL if the set does not have this node.
 */
const struct tide_placement *tide_pktbuf_placement(const struct tide_pktbuf *set, int node);

/**
 * Check the invariants of a set at rest. Not MT-safe.
 *
 * Free and outstanding mbufs are all mbufs, and the same holds for chunks. The count of each chunk
 * is its packets, plus what is left of its share while it is open.
 *
 * @param set  Set that no thread uses at the moment; not NULL.
 * @return
 *   - 0: sound.
 *   - -EINVAL: not sound; the log says what is wrong.
 *   - -ENOMEM: out of memory for the check.
 */
int tide_pktbuf_check(const struct tide_pktbuf *set);

/**
 * Write a set for people: a line per node. MT-safe.
 *
 * @param set  Set; not NULL.
 * @param out  Stream to write to.
 */
void tide_pktbuf_dump(const struct tide_pktbuf *set, FILE *out);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_PKTBUF_H */
