/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: what it costs to hold packets for a while, as a shaper does. One lcore receives bursts,
 * keeps the last HELD packets and frees the oldest ones.
 *
 * "held_as_is" keeps the received packets. The others copy them, into compact form or with
 * rte_pktmbuf_copy() into mbufs of 2 KB, and free the received ones at once. So those that copy receive
 * into buffers that are still in the CPU's caches. Receiving a packet is modelled by writing the first
 * cache line of its mbuf and one word in each cache line of its data.
 */

#include <stdlib.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "frame/backend.h"
#include "frame/packet.h"
#include "frame/pool.h"
#include "scenarios/held_packets.h"

/* Packets held: a multiple of any burst that is a power of two. */
#define HELD 4096

enum method {
	METHOD_COMPACT,
	METHOD_COPY,
	METHOD_AS_IS,
};

static const char *const names[] = {
	[METHOD_COMPACT] = "tide_pktbuf",
	[METHOD_COPY] = "rte_pktmbuf_copy",
	[METHOD_AS_IS] = "held_as_is",
	NULL,
};

struct copy {
	enum method method;
	struct tide_pktbuf *set;
	struct rte_mempool *mp; /* Where rte_pktmbuf_copy() allocates. */
	struct rte_mbuf *held[HELD + OPTIONS_BULK_MAX];
	uint64_t first; /* Number of the oldest packet held. */
	uint64_t next; /* Number of the next packet received. */
};

static int
make_target(struct sample *sample, struct copy *copy)
{
	if (copy->method == METHOD_COMPACT) {
		copy->set = held_packets_set(
			sample->workload, HELD + 2 * OPTIONS_BULK_MAX, &sample->err);
		return copy->set != NULL ? 0 : -1;
	}
	if (copy->method == METHOD_AS_IS)
		return 0;
	copy->mp = rte_pktmbuf_pool_create_by_ops("bench_copy", sample->workload->buffers, 0, 0,
		RTE_MBUF_DEFAULT_BUF_SIZE, (int)rte_socket_id(), BENCH_SUBJECT);
	if (copy->mp == NULL)
		return app_fail(&sample->err, APP_EXIT_RUN, "no second pool of %u mbufs: %s",
			sample->workload->buffers, rte_strerror(rte_errno));
	return 0;
}

static enum method
method_of(const struct candidate *candidate)
{
	enum method method = METHOD_COMPACT;

	while (strcmp(names[method], candidate->name) != 0)
		method++;
	return method;
}

/* Make the pool that packets are received into, of the tide ops. */
static int
make_receive_pool(struct sample *sample)
{
	struct backend *b = &sample->backend;

	if (sample->workload->object < sizeof(struct rte_mbuf) + RTE_MBUF_DEFAULT_BUF_SIZE)
		return app_fail(&sample->err, APP_EXIT_RUN,
			"mbufs of %u bytes have no room for the packets", sample->workload->object);
	b->mp = pool_empty(BENCH_SUBJECT, sample->workload, &sample->err);
	if (b->mp == NULL)
		return -1;
	if (pool_fill(b->mp, &sample->bench->memory, &sample->err) == 0)
		return 0;
	rte_mempool_free(b->mp);
	return -1;
}

static int
copy_setup(struct sample *sample)
{
	struct copy *copy = calloc(1, sizeof(*copy));

	if (copy == NULL)
		return app_fail(&sample->err, APP_EXIT_RUN, "out of memory");
	copy->method = method_of(sample->candidate);
	if (make_receive_pool(sample) == 0) {
		sample->state = copy;
		if (make_target(sample, copy) == 0)
			return 0;
		rte_mempool_free(sample->backend.mp);
	}
	free(copy);
	return -1;
}

static __rte_always_inline void
receive(const struct workload *workload, struct copy *copy, struct rte_mbuf **m, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++, copy->next++) {
		uint16_t len = held_packets_len(workload, copy->next);
		char *data = rte_pktmbuf_mtod(m[i], char *);

		packet_write(m[i], (uint32_t)copy->next);
		m[i]->pkt_len = len;
		m[i]->data_len = len;
		for (uint16_t at = 0; at + sizeof(uint64_t) <= len; at += RTE_CACHE_LINE_SIZE)
			*(uint64_t *)(data + at) = copy->next;
	}
}

/* Keep n received packets in the way of the candidate. Returns how many it could keep. */
static __rte_always_inline unsigned int
keep(struct copy *copy, struct rte_mbuf **in, struct rte_mbuf **out, unsigned int n,
	const enum method method)
{
	unsigned int kept = 0;

	if (method == METHOD_AS_IS) {
		memcpy(out, in, n * sizeof(*in));
		return n;
	}
	if (method == METHOD_COMPACT)
		kept = tide_pktbuf_copy_burst(copy->set, in, out, n);
	for (; method == METHOD_COPY && kept < n; kept++) {
		out[kept] = rte_pktmbuf_copy(in[kept], copy->mp, 0, UINT32_MAX);
		if (out[kept] == NULL)
			break;
	}
	rte_pktmbuf_free_bulk(in, n);
	return kept;
}

