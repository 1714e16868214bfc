/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: takes figures from ports, lcores and pools. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <rte_cycles.h>

#include "stats.h"
#include "tide_mempool.h"

uint64_t
fwd_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

uint64_t
fwd_next_due(uint64_t due, uint64_t period, uint64_t now)
{
	uint64_t least = now + period / 2;

	due += period;
	return due >= least ? due : due + (least - due + period - 1) / period * period;
}

static void
take_port(struct fwd_port_stats *stats, const struct fwd_port_facts *facts)
{
	struct rte_eth_stats driver;

	stats->missed_unknown = facts->interface.index != 0 &&
	                        fwd_interface_state(facts->interface.index) == FWD_INTERFACE_GONE;
	if (rte_eth_stats_get(facts->id, &driver) < 0)
		return;
	stats->rx_bytes = driver.ibytes;
	stats->tx_bytes = driver.obytes;
	stats->no_buffer = driver.rx_nombuf;
	stats->missed = driver.imissed;
	stats->rx_error = driver.ierrors;
	stats->tx_error = driver.oerrors;
}

void
fwd_stats_take(struct fwd_stats *stats, const struct fwd_plan *plan, struct fwd_queue *const *queue,
	const struct fwd_lcore *lcore)
{
	memset(stats, 0, sizeof(*stats));
	stats->ns = fwd_now_ns();
	stats->cycles = rte_rdtsc();
	for (unsigned int i = 0; i < plan->nb_lcores; i++)
		stats->lcore[i].busy = fwd_loop_busy(&lcore[i], stats->cycles);
	/* Relaxed: each figure stands alone; see loop.h. */
	for (unsigned int i = 0; i < plan->nb_queues; i++) {
		const struct fwd_plan_queue *at = &plan->queue[i];
		struct fwd_port_stats *out = &stats->port[plan->port[at->port].peer];
		struct fwd_port_stats *in = &stats->port[at->port];
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

const char *
fwd_missed_text(const struct fwd_port_stats *stats, char text[FWD_COUNT_LEN])
{
	if (stats->missed_unknown)
		return "unknown";
	snprintf(text, FWD_COUNT_LEN, "%" PRIu64, stats->missed);
	return text;
}

/* Per second; counters of a driver that were reset meanwhile count as no progress. */
static double
per_second(uint64_t from, uint64_t to, uint64_t ns)
{
	return ns == 0 || to < from ? 0 : (double)(to - from) * 1e9 / (double)ns;
}

void
fwd_port_rate(const struct fwd_stats *from, const struct fwd_stats *to, unsigned int port,
	struct fwd_port_rate *rate)
{
	const struct fwd_port_stats *a = &from->port[port], *b = &to->port[port];
	uint64_t ns = to->ns - from->ns;

	rate->rx_pps = per_second(a->rx, b->rx, ns);
	rate->tx_pps = per_second(a->tx, b->tx, ns);
	rate->rx_mbps = per_second(a->rx_bytes, b->rx_bytes, ns) * 8 / 1e6;
	rate->tx_mbps = per_second(a->tx_bytes, b->tx_bytes, ns) * 8 / 1e6;
}

void
fwd_lcore_rate(const struct fwd_stats *from, const struct fwd_stats *to, unsigned int lcore,
	struct fwd_lcore_rate *rate)
{
	const struct fwd_lcore_stats *a = &from->lcore[lcore], *b = &to->lcore[lcore];
	uint64_t cycles = to->cycles - from->cycles;
	uint64_t bursts = b->bursts - a->bursts;

	rate->busy =
		cycles == 0 || b->busy < a->busy ? 0 : (double)(b->busy - a->busy) / (double)cycles;
	if (rate->busy > 1)
		rate->busy = 1;
	rate->per_burst = bursts == 0 ? 0 : (double)(b->packets - a->packets) / (double)bursts;
}

/* Never sampled here: what comes and goes between two looks counts too. */
static void
read_peak(struct fwd_pool_watch *watch, const struct rte_mempool *mp)
{
	struct tide_mempool_stats stats;

	watch->peak_known = tide_mempool_stats(mp, &stats) == 0;
	if (watch->peak_known)
		watch->peak = RTE_MAX(watch->peak, stats.peak);
}

void
fwd_pool_look(struct fwd_pool_watch *watch, const struct tide_pool *pool)
{
	for (unsigned int i = 0; i < tide_pool_nb_members(pool); i++) {
		if (tide_pool_stats(pool, i, &watch[i].now) == 0)
			read_peak(&watch[i], tide_pool_member(pool, i));
	}
}

const char *
fwd_peak_text(const struct fwd_pool_watch *watch, const char *unknown, char text[FWD_COUNT_LEN])
{
	if (!watch->peak_known)
		return unknown;
	snprintf(text, FWD_COUNT_LEN, "%" PRIu32, watch->peak);
	return text;
}
