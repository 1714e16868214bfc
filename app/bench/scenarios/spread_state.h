/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_SPREAD_STATE_H
#define BENCH_SPREAD_STATE_H

/* The state of one sample of scenario spread: transmit queues, or held buffers, and their pool. */

#include <stdalign.h>
#include <stdatomic.h>

#include <rte_ring.h>

#include "frame/backend.h"

#define SPREAD_QUEUES_MAX 16

/* What a workload does. */
struct spread_kind {
	const char *name;
	unsigned int lcores;
	unsigned int queues; /* 0: buffers are replaced at random. */
	unsigned int depth; /* Of a queue; 0: together they hold three quarters of the pool. */
	unsigned int held; /* Random: tenths of the pool that are held. */
	bool fresh; /* The pool is in the order of addresses; measured without cache only. */
};

/* A transmit queue: a ring of pointers. */
struct spread_queue {
	void **slot;
	uint32_t head, tail;
};

struct spread {
	const struct sample *sample;
	const struct spread_kind *kind;
	struct spread_queue queue[SPREAD_QUEUES_MAX];
	unsigned int queues, depth;
	uint32_t mask; /* Slots of a queue, a power of two, less one. */
	void **held; /* Random. */
	uint32_t nb_held;
	uint64_t random; /* State of the random numbers. */
	void **in_order; /* Fresh: all buffers, by address. */
	void **drained; /* Fresh: room for as many. */
	uint64_t timer; /* Cycles that reading the clock costs. */
	uint64_t ticks;
	struct tally get; /* Written by the lcore that gets. */
	/* Two lcores. */
	struct rte_ring *ring;
	alignas(RTE_CACHE_LINE_SIZE) struct tally put; /* Written by the lcore that puts. */
	atomic_bool done; /* Release: all packets that were sent are in the ring. */
};

/*
 * Allocate queues, or room for held buffers, as the kind needs them. Returns 0 or a negative errno; the
 * caller calls spread_close() in both cases.
 */
int spread_open(struct spread *s);

/* Put all buffers back into the pool and free the state. */
void spread_close(struct spread *s);

/* Random: get the buffers to hold. Returns 0, or -ENOBUFS when the pool had too few. */
int spread_hold(struct spread *s);

/* Put all buffers that are in queues or held back into the pool. */
void spread_release(struct spread *s);

/*
 * Fresh: put all buffers back in bursts in the order of addresses. Returns 0, or -ENOBUFS when not all
 * buffers are free.
 */
int spread_refresh(struct spread *s);

#endif /* BENCH_SPREAD_STATE_H */
