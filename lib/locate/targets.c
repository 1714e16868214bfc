/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Lists the objects of all mempools, and finds the object that has an address. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal_memconfig.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_tailq.h>

#include "locate_lock.h"
#include "locate_targets.h"
#include "mempool_friend.h"
#include "tide_mempool_ops.h"

TAILQ_HEAD(mempool_list, rte_tailq_entry);

static struct mempool_list *
mempools(void)
{
	return RTE_TAILQ_LOOKUP("RTE_MEMPOOL", mempool_list);
}

bool
tidei_targets_exists(const struct tidei_target_pool *pool)
{
	struct mempool_list *list = mempools();
	struct rte_tailq_entry *entry;

	if (list == NULL)
		return false;
	TAILQ_FOREACH (entry, list, next) {
		const struct rte_mempool *mp = entry->data;

		if (mp == pool->mp)
			return strcmp(mp->name, pool->name) == 0 &&
			       mp->pool_data == pool->pool_data &&
			       mp->populated_size == pool->objects &&
			       mp->nb_mem_chunks == pool->chunks;
	}
	return false;
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
add_pool(struct making *m, struct rte_mempool *mp, const char *requested)
{
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
	p->requested = requested == NULL || strcmp(requested, mp->name) == 0;
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
	struct making m = {t, s, false};
	struct mempool_list *list = mempools();
	struct rte_tailq_entry *entry;
	bool found = pool == NULL;

	memset(t, 0, sizeof(*t));
	if (list == NULL)
		return -ENOENT;
	if (!tidei_eal_lock())
		return -ECANCELED;
	TAILQ_FOREACH (entry, list, next) {
		struct rte_mempool *mp = entry->data;

		found = found || strcmp(mp->name, pool) == 0;
		add_pool(&m, mp, pool);
	}
	tidei_eal_unlock();
	if (m.failed)
		return -ENOMEM;
	return found ? finish(t, s) : -ENOENT;
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
