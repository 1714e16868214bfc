/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_PKTBUF_H
#define TIDE_PKTBUF_H

/**
 * @file
 * Packets that take about their size: mbufs whose data is allocated to measure from chunks of a node.
 *
 * For what holds packets: shapers, reorder buffers, capture. An mbuf as drivers fill it takes 2 KB
 * whatever is in it; here one of 64 bytes takes 280: 192 for the mbuf and its mempool header, 64 of
 * data, 24 for the count of who refers to it.
 *
 * A set has, on each of its nodes, a mempool of bare mbufs and a mempool of chunks. An lcore allocates
 * from a chunk of its own, without atomics; threads without an lcore id share one per node,
 * lock-free. What comes of it are ordinary mbufs with an external buffer (RTE_MBUF_F_EXTERNAL): free
 * them with rte_pktmbuf_free() on any thread, clone, chain and send them. The last free of the last
 * packet of a chunk gives the chunk back, on whatever core that happens; so one packet that is held
 * keeps its whole chunk. Where some packets are held much longer than others, take small chunks.
 *
 * What to mind with them:
 *  - There is no headroom unless conf.headroom asks for it: rte_pktmbuf_prepend() fails.
 *  - The buffer's own count (rte_mbuf_ext_refcnt_read()) belongs to one packet and its clones: 1
 *    means that nobody else sees the data. It has 16 bits, as any mbuf's: 65,534 clones at once.
 *  - A port may send them directly: buf_iova is right, a packet lies on contiguous IO addresses.
 *    Chunks that are not EAL's memory must be mapped for it (tide_pktbuf_dma_map()), and its
 *    RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE must be off: it knows of no external buffers.
 *  - They are no buffers to receive into: tide_pool makes those.
 *  - Primary process only: the last free calls a function, which other processes have elsewhere.
 *    These may read packets.
 *
 * Creating and freeing a set and mapping it for ports are for control threads; all else may be
 * called from any thread. A thread that is stopped inside a call keeps nobody waiting; one that is
 * killed there can take a chunk and some mbufs with it.
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

/** Longest name of a set. */
#define TIDE_PKTBUF_NAME_MAX 11

/** Bounds of a chunk's size, and what 0 in the conf means; bytes, powers of two. */
#define TIDE_PKTBUF_CHUNK_MIN     (UINT32_C(1) << 10)
#define TIDE_PKTBUF_CHUNK_MAX     (UINT32_C(1) << 20)
#define TIDE_PKTBUF_CHUNK_DEFAULT (UINT32_C(1) << 16)

/** Most chunks on one node. */
#define TIDE_PKTBUF_CHUNKS_MAX ((UINT32_C(1) << 24) - 2)

/** What to make. Zero is a good default in every field but name, packets and chunks. */
struct tide_pktbuf_conf {
	const char *name; /**< The mempools are called NAME_mbuf_node<id> and NAME_data_node<id>. */
	const struct tide_topology *topo; /**< Machine; must outlive the set; NULL: read once. */
	const int *nodes; /**< Nodes to hold packets on; NULL: those of the lcores EAL runs. */
	unsigned int nb_nodes;
	uint32_t packets; /**< Packets per node: mbufs. */
	uint32_t chunks; /**< Chunks per node; see tide_pktbuf_chunks(). */
	uint32_t chunk_size; /**< Bytes a chunk takes, all in; 0: TIDE_PKTBUF_CHUNK_DEFAULT. */
	uint16_t headroom; /**< Bytes in front of each packet's data. */
	uint32_t cache_size; /**< Per-lcore cache of mbufs; 0: none, which suits tide. */
	const char *ops; /**< Mempool ops by name; NULL: tide. */
	enum tide_page page;
	enum tide_backing backing;
	enum tide_enforce enforce;
};

