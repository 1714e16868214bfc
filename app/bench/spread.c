/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: buffers come back in another order than they were taken.
 *
 * Queues: a burst is taken, its packets go to transmit queues at random, as a hash of flows sends them, and
 * each queue gives its oldest burst back when it has no room for another. On two lcores, one takes and the
 * other has the queues. Random: a part of the pool is held, and bursts of held buffers, drawn at random, are
 * given back and replaced. Aged: before the clock runs, buffers come and go until their number is several
 * times that of the pool, so the order is that of a pool in use for long. Fresh: the pool gives as many
 * out as it has, from the order of their addresses, over and over; in between all are put back in that order.
 * Only get and put are timed; the cost of reading the clock twice is taken off.
 */

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_ring.h>

#include "clock.h"
#include "plan.h"
#include "pool.h"
#include "scenarios.h"
#include "source.h"

#define QUEUES_MAX 16
#define RING       1024 /* Packets on their way between two lcores, about. */
#define TURNOVERS  3 /* Times that the pool comes and goes before the clock runs. */
#define SHARE      5 /* A turn is so much shorter than in other scenarios: there are many works. */

/* What a work does. */
static const struct kind {
	const char *name;
	unsigned int lcores;
	unsigned int queues; /* 0: random. */
	unsigned int depth; /* Of a queue; 0: together they hold three quarters of the pool. */
	unsigned int held; /* Random: tenths of the pool that are held. */
	bool fresh; /* Measured without cache only. */
} kinds[] = {
	{"1 lcore, 2 queues of 512", 1, 2, 512, 0, false},
	{"1 lcore, 8 queues of 512", 1, 8, 512, 0, false},
	{"1 lcore, 16 deep queues", 1, 16, 0, 0, false},
	{"1 lcore, random, half held", 1, 0, 0, 5, false},
	{"1 lcore, random, 9 of 10 held", 1, 0, 0, 9, false},
	{"2 lcores, 8 queues", 2, 8, 512, 0, false},
	{"2 lcores, 16 queues", 2, 16, 512, 0, false},
	{"1 lcore, 2 queues, fresh", 1, 2, 512, 0, true},
	{"1 lcore, 8 queues, fresh", 1, 8, 512, 0, true},
	{"1 lcore, 16 deep, fresh", 1, 16, 0, 0, true},
	{"1 lcore, half held, fresh", 1, 0, 0, 5, true},
	{"1 lcore, 9 of 10 held, fresh", 1, 0, 0, 9, true},
};

static const unsigned int sizes[] = {16383, 131071};

/* A transmit queue: a ring of pointers. */
struct queue {
	void **place;
	uint32_t head, tail;
};

struct field {
	const struct turn *turn;
	const struct kind *kind;
	struct queue queue[QUEUES_MAX];
	unsigned int queues, depth;
	uint32_t mask; /* Places of a queue, a power of two, less one. */
	void **held; /* Random. */
	uint32_t nb_held;
	uint64_t random;
	void **in_order; /* Fresh: all buffers, by address. */
	void **drained; /* Fresh: room for as many. */
	uint64_t timer; /* Cycles that reading the clock costs by itself. */
	uint64_t ticks;
	struct tally take; /* Written by the lcore that takes. */
	/* Two lcores. */
	struct rte_ring *ring;
	alignas(RTE_CACHE_LINE_SIZE) struct tally give; /* Written by the lcore that gives back. */
	atomic_bool done; /* Release: whatever was sent is in the ring. */
};

/* Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8 (14), 2003. */
static __rte_always_inline uint32_t
draw(uint64_t *state, uint32_t below)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)((*state >> 32) * below >> 32);
}

static __rte_always_inline int
timed_take(struct field *f, uint32_t *cursor, void **table, unsigned int n, const bool floor)
{
	struct tally *t = &f->take;
	uint64_t start = rte_rdtsc(), end;
	int ret = source_take(&f->turn->source, cursor, table, n, floor);

	end = rte_rdtsc();
	t->cycles += clock_less(end - start, f->timer);
	if (likely(ret == 0))
		t->objects += n;
	else
		t->failed++;
	return ret;
}

