/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: the data path. */

#include <unistd.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "loop.h"
#include "loop_walk.h"
#include "tide_monitor.h"

void
fwd_loop_walk(struct fwd_lcore *lcore, unsigned int walks)
{
	switch (lcore->mode) {
	case FWD_MODE_IO:
		fwd_walk(lcore, walks, FWD_MODE_IO, NULL);
		break;
	case FWD_MODE_MAC:
		fwd_walk(lcore, walks, FWD_MODE_MAC, NULL);
		break;
	case FWD_MODE_MACSWAP:
		fwd_walk(lcore, walks, FWD_MODE_MACSWAP, NULL);
		break;
	}
}

void
fwd_loop_enter(struct fwd_lcore *lcore)
{
	tide_monitor_set_thread(lcore->monitor, lcore->id, gettid());
}

int
fwd_loop_run(void *arg)
{
	struct fwd_lcore *lcore = arg;

	fwd_loop_enter(lcore);
	/* Relaxed: the flag carries no data; joining the lcore orders everything else. */
	while (!atomic_load_explicit(lcore->stop, memory_order_relaxed))
		fwd_loop_walk(lcore, FWD_WALKS_PER_CHECK);
	if (lcore->was_busy)
		fwd_turn(lcore, false);
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
