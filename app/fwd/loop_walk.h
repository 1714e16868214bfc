/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_LOOP_WALK_H
#define FWD_LOOP_WALK_H

/*
 * The forwarding loop. In a header because it is compiled for each mode, without flow accounting
 * (loop.c) and with it (flow_loop.c): what a loop does not do is not in its code.
 */

#include <rte_branch_prediction.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "flow_lcore.h"
#include "frame.h"
#include "loop.h"
#include "modes.h"

/* Walks between two checks of the stop flag: some microseconds when idle, some 100 us when busy. */
#define FWD_WALKS_PER_CHECK 64

/* Relaxed: the lcore is the only writer, readers want a recent figure and order nothing by it. */
static inline void
fwd_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
		memory_order_relaxed);
}

/* Send a burst and free what the transmit queue does not take. */
static inline void
fwd_send(struct fwd_queue *queue, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t sent = rte_eth_tx_burst(queue->tx_port, queue->tx_queue, pkts, n);

	fwd_add(&queue->sent, sent);
	if (unlikely(sent < n)) {
		rte_pktmbuf_free_bulk(&pkts[sent], n - sent);
		fwd_add(&queue->tx_full, n - sent);
	}
}

/*
 * Work on a burst whose packets are not all plain: free malformed ones, change headers that are short or
 * in several segments one by one. Not inlined: bursts of whole frames in one
 * buffer each do without it.
 */
static __rte_noinline uint16_t
fwd_sort_out(struct fwd_queue *queue, struct rte_mbuf **pkts, uint16_t n, enum fwd_mode mode)
{
	uint16_t kept = fwd_frames_drop_malformed(pkts, n);

	if (kept < n)
		fwd_add(&queue->malformed, n - kept);
	if (mode == FWD_MODE_IO)
		return kept;
	for (uint16_t i = 0; i < kept; i++) {
		if (rte_pktmbuf_data_len(pkts[i]) >= FWD_HEAD)
			fwd_change(rte_pktmbuf_mtod(pkts[i], struct rte_ether_hdr *), mode,
				queue->addr);
		else if (!fwd_frame_change_short(pkts[i], mode, queue->addr))
			fwd_add(&queue->runts, 1);
	}
	return kept;
}

/* flows: NULL, known when compiling, where they are not counted; inlined at any level, so that it is. */
static __rte_always_inline uint16_t
fwd_forward(struct fwd_queue *queue, struct rte_mbuf **pkts, uint16_t burst, enum fwd_mode mode,
	struct fwd_flow_lcore *flows)
{
	uint16_t n = rte_eth_rx_burst(queue->rx_port, queue->rx_queue, pkts, burst);
	uint16_t kept = n;

	if (n == 0)
		return 0;
	if (unlikely(!fwd_plain(pkts, n)))
		kept = fwd_sort_out(queue, pkts, n, mode);
	else if (mode != FWD_MODE_IO)
		fwd_change_burst(pkts, n, mode, queue->addr);
	/* A mode changes addresses only, which no flow looks at. */
	if (flows != NULL)
		fwd_flow_count(flows, queue->node, pkts, kept);
	fwd_send(queue, pkts, kept);
	fwd_add(&queue->packets, n);
	fwd_add(&queue->bursts, 1);
	return n;
}

/* The clock is read only when work begins or ends: a loop that is always busy never reads it. */
static inline void
fwd_turn(struct fwd_lcore *lcore, bool busy)
{
	uint64_t now = rte_rdtsc();
	uint64_t sum = atomic_load_explicit(&lcore->busy, memory_order_relaxed) >> 1;

	lcore->was_busy = busy;
	/* sum is cycles when idle and a stamp when busy: now - sum turns each into the other. */
	atomic_store_explicit(&lcore->busy, (now - sum) << 1 | busy, memory_order_relaxed);
}

static __rte_always_inline void
fwd_walk(struct fwd_lcore *lcore, unsigned int walks, enum fwd_mode mode,
	struct fwd_flow_lcore *flows)
{
	struct rte_mbuf *pkts[FWD_BURST_MAX];
	const unsigned int nb_queues = lcore->nb_queues;
	const uint16_t burst = lcore->burst;

	for (; walks > 0; walks--) {
		unsigned int found = 0;

		for (unsigned int i = 0; i < nb_queues; i++)
			found += fwd_forward(&lcore->queue[i], pkts, burst, mode, flows);
		if (flows != NULL)
			fwd_flow_pass(flows);
		if (unlikely(lcore->was_busy != (found != 0)))
			fwd_turn(lcore, found != 0);
	}
}

#endif /* FWD_LOOP_WALK_H */
