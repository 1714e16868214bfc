/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: what it costs to hold packets for a while, as a shaper does. One core receives bursts,
 * keeps the last some thousand packets and lets the oldest go.
 *
 * "held_as_is" keeps what was received. The others copy it, and free what was received at once: into
 * compact form, or by rte_pktmbuf_copy() into mbufs of 2 KB. So the floor is the same in all three, and
 * what is kept in the caches by using received buffers again counts for those that copy. A packet is
 * received by writing its mbuf's first line and one word in each line of its data.
 */

#include <stdlib.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "hold.h"
#include "packet.h"
#include "pool.h"
#include "scenarios.h"
#include "source.h"

/* Packets held; a multiple of any burst that is a power of two. */
#define HELD 4096

enum how {
	HOW_COMPACT,
	HOW_COPY,
	HOW_AS_IS,
};

static const char *const names[] = {
	[HOW_COMPACT] = "tide_pktbuf",
	[HOW_COPY] = "rte_pktmbuf_copy",
	[HOW_AS_IS] = "held_as_is",
	NULL,
};

struct copy {
	enum how how;
	struct tide_pktbuf *set;
	struct rte_mempool *mp; /* Of rte_pktmbuf_copy(). */
	struct rte_mbuf *held[HELD + OPTIONS_BULK_MAX];
	uint64_t first; /* Number of the oldest packet held. */
	uint64_t next; /* Number of the next packet received. */
};

static int
make_target(struct turn *turn, struct copy *copy)
{
	if (copy->how == HOW_COMPACT) {
		copy->set = hold_set(turn->work, HELD + 2 * OPTIONS_BULK_MAX, &turn->err);
		return copy->set != NULL ? 0 : -1;
	}
	if (copy->how == HOW_AS_IS)
		return 0;
	copy->mp = rte_pktmbuf_pool_create_by_ops("bench_copy", turn->work->buffers, 0, 0,
		RTE_MBUF_DEFAULT_BUF_SIZE, (int)rte_socket_id(), BENCH_SUBJECT);
	if (copy->mp == NULL)
		return app_fail(&turn->err, APP_EXIT_RUN, "no second pool of %u mbufs: %s",
			turn->work->buffers, rte_strerror(rte_errno));
	return 0;
}

static enum how
how_of(const struct candidate *who)
{
	enum how how = HOW_COMPACT;

	while (strcmp(names[how], who->name) != 0)
		how++;
	return how;
}

/* The pool that packets are received from: on the memory held, of the subject's ops. */
static int
make_source(struct turn *turn)
{
	struct source *s = &turn->source;

	if (turn->work->object < sizeof(struct rte_mbuf) + RTE_MBUF_DEFAULT_BUF_SIZE)
		return app_fail(&turn->err, APP_EXIT_RUN,
			"mbufs of %u bytes have no room for the packets", turn->work->object);
	s->mp = pool_empty(BENCH_SUBJECT, turn->work, &turn->err);
	if (s->mp == NULL)
		return -1;
	if (pool_fill(s->mp, &turn->bench->memory, &turn->err) == 0)
		return 0;
	rte_mempool_free(s->mp);
	return -1;
}

static int
copy_setup(struct turn *turn)
{
	struct copy *copy = calloc(1, sizeof(*copy));

	if (copy == NULL)
		return app_fail(&turn->err, APP_EXIT_RUN, "out of memory");
	copy->how = how_of(turn->who);
	if (make_source(turn) == 0) {
		turn->own = copy;
		if (make_target(turn, copy) == 0)
			return 0;
		rte_mempool_free(turn->source.mp);
	}
	free(copy);
	return -1;
}

static __rte_always_inline void
receive(const struct work *work, struct copy *copy, struct rte_mbuf **m, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++, copy->next++) {
		uint16_t len = hold_len(work, copy->next);
		char *data = rte_pktmbuf_mtod(m[i], char *);

		packet_write(m[i], (uint32_t)copy->next);
		m[i]->pkt_len = len;
		m[i]->data_len = len;
		for (uint16_t at = 0; at + sizeof(uint64_t) <= len; at += RTE_CACHE_LINE_SIZE)
			*(uint64_t *)(data + at) = copy->next;
	}
}

