/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: one lcore forwards between the descriptor rings of a NIC port.
 *
 * The receive ring is always full of buffers. Each step takes a burst of packets from it, refills it from
 * the pool, appends the packets to the transmit ring, and frees the oldest burst of that ring when it is
 * full. So a buffer is out of the pool for the length of two rings.
 */

#include <rte_mbuf.h>

#include "frame/backend.h"
#include "frame/packet.h"
#include "frame/plan.h"
#include "frame/scenario.h"

#define DESCRIPTORS 1024 /* Per ring; DPDK's examples use this many (l2fwd). */
#define SLOT(i)     ((i) & (DESCRIPTORS - 1))

struct port {
	void *rx[DESCRIPTORS];
	void *tx[DESCRIPTORS];
	uint32_t rx_head; /* Next packet to receive; the ring is full. */
	uint32_t tx_head; /* Next free slot. */
	uint32_t tx_tail; /* Oldest packet that was not freed yet. */
	uint32_t cursor;
};

static bool
fill_rx(const struct backend *b, struct port *port)
{
	for (unsigned int i = 0; i < DESCRIPTORS; i++)
		if (backend_get(b, &port->cursor, &port->rx[i], 1, b->baseline) != 0) {
			backend_put(b, port->rx, i, b->baseline);
			return false;
		}
	return true;
}

static void
empty_rings(const struct backend *b, struct port *port)
{
	for (; port->tx_tail != port->tx_head; port->tx_tail++)
		backend_put(b, &port->tx[SLOT(port->tx_tail)], 1, b->baseline);
	backend_put(b, port->rx, DESCRIPTORS, b->baseline);
}

/* Free the oldest packets when the transmit ring has no room for another burst. */
static __rte_always_inline void
complete(const struct backend *b, struct port *port, unsigned int n, struct tally *t,
	const bool baseline)
{
	void *done[OPTIONS_BULK_MAX];

	if (port->tx_head - port->tx_tail + n <= DESCRIPTORS)
		return;
	for (unsigned int i = 0; i < n; i++) {
		done[i] = port->tx[SLOT(port->tx_tail + i)];
		t->wrong += !packet_is(done[i], port->tx_tail + i);
	}
	port->tx_tail += n;
	backend_put(b, done, n, baseline);
}

static __rte_always_inline void
step(const struct backend *b, struct port *port, unsigned int n, struct tally *t,
	const bool baseline)
{
	void *fresh[OPTIONS_BULK_MAX];

	complete(b, port, n, t, baseline);
	if (unlikely(backend_get(b, &port->cursor, fresh, n, baseline) != 0)) {
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
loop(const struct sample *sample, uint64_t ticks, struct tally *t, const bool baseline)
{
	const unsigned int n = sample->workload->bulk;
	struct port port = {.rx_head = 0};
	uint64_t start;

	if (!fill_rx(&sample->backend, &port))
		return;
	start = rte_rdtsc_precise();
	do {
		for (unsigned int i = 0; i < BACKEND_BATCH; i++)
			step(&sample->backend, &port, n, t, baseline);
		t->cycles = rte_rdtsc_precise() - start;
	} while (t->cycles < ticks);
	empty_rings(&sample->backend, &port);
}

static void
nic_loop(const struct sample *sample, uint64_t ticks, struct tally *tally)
{
	if (sample->backend.baseline)
		loop(sample, ticks, tally, true);
	else
		loop(sample, ticks, tally, false);
}

static int
nic_run(struct sample *sample)
{
	return backend_run_alone(sample, nic_loop);
}

static const struct target targets[] = {
	{AT_MOST(1.0), .ledger = LEDGER_MODE_OFF},
	{AT_MOST_MORE(2.5), .ledger = LEDGER_MODE_FULL},
};

static const struct scenario nic = {
	.name = "nic",
	.order = 30,
	.summary = "one lcore forwards between descriptor rings, writing mbufs",
	.description = "One lcore forwards between a receive and a transmit ring of 1024\n"
		       "descriptors each. It writes the first cache line of each mbuf.\n",
	.unit = "cycles/packet",
	.concurrency = CONCURRENCY_ONE,
	.targets = targets,
	.nb_targets = RTE_DIM(targets),
	.plan = plan_small,
	.setup = backend_setup,
	.run = nic_run,
	.teardown = backend_teardown,
};

SCENARIO_REGISTER(nic)
