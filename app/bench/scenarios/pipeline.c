/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: one lcore gets buffers and writes the packets, another one reads the packets and frees
 * them. A ring with one producer and one consumer connects the two.
 */

#include <stdatomic.h>

#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_ring.h>

#include "frame/backend.h"
#include "frame/packet.h"
#include "frame/plan.h"
#include "frame/pool.h"
#include "frame/scenario.h"
#include "scenarios/pipeline.h"

#define RING 1024 /* About as many packets are between the lcores. */

struct pipe {
	const struct sample *sample;
	struct rte_ring *ring;
	uint64_t ticks;
	struct tally tally; /* Of the lcore that gets. */
	uint64_t wrong; /* Of the lcore that frees. */
	atomic_bool done; /* Release: all packets that were sent are in the ring. */
};

static __rte_always_inline void
send(struct pipe *p, void **table, unsigned int n)
{
	while (rte_ring_sp_enqueue_bulk(p->ring, table, n, NULL) == 0)
		rte_pause();
}

static __rte_always_inline void
get_loop(struct pipe *p, const bool baseline)
{
	const struct backend *b = &p->sample->backend;
	const unsigned int n = p->sample->workload->bulk;
	const uint64_t start = rte_rdtsc_precise();
	void *table[OPTIONS_BULK_MAX];
	struct tally *t = &p->tally;
	uint32_t cursor = 0;

	do {
		for (unsigned int k = 0; k < BACKEND_BATCH; k++) {
			if (unlikely(backend_get(b, &cursor, table, n, baseline) != 0)) {
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
free_loop(struct pipe *p, const bool baseline)
{
	const struct backend *b = &p->sample->backend;
	const unsigned int n = p->sample->workload->bulk;
	void *table[OPTIONS_BULK_MAX];
	uint32_t number = 0;
	bool done;

	do {
		/* Acquire pairs with the release of done: an empty ring after it is the end. */
		done = atomic_load_explicit(&p->done, memory_order_acquire);
		while (rte_ring_sc_dequeue_bulk(p->ring, table, n, NULL) != 0) {
			for (unsigned int i = 0; i < n; i++)
				p->wrong += !packet_is(table[i], number++);
			backend_put(b, table, n, baseline);
		}
		rte_pause();
	} while (!done);
}

static int
free_packets(void *arg)
{
	struct pipe *p = arg;

	if (p->sample->backend.baseline)
		free_loop(p, true);
	else
		free_loop(p, false);
	pool_flush(p->sample->backend.mp);
	return 0;
}

static void
send_packets(struct pipe *p)
{
	if (p->sample->backend.baseline)
		get_loop(p, true);
	else
		get_loop(p, false);
	atomic_store_explicit(&p->done, true, memory_order_release);
}

/* Get on the calling lcore and free on the next one, until all packets are freed. */
static int
flow(struct pipe *p)
{
	const unsigned int other = rte_get_next_lcore(-1, 1, 0);
	int ret;

	ret = rte_eal_remote_launch(free_packets, p, other);
	if (ret != 0)
		return ret;
	send_packets(p);
	return rte_eal_wait_lcore(other);
}

int
pipeline_run(struct sample *sample)
{
	const uint64_t ticks = sample_ticks(sample->bench);
	struct pipe warm = {.sample = sample, .ticks = ticks / 10};
	struct pipe pipe = {.sample = sample, .ticks = ticks};
	struct rte_ring *ring;
	int ret;

	ring = rte_ring_create(
		"tide_bench", RING, (int)rte_socket_id(), RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (ring == NULL)
		return app_fail(&sample->err, APP_EXIT_RUN, "no ring between the lcores: %s",
			rte_strerror(rte_errno));
	warm.ring = pipe.ring = ring;
	ret = flow(&warm);
	if (ret == 0)
		ret = flow(&pipe);
	rte_ring_free(ring);
	if (ret != 0 || pipe.tally.objects == 0)
		return app_fail(&sample->err, APP_EXIT_RUN, "%s: no packet came through: %s",
			sample->candidate->name,
			ret != 0 ? rte_strerror(-ret) : "no get succeeded");
	sample->wrong = warm.wrong + pipe.wrong;
	sample->figures.value = (double)pipe.tally.cycles / (double)pipe.tally.objects;
	sample->figures.failed = pipe.tally.failed;
	return 0;
}

static bool
pipeline_plan(const struct bench *bench, unsigned int i, struct workload *workload)
{
	if (!plan_cache(bench, i, BENCH_CACHE_DEFAULT, &workload->cache))
		return false;
	workload->buffers = bench->opt.buffers;
	snprintf(workload->label, sizeof(workload->label), "cache %u", workload->cache);
	return true;
}

static const struct scenario pipeline = {
	.name = "pipeline",
	.order = 60,
	.summary = "one lcore gets and writes packets, another one frees them",
	.description = "One lcore gets buffers and writes the first cache line of each, another\n"
		       "one reads that line and frees them. A ring with one producer and one\n"
		       "consumer connects the two. Needs two lcores.\n",
	.unit = "cycles/packet",
	.concurrency = CONCURRENCY_PAIR,
	.lcores = 2,
	.plan = pipeline_plan,
	.setup = backend_setup,
	.run = pipeline_run,
	.teardown = backend_teardown,
};

SCENARIO_REGISTER(pipeline)
