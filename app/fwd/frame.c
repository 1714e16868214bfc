/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: frames that are not one segment with a whole header. */

#include <string.h>

#include "frame.h"

/* Both addresses: all that a mode rewrites. */
#define ADDRESSES (2 * RTE_ETHER_ADDR_LEN)

static bool
is_sound(const struct rte_mbuf *m)
{
	uint32_t left = rte_pktmbuf_pkt_len(m);
	uint16_t segments = m->nb_segs;

	for (; m != NULL && segments > 0; m = m->next, segments--) {
		if (rte_pktmbuf_data_len(m) > left)
			return false;
		left -= rte_pktmbuf_data_len(m);
	}
	return left == 0 && m == NULL && segments == 0;
}

uint16_t
fwd_frames_drop_malformed(struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		if (is_sound(pkts[i]))
			pkts[kept++] = pkts[i];
		else
			rte_pktmbuf_free(pkts[i]);
	}
	return kept;
}

/* Write to the start of a packet; its segments hold that much. */
static void
write_start(struct rte_mbuf *m, const uint8_t *from, uint32_t len)
{
	for (; len > 0; m = m->next) {
		uint32_t here = RTE_MIN(len, (uint32_t)rte_pktmbuf_data_len(m));

		memcpy(rte_pktmbuf_mtod(m, uint8_t *), from, here);
		from += here;
		len -= here;
	}
}

bool
fwd_frame_change_short(struct rte_mbuf *m, enum fwd_mode mode, const struct rte_ether_addr addr[2])
{
	struct rte_ether_addr copy[2], swapped[2];
	const struct rte_ether_addr *now = rte_pktmbuf_read(m, 0, ADDRESSES, copy);

	if (now == NULL)
		return false;
	if (mode == FWD_MODE_MACSWAP) {
		swapped[0] = now[1];
		swapped[1] = now[0];
		addr = swapped;
	}
	if (mode != FWD_MODE_IO)
		write_start(m, (const uint8_t *)addr, ADDRESSES);
	return true;
}