static __rte_always_inline void
timed_give(struct field *f, void *const *table, unsigned int n, const bool floor)
{
	struct tally *t = &f->give;
	uint64_t start = rte_rdtsc(), end;

	source_give(&f->turn->source, table, n, floor);
	end = rte_rdtsc();
	t->cycles += clock_less(end - start, f->timer);
	t->objects += n;
}

/* Send the packets of a burst to queues, and give back what is done. */
static __rte_always_inline void
transmit(struct field *f, void **table, unsigned int n, const bool floor)
{
	void *done[OPTIONS_BULK_MAX];

	for (unsigned int i = 0; i < n; i++) {
		struct queue *q = &f->queue[draw(&f->random, f->queues)];

		q->place[q->head++ & f->mask] = table[i];
		if (q->head - q->tail < f->depth)
			continue;
		for (unsigned int k = 0; k < n; k++)
			done[k] = q->place[q->tail++ & f->mask];
		timed_give(f, done, n, floor);
	}
}

/* A step takes a burst and sees to it that as many come back; false: the pool had too few. */
static __rte_always_inline bool
queue_step(struct field *f, uint32_t *cursor, unsigned int n, const bool floor)
{
	void *table[OPTIONS_BULK_MAX];

	if (unlikely(timed_take(f, cursor, table, n, floor) != 0))
		return false;
	transmit(f, table, n, floor);
	return true;
}

/* Draw a burst to the end of what is held, give it back, and take another in its place. */
static __rte_always_inline bool
random_step(struct field *f, uint32_t *cursor, unsigned int n, const bool floor)
{
	for (unsigned int i = 0; i < n; i++) {
		uint32_t last = f->nb_held - 1 - i, one = draw(&f->random, last + 1);
		void *held = f->held[one];

		f->held[one] = f->held[last];
		f->held[last] = held;
	}
	f->nb_held -= n;
	timed_give(f, f->held + f->nb_held, n, floor);
	if (unlikely(timed_take(f, cursor, f->held + f->nb_held, n, floor) != 0))
		return false;
	f->nb_held += n;
	return true;
}

static __rte_always_inline bool
step(struct field *f, uint32_t *cursor, unsigned int n, const bool floor)
{
	return f->queues == 0 ? random_step(f, cursor, n, floor) : queue_step(f, cursor, n, floor);
}

static __rte_always_inline void
aged(struct field *f, const bool floor)
{
	const unsigned int n = f->turn->work->bulk;
	const uint64_t age = (uint64_t)TURNOVERS * f->turn->work->buffers;
	uint32_t cursor = 0;
	uint64_t start;
	bool good = true;

	while (good && f->take.objects < age)
		good = step(f, &cursor, n, floor);
	/* What was counted until now is not. */
	f->take = (struct tally){.failed = f->take.failed};
	f->give = (struct tally){0};
	start = rte_rdtsc_precise();
	while (good && rte_rdtsc_precise() - start < f->ticks)
		for (unsigned int i = 0; good && i < SOURCE_BATCH; i++)
			good = step(f, &cursor, n, floor);
}

/* Random: take what shall be held. */
static int
hold(struct field *f)
{
	const struct source *s = &f->turn->source;
	const uint32_t want = f->turn->work->buffers / 10 * f->kind->held;
	uint32_t cursor = 0;

	for (; f->nb_held < want; f->nb_held++)
		if (source_take(s, &cursor, &f->held[f->nb_held], 1, s->floor) != 0)
			return -ENOBUFS;
	return 0;
}

/* Give back whatever is in queues or held. */
static void
release(struct field *f)
{
	const struct source *s = &f->turn->source;

	for (unsigned int i = 0; i < f->queues; i++)
		for (struct queue *q = &f->queue[i]; q->tail != q->head; q->tail++)
			source_give(s, &q->place[q->tail & f->mask], 1, s->floor);
	if (f->nb_held > 0)
		source_give(s, f->held, f->nb_held, s->floor);
	f->nb_held = 0;
	pool_flush(s->mp);
}

/* Take all buffers of a pool at rest one by one; false: it gave too few, and they are back. */
static bool
drain(struct rte_mempool *mp, void **table)
{
	unsigned int n = 0;

	while (n < mp->size && rte_mempool_get(mp, &table[n]) == 0)
		n++;
	if (n < mp->size)
		rte_mempool_put_bulk(mp, table, n);
	return n == mp->size;
}

