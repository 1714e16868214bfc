/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: flow accounting in the data path. */

#include <string.h>

#include <rte_common.h>
#include <rte_prefetch.h>

#include "flow_lcore.h"

/* Packets that go through each step together: their cache misses overlap, their keys stay in L1. */
#define BLOCK 16

/* A packet on its way to its flow. */
struct step {
	union fwd_flow_key key;
	uint64_t hash;
	uint32_t bytes;
};

static void
add(struct fwd_flow_sum *sum, uint64_t bytes)
{
	sum->packets++;
	sum->bytes += bytes;
}

static void *
allocate(struct fwd_flow_lcore *me, int node, size_t size, size_t align)
{
	/* The arena has chunks on every node asked for, so on the lcore's own if that is one. */
	if (likely(node == me->node))
		return tide_arena_alloc(me->arena, size, align);
	return tide_arena_alloc_on(me->arena, node, size, align);
}

/* Again at each burst when there was no memory: an epoch may have been freed. */
static void
begin(struct fwd_flow_lcore *me)
{
	struct fwd_flow_table *table = allocate(me, me->home, sizeof(*table), RTE_CACHE_LINE_SIZE);

	if (table == NULL)
		return;
	memset(table, 0, sizeof(*table));
	me->open.table = table;
}

/* Find out what a packet belongs to; false when it is nothing with flows. */
static inline bool
identify(struct fwd_flow_lcore *me, struct step *step, const struct rte_mbuf *m)
{
	step->bytes = rte_pktmbuf_pkt_len(m);
	if (!fwd_flow_key_read(&step->key, m)) {
		add(&me->open.tally.other, step->bytes);
		return false;
	}
	if (unlikely(me->open.table == NULL)) {
		add(&me->open.tally.lost, step->bytes);
		return false;
	}
	step->hash = fwd_flow_hash(&step->key, &me->secret);
	rte_prefetch0(fwd_flow_root(me->open.table, step->hash));
	return true;
}

static struct fwd_flow *
make(struct fwd_flow_lcore *me, int node, const struct step *step)
{
	struct fwd_flow *flow =
		allocate(me, node, fwd_flow_size(&step->key), fwd_flow_align(&step->key));

	if (flow == NULL)
		return NULL;
	fwd_flow_init(flow, &step->key, step->hash);
	me->open.tally.flows++;
	return flow;
}

static inline void
account(struct fwd_flow_lcore *me, int node, const struct step *step)
{
	struct fwd_flow **place = fwd_flow_place(me->open.table, &step->key, step->hash);

	if (*place == NULL)
		*place = make(me, node, step);
	if (unlikely(*place == NULL)) {
		add(&me->open.tally.lost, step->bytes);
		return;
	}
	(*place)->packets++;
	(*place)->bytes += step->bytes;
	add(&me->open.tally.ip, step->bytes);
}

static void
fetch(struct rte_mbuf *const *pkts, uint16_t nb)
{
	for (uint16_t i = 0; i < nb; i++)
		rte_prefetch0(rte_pktmbuf_mtod(pkts[i], const void *));
}

static void
count_block(struct fwd_flow_lcore *me, int node, struct rte_mbuf *const *pkts, uint16_t nb)
{
	struct step steps[BLOCK];
	unsigned int n = 0;

	for (uint16_t i = 0; i < nb; i++)
		n += identify(me, &steps[n], pkts[i]);
	for (unsigned int i = 0; i < n; i++)
		rte_prefetch0(*fwd_flow_root(me->open.table, steps[i].hash));
	for (unsigned int i = 0; i < n; i++)
		account(me, node, &steps[i]);
}

void
fwd_flow_count(struct fwd_flow_lcore *me, int node, struct rte_mbuf *const *pkts, uint16_t nb)
{
	if (unlikely(me->open.table == NULL))
		begin(me);
	fetch(pkts, RTE_MIN(nb, BLOCK));
	while (nb > 0) {
		uint16_t n = RTE_MIN(nb, BLOCK);

		nb -= n;
		fetch(&pkts[n], RTE_MIN(nb, BLOCK));
		count_block(me, node, pkts, n);
		pkts += n;
	}
}

void
fwd_flow_close(struct fwd_flow_lcore *me)
{
	uint64_t epoch = me->epoch;

	me->closed = me->open;
	me->open = (struct fwd_flow_part){.table = NULL};
	/* There is no further flip before main has what is handed over here: the next epoch it is. */
	me->epoch = epoch + 1;
	/* Release, with fwd_flows_step(): table, records and tally are complete. */
	atomic_store_explicit(&me->closed_epoch, epoch, memory_order_release);
}
