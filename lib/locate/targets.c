/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Lists the objects of all mempools, and finds the object that has an address. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "locate_lock.h"
#include "locate_targets.h"
#include "mempool_friend.h"
#include "tide_mempool_ops.h"

struct search {
	const struct tidei_target_pool *pool;
	bool found;
};

static void
compare(struct rte_mempool *mp, void *arg)
{
	struct search *search = arg;
	const struct tidei_target_pool *pool = search->pool;

	if (mp == pool->mp)
		search->found =
			strcmp(mp->name, pool->name) == 0 && mp->pool_data == pool->pool_data &&
			mp->populated_size == pool->objects && mp->nb_mem_chunks == pool->chunks;
}

bool
tidei_targets_exists(const struct tidei_target_pool *pool)
{
	struct search search = {.pool = pool};

	tidei_mempool_each_locked(compare, &search);
	return search.found;
}

static enum tidei_ops_kind
kind_of(const char *ops)
{
	if (strcmp(ops, TIDE_MEMPOOL_OPS) == 0)
		return TIDEI_OPS_TIDE;
	if (strncmp(ops, "ring_", 5) == 0)
		return TIDEI_OPS_RING;
	if (strcmp(ops, "stack") == 0)
		return TIDEI_OPS_STACK;
	return TIDEI_OPS_OTHER;
}

struct making {
	struct tidei_targets *t;
	struct tidei_scratch *s;
	const char *requested; /* Mempool; NULL: all. */
	bool found;
	bool failed;
};

static void
add_object(struct rte_mempool *mp, void *arg, void *object, unsigned int i)
{
	struct making *m = arg;
	uintptr_t *address = tidei_vector_add(m->s, &m->t->addresses, sizeof(*address));

	if (address == NULL)
		m->failed = true;
	else
		*address = (uintptr_t)object;
}

static void
add_chunks(struct making *m, struct rte_mempool *mp, uint32_t pool)
{
	struct rte_mempool_memhdr *hdr;

	STAILQ_FOREACH (hdr, &mp->mem_list, next) {
		struct tidei_chunk *c = tidei_vector_add(m->s, &m->t->chunks, sizeof(*c));

		if (c == NULL) {
			m->failed = true;
			return;
		}
		c->from = (uintptr_t)hdr->addr;
		c->to = c->from + hdr->len;
		c->pool = pool;
		c->elt_size = mp->elt_size;
		c->stride = mp->header_size + mp->elt_size + mp->trailer_size;
	}
}

static void
add_pool(struct rte_mempool *mp, void *arg)
{
	struct making *m = arg;
	struct tidei_target_pool *p = tidei_vector_add(m->s, &m->t->pools, sizeof(*p));

	if (p == NULL) {
		m->failed = true;
		return;
	}
	p->mp = mp;
	p->pool_data = mp->pool_data;
	snprintf(p->name, sizeof(p->name), "%s", mp->name);
	snprintf(p->ops, sizeof(p->ops), "%s", rte_mempool_get_ops(mp->ops_index)->name);
	p->kind = kind_of(p->ops);
	p->requested = m->requested == NULL || strcmp(m->requested, mp->name) == 0;
	m->found = m->found || p->requested;
	p->mbufs = tidei_mempool_has_mbufs(mp);
	p->priv_size = p->mbufs ? rte_pktmbuf_priv_size(mp) : 0;
	p->elt_size = mp->elt_size;
	p->objects = mp->populated_size;
	p->chunks = mp->nb_mem_chunks;
	add_chunks(m, mp, (uint32_t)m->t->pools.nb - 1);
	rte_mempool_obj_iter(mp, add_object, m);
}

/* Divide the sorted objects among the sorted chunks. */
static void
deal_objects(struct tidei_targets *t)
{
	const uintptr_t *address = t->addresses.at;
	struct tidei_chunk *chunk = t->chunks.at;
	uint32_t i = 0;

	for (size_t c = 0; c < t->chunks.nb; c++) {
		while (i < t->nb && address[i] < chunk[c].from)
			i++;
		chunk[c].first = i;
		while (i < t->nb && address[i] < chunk[c].to)
			i++;
		chunk[c].nb = i - chunk[c].first;
	}
}

static int
finish(struct tidei_targets *t, struct tidei_scratch *s)
{
	if (t->addresses.nb > UINT32_MAX / 2)
		return -ENOMEM;
	t->nb = (uint32_t)t->addresses.nb;
	t->object = tidei_scratch_alloc(s, (t->nb + (size_t)1) * sizeof(*t->object));
	if (t->object == NULL ||
		!tidei_scratch_sort(s, t->addresses.at, t->nb, sizeof(uintptr_t)) ||
		!tidei_scratch_sort(s, t->chunks.at, t->chunks.nb, sizeof(struct tidei_chunk)))
		return -ENOMEM;
	deal_objects(t);
	if (t->chunks.nb != 0) {
		const struct tidei_chunk *chunk = t->chunks.at;

		t->lo = chunk[0].from;
		t->hi = chunk[t->chunks.nb - 1].to;
	}
	return 0;
}

int
tidei_targets_make(struct tidei_targets *t, struct tidei_scratch *s, const char *pool)
{
	struct making m = {t, s, pool, pool == NULL, false};

	memset(t, 0, sizeof(*t));
	if (!tidei_eal_lock())
		return -ECANCELED;
	tidei_mempool_each_locked(add_pool, &m);
	tidei_eal_unlock();
	if (m.failed)
		return -ENOMEM;
	return m.found ? finish(t, s) : -ENOENT;
}

/* Return the last chunk whose `from` is not above an address, or whose `first` is not above an object. */
static const struct tidei_chunk *
chunk_at(const struct tidei_targets *t, uintptr_t address)
{
	const struct tidei_chunk *chunk = t->chunks.at;
	size_t low = 0, high = t->chunks.nb;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (chunk[middle].from <= address)
			low = middle;
		else
			high = middle;
	}
	return &chunk[low];
}

const struct tidei_chunk *
tidei_targets_chunk(const struct tidei_targets *t, uint32_t object)
{
	return chunk_at(t, target_address(t, object));
}

uint32_t
tidei_targets_find(const struct tidei_targets *t, uintptr_t address)
{
	const uintptr_t *at = t->addresses.at;
	const struct tidei_chunk *chunk;
	uint32_t low, high;

	if (address < t->lo || address >= t->hi)
		return TIDEI_NO_OBJECT;
	chunk = chunk_at(t, address);
	if (address >= chunk->to || chunk->nb == 0)
		return TIDEI_NO_OBJECT;
	/*
	 * Objects can be further apart than a stride, at page boundaries, but never closer. So the object is at
	 * or below the quotient, mostly close.
	 */
	high = (uint32_t)RTE_MIN((address - chunk->from) / chunk->stride, chunk->nb - (size_t)1);
	high += chunk->first;
	for (unsigned int i = 0; i < 4 && at[high] > address && high > chunk->first; i++)
		high--;
	low = chunk->first;
	if (at[high] > address) {
		while (high - low > 1) {
			uint32_t middle = low + (high - low) / 2;

			if (at[middle] <= address)
				low = middle;
			else
				high = middle;
		}
		high = low;
	}
	return at[high] <= address && address - at[high] < chunk->elt_size ? high : TIDEI_NO_OBJECT;
}