static int
compare(const void *a, const void *b)
{
	const uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;

	return (x > y) - (x < y);
}

/* Make the pool as good as new: all back in bursts, in the order of addresses. */
static int
refresh(struct field *f)
{
	struct rte_mempool *mp = f->turn->source.mp;

	if (!drain(mp, f->drained))
		return -ENOBUFS;
	for (unsigned int i = 0, n; i < mp->size; i += n) {
		n = RTE_MIN(mp->size - i, f->turn->work->bulk);
		rte_mempool_put_bulk(mp, &f->in_order[i], n);
	}
	return 0;
}

/* Run until as many were taken as the pool has; then put all back in order. */
static __rte_always_inline int
fresh(struct field *f, const bool floor)
{
	const unsigned int n = f->turn->work->bulk;
	const uint64_t start = rte_rdtsc_precise();
	uint32_t cursor = 0;
	int ret = 0;

	do {
		const uint64_t end = f->take.objects + f->turn->work->buffers;
		bool good = true;

		if (!floor)
			ret = refresh(f);
		if (ret == 0)
			ret = hold(f);
		while (ret == 0 && good && f->take.objects + f->nb_held < end)
			good = step(f, &cursor, n, floor);
		release(f);
	} while (ret == 0 && f->take.failed == 0 && rte_rdtsc_precise() - start < f->ticks);
	return ret;
}

static __rte_always_inline int
alone(struct field *f, const bool floor)
{
	int ret;

	if (f->kind->fresh)
		return fresh(f, floor);
	ret = hold(f);
	if (ret == 0)
		aged(f, floor);
	return ret;
}

static __rte_always_inline void
taker(struct field *f, const bool floor)
{
	const unsigned int n = f->turn->work->bulk;
	const uint64_t age = (uint64_t)TURNOVERS * f->turn->work->buffers;
	void *table[OPTIONS_BULK_MAX];
	uint64_t start = 0;
	uint32_t cursor = 0;

	do {
		/* Aged: what was counted until now is not. */
		if (start == 0 && f->take.objects >= age) {
			f->take = (struct tally){0};
			start = rte_rdtsc_precise();
		}
		if (unlikely(timed_take(f, &cursor, table, n, floor) != 0)) {
			rte_pause();
			continue;
		}
		while (rte_ring_sp_enqueue_bulk(f->ring, table, n, NULL) == 0)
			rte_pause();
	} while (start == 0 || rte_rdtsc() - start < f->ticks);
}

static __rte_always_inline void
giver(struct field *f, const bool floor)
{
	const unsigned int n = f->turn->work->bulk;
	const uint64_t age = (uint64_t)TURNOVERS * f->turn->work->buffers;
	void *table[OPTIONS_BULK_MAX];
	uint64_t came = 0;
	bool done;

	do {
		/* Acquire pairs with the release of done: an empty ring then is the end. */
		done = atomic_load_explicit(&f->done, memory_order_acquire);
		while (rte_ring_sc_dequeue_bulk(f->ring, table, n, NULL) != 0) {
			if (came < age && came + n >= age)
				f->give = (struct tally){0};
			came += n;
			transmit(f, table, n, floor);
		}
		rte_pause();
	} while (!done);
}

static int
give_lcore(void *arg)
{
	struct field *f = arg;

	if (f->turn->source.floor)
		giver(f, true);
	else
		giver(f, false);
	pool_flush(f->turn->source.mp);
	return 0;
}

