/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: the data path. */

#include <rte_branch_prediction.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "loop.h"
#include "modes.h"

/* Walks between two looks at the stop flag: some microseconds when idle, some 100 us when busy. */
#define WALKS_PER_LOOK 64

/* Relaxed: the lcore is the only writer, readers want a recent figure and order nothing by it. */
static inline void
count(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
		memory_order_relaxed);
}

static inline uint16_t
forward(struct fwd_queue *queue, struct rte_mbuf **pkts, uint16_t burst, enum fwd_mode mode)
{
	uint16_t n = rte_eth_rx_burst(queue->rx_port, queue->rx_queue, pkts, burst);
	uint16_t sent;

	if (n == 0)
		return 0;
	if (mode != FWD_MODE_IO)
		fwd_change_burst(pkts, n, mode, queue->addr);
	sent = rte_eth_tx_burst(queue->tx_port, queue->tx_queue, pkts, n);
	count(&queue->packets, n);
	count(&queue->bursts, 1);
	if (unlikely(sent < n)) {
		rte_pktmbuf_free_bulk(&pkts[sent], n - sent);
		count(&queue->tx_full, n - sent);
	}
	return n;
}

/* The clock is read only when work begins or ends: a loop that is always busy never reads it. */
static void
turn(struct fwd_lcore *lcore, bool busy)
{
	uint64_t now = rte_rdtsc();
	uint64_t sum = atomic_load_explicit(&lcore->busy, memory_order_relaxed) >> 1;

	lcore->was_busy = busy;
	/* sum is cycles when idle and a stamp when busy: now - sum turns each into the other. */
	atomic_store_explicit(&lcore->busy, (now - sum) << 1 | busy, memory_order_relaxed);
}

static __rte_always_inline void
walk(struct fwd_lcore *lcore, unsigned int walks, enum fwd_mode mode)
{
	struct rte_mbuf *pkts[FWD_BURST_MAX];
	const unsigned int nb_queues = lcore->nb_queues;
	const uint16_t burst = lcore->burst;

	for (; walks > 0; walks--) {
		unsigned int found = 0;

		for (unsigned int i = 0; i < nb_queues; i++)
			found += forward(&lcore->queue[i], pkts, burst, mode);
		if (unlikely(lcore->was_busy != (found != 0)))
			turn(lcore, found != 0);
	}
}

void
fwd_loop_walk(struct fwd_lcore *lcore, unsigned int walks)
{
	switch (lcore->mode) {
	case FWD_MODE_IO:
		walk(lcore, walks, FWD_MODE_IO);
		break;
	case FWD_MODE_MAC:
		walk(lcore, walks, FWD_MODE_MAC);
		break;
	case FWD_MODE_MACSWAP:
		walk(lcore, walks, FWD_MODE_MACSWAP);
		break;
	}
}

int
fwd_loop_run(void *arg)
{
	struct fwd_lcore *lcore = arg;

	/* Relaxed: the flag carries no data; joining the lcore orders everything else. */
	while (!atomic_load_explicit(lcore->stop, memory_order_relaxed))
		fwd_loop_walk(lcore, WALKS_PER_LOOK);
	if (lcore->was_busy)
		turn(lcore, false);
	return 0;
}

uint64_t
fwd_loop_busy(const struct fwd_lcore *lcore, uint64_t now)
{
	uint64_t word = atomic_load_explicit(&lcore->busy, memory_order_relaxed);

	return word & 1 ? now - (word >> 1) : word >> 1;
}

uint64_t
fwd_loop_drain(const struct fwd_queue *queue, uint64_t most)
{
	struct rte_mbuf *pkts[32];
	uint64_t drained = 0;

	while (drained < most) {
		uint16_t n = rte_eth_rx_burst(queue->rx_port, queue->rx_queue, pkts, RTE_DIM(pkts));

		if (n == 0)
			break;
		rte_pktmbuf_free_bulk(pkts, n);
		drained += n;
	}
	return drained;
}