/** Counters of one node of a set. Read while others work, each is near, not one instant. */
struct tide_pktbuf_stats {
	int node; /**< Node id. */
	uint64_t memory; /**< Bytes of mbufs and chunks, all in: the length of both regions. */
	uint32_t mbufs; /**< Mbufs. */
	uint32_t mbufs_out; /**< Mbufs out. */
	uint64_t packets_out; /**< Packets whose data is referred to, by a clone alone maybe. */
	uint32_t chunks; /**< Chunks. */
	uint32_t chunks_out; /**< Chunks that have packets, or are open. */
	uint32_t chunks_open; /**< Those of them somebody allocates from. */
	uint64_t packets; /**< Packets allocated, ever. */
	uint64_t bytes; /**< Bytes allocated, ever: headroom, data, count, rounded up to 8. */
	uint64_t waste; /**< Bytes left at the end of chunks, ever. */
	uint64_t no_mbuf; /**< Calls that found too few mbufs, ever. */
	uint64_t no_chunk; /**< Calls that found no chunk, ever. */
};

struct tide_pktbuf;

/**
 * How many chunks hold so many packets of one length. Pure; any thread.
 *
 * Add one for each lcore that allocates, and one for all threads without an lcore id: each keeps a
 * chunk open. Packets of mixed lengths waste half a packet at the end of a chunk, on average.
 *
 * @param conf     chunk_size and headroom count; not NULL.
 * @param packets  Packets.
 * @param len      Bytes of data of each.
 * @return  Chunks; 0: len is 0 or no chunk can hold it, see tide_pktbuf_alloc().
 */
uint64_t tide_pktbuf_chunks(const struct tide_pktbuf_conf *conf, uint64_t packets, uint32_t len);

/**
 * Make a set: on each node a mempool of bare mbufs and one of chunks, in memory of that node.
 *
 * @param conf  What to make.
 * @return
 *   The set; NULL with rte_errno set and nothing left behind:
 *   - EINVAL: conf is NULL; no name or one too long; no packets, no chunks or more than
 *     TIDE_PKTBUF_CHUNKS_MAX; chunk_size not a power of two within its bounds; a headroom that
 *     leaves no room in a chunk; cache_size that rte_mempool refuses; a node that does not exist or
 *     stands there twice, or none at all; an unknown ops name.
 *   - EEXIST: a mempool of that name exists.
 *   - E_RTE_SECONDARY: not the primary process.
 *   - ENOTSUP: EAL is not initialised.
 *   - ENOMEM, EPERM, EXDEV: as tide_region_create(), or (ENOMEM) no memory is left for the tables of
 *     the set; the log says which node or which heap, and what to do.
 *   - ENOSPC: EAL has no memzone left; the log says what to do.
 *   - EIO: conf->topo is NULL and the machine could not be read.
 */
struct tide_pktbuf *tide_pktbuf_create(const struct tide_pktbuf_conf *conf);

/**
 * Free a set and its memory. NULL does nothing and is 0.
 *
 * Who held its packets must have returned from freeing them.
 *
 * @return
 *   - 0: gone.
 *   - -EBUSY: packets are out, or mbufs alone; nothing was freed; the log says how many on which
 *     node.
 */
int tide_pktbuf_free(struct tide_pktbuf *set);

/**
 * A packet with room for len bytes, on the node of the calling thread. MT-safe; lock-free with
 * lock-free mempool ops, and for lcores without atomics but those of the mempool of mbufs.
 *
 * As from rte_pktmbuf_alloc() nothing is in it yet: its data_len is 0, rte_pktmbuf_append() takes up
 * to len bytes. Its buf_len is exactly headroom + len.
 *
 * A caller whose node the set has not gets it from the nearest that it has. Makes no system call,
 * save where the node must be asked for (getcpu(2)): on threads without an lcore id, on those that
 * registered for one, and on lcores that were none when the set was made; and gettid(2), once, on
 * the first of these. When a packet does not fit behind the others in its chunk the rest of that is
 * given up, and another is opened.
 *
 * @param len  Bytes, 1 to 65,535 less headroom, and no more than a chunk holds: chunk_size - 152 -
 *             headroom (64 of the mempool, 64 of the chunk, 24 of the packet).
 * @return
 *   The packet, with a reference count of one; NULL with rte_errno set and nothing taken:
 *   - EINVAL: len is 0.
 *   - EMSGSIZE: len is too long.
 *   - ENOBUFS: the node has no mbuf left.
 *   - ENOMEM: the node has no chunk left, or another thread without an lcore id has just taken the
 *     last one in vain, and len does not fit into the open one.
 */
