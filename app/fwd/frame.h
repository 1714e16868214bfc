/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_FRAME_H
#define FWD_FRAME_H

/*
 * Frames as they can come from a port: whole and in one buffer nearly always, but also shorter than an
 * Ethernet header (a capture file, a ring, a memif peer), with the header spread over several segments,
 * or with a length that the segments do not have (net_pcap with a frame above 65,535 bytes).
 *
 * A mode must never read or write behind the bytes of a packet: what is there are bytes of the packet
 * that had the buffer before. A frame that ends before the second address is passed on as it came, as in
 * mode io, and counted: what comes in goes out, as with the forwarders of DPDK.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

#include "options.h"

/* Bytes of the first segment that the fast path of a mode reads and writes. */
#define FWD_HEAD 16

/*
 * Whether each packet is one segment of at least FWD_HEAD bytes. The lengths are in the cache: the
 * driver has just written them.
 */
static __rte_always_inline bool
fwd_plain(struct rte_mbuf *const *pkts, uint16_t n)
{
	uint32_t odd = 0;

	for (uint16_t i = 0; i < n; i++) {
		uint32_t len = rte_pktmbuf_data_len(pkts[i]);

		odd |= (rte_pktmbuf_pkt_len(pkts[i]) ^ len) | (len < FWD_HEAD);
	}
	return odd == 0;
}

/*
 * Free the packets whose length is not the sum of their segments, and close the gaps: a driver or a
 * reader of flows that believes such a length runs off the end of the chain. Returns the number kept.
 */
uint16_t fwd_frames_drop_malformed(struct rte_mbuf **pkts, uint16_t n);

/*
 * Change the addresses of a packet byte by byte, in as many segments as they are in; addr as for
 * fwd_change(). False: the packet ends before the second address and is unchanged.
 */
bool
fwd_frame_change_short(struct rte_mbuf *m, enum fwd_mode mode, const struct rte_ether_addr addr[2]);

#endif /* FWD_FRAME_H */
