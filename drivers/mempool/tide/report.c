/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Says, as the mempool's policy has it, that a caller gave back what it should not have. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_mempool.h>

#include "mempool_tide.h"
#include "tide_log.h"

enum tide_misuse
tidei_mempool_misuse_default(void)
{
	static const char *const names[] = {"count", "log", "abort"};
	const char *wanted = getenv(TIDE_MISUSE_ENV);

	if (wanted == NULL)
		return TIDE_MISUSE_COUNT;
	for (unsigned int i = 0; i < RTE_DIM(names); i++)
		if (strcmp(wanted, names[i]) == 0)
			return (enum tide_misuse)i;
	TIDE_LOG(mempool, WARNING, TIDE_MISUSE_ENV "=%s is none of count, log, abort; counting",
		wanted);
	return TIDE_MISUSE_COUNT;
}

static const char *
kind_of(uint32_t who)
{
	return who & TIDEI_WHO_TID ? "thread" : "lcore";
}

/* Who frees: "lcore 3", or "thread 4711" without an lcore id. */
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
	struct tidei_origin origin = tidei_freemap_origin(mp->pool_data, r->slot);
	char by[32];

	TIDE_LOG(mempool, ERR,
		"pool %s: object %p (slot %" PRIu32 ") was freed though it is free already, by "
		"%s; refused; its block was opened last by %s %" PRIu32 ", %" PRIu32
		" ms ago (opening %" PRIu32 ")",
		mp->name, r->object, r->slot, freer(by, sizeof(by)), kind_of(origin.who),
		origin.who & ~TIDEI_WHO_TID, origin.to_ms - origin.from_ms, origin.epoch);
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
