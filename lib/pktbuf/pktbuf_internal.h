/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef PKTBUF_INTERNAL_H
#define PKTBUF_INTERNAL_H

/*
 * Shared by the sources of tide_pktbuf; outside them only their tests include this.
 *
 * A chunk counts the references to it. The thread that opens the chunk adds a share to the count, larger
 * than the number of packets that fit. So the allocation of a packet, which uses one of the share, writes
 * nothing that other threads write. The thread that closes the chunk subtracts the rest of the share, and
 * each packet's last free subtracts one. The thread that subtracts the last frees the chunk.
 */

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "mempool_friend.h"
#include "tide_pktbuf.h"

/* The share of an open chunk. */
#define TIDEI_SHARE (UINT32_C(1) << 30)

/* Bytes of an allocation are a multiple of this. */
#define TIDEI_PACKET_ALIGN 8

/* Bytes in front of each packet's headroom: its own count of references. */
#define TIDEI_PACKET_HEAD ((uint32_t)sizeof(struct rte_mbuf_ext_shared_info))

/* Least bytes one packet takes. */
#define TIDEI_PACKET_MIN RTE_ALIGN_CEIL(TIDEI_PACKET_HEAD + 1, (uint32_t)TIDEI_PACKET_ALIGN)

/* The first bytes of a chunk. */
struct tidei_chunk {
	/* Share left and packets; 0: the chunk is in its mempool. A thread that frees a packet writes it. */
	alignas(RTE_CACHE_LINE_SIZE) _Atomic uint32_t refs;
	uint32_t index; /* In its node's table. Written when the set is made, as is: */
	rte_iova_t iova; /* IO address of the chunk, RTE_BAD_IOVA: not known. */
};

/* First byte of a chunk that packets can have. */
#define TIDEI_CHUNK_START ((uint32_t)sizeof(struct tidei_chunk))

/*
 * Where one lcore allocates on one node, and its counters: one writer, the lcore; others read. The last
 * cell of a node is that of threads without an lcore id: they all write it, atomically.
 */
struct tidei_pktbuf_cell {
	alignas(128) struct tidei_chunk *_Atomic chunk; /* The open one, or NULL. */
	_Atomic uint32_t at; /* Offset of the next free byte; the chunk's end when there is none. */
	_Atomic uint32_t allocated; /* Packets allocated from the open chunk. */
	_Atomic uint64_t word; /* In place of those three in the last cell; see packet_chunk.c. */
	_Atomic uint64_t packets; /* Of chunks that were closed, as are the next two. */
	_Atomic uint64_t bytes;
	_Atomic uint64_t waste;
	_Atomic uint64_t no_mbuf;
	_Atomic uint64_t no_chunk;
};

#define TIDEI_PKTBUF_CELLS (RTE_MAX_LCORE + 1)

/* A cell's open chunk at one instant. */
struct tidei_open {
	struct tidei_chunk *chunk; /* NULL: none. */
	uint32_t at;
	uint32_t allocated;
};

struct tidei_pktbuf_node {
	int node;
	uint32_t end; /* Offset of the byte behind a chunk. */
	struct tidei_objects mbufs;
	struct tidei_objects chunks;
	struct tidei_chunk **chunk; /* All of them by index. */
	struct tidei_pktbuf_cell *cells; /* By lcore. */
};

struct tide_pktbuf {
	char name[TIDE_PKTBUF_NAME_MAX + 1];
	uint16_t headroom;
	uint32_t len_max; /* Longest packet. */
	struct tide_topology *own_topo; /* The machine when we read it, else NULL. */
	int16_t index[TIDE_NODE_MAX]; /* Node id -> place in nodes[], or -1. */
	int16_t serve[TIDE_NODE_MAX]; /* The same, the nearest when there is none. */
	int16_t local[RTE_MAX_LCORE]; /* Lcore -> place in nodes[]; -1: its node was not known. */
	unsigned int nb_nodes;
	struct tidei_pktbuf_node nodes[]; /* Ascending node ids. */
};

/* Where a packet was allocated. */
struct tidei_place {
	struct tidei_chunk *chunk;
	uint32_t at; /* Offset of its first byte. */
};

/*
 * Allocate `need` bytes, a multiple of TIDEI_PACKET_ALIGN that a chunk holds, and take a reference to the
 * chunk for them. MT-safe, by the lcore the caller is. false: no chunk is left.
 */
bool tidei_chunk_alloc(struct tidei_pktbuf_node *node, uint32_t need, struct tidei_place *place);

/* Drop one reference to a chunk, and free the chunk if it was the last. Any thread. */
void tidei_chunk_release(struct tidei_chunk *chunk);

/* Read the open chunk of a cell; approximate while its lcore works. */
struct tidei_open tidei_pktbuf_cell_open(const struct tidei_pktbuf_node *node, unsigned int cell);

/* Count one call that found no mbuf. */
void tidei_pktbuf_count_no_mbuf(struct tidei_pktbuf_node *node);

/* Return the node with an id; NULL: the set has no such node. */
static inline const struct tidei_pktbuf_node *
tidei_pktbuf_on(const struct tide_pktbuf *set, int node)
{
	if (node < 0 || node >= TIDE_NODE_MAX || set->index[node] < 0)
		return NULL;
	return &set->nodes[set->index[node]];
}

#endif /* PKTBUF_INTERNAL_H */
