/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: the loops of scenario spread. Each get and each put is timed by itself, and the cost of
 * reading the clock twice is subtracted. `baseline` is a constant in each loop.
 */

#include <errno.h>
#include <stdatomic.h>

#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_ring.h>

#include "frame/clock.h"
#include "frame/pool.h"
#include "scenarios/spread_loop.h"

#define RING      1024 /* About as many packets are between two lcores. */
#define TURNOVERS 3 /* How often all buffers of the pool are replaced before the clock runs. */

/* Draw a number below a limit. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8 (14), 2003. */
static __rte_always_inline uint32_t
draw(uint64_t *state, uint32_t below)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)((*state >> 32) * below >> 32);
}

static __rte_always_inline int
timed_get(struct spread *s, uint32_t *cursor, void **table, unsigned int n, const bool baseline)
{
	struct tally *t = &s->get;
	uint64_t start = rte_rdtsc(), end;
	int ret = backend_get(&s->sample->backend, cursor, table, n, baseline);

	end = rte_rdtsc();
	t->cycles += clock_less(end - start, s->timer);
	if (likely(ret == 0))
		t->objects += n;
	else
		t->failed++;
	return ret;
}

static __rte_always_inline void
timed_put(struct spread *s, void *const *table, unsigned int n, const bool baseline)
{
	struct tally *t = &s->put;
	uint64_t start = rte_rdtsc(), end;

	backend_put(&s->sample->backend, table, n, baseline);
	end = rte_rdtsc();
	t->cycles += clock_less(end - start, s->timer);
	t->objects += n;
}

/* Send the packets of a burst to queues at random, and free the oldest burst of a full queue. */
static __rte_always_inline void
transmit(struct spread *s, void **table, unsigned int n, const bool baseline)
{
	void *done[OPTIONS_BULK_MAX];

	for (unsigned int i = 0; i < n; i++) {
		struct spread_queue *q = &s->queue[draw(&s->random, s->queues)];

		q->slot[q->head++ & s->mask] = table[i];
		if (q->head - q->tail < s->depth)
			continue;
		for (unsigned int k = 0; k < n; k++)
			done[k] = q->slot[q->tail++ & s->mask];
		timed_put(s, done, n, baseline);
	}
}

/* Get a burst and send it. Returns false when the pool had too few buffers. */
static __rte_always_inline bool
queue_step(struct spread *s, uint32_t *cursor, unsigned int n, const bool baseline)
{
	void *table[OPTIONS_BULK_MAX];

	if (unlikely(timed_get(s, cursor, table, n, baseline) != 0))
		return false;
	transmit(s, table, n, baseline);
	return true;
}

/* Move a random burst to the end of the held buffers, put it back, and get another in its place. */
static __rte_always_inline bool
random_step(struct spread *s, uint32_t *cursor, unsigned int n, const bool baseline)
{
	for (unsigned int i = 0; i < n; i++) {
		uint32_t last = s->nb_held - 1 - i, one = draw(&s->random, last + 1);
		void *held = s->held[one];

		s->held[one] = s->held[last];
		s->held[last] = held;
	}
	s->nb_held -= n;
	timed_put(s, s->held + s->nb_held, n, baseline);
	if (unlikely(timed_get(s, cursor, s->held + s->nb_held, n, baseline) != 0))
		return false;
	s->nb_held += n;
	return true;
}

static __rte_always_inline bool
step(struct spread *s, uint32_t *cursor, unsigned int n, const bool baseline)
{
	return s->queues == 0 ? random_step(s, cursor, n, baseline)
	                      : queue_step(s, cursor, n, baseline);
}

static __rte_always_inline void
aged(struct spread *s, const bool baseline)
{
	const unsigned int n = s->sample->workload->bulk;
	const uint64_t age = (uint64_t)TURNOVERS * s->sample->workload->buffers;
	uint32_t cursor = 0;
	uint64_t start;
	bool good = true;

	while (good && s->get.objects < age)
		good = step(s, &cursor, n, baseline);
	/* The counters start again. */
	s->get = (struct tally){.failed = s->get.failed};
	s->put = (struct tally){0};
	start = rte_rdtsc_precise();
	while (good && rte_rdtsc_precise() - start < s->ticks)
		for (unsigned int i = 0; good && i < BACKEND_BATCH; i++)
			good = step(s, &cursor, n, baseline);
}

