/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: one core takes buffers and writes the packets, another reads them and gives them back; a
 * ring with one producer and one consumer lies between.
 */

#include <stdatomic.h>

#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_ring.h>

#include "packet.h"
#include "plan.h"
#include "pool.h"
#include "scenarios.h"
#include "source.h"

#define RING 1024 /* Packets on their way, about. */

struct pipe {
	const struct turn *turn;
	struct rte_ring *ring;
	uint64_t ticks;
	struct tally tally; /* Of who takes. */
	uint64_t wrong; /* Of who gives back. */
	atomic_bool done; /* Release: whatever was sent is in the ring. */
};

static __rte_always_inline void
send(struct pipe *p, void **table, unsigned int n)
{
	while (rte_ring_sp_enqueue_bulk(p->ring, table, n, NULL) == 0)
		rte_pause();
}

static __rte_always_inline void
take_loop(struct pipe *p, const bool floor)
{
	const struct source *s = &p->turn->source;
	const unsigned int n = p->turn->work->bulk;
	const uint64_t start = rte_rdtsc_precise();
	void *table[OPTIONS_BULK_MAX];
	struct tally *t = &p->tally;
	uint32_t cursor = 0;

	do {
		for (unsigned int k = 0; k < SOURCE_BATCH; k++) {
			if (unlikely(source_take(s, &cursor, table, n, floor) != 0)) {
				t->failed++;
				rte_pause();
				continue;
			}
			for (unsigned int i = 0; i < n; i++)
				packet_write(table[i], (uint32_t)t->objects + i);
			send(p, table, n);
			t->objects += n;
		}
		t->cycles = rte_rdtsc_precise() - start;
	} while (t->cycles < p->ticks);
}

static __rte_always_inline void
give_loop(struct pipe *p, const bool floor)
{
	const struct source *s = &p->turn->source;
	const unsigned int n = p->turn->work->bulk;
	void *table[OPTIONS_BULK_MAX];
	uint32_t number = 0;
	bool done;

	do {
		/* Acquire pairs with the release of done: an empty ring then is the end. */
		done = atomic_load_explicit(&p->done, memory_order_acquire);
		while (rte_ring_sc_dequeue_bulk(p->ring, table, n, NULL) != 0) {
			for (unsigned int i = 0; i < n; i++)
				p->wrong += !packet_is(table[i], number++);
			source_give(s, table, n, floor);
		}
		rte_pause();
	} while (!done);
}

static int
give(void *arg)
{
	struct pipe *p = arg;

	if (p->turn->source.floor)
		give_loop(p, true);
	else
		give_loop(p, false);
	pool_flush(p->turn->source.mp);
	return 0;
}

static void
take(struct pipe *p)
{
	if (p->turn->source.floor)
		take_loop(p, true);
	else
		take_loop(p, false);
	atomic_store_explicit(&p->done, true, memory_order_release);
}

/* Takes on the calling lcore, gives back on the next, until all is back. */
static int
flow(struct pipe *p)
{
	const unsigned int other = rte_get_next_lcore(-1, 1, 0);
	int ret;

	ret = rte_eal_remote_launch(give, p, other);
	if (ret != 0)
		return ret;
	take(p);
	return rte_eal_wait_lcore(other);
}

static int
pipeline_run(struct turn *turn)
{
	const uint64_t ticks = source_ticks(turn->bench);
	struct pipe warm = {.turn = turn, .ticks = ticks / 10};
	struct pipe pipe = {.turn = turn, .ticks = ticks};
	struct rte_ring *ring;
	int ret;

	ring = rte_ring_create(
		"tide_bench", RING, (int)rte_socket_id(), RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (ring == NULL)
		return app_fail(&turn->err, APP_EXIT_RUN, "no ring between the cores: %s",
			rte_strerror(rte_errno));
	warm.ring = pipe.ring = ring;
	ret = flow(&warm);
	if (ret == 0)
		ret = flow(&pipe);
	rte_ring_free(ring);
	if (ret != 0 || pipe.tally.objects == 0)
		return app_fail(&turn->err, APP_EXIT_RUN, "%s: no packet came through: %s",
			turn->who->name, ret != 0 ? rte_strerror(-ret) : "the pool gave none");
	turn->wrong = warm.wrong + pipe.wrong;
	turn->sample.value = (double)pipe.tally.cycles / (double)pipe.tally.objects;
	turn->sample.failed = pipe.tally.failed;
	return 0;
}

static bool
pipeline_plan(const struct bench *bench, unsigned int i, struct work *work)
{
	if (!plan_cache(bench, i, BENCH_CACHE_DEFAULT, &work->cache))
		return false;
	work->buffers = bench->opt.buffers;
	snprintf(work->label, sizeof(work->label), "cache %u", work->cache);
	return true;
}

static bool
sweep_plan(const struct bench *bench, unsigned int i, struct work *work)
{
	if (!plan_cache(bench, i / bench->opt.nb_size, BENCH_CACHE_DEFAULT, &work->cache))
		return false;
	work->buffers = bench->opt.size[i % bench->opt.nb_size];
	snprintf(work->label, sizeof(work->label), "%u buffers, cache %u", work->buffers,
		work->cache);
	return true;
}

const struct scenario scenario_pipeline = {
	.name = "pipeline",
	.what = "one core takes and writes packets, another reads and frees them",
	.unit = "cycles/packet",
	.crowding = CROWDING_PAIR,
	.lcores = 2,
	.plan = pipeline_plan,
	.setup = source_setup,
	.run = pipeline_run,
	.teardown = source_teardown,
};

const struct scenario scenario_sweep = {
	.name = "sweep",
	.what = "pipeline, with pools from small to large",
	.unit = "cycles/packet",
	.crowding = CROWDING_PAIR,
	.lcores = 2,
	.plan = sweep_plan,
	.setup = source_setup,
	.run = pipeline_run,
	.teardown = source_teardown,
};
