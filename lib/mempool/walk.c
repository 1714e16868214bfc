/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Lists the objects that are out of a mempool, with their takers, and finds those in per-lcore caches. */

#include <errno.h>
#include <stdlib.h>

#include <rte_lcore.h>
#include <rte_mempool.h>

#include "magazine.h"
#include "mempool_friend.h"
#include "tide_mempool.h"

/* One walk. */
struct walk {
	const struct rte_mempool *mp;
	uint16_t *
		cached_by; /* By slot: 1 + lcore in whose cache it lies; 0: none. NULL: no caches. */
	tide_mempool_outstanding_cb cb;
	void *arg;
};

static void
note_cached(unsigned int lcore_id, const void *object, void *arg)
{
	const struct walk *w = arg;
	uint32_t slot;

	if (tidei_magazines_slot(w->mp->pool_data, object, &slot) == 0)
		w->cached_by[slot] = (uint16_t)(lcore_id + 1);
}

static int
tell(const struct tidei_magazines *mags, uint32_t slot, void *arg)
{
	const struct walk *w = arg;
	struct tidei_record record = tidei_magazines_record(mags, slot);
	const struct tide_mempool_outstanding outstanding = {
		.object = tidei_magazines_object(mags, slot),
		.cached_by = w->cached_by != NULL ? w->cached_by[slot] - UINT32_C(1)
	                                          : TIDE_MEMPOOL_NO_LCORE,
		.known = record.known,
		.lcore_id = record.lcore ? record.id : TIDE_MEMPOOL_NO_LCORE,
		.tid = record.lcore ? 0 : record.id,
		.pid = record.pid,
		.age_min_ms = record.age_min_ms,
		.age_max_ms = record.age_max_ms,
	};

	return w->cb(&outstanding, w->arg);
}

int
tide_mempool_walk(const struct rte_mempool *mp, tide_mempool_outstanding_cb cb, void *arg)
{
	struct walk w = {mp, NULL, cb, arg};
	int ret = tidei_mempool_queryable(mp);

	if (ret < 0)
		return ret;
	if (mp->cache_size != 0) {
		w.cached_by = calloc(tidei_magazines_objects(mp->pool_data), sizeof(*w.cached_by));
		if (w.cached_by == NULL)
			return -ENOMEM;
		tidei_mempool_cached_walk(mp, note_cached, &w);
	}
	ret = tidei_magazines_walk(mp->pool_data, tell, &w);
	free(w.cached_by);
	return ret;
}