/* Run until the number of gets is the size of the pool; then put all buffers back in order. Repeat. */
static __rte_always_inline int
fresh(struct spread *s, const bool baseline)
{
	const unsigned int n = s->sample->workload->bulk;
	const uint64_t start = rte_rdtsc_precise();
	uint32_t cursor = 0;
	int ret = 0;

	do {
		const uint64_t end = s->get.objects + s->sample->workload->buffers;
		bool good = true;

		if (!baseline)
			ret = spread_refresh(s);
		if (ret == 0)
			ret = spread_hold(s);
		while (ret == 0 && good && s->get.objects + s->nb_held < end)
			good = step(s, &cursor, n, baseline);
		spread_release(s);
	} while (ret == 0 && s->get.failed == 0 && rte_rdtsc_precise() - start < s->ticks);
	return ret;
}

static __rte_always_inline int
one_lcore(struct spread *s, const bool baseline)
{
	int ret;

	if (s->kind->fresh)
		return fresh(s, baseline);
	ret = spread_hold(s);
	if (ret == 0)
		aged(s, baseline);
	return ret;
}

static __rte_always_inline void
get_loop(struct spread *s, const bool baseline)
{
	const unsigned int n = s->sample->workload->bulk;
	const uint64_t age = (uint64_t)TURNOVERS * s->sample->workload->buffers;
	void *table[OPTIONS_BULK_MAX];
	uint64_t start = 0;
	uint32_t cursor = 0;

	do {
		/* Aged: the counters start again. */
		if (start == 0 && s->get.objects >= age) {
			s->get = (struct tally){0};
			start = rte_rdtsc_precise();
		}
		if (unlikely(timed_get(s, &cursor, table, n, baseline) != 0)) {
			rte_pause();
			continue;
		}
		while (rte_ring_sp_enqueue_bulk(s->ring, table, n, NULL) == 0)
			rte_pause();
	} while (start == 0 || rte_rdtsc() - start < s->ticks);
}

static __rte_always_inline void
put_loop(struct spread *s, const bool baseline)
{
	const unsigned int n = s->sample->workload->bulk;
	const uint64_t age = (uint64_t)TURNOVERS * s->sample->workload->buffers;
	void *table[OPTIONS_BULK_MAX];
	uint64_t received = 0;
	bool done;

	do {
		/* Acquire pairs with the release of done: an empty ring after it is the end. */
		done = atomic_load_explicit(&s->done, memory_order_acquire);
		while (rte_ring_sc_dequeue_bulk(s->ring, table, n, NULL) != 0) {
			if (received < age && received + n >= age)
				s->put = (struct tally){0};
			received += n;
			transmit(s, table, n, baseline);
		}
		rte_pause();
	} while (!done);
}

static int
put_lcore(void *arg)
{
	struct spread *s = arg;

	if (s->sample->backend.baseline)
		put_loop(s, true);
	else
		put_loop(s, false);
	pool_flush(s->sample->backend.mp);
	return 0;
}

static int
two_lcores(struct spread *s)
{
	const unsigned int other = rte_get_next_lcore(-1, 1, 0);
	int ret;

	s->ring = rte_ring_create(
		"tide_bench", RING, (int)rte_socket_id(), RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (s->ring == NULL)
		return -rte_errno;
	ret = rte_eal_remote_launch(put_lcore, s, other);
	if (ret == 0) {
		if (s->sample->backend.baseline)
			get_loop(s, true);
		else
			get_loop(s, false);
		atomic_store_explicit(&s->done, true, memory_order_release);
		ret = rte_eal_wait_lcore(other);
	}
	rte_ring_free(s->ring);
	return ret;
}

int
spread_measure(struct spread *s)
{
	if (s->kind->lcores == 2)
		return two_lcores(s);
	return s->sample->backend.baseline ? one_lcore(s, true) : one_lcore(s, false);
}