/* Put n packets received into hold, as the candidate does it. */
static __rte_always_inline unsigned int
keep(struct copy *copy, struct rte_mbuf **in, struct rte_mbuf **out, unsigned int n,
	const enum how how)
{
	unsigned int kept = 0;

	if (how == HOW_AS_IS) {
		memcpy(out, in, n * sizeof(*in));
		return n;
	}
	if (how == HOW_COMPACT)
		kept = tide_pktbuf_copy_burst(copy->set, in, out, n);
	for (; how == HOW_COPY && kept < n; kept++) {
		out[kept] = rte_pktmbuf_copy(in[kept], copy->mp, 0, UINT32_MAX);
		if (out[kept] == NULL)
			break;
	}
	rte_pktmbuf_free_bulk(in, n);
	return kept;
}

static __rte_always_inline void
let_go(const struct work *work, struct copy *copy, unsigned int n, struct tally *t)
{
	struct rte_mbuf **oldest = &copy->held[copy->first % HELD];

	for (unsigned int i = 0; i < n; i++, copy->first++)
		t->wrong += !packet_is(oldest[i], (uint32_t)copy->first) ||
		            oldest[i]->pkt_len != hold_len(work, copy->first) ||
		            *rte_pktmbuf_mtod(oldest[i], uint64_t *) != copy->first;
	rte_pktmbuf_free_bulk(oldest, n);
}

/* n divides HELD. */
static __rte_always_inline void
loop(const struct turn *turn, uint64_t ticks, struct tally *t, unsigned int n, const enum how how)
{
	const uint64_t start = rte_rdtsc_precise();
	struct rte_mbuf *in[OPTIONS_BULK_MAX];
	struct copy *copy = turn->own;

	do {
		for (unsigned int i = 0; i < SOURCE_BATCH; i++) {
			if (copy->next - copy->first == HELD)
				let_go(turn->work, copy, n, t);
			if (unlikely(rte_pktmbuf_alloc_bulk(turn->source.mp, in, n) != 0)) {
				t->failed++;
				continue;
			}
			receive(turn->work, copy, in, n);
			if (unlikely(keep(copy, in, &copy->held[(copy->next - n) % HELD], n, how) !=
				     n)) {
				t->wrong++;
				return;
			}
			t->objects += n;
		}
		t->cycles = rte_rdtsc_precise() - start;
	} while (t->cycles < ticks);
}

static void
copy_loop(const struct turn *turn, uint64_t ticks, struct tally *tally)
{
	const struct copy *copy = turn->own;
	/* HELD is a power of two. */
	unsigned int n = rte_align32prevpow2(turn->work->bulk);

	if (copy->how == HOW_COMPACT)
		loop(turn, ticks, tally, n, HOW_COMPACT);
	else if (copy->how == HOW_COPY)
		loop(turn, ticks, tally, n, HOW_COPY);
	else
		loop(turn, ticks, tally, n, HOW_AS_IS);
}

static int
copy_run(struct turn *turn)
{
	return source_run_alone(turn, copy_loop);
}

static void
copy_teardown(struct turn *turn)
{
	struct copy *copy = turn->own;
	struct rte_mempool *mp = turn->source.mp;

	/* A burst that could not be kept whole is not counted as wrong: it is no packet spoilt. */
	for (; copy->first < copy->next && turn->wrong == 0; copy->first++)
		rte_pktmbuf_free(copy->held[copy->first % HELD]);
	if (turn->wrong > 0)
		app_fail(&turn->err, APP_EXIT_RUN,
			"%s: packets were lost, or came out other than they were put in",
			turn->who->name);
	if (turn->err.code == 0)
		pool_check(mp, &turn->err);
	if (turn->err.code == 0 && copy->mp != NULL)
		pool_check(copy->mp, &turn->err);
	if (turn->err.code == 0 && (copy->set != NULL && tide_pktbuf_check(copy->set) != 0))
		app_fail(&turn->err, APP_EXIT_RUN, "%s: its books are wrong", turn->who->name);
	if (turn->err.code == 0 && tide_pktbuf_free(copy->set) != 0)
		app_fail(&turn->err, APP_EXIT_RUN, "%s: lost packets", turn->who->name);
	rte_mempool_free(copy->mp);
	rte_mempool_free(mp);
	free(copy);
}

static void
invite(struct bench *bench)
{
	hold_invite(bench, &scenario_copy, names);
}

const struct scenario scenario_copy = {
	.name = "copy",
	.what = "one core receives packets and holds them for a while",
	.unit = "cycles/packet",
	.no_floor = true,
	.invite = invite,
	.crowding = CROWDING_ALONE,
	.plan = hold_plan,
	.setup = copy_setup,
	.run = copy_run,
	.teardown = copy_teardown,
};
