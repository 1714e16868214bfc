/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds out which objects are outstanding, and which of them moved since the first scan. */

#include <errno.h>

#include <rte_lcore.h>

#include "locate_container.h"
#include "locate_lock.h"
#include "locate_scan.h"
#include "mempool_friend.h"
#include "tide_mempool.h"

/* A walk over the objects of one pool that are out. */
struct walk {
	struct tidei_targets *t;
	uint64_t elapsed_ms; /* Since the first scan. */
};

/* Set the state of the objects of one pool. */
static void
set_all(struct tidei_targets *t, uint32_t pool, enum tidei_now now)
{
	const struct tidei_chunk *chunk = t->chunks.at;

	for (size_t c = 0; c < t->chunks.nb; c++)
		for (uint32_t i = 0; chunk[c].pool == pool && i < chunk[c].nb; i++)
			t->object[chunk[c].first + i].now = (uint8_t)now;
}

static void
set_free(uintptr_t pointer, void *arg)
{
	struct tidei_targets *t = arg;
	uint32_t object = tidei_targets_find(t, pointer);

	if (object != TIDEI_NO_OBJECT)
		t->object[object].now = TIDEI_NOW_FREE;
}

/* Take over the allocation record of an object. It moved if it was got after the first scan. */
static void
take_record(struct tidei_object *o, const struct tide_mempool_outstanding *h, uint64_t elapsed_ms)
{
	bool lcore = h->lcore_id != TIDE_MEMPOOL_NO_LCORE;
	uint32_t owner = lcore ? h->lcore_id | TIDEI_OWNER_LCORE : h->tid;

	if (h->age_max_ms < elapsed_ms || (o->age_max != 0 && owner != o->owner))
		o->life |= TIDEI_LIFE_MOVED;
	o->owner = owner;
	o->age_min = h->age_min_ms;
	o->age_max = h->age_max_ms;
}

static int
set_out(const struct tide_mempool_outstanding *h, void *arg)
{
	const struct walk *w = arg;
	uint32_t i = tidei_targets_find(w->t, (uintptr_t)h->object);
	struct tidei_object *o;

	if (i == TIDEI_NO_OBJECT)
		return 0;
	o = &w->t->object[i];
	o->now = h->cached_by == TIDE_MEMPOOL_NO_LCORE ? TIDEI_NOW_OUT : TIDEI_NOW_CACHED;
	if (h->known)
		take_record(o, h, w->elapsed_ms);
	return 0;
}

static void
set_cached(unsigned int lcore_id, const void *pointer, void *arg)
{
	struct tidei_targets *t = arg;
	uint32_t object = tidei_targets_find(t, (uintptr_t)pointer);

	if (object != TIDEI_NO_OBJECT)
		t->object[object].now = TIDEI_NOW_CACHED;
}

/* Mark the free objects of a pool. Returns false if its ops do not say which these are. */
static bool
read_free(struct tidei_targets *t, const struct tidei_target_pool *p)
{
	uintptr_t at = (uintptr_t)p->pool_data;

	if (p->kind == TIDEI_OPS_RING)
		return tidei_ring_read(at, set_free, t) != 0;
	return p->kind == TIDEI_OPS_STACK && tidei_stack_read(at, set_free, t) != 0;
}

static int
read_pool(struct tidei_targets *t, uint32_t pool, uint64_t elapsed_ms)
{
	struct tidei_target_pool *p = target_pool(t, pool);
	struct walk w = {t, elapsed_ms};
	int ret;

	if (p->kind == TIDEI_OPS_TIDE) {
		set_all(t, pool, TIDEI_NOW_FREE);
		ret = tide_mempool_walk(p->mp, set_out, &w);

		/* -ENODATA: it has no objects yet. */
		if (ret != -ENOTSUP)
			return ret == -ENOMEM ? ret : 0;
		/* The ops are of another build. */
		p->kind = TIDEI_OPS_OTHER;
	}
	set_all(t, pool, TIDEI_NOW_OUT);
	p->uncertain = !read_free(t, p) || p->uncertain;
	tidei_mempool_cached_walk(p->mp, set_cached, t);
	return 0;
}

/* The objects that are out are read one by one, and free ones have old pointers. */
static void
leave_out_objects(struct tidei_scan *scan)
{
	const struct tidei_chunk *chunk = scan->targets.chunks.at;

	for (size_t i = 0; i < scan->targets.chunks.nb; i++)
		if (!target_pool(&scan->targets, chunk[i].pool)->freed)
			tidei_layout_leave_out(&scan->layout, chunk[i].from, chunk[i].to);
}

int
tidei_scan_state(struct tidei_scan *scan, uint64_t elapsed_ms)
{
	struct tidei_targets *t = &scan->targets;
	int ret = 0;

	if (!tidei_eal_lock())
		return -ECANCELED;
	for (uint32_t i = 0; i < t->pools.nb && ret == 0; i++) {
		struct tidei_target_pool *p = target_pool(t, i);

		p->freed = p->freed || !tidei_targets_exists(p);
		if (p->freed) {
			set_all(t, i, TIDEI_NOW_FREE);
			continue;
		}
		ret = read_pool(t, i, elapsed_ms);
		tidei_scan_leave_out(scan, p);
	}
	tidei_eal_unlock();
	leave_out_objects(scan);
	for (uint32_t i = 0; i < t->nb; i++)
		if (t->object[i].now != TIDEI_NOW_OUT)
			t->object[i].life |= TIDEI_LIFE_LEFT;
	return ret;
}