struct rte_mbuf *tide_pktbuf_alloc(struct tide_pktbuf *set, uint32_t len);

/**
 * A packet with room for len bytes, on a node by name. As tide_pktbuf_alloc().
 *
 * @param node  Node id as the kernel numbers it.
 * @return  As tide_pktbuf_alloc(), and NULL with rte_errno ENODEV: the set has not that node.
 */
struct rte_mbuf *tide_pktbuf_alloc_on(struct tide_pktbuf *set, int node, uint32_t len);

/**
 * Copy a packet into compact form, on the node of the calling thread. MT-safe as tide_pktbuf_alloc().
 *
 * The copy is one segment, however many m has, and does not refer to m: free m when you like. All
 * that is known of the packet goes with it: port, packet type, ol_flags (those that tell where the
 * data lies set for the copy), hash, VLAN tags, offloads, timesync, dynamic fields; not an
 * application's private area. The length is that of m's segments together.
 *
 * @param m  Packet of any kind: direct, indirect, external; it is only read.
 * @return
 *   The copy, with a reference count of one; NULL with rte_errno set and nothing taken: as
 *   tide_pktbuf_alloc() for the length of m, and EINVAL when m is NULL.
 */
struct rte_mbuf *tide_pktbuf_copy(struct tide_pktbuf *set, const struct rte_mbuf *m);

/**
 * Copy a packet into compact form, on a node by name. As tide_pktbuf_copy().
 *
 * @return  As tide_pktbuf_copy(), and NULL with rte_errno ENODEV: the set has not that node.
 */
struct rte_mbuf *tide_pktbuf_copy_on(struct tide_pktbuf *set, int node, const struct rte_mbuf *m);

/**
 * Copy packets as tide_pktbuf_copy() does, in order, up to the first that cannot be copied. Cheaper
 * than one by one.
 *
 * @param in   Packets, n of them; they are only read.
 * @param out  Table of at least n places, another than in; as many are written as returned.
 * @param n    Packets.
 * @return  How many were copied; when fewer than n, rte_errno says why as of tide_pktbuf_copy().
 */
unsigned int tide_pktbuf_copy_burst(
	struct tide_pktbuf *set, struct rte_mbuf *const *in, struct rte_mbuf **out, unsigned int n);

/**
 * Let a port send packets of the set directly: DMA-map the chunks of all nodes for it. For EAL
 * memory it does nothing. See tide_region_dma_map().
 *
 * @return  0; -EINVAL: there is no such port; else a negative errno, with those nodes mapped that
 *          came before.
 */
int tide_pktbuf_dma_map(struct tide_pktbuf *set, uint16_t port_id);

/**
 * The counters of a node, summed over its lcores. Takes nothing; walks all chunks of the node, so
 * not for the data path.
 *
 * @return  0; -ENODEV with *stats untouched when the set has not that node.
 */
int tide_pktbuf_stats(const struct tide_pktbuf *set, int node, struct tide_pktbuf_stats *stats);

/**
 * Where the chunks of a node, and so the data of its packets, are, as measured when the set was
 * made.
 *
 * @return  Valid as long as the set; NULL when it has not that node.
 */
const struct tide_placement *tide_pktbuf_placement(const struct tide_pktbuf *set, int node);

/**
 * What must always hold: free + out = all, of mbufs and of chunks; what each chunk counts is its
 * packets, and what is left of its share while it is open. For a set at rest.
 *
 * @return  0; -EINVAL with what is wrong in the log; -ENOMEM.
 */
int tide_pktbuf_check(const struct tide_pktbuf *set);

/** Write the set for people: a line per node. */
void tide_pktbuf_dump(const struct tide_pktbuf *set, FILE *out);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_PKTBUF_H */
