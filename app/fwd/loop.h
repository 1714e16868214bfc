/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_LOOP_H
#define FWD_LOOP_H

/*
 * The data path: each lcore polls its queues in turn and sends what it finds.
 *
 * Counters have one writer, the lcore; any thread may read them. Each is near, not exact, until the
 * lcore has stopped.
 */

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>

#include "options.h"
#include "plan.h"

struct fwd_flow_lcore;
struct tide_monitor;

/* One receive queue and where its packets go. Written by its lcore only, once running. */
struct fwd_queue {
	alignas(RTE_CACHE_LINE_SIZE) uint16_t rx_port;
	uint16_t rx_queue;
	uint16_t tx_port;
	uint16_t tx_queue;
	struct rte_ether_addr addr[2]; /* For mac mode: destination, source. */
	_Atomic uint64_t packets; /* Received. */
	_Atomic uint64_t bursts; /* Polls that found packets. */
	_Atomic uint64_t sent; /* Taken by the transmit queue. */
	_Atomic uint64_t tx_full; /* Freed because the transmit queue took no more. */
	_Atomic uint64_t malformed; /* Freed because their length and their segments disagree. */
	_Atomic uint64_t runts; /* Passed on unchanged: too short for what the mode rewrites. */
	int node; /* Where the flows of the receiving port are counted. */
};

/* One forwarding lcore. */
struct fwd_lcore {
	alignas(RTE_CACHE_LINE_SIZE) struct fwd_queue *queue;
	unsigned int nb_queues;
	unsigned int id;
	int node;
	uint16_t burst;
	enum fwd_mode mode;
	bool was_busy; /* The last walk over the queues found packets. */
	const atomic_bool *stop; /* Set by main. */
	struct tide_monitor *monitor; /* Watches where the lcore is. */
	/*
	 * Cycles spent busy, in one word so that readers need no lock. Bit 0 clear: the rest is their
	 * sum. Bit 0 set: busy now, the rest is the time stamp the sum must be taken from.
	 */
	_Atomic uint64_t busy;
	struct fwd_flow_lcore *flows; /* NULL: flows are not counted. */
};

/* State to the monitor that the calling thread is that of the lcore. */
void fwd_loop_enter(struct fwd_lcore *lcore);

/* Poll every queue of the lcore `walks` times. */
void fwd_loop_walk(struct fwd_lcore *lcore, unsigned int walks);

/* Poll until *lcore->stop; a lcore_function_t on a struct fwd_lcore. */
int fwd_loop_run(void *lcore);

/* Cycles the lcore was busy so far; `now` is a time stamp. */
uint64_t fwd_loop_busy(const struct fwd_lcore *lcore, uint64_t now);

/*
 * Receive and free what still waits in a queue, at most `most` packets: buffers in software rings
 * come
 * back only this way. Returns how many there were.
 */
uint64_t fwd_loop_drain(const struct fwd_queue *queue, uint64_t most);

#endif /* FWD_LOOP_H */
