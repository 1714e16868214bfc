/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Reports, as the mempool's policy says, the objects that a put refused. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_mempool.h>

#include "mempool_tide_internal.h"
#include "tide_log.h"

/* The calling thread: "lcore 3", or "thread 4711" without an lcore id. */
static const char *
freer(char *text, size_t size)
{
	if (rte_lcore_id() != LCORE_ID_ANY)
		snprintf(text, size, "lcore %u", rte_lcore_id());
	else
		snprintf(text, size, "thread %d", rte_gettid());
	return text;
}

static void
report_double_free(const struct rte_mempool *mp, const struct tidei_refusal *r)
{
	struct tidei_record record = {0};
	uint32_t slot;
	char by[32];

	if (tidei_magazines_slot(mp->pool_data, r->object, &slot) == 0)
		record = tidei_magazines_record(mp->pool_data, slot);
	TIDE_LOG(mempool, ERR,
		"pool %s: object %p was freed though it is free already, by %s; refused; %s "
		"%" PRIu32 " of process %" PRIu32 " moved it last, %.1f s ago",
		mp->name, r->object, freer(by, sizeof(by)), record.lcore ? "lcore" : "thread",
		record.id, record.pid, record.age_max_ms / 1000.0);
}

void
tidei_mempool_refused(const struct tidei_refusal *r, void *arg)
{
	const struct rte_mempool *mp = arg;
	char by[32];
	/* Relaxed: a setting; no other memory goes with it. */
	uint32_t policy =
		atomic_load_explicit(&tidei_mempool_extra(mp)->misuse, memory_order_relaxed);

	if (policy == TIDE_MISUSE_COUNT && r->nth > 1)
		return;
	if (r->kind == TIDEI_MISUSE_DOUBLE_FREE)
		report_double_free(mp, r);
	else
		TIDE_LOG(mempool, ERR, "pool %s: %s %p was freed by %s; refused", mp->name,
			r->kind == TIDEI_MISUSE_FOREIGN
				? "a pointer that is no object of this pool,"
				: "a pointer at which no object begins,",
			r->object, freer(by, sizeof(by)));
	if (policy == TIDE_MISUSE_COUNT)
		TIDE_LOG(mempool, ERR,
			"pool %s: further ones of this kind are only counted; " TIDE_MISUSE_ENV
			"=log or abort shows each or the first culprit",
			mp->name);
	if (policy == TIDE_MISUSE_ABORT)
		abort();
}
