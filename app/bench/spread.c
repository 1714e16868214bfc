/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: buffers come back in another order than they were taken.
 *
 * Queues: a burst is taken, its packets go to transmit queues at random, as a hash of flows sends them, and
 * each queue gives its oldest burst back when it has no room for another. On two lcores, one takes and the
 * other has the queues. Random: a part of the pool is held, and bursts of held buffers, drawn at random, are
 * given back and replaced. Before the clock runs, each buffer of the pool has come and gone several times,
 * so the order is that of a pool in use for long. Only get and put are timed; the cost of reading the
 * clock twice is measured and taken off.
 */

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

/* What a work does. */
static const struct kind {
	const char *name;
	unsigned int lcores;
	unsigned int queues; /* 0: random. */
	unsigned int depth; /* Of a queue; 0: together they hold three quarters of the pool. */
	unsigned int held; /* Random: tenths of the pool that are held. */
} kinds[] = {
	{"1 lcore, 2 queues of 512", 1, 2, 512, 0},
	{"1 lcore, 8 queues of 512", 1, 8, 512, 0},
	{"1 lcore, 16 deep queues", 1, 16, 0, 0},
	{"1 lcore, random, half held", 1, 0, 0, 5},
	{"1 lcore, random, 9 of 10 held", 1, 0, 0, 9},
	{"2 lcores, 8 queues", 2, 8, 512, 0},
	{"2 lcores, 16 queues", 2, 16, 512, 0},
};

static const unsigned int sizes[] = {16383, 131071};

/* A transmit queue: a ring of pointers. */
struct queue {
	void **place;
	uint32_t head, tail;
};

