/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_MODES_H
#define FWD_MODES_H

/*
 * What happens to the Ethernet header between receive and transmit. In a header because the loop
 * inlines one of them; each touches the first 16 bytes of a packet and nothing else.
 */

#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>
#include <rte_vect.h>

/* Packets whose headers are fetched ahead of the one at work. */
#define FWD_PREFETCH 4

/* Frames shorter than a header cannot come from a port; the buffer is 128 bytes and more anyway. */
static inline void
fwd_swap_addresses(struct rte_ether_hdr *eth)
{
#ifdef __SSSE3__
	const __m128i order = _mm_set_epi8(15, 14, 13, 12, 5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 6);
	__m128i head = _mm_loadu_si128((const __m128i *)eth);

	_mm_storeu_si128((__m128i *)eth, _mm_shuffle_epi8(head, order));
#else
	struct rte_ether_addr dst = eth->dst_addr;

	eth->dst_addr = eth->src_addr;
	eth->src_addr = dst;
#endif
}

static inline void
fwd_prefetch(struct rte_mbuf *const *pkts, uint16_t i, uint16_t n)
{
	if (i < n)
		rte_prefetch0(rte_pktmbuf_mtod(pkts[i], void *));
}

static inline void
fwd_macswap(struct rte_mbuf *const *pkts, uint16_t n)
{
	uint16_t i;

	for (i = 0; i < FWD_PREFETCH; i++)
		fwd_prefetch(pkts, i, n);
	for (i = 0; i + FWD_PREFETCH < n; i++) {
		rte_prefetch0(rte_pktmbuf_mtod(pkts[i + FWD_PREFETCH], void *));
		fwd_swap_addresses(rte_pktmbuf_mtod(pkts[i], struct rte_ether_hdr *));
	}
	for (; i < n; i++)
		fwd_swap_addresses(rte_pktmbuf_mtod(pkts[i], struct rte_ether_hdr *));
}

/* addr[0] becomes the destination, addr[1] the source: they lie as they go into the header. */
static inline void
fwd_mac(struct rte_mbuf *const *pkts, uint16_t n, const struct rte_ether_addr addr[2])
{
	uint16_t i;

	for (i = 0; i < FWD_PREFETCH; i++)
		fwd_prefetch(pkts, i, n);
	for (i = 0; i < n; i++) {
		struct rte_ether_hdr *eth = rte_pktmbuf_mtod(pkts[i], struct rte_ether_hdr *);

		fwd_prefetch(pkts, i + FWD_PREFETCH, n);
		eth->dst_addr = addr[0];
		eth->src_addr = addr[1];
	}
}

/* The destination mac mode writes: 02:00:00:00 and the number of the sending port. */
static inline struct rte_ether_addr
fwd_mac_destination(uint16_t port_id)
{
	return (struct rte_ether_addr){{0x02, 0, 0, 0, port_id >> 8, port_id & 0xff}};
}

#endif /* FWD_MODES_H */
