/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_MODES_H
#define FWD_MODES_H

/*
 * Changes to the Ethernet header between receive and transmit. They are in a header because the loop
 * inlines one of them; each reads and writes the first FWD_HEAD bytes of a packet and nothing else.
 */

#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>
#include <rte_vect.h>

#include "frame.h"
#include "options.h"

/* Headers fetched together: enough to keep the cache busy, few enough to stay in registers. */
#define FWD_GROUP 4

/* Swap the two addresses; FWD_HEAD bytes of the packet are there. */
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
fwd_set_addresses(struct rte_ether_hdr *eth, const struct rte_ether_addr addr[2])
{
	eth->dst_addr = addr[0];
	eth->src_addr = addr[1];
}

/* What a mode does to one header; addr is for mac mode: destination, then source. */
static __rte_always_inline void
fwd_change(struct rte_ether_hdr *eth, enum fwd_mode mode, const struct rte_ether_addr addr[2])
{
	if (mode == FWD_MODE_MACSWAP)
		fwd_swap_addresses(eth);
	else if (mode == FWD_MODE_MAC)
		fwd_set_addresses(eth, addr);
}

/* Return where a group of headers is; they are on their way into the cache from here on. */
static __rte_always_inline void
fwd_find(struct rte_mbuf *const *pkts, struct rte_ether_hdr *eth[FWD_GROUP])
{
	for (unsigned int i = 0; i < FWD_GROUP; i++) {
		eth[i] = rte_pktmbuf_mtod(pkts[i], struct rte_ether_hdr *);
		rte_prefetch0(eth[i]);
	}
}

/*
 * Change all headers: one group is fetched while the group before it is at work. Each packet is plain:
 * see fwd_plain().
 */
static __rte_always_inline void
fwd_change_burst(struct rte_mbuf *const *pkts, uint16_t n, enum fwd_mode mode,
	const struct rte_ether_addr addr[2])
{
	struct rte_ether_hdr *now[FWD_GROUP], *next[FWD_GROUP];
	uint16_t i = 0;

	if (n >= FWD_GROUP)
		fwd_find(pkts, now);
	for (; i + 2 * FWD_GROUP <= n; i += FWD_GROUP) {
		fwd_find(&pkts[i + FWD_GROUP], next);
		for (unsigned int g = 0; g < FWD_GROUP; g++) {
			fwd_change(now[g], mode, addr);
			now[g] = next[g];
		}
	}
	if (n >= FWD_GROUP) {
		for (unsigned int g = 0; g < FWD_GROUP; g++)
			fwd_change(now[g], mode, addr);
		i += FWD_GROUP;
	}
	for (; i < n; i++)
		fwd_change(rte_pktmbuf_mtod(pkts[i], struct rte_ether_hdr *), mode, addr);
}

/* Return the destination mac mode writes: 02:00:00:00 and the number of the sending port. */
static inline struct rte_ether_addr
fwd_mac_destination(uint16_t port_id)
{
	return (struct rte_ether_addr){{0x02, 0, 0, 0, port_id >> 8, port_id & 0xff}};
}

#endif /* FWD_MODES_H */