struct field {
	const struct turn *turn;
	struct queue queue[QUEUES_MAX];
	unsigned int queues, depth;
	uint32_t mask; /* Places of a queue, a power of two, less one. */
	void **held; /* Random. */
	uint32_t nb_held;
	uint64_t random;
	uint64_t timer; /* Cycles that a reading costs by itself. */
	/* Two lcores. */
	struct rte_ring *ring;
	uint64_t ticks;
	struct tally take, give;
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
timed_take(struct field *f, uint32_t *cursor, void **table, unsigned int n, struct tally *t,
	const bool floor)
{
	uint64_t start = rte_rdtsc(), end;
	int ret = source_take(&f->turn->source, cursor, table, n, floor);

	end = rte_rdtsc();
	t->cycles += clock_less(end - start, f->timer);
	return ret;
}

static __rte_always_inline void
timed_give(struct field *f, void *const *table, unsigned int n, struct tally *t, const bool floor)
{
	uint64_t start = rte_rdtsc(), end;

	source_give(&f->turn->source, table, n, floor);
	end = rte_rdtsc();
	t->cycles += clock_less(end - start, f->timer);
}

/* Send the packets of a burst to queues, and give back what is done. */
static __rte_always_inline void
transmit(struct field *f, void **table, unsigned int n, struct tally *t, const bool floor)
{
	void *done[OPTIONS_BULK_MAX];

	for (unsigned int i = 0; i < n; i++) {
		struct queue *q = &f->queue[draw(&f->random, f->queues)];

		q->place[q->head++ & f->mask] = table[i];
		if (q->head - q->tail < f->depth)
			continue;
		for (unsigned int k = 0; k < n; k++)
			done[k] = q->place[q->tail++ & f->mask];
		timed_give(f, done, n, t, floor);
	}
}

static __rte_always_inline void
queue_step(struct field *f, uint32_t *cursor, unsigned int n, struct tally *t, const bool floor)
{
	void *table[OPTIONS_BULK_MAX];

	if (unlikely(timed_take(f, cursor, table, n, t, floor) != 0)) {
		t->failed++;
		return;
	}
	transmit(f, table, n, t, floor);
	t->objects += n;
}

/* Draw a burst to the end of what is held, give it back, and take another in its place. */
static __rte_always_inline void
random_step(struct field *f, uint32_t *cursor, unsigned int n, struct tally *t, const bool floor)
{
	for (unsigned int i = 0; i < n; i++) {
		uint32_t last = f->nb_held - 1 - i, one = draw(&f->random, last + 1);
		void *held = f->held[one];

		f->held[one] = f->held[last];
		f->held[last] = held;
	}
	f->nb_held -= n;
	timed_give(f, f->held + f->nb_held, n, t, floor);
	if (unlikely(timed_take(f, cursor, f->held + f->nb_held, n, t, floor) != 0)) {
		t->failed++;
		return;
	}
	f->nb_held += n;
	t->objects += n;
}

static __rte_always_inline void
alone(struct field *f, const bool floor)
{
	const unsigned int n = f->turn->work->bulk;
	const uint64_t age = (uint64_t)TURNOVERS * f->turn->work->buffers;
	uint32_t cursor = 0;
	uint64_t start;

	while (f->take.objects < age && f->take.failed == 0)
		if (f->queues == 0)
			random_step(f, &cursor, n, &f->take, floor);
		else
			queue_step(f, &cursor, n, &f->take, floor);
	f->take = (struct tally){.failed = f->take.failed};
	start = rte_rdtsc_precise();
	do {
		for (unsigned int i = 0; i < SOURCE_BATCH; i++)
			if (f->queues == 0)
				random_step(f, &cursor, n, &f->take, floor);
			else
				queue_step(f, &cursor, n, &f->take, floor);
	} while (rte_rdtsc_precise() - start < f->ticks && f->take.failed == 0);
}

static __rte_always_inline void
taker(struct field *f, const bool floor)
{
	const unsigned int n = f->turn->work->bulk;
	const uint64_t age = (uint64_t)TURNOVERS * f->turn->work->buffers;
	struct tally *t = &f->take;
	void *table[OPTIONS_BULK_MAX];
	uint64_t start = 0, sent = 0;
	uint32_t cursor = 0;

	do {
		/* Aged: what was counted until now is not. */
		if (start == 0 && sent >= age) {
			*t = (struct tally){0};
			start = rte_rdtsc_precise();
		}
		if (unlikely(timed_take(f, &cursor, table, n, t, floor) != 0)) {
			t->failed++;
			rte_pause();
			continue;
		}
		while (rte_ring_sp_enqueue_bulk(f->ring, table, n, NULL) == 0)
			rte_pause();
		t->objects += n;
		sent += n;
	} while (start == 0 || rte_rdtsc() - start < f->ticks);
}

static __rte_always_inline void
giver(struct field *f, const bool floor)
{
	const unsigned int n = f->turn->work->bulk;
	const uint64_t age = (uint64_t)TURNOVERS * f->turn->work->buffers;
	void *table[OPTIONS_BULK_MAX];
	uint64_t came = 0;
	bool aged = false, done;

	do {
		/* Acquire pairs with the release of done: an empty ring then is the end. */
		done = atomic_load_explicit(&f->done, memory_order_acquire);
		while (rte_ring_sc_dequeue_bulk(f->ring, table, n, NULL) != 0) {
			if (!aged && came >= age) {
				f->give = (struct tally){0};
				aged = true;
			}
			transmit(f, table, n, &f->give, floor);
			f->give.objects += n;
			came += n;
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
	const struct source *s = &f->turn->source;

	for (unsigned int i = 0; i < f->queues; i++) {
		struct queue *q = &f->queue[i];

		for (; q->place != NULL && q->tail != q->head; q->tail++)
			source_give(s, &q->place[q->tail & f->mask], 1, s->floor);
		free(q->place);
	}
	if (f->held != NULL)
		source_give(s, f->held, f->nb_held, s->floor);
	free(f->held);
}

/* Queues, or buffers held. */
static int
open_field(struct field *f, const struct kind *kind)
{
	const struct source *s = &f->turn->source;
	const unsigned int buffers = f->turn->work->buffers;
	uint32_t cursor = 0, want = buffers / 10 * kind->held;

	if (kind->queues == 0) {
		f->held = calloc(want, sizeof(*f->held));
		if (f->held == NULL)
			return -ENOMEM;
		for (; f->nb_held < want; f->nb_held++)
			if (source_take(s, &cursor, &f->held[f->nb_held], 1, s->floor) != 0)
				return -ENOBUFS;
		return 0;
	}
	f->queues = kind->queues;
	f->depth = kind->depth != 0 ? kind->depth : buffers / 4 * 3 / kind->queues;
	f->mask = rte_align32pow2(f->depth + OPTIONS_BULK_MAX) - 1;
	for (unsigned int i = 0; i < f->queues; i++) {
		f->queue[i].place = calloc(f->mask + 1, sizeof(void *));
		if (f->queue[i].place == NULL)
			return -ENOMEM;
	}
	return 0;
}

static int
spread_run(struct turn *turn)
{
	const struct kind *kind = &kinds[turn->work->variant];
	struct field f = {
		.turn = turn,
		.random = UINT64_C(0x9e3779b97f4a7c15),
		.timer = clock_cost(),
		.ticks = source_ticks(turn->bench),
	};
	int ret = open_field(&f, kind);

	if (ret == 0 && kind->lcores == 2)
		ret = both_lcores(&f);
	else if (ret == 0 && turn->source.floor)
		alone(&f, true);
	else if (ret == 0)
		alone(&f, false);
	close_field(&f);
	pool_flush(turn->source.mp);
	if (ret != 0 || f.take.objects == 0)
		return app_fail(&turn->err, APP_EXIT_RUN, "%s: no packet came through: %s",
			turn->who->name, ret != 0 ? rte_strerror(-ret) : "the pool gave none");
	turn->sample.value = (double)f.take.cycles / (double)f.take.objects;
	if (f.give.objects != 0)
		turn->sample.value += (double)f.give.cycles / (double)f.give.objects;
	turn->sample.failed = f.take.failed;
	return 0;
}

static bool
spread_plan(const struct bench *bench, unsigned int i, struct work *work)
{
	const unsigned int per_cache = RTE_DIM(kinds) * RTE_DIM(sizes);

	if (!plan_cache(bench, i / per_cache, BENCH_CACHE_DEFAULT, &work->cache))
		return false;
	work->buffers = sizes[i / RTE_DIM(kinds) % RTE_DIM(sizes)];
	work->variant = i % RTE_DIM(kinds);
	work->threads = kinds[work->variant].lcores;
	snprintf(work->label, sizeof(work->label), "%s, %u, cache %u", kinds[work->variant].name,
		work->buffers, work->cache);
	return true;
}

const struct scenario scenario_spread = {
	.name = "spread",
	.what = "buffers come back out of order: get and put alone, on an aged pool",
	.unit = "cycles/object",
	.crowding = CROWDING_PAIR,
	.plan = spread_plan,
	.setup = source_setup,
	.run = spread_run,
	.teardown = source_teardown,
};
