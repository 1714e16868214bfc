/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: queues and held buffers of scenario spread. Nothing in this file is timed. */

#include <errno.h>
#include <stdlib.h>

#include "frame/pool.h"
#include "scenarios/spread_state.h"

int
spread_hold(struct spread *s)
{
	const struct backend *b = &s->sample->backend;
	const uint32_t n = s->sample->workload->buffers / 10 * s->kind->held;
	uint32_t cursor = 0;

	for (; s->nb_held < n; s->nb_held++)
		if (backend_get(b, &cursor, &s->held[s->nb_held], 1, b->baseline) != 0)
			return -ENOBUFS;
	return 0;
}

void
spread_release(struct spread *s)
{
	const struct backend *b = &s->sample->backend;

	for (unsigned int i = 0; i < s->queues; i++)
		for (struct spread_queue *q = &s->queue[i]; q->tail != q->head; q->tail++)
			backend_put(b, &q->slot[q->tail & s->mask], 1, b->baseline);
	if (s->nb_held > 0)
		backend_put(b, s->held, s->nb_held, b->baseline);
	s->nb_held = 0;
	pool_flush(b->mp);
}

/* Get all buffers of a pool one by one. Returns false, with all put back, when too few were free. */
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

int
spread_refresh(struct spread *s)
{
	struct rte_mempool *mp = s->sample->backend.mp;

	if (!drain(mp, s->drained))
		return -ENOBUFS;
	for (unsigned int i = 0, n; i < mp->size; i += n) {
		n = RTE_MIN(mp->size - i, s->sample->workload->bulk);
		rte_mempool_put_bulk(mp, &s->in_order[i], n);
	}
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;

	return (x > y) - (x < y);
}

static int
open_queues(struct spread *s)
{
	const struct spread_kind *kind = s->kind;

	s->queues = kind->queues;
	s->depth = kind->depth != 0 ? kind->depth
	                            : s->sample->workload->buffers / 4 * 3 / kind->queues;
	s->mask = rte_align32pow2(s->depth + OPTIONS_BULK_MAX) - 1;
	for (unsigned int i = 0; i < s->queues; i++) {
		s->queue[i].slot = calloc(s->mask + 1, sizeof(void *));
		if (s->queue[i].slot == NULL)
			return -ENOMEM;
	}
	return 0;
}

/* Fresh: record all buffers in the order of addresses. */
static int
open_order(struct spread *s)
{
	struct rte_mempool *mp = s->sample->backend.mp;

	s->in_order = calloc(mp->size, sizeof(*s->in_order));
	s->drained = calloc(mp->size, sizeof(*s->drained));
	if (s->in_order == NULL || s->drained == NULL)
		return -ENOMEM;
	if (s->sample->backend.baseline)
		return 0;
	if (!drain(mp, s->in_order))
		return -ENOBUFS;
	rte_mempool_put_bulk(mp, s->in_order, mp->size);
	qsort(s->in_order, mp->size, sizeof(*s->in_order), compare);
	return 0;
}

int
spread_open(struct spread *s)
{
	int ret = 0;

	if (s->kind->queues != 0) {
		ret = open_queues(s);
	} else {
		s->held = calloc(s->sample->workload->buffers, sizeof(*s->held));
		ret = s->held == NULL ? -ENOMEM : 0;
	}
	if (ret == 0 && s->kind->fresh)
		ret = open_order(s);
	return ret;
}

void
spread_close(struct spread *s)
{
	spread_release(s);
	for (unsigned int i = 0; i < s->queues; i++)
		free(s->queue[i].slot);
	free(s->held);
	free(s->in_order);
	free(s->drained);
}
