/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: one core and the descriptor rings of a NIC port that it forwards from and to.
 *
 * The receive ring is always full of buffers. Each step takes a burst of packets out of it, refills it
 * from the pool, queues the packets for transmit behind those already there, and gives back the burst
 * that has been sent by then. So a buffer is away from the pool for two whole rings.
 */

#include <rte_mbuf.h>

#include "packet.h"
#include "plan.h"
#include "scenarios.h"
#include "source.h"

#define DESCRIPTORS 1024 /* Per ring; DPDK's examples use this many (l2fwd). */
#define SLOT(i)     ((i) & (DESCRIPTORS - 1))

struct port {
	void *rx[DESCRIPTORS];
	void *tx[DESCRIPTORS];
	uint32_t rx_head; /* Next packet to receive; the ring is full. */
	uint32_t tx_head; /* Next place to queue at. */
	uint32_t tx_tail; /* Oldest packet not given back yet. */
	uint32_t cursor;
};

static bool
fill_rx(const struct source *s, struct port *port)
{
	for (unsigned int i = 0; i < DESCRIPTORS; i++)
		if (source_take(s, &port->cursor, &port->rx[i], 1, s->floor) != 0) {
			source_give(s, port->rx, i, s->floor);
			return false;
		}
	return true;
}

static void
empty_rings(const struct source *s, struct port *port)
{
	for (; port->tx_tail != port->tx_head; port->tx_tail++)
		source_give(s, &port->tx[SLOT(port->tx_tail)], 1, s->floor);
	source_give(s, port->rx, DESCRIPTORS, s->floor);
}

/* What was sent goes back to the pool when the ring has no place for another burst. */
static __rte_always_inline void
complete(const struct source *s, struct port *port, unsigned int n, struct tally *t,
	const bool floor)
{
	void *done[OPTIONS_BULK_MAX];

	if (port->tx_head - port->tx_tail + n <= DESCRIPTORS)
		return;
	for (unsigned int i = 0; i < n; i++) {
		done[i] = port->tx[SLOT(port->tx_tail + i)];
		t->wrong += !packet_is(done[i], port->tx_tail + i);
	}
	port->tx_tail += n;
	source_give(s, done, n, floor);
}

static __rte_always_inline void
step(const struct source *s, struct port *port, unsigned int n, struct tally *t, const bool floor)
{
	void *fresh[OPTIONS_BULK_MAX];

	complete(s, port, n, t, floor);
	if (unlikely(source_take(s, &port->cursor, fresh, n, floor) != 0)) {
		t->failed++;
		return;
	}
	for (unsigned int i = 0; i < n; i++) {
		void **slot = &port->rx[SLOT(port->rx_head + i)];

		packet_write(*slot, port->tx_head + i);
		port->tx[SLOT(port->tx_head + i)] = *slot;
		*slot = fresh[i];
	}
	port->rx_head += n;
	port->tx_head += n;
	t->objects += n;
}

static __rte_always_inline void
loop(const struct turn *turn, uint64_t ticks, struct tally *t, const bool floor)
{
	const unsigned int n = turn->work->bulk;
	struct port port = {.rx_head = 0};
	uint64_t start;

	if (!fill_rx(&turn->source, &port))
		return;
	start = rte_rdtsc_precise();
	do {
		for (unsigned int i = 0; i < SOURCE_BATCH; i++)
			step(&turn->source, &port, n, t, floor);
		t->cycles = rte_rdtsc_precise() - start;
	} while (t->cycles < ticks);
	empty_rings(&turn->source, &port);
}

static void
nic_loop(const struct turn *turn, uint64_t ticks, struct tally *tally)
{
	if (turn->source.floor)
		loop(turn, ticks, tally, true);
	else
		loop(turn, ticks, tally, false);
}

static int
nic_run(struct turn *turn)
{
	return source_run_alone(turn, nic_loop);
}

const struct scenario scenario_nic = {
	.name = "nic",
	.what = "one core forwards between descriptor rings, touching the packets",
	.unit = "cycles/packet",
	.crowding = CROWDING_ALONE,
	.plan = plan_small,
	.setup = source_setup,
	.run = nic_run,
	.teardown = source_teardown,
};