static __rte_always_inline void
free_oldest(const struct workload *workload, struct copy *copy, unsigned int n, struct tally *t)
{
	struct rte_mbuf **oldest = &copy->held[copy->first % HELD];

	for (unsigned int i = 0; i < n; i++, copy->first++)
		t->wrong += !packet_is(oldest[i], (uint32_t)copy->first) ||
		            oldest[i]->pkt_len != held_packets_len(workload, copy->first) ||
		            *rte_pktmbuf_mtod(oldest[i], uint64_t *) != copy->first;
	rte_pktmbuf_free_bulk(oldest, n);
}

/* n must divide HELD. */
static __rte_always_inline void
loop(const struct sample *sample, uint64_t ticks, struct tally *t, unsigned int n,
	const enum method method)
{
	const uint64_t start = rte_rdtsc_precise();
	struct rte_mbuf *in[OPTIONS_BULK_MAX];
	struct copy *copy = sample->state;

	do {
		for (unsigned int i = 0; i < BACKEND_BATCH; i++) {
			if (copy->next - copy->first == HELD)
				free_oldest(sample->workload, copy, n, t);
			if (unlikely(rte_pktmbuf_alloc_bulk(sample->backend.mp, in, n) != 0)) {
				t->failed++;
				continue;
			}
			receive(sample->workload, copy, in, n);
			if (unlikely(keep(copy, in, &copy->held[(copy->next - n) % HELD], n,
					     method) != n)) {
				t->wrong++;
				return;
			}
			t->objects += n;
		}
		t->cycles = rte_rdtsc_precise() - start;
	} while (t->cycles < ticks);
}

static void
copy_loop(const struct sample *sample, uint64_t ticks, struct tally *tally)
{
	const struct copy *copy = sample->state;
	/* A power of two divides HELD, as the loop needs. */
	unsigned int n = rte_align32prevpow2(sample->workload->bulk);

	if (copy->method == METHOD_COMPACT)
		loop(sample, ticks, tally, n, METHOD_COMPACT);
	else if (copy->method == METHOD_COPY)
		loop(sample, ticks, tally, n, METHOD_COPY);
	else
		loop(sample, ticks, tally, n, METHOD_AS_IS);
}

static int
copy_run(struct sample *sample)
{
	return backend_run_alone(sample, copy_loop);
}

static void
copy_teardown(struct sample *sample)
{
	struct copy *copy = sample->state;
	struct rte_mempool *mp = sample->backend.mp;

	/* After a packet was found wrong, the rest may be, too, and is not freed. */
	for (; copy->first < copy->next && sample->wrong == 0; copy->first++)
		rte_pktmbuf_free(copy->held[copy->first % HELD]);
	if (sample->wrong > 0)
		app_fail(&sample->err, APP_EXIT_RUN,
			"%s: packets were lost, or their contents had changed",
			sample->candidate->name);
	if (sample->err.code == 0)
		pool_check(mp, &sample->err);
	if (sample->err.code == 0 && copy->mp != NULL)
		pool_check(copy->mp, &sample->err);
	if (sample->err.code == 0 && (copy->set != NULL && tide_pktbuf_check(copy->set) != 0))
		app_fail(&sample->err, APP_EXIT_RUN, "%s: tide_pktbuf_check() failed",
			sample->candidate->name);
	if (sample->err.code == 0 && tide_pktbuf_free(copy->set) != 0)
		app_fail(&sample->err, APP_EXIT_RUN, "%s: lost packets", sample->candidate->name);
	rte_mempool_free(copy->mp);
	rte_mempool_free(mp);
	free(copy);
}

static void
copy_add_candidates(struct bench *bench, const struct scenario *scenario)
{
	held_packets_add_candidates(bench, scenario, names);
}

static const struct scenario copy = {
	.name = "copy",
	.order = 140,
	.summary = "one lcore receives packets and holds them for a while",
	.description = "One lcore receives packets of the same lengths as in hold, in bursts, and\n"
		       "holds the last 4096: tide_pktbuf copies them into compact form,\n"
		       "rte_pktmbuf_copy into other mbufs of 2 KB, and held_as_is keeps the\n"
		       "received mbufs.\n",
	.unit = "cycles/packet",
	.no_baseline = true,
	.concurrency = CONCURRENCY_ONE,
	.add_candidates = copy_add_candidates,
	.plan = held_packets_plan,
	.setup = copy_setup,
	.run = copy_run,
	.teardown = copy_teardown,
};

SCENARIO_REGISTER(copy)
