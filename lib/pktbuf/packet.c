/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Packets of tide_pktbuf: an mbuf of one mempool, with data allocated from a chunk of another. */

#include <assert.h>
#include <errno.h>
#include <sched.h>

#include <rte_branch_prediction.h>
#include <rte_errno.h>
#include <rte_memcpy.h>
#include <rte_mempool.h>

#include "pktbuf_internal.h"

/* Packets of a burst that get their mbufs at once. */
#define GROUP 32

/* The data after the count of a packet has the alignment of the count. */
static_assert(sizeof(struct rte_mbuf_ext_shared_info) % TIDEI_PACKET_ALIGN == 0, "data is aligned");
static_assert(alignof(struct rte_mbuf_ext_shared_info) <= TIDEI_PACKET_ALIGN, "counts are aligned");

/* The node of the calling thread, or the one that serves it. */
static struct tidei_pktbuf_node *
local_node(struct tide_pktbuf *set)
{
	unsigned int lcore = rte_lcore_id(), node;

	if (likely(lcore < RTE_MAX_LCORE && set->local[lcore] >= 0))
		return &set->nodes[set->local[lcore]];
	if (getcpu(NULL, &node) != 0 || node >= TIDE_NODE_MAX)
		return &set->nodes[0];
	return &set->nodes[set->serve[node]];
}

/* The node with an id; NULL with rte_errno set. */
static struct tidei_pktbuf_node *
named_node(struct tide_pktbuf *set, int node)
{
	const struct tidei_pktbuf_node *found = tidei_pktbuf_on(set, node);

	if (found == NULL) {
		rte_errno = ENOENT;
		return NULL;
	}
	return &set->nodes[found - set->nodes];
}

static void
on_last_free(void *addr, void *opaque)
{
	/*
	 * DPDK finds by a relaxed load that the caller is the last owner. Acquire: pairs with the
	 * release of the owners that freed before, so that their accesses to the data come before
	 * the next owner's writes.
	 */
	atomic_thread_fence(memory_order_acquire);
	tidei_chunk_release(opaque);
}

static inline bool
fits(const struct tide_pktbuf *set, uint32_t len)
{
	if (likely(len - 1 < set->len_max))
		return true;
	rte_errno = len == 0 ? EINVAL : EMSGSIZE;
	return false;
}

/* Allocate a packet's data and attach it to a bare mbuf; false with rte_errno set: no chunk is left. */
static inline bool
furnish(const struct tide_pktbuf *set, struct tidei_pktbuf_node *node, struct rte_mbuf *m,
	uint32_t len)
{
	uint32_t buf_len = set->headroom + len;
	struct rte_mbuf_ext_shared_info *count;
	struct tidei_place place;
	rte_iova_t iova;

	if (unlikely(!tidei_chunk_alloc(node,
		    RTE_ALIGN_CEIL(TIDEI_PACKET_HEAD + buf_len, (uint32_t)TIDEI_PACKET_ALIGN),
		    &place))) {
		rte_errno = ENOMEM;
		return false;
	}
	count = RTE_PTR_ADD(place.chunk, place.at);
	count->free_cb = on_last_free;
	count->fcb_opaque = place.chunk;
	rte_mbuf_ext_refcnt_set(count, 1);
	iova = place.chunk->iova;
	if (likely(iova != RTE_BAD_IOVA))
		iova += place.at + TIDEI_PACKET_HEAD;
	rte_pktmbuf_attach_extbuf(m, count + 1, iova, (uint16_t)buf_len, count);
	m->data_off = set->headroom;
	return true;
}

/* Copies the metadata of a packet, except its data's address and what mbufs in a mempool have. */
static inline void
copy_header(struct rte_mbuf *to, const struct rte_mbuf *from)
{
	to->port = from->port;
	to->ol_flags = (from->ol_flags & ~(RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL)) |
	               RTE_MBUF_F_EXTERNAL;
	to->packet_type = from->packet_type;
	to->vlan_tci = from->vlan_tci;
	to->vlan_tci_outer = from->vlan_tci_outer;
	to->hash = from->hash;
	to->tx_offload = from->tx_offload;
	to->timesync = from->timesync;
	rte_mbuf_dynfield_copy(to, from);
}

static inline void
copy_data(struct rte_mbuf *to, const struct rte_mbuf *from)
{
	char *at = rte_pktmbuf_mtod(to, char *);

	for (; from != NULL; from = from->next) {
		rte_memcpy(at, rte_pktmbuf_mtod(from, const void *), from->data_len);
		at += from->data_len;
	}
}