static int
both_lcores(struct field *f)
{
	const unsigned int other = rte_get_next_lcore(-1, 1, 0);
	int ret;

	f->ring = rte_ring_create(
		"tide_bench", RING, (int)rte_socket_id(), RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (f->ring == NULL)
		return -rte_errno;
	ret = rte_eal_remote_launch(give_lcore, f, other);
	if (ret == 0) {
		if (f->turn->source.floor)
			taker(f, true);
		else
			taker(f, false);
		atomic_store_explicit(&f->done, true, memory_order_release);
		ret = rte_eal_wait_lcore(other);
	}
	rte_ring_free(f->ring);
	return ret;
}

static void
close_field(struct field *f)
{
	release(f);
	for (unsigned int i = 0; i < f->queues; i++)
		free(f->queue[i].place);
	free(f->held);
	free(f->in_order);
	free(f->drained);
}

static int
open_queues(struct field *f)
{
	const struct kind *kind = f->kind;

	f->queues = kind->queues;
	f->depth = kind->depth != 0 ? kind->depth : f->turn->work->buffers / 4 * 3 / kind->queues;
	f->mask = rte_align32pow2(f->depth + OPTIONS_BULK_MAX) - 1;
	for (unsigned int i = 0; i < f->queues; i++) {
		f->queue[i].place = calloc(f->mask + 1, sizeof(void *));
		if (f->queue[i].place == NULL)
			return -ENOMEM;
	}
	return 0;
}

static int
open_order(struct field *f)
{
	struct rte_mempool *mp = f->turn->source.mp;

	f->in_order = calloc(mp->size, sizeof(*f->in_order));
	f->drained = calloc(mp->size, sizeof(*f->drained));
	if (f->in_order == NULL || f->drained == NULL)
		return -ENOMEM;
	if (f->turn->source.floor)
		return 0;
	if (!drain(mp, f->in_order))
		return -ENOBUFS;
	rte_mempool_put_bulk(mp, f->in_order, mp->size);
	qsort(f->in_order, mp->size, sizeof(*f->in_order), compare);
	return 0;
}

/* Queues, or room for what is held. */
static int
open_field(struct field *f)
{
	int ret = 0;

	if (f->kind->queues != 0) {
		ret = open_queues(f);
	} else {
		f->held = calloc(f->turn->work->buffers, sizeof(*f->held));
		ret = f->held == NULL ? -ENOMEM : 0;
	}
	if (ret == 0 && f->kind->fresh)
		ret = open_order(f);
	return ret;
}

static int
measure(struct field *f)
{
	if (f->kind->lcores == 2)
		return both_lcores(f);
	return f->turn->source.floor ? alone(f, true) : alone(f, false);
}

static int
spread_run(struct turn *turn)
{
	struct field f = {
		.turn = turn,
		.kind = &kinds[turn->work->variant],
		.random = UINT64_C(0x9e3779b97f4a7c15),
		.timer = turn->bench->clock_cost,
		.ticks = source_ticks(turn->bench) / SHARE,
	};
	int ret = open_field(&f);

	if (ret == 0)
		ret = measure(&f);
	close_field(&f);
	if (ret != 0)
		return app_fail(&turn->err, APP_EXIT_RUN, "%s: nothing could be measured: %s",
			turn->who->name, rte_strerror(-ret));
	if (f.take.objects == 0 || f.give.objects == 0)
		return app_fail(&turn->err, APP_EXIT_RUN,
			"%s: no packet came through: the pool gave too few", turn->who->name);
	turn->sample.value = (double)f.take.cycles / (double)f.take.objects +
	                     (double)f.give.cycles / (double)f.give.objects;
	turn->sample.failed = f.take.failed;
	return 0;
}

static bool
spread_plan(const struct bench *bench, unsigned int i, struct work *work)
{
	for (unsigned int c = 0; plan_cache(bench, c, BENCH_CACHE_DEFAULT, &work->cache); c++)
		for (unsigned int k = 0; k < RTE_DIM(sizes) * RTE_DIM(kinds); k++) {
			const struct kind *kind = &kinds[k % RTE_DIM(kinds)];

			if ((kind->fresh && work->cache > 0) || i-- > 0)
				continue;
			work->buffers = sizes[k / RTE_DIM(kinds)];
			work->variant = k % RTE_DIM(kinds);
			work->threads = kind->lcores;
			snprintf(work->label, sizeof(work->label), "%s, %u, cache %u", kind->name,
				work->buffers, work->cache);
			return true;
		}
	return false;
}

const struct scenario scenario_spread = {
	.name = "spread",
	.what = "buffers come back out of order: get and put alone",
	.unit = "cycles/object",
	/* Ops for one taker or giver are no peers, and would take a third of the time. */
	.crowding = CROWDING_ANY,
	.plan = spread_plan,
	.setup = source_setup,
	.run = spread_run,
	.teardown = source_teardown,
};
