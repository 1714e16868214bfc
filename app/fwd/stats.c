/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: takes figures from ports, lcores and pools. */

#include <string.h>

#include <rte_cycles.h>

#include "stats.h"

uint64_t
fwd_next_due(uint64_t due, uint64_t period, uint64_t now)
{
	uint64_t least = now + period / 2;

	due += period;
	return due >= least ? due : due + (least - due + period - 1) / period * period;
}

static void
take_port(struct tide_port_counters *stats, const struct tide_port_facts *facts)
{
	struct rte_eth_stats driver = {0};

	if (rte_eth_stats_get(facts->id, &driver) < 0)
		memset(&driver, 0, sizeof(driver));
	stats->rx_bytes = driver.ibytes;
	stats->tx_bytes = driver.obytes;
	stats->no_buffer = driver.rx_nombuf;
	stats->missed = driver.imissed;
	stats->rx_error = driver.ierrors;
	stats->tx_error = driver.oerrors;
	/* The interface is gone, and what it missed with it. */
	if (facts->if_index != 0 && fwd_interface_state(facts->if_index) == FWD_INTERFACE_GONE)
		stats->missed = TIDE_COUNT_UNKNOWN;
}

void
fwd_stats_take(struct fwd_stats *stats, const struct tide_plan *plan,
	struct fwd_queue *const *queue, const struct fwd_lcore *lcore)
{
	memset(stats, 0, sizeof(*stats));
	stats->ns = app_now_ns();
	stats->cycles = rte_rdtsc();
	for (unsigned int i = 0; i < plan->nb_lcores; i++)
		stats->lcore[i].busy = fwd_loop_busy(&lcore[i], stats->cycles);
	/* Relaxed: each figure stands alone; see loop.h. */
	for (unsigned int i = 0; i < plan->nb_queues; i++) {
		const struct tide_plan_queue *at = &plan->queue[i];
		struct tide_port_counters *out = &stats->port[plan->port[at->port].peer];
		struct tide_port_counters *in = &stats->port[at->port];
		uint64_t packets = atomic_load_explicit(&queue[i]->packets, memory_order_relaxed);

		in->rx += packets;
		in->malformed += atomic_load_explicit(&queue[i]->malformed, memory_order_relaxed);
		in->runts += atomic_load_explicit(&queue[i]->runts, memory_order_relaxed);
		out->tx += atomic_load_explicit(&queue[i]->sent, memory_order_relaxed);
		out->tx_full += atomic_load_explicit(&queue[i]->tx_full, memory_order_relaxed);
		stats->lcore[at->lcore].packets += packets;
		stats->lcore[at->lcore].bursts +=
			atomic_load_explicit(&queue[i]->bursts, memory_order_relaxed);
	}
	for (unsigned int i = 0; i < plan->nb_ports; i++)
		take_port(&stats->port[i], plan->port[i].facts);
}

void
fwd_pools_poll(struct fwd_pool_state *watch, const struct tide_pool *pool)
{
	for (unsigned int i = 0; i < tide_pool_nb_nodes(pool); i++) {
		struct tide_pool_sample now;

		if (tide_telemetry_pool(pool, tide_pool_node_id(pool, i), &now) < 0)
			continue;
		/* The counter of the ops is a reading of its own for each thread: keep the highest. */
		now.tide.peak = RTE_MAX(now.tide.peak, watch[i].sample.tide.peak);
		watch[i].sample = now;
	}
}