static inline uint32_t
length(const struct rte_mbuf *m)
{
	uint32_t len = 0;

	for (; m != NULL; m = m->next)
		len += m->data_len;
	return len;
}

/* Make a bare mbuf the copy of m. */
static inline bool
copy_into(const struct tide_pktbuf *set, struct tidei_pktbuf_node *node, struct rte_mbuf *bare,
	const struct rte_mbuf *m)
{
	uint32_t len;

	if (unlikely(m == NULL)) {
		rte_errno = EINVAL;
		return false;
	}
	len = length(m);
	if (unlikely(!fits(set, len) || !furnish(set, node, bare, len)))
		return false;
	copy_header(bare, m);
	bare->pkt_len = len;
	bare->data_len = (uint16_t)len;
	copy_data(bare, m);
	return true;
}

/* Take up to n bare mbufs; when fewer, all there are. */
static unsigned int
take_bare(struct tidei_pktbuf_node *node, struct rte_mbuf **bufs, unsigned int n)
{
	unsigned int got = 0;

	if (likely(rte_mempool_get_bulk(node->mbufs.mp, (void **)bufs, n) == 0))
		return n;
	while (n > 1 && got < n && rte_mempool_get(node->mbufs.mp, (void **)&bufs[got]) == 0)
		got++;
	tidei_pktbuf_count_no_mbuf(node);
	return got;
}

static unsigned int
copy_group(const struct tide_pktbuf *set, struct tidei_pktbuf_node *node,
	struct rte_mbuf *const *in, struct rte_mbuf **out, unsigned int n)
{
	struct rte_mbuf *bare[GROUP];
	unsigned int i, got = take_bare(node, bare, n);

	for (i = 0; i < got && copy_into(set, node, bare[i], in[i]); i++)
		out[i] = bare[i];
	if (unlikely(i < got))
		rte_mempool_put_bulk(node->mbufs.mp, (void **)&bare[i], got - i);
	else if (unlikely(got < n))
		rte_errno = ENOBUFS;
	return i;
}

unsigned int
tide_pktbuf_copy_burst(
	struct tide_pktbuf *set, struct rte_mbuf *const *in, struct rte_mbuf **out, unsigned int n)
{
	struct tidei_pktbuf_node *node = local_node(set);
	unsigned int done = 0, group, copied;

	while (done < n) {
		group = RTE_MIN(n - done, (unsigned int)GROUP);
		copied = copy_group(set, node, &in[done], &out[done], group);
		done += copied;
		if (copied < group)
			break;
	}
	return done;
}

static struct rte_mbuf *
bare_of(struct tidei_pktbuf_node *node)
{
	struct rte_mbuf *m;

	if (likely(take_bare(node, &m, 1) == 1))
		return m;
	rte_errno = ENOBUFS;
	return NULL;
}

static struct rte_mbuf *
copy(struct tide_pktbuf *set, struct tidei_pktbuf_node *node, const struct rte_mbuf *m)
{
	struct rte_mbuf *bare = bare_of(node);

	if (bare == NULL || likely(copy_into(set, node, bare, m)))
		return bare;
	rte_mempool_put(node->mbufs.mp, bare);
	return NULL;
}

struct rte_mbuf *
tide_pktbuf_copy(struct tide_pktbuf *set, const struct rte_mbuf *m)
{
	return copy(set, local_node(set), m);
}

struct rte_mbuf *
tide_pktbuf_copy_on(struct tide_pktbuf *set, int node, const struct rte_mbuf *m)
{
	struct tidei_pktbuf_node *on = named_node(set, node);

	return on != NULL ? copy(set, on, m) : NULL;
}

static struct rte_mbuf *
alloc(struct tide_pktbuf *set, struct tidei_pktbuf_node *node, uint32_t len)
{
	struct rte_mbuf *m;

	if (!fits(set, len))
		return NULL;
	m = bare_of(node);
	if (m == NULL)
		return NULL;
	rte_pktmbuf_reset(m);
	if (likely(furnish(set, node, m, len)))
		return m;
	rte_mempool_put(node->mbufs.mp, m);
	return NULL;
}

struct rte_mbuf *
tide_pktbuf_alloc(struct tide_pktbuf *set, uint32_t len)
{
	return alloc(set, local_node(set), len);
}

struct rte_mbuf *
tide_pktbuf_alloc_on(struct tide_pktbuf *set, int node, uint32_t len)
{
	struct tidei_pktbuf_node *on = named_node(set, node);

	return on != NULL ? alloc(set, on, len) : NULL;
}
