/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Chooses what new mempools do: from the environment, for applications that nobody changes. */

#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_lcore.h>
#include <rte_mempool.h>

#include "mempool_tide.h"
#include "tide_log.h"

/*
 * The place of an environment variable's value in a list of names; the first is the default and stands
 * for a variable that is not set or holds none of them, which is said once.
 */
static unsigned int
choose(const char *variable, const char *const *names, unsigned int nb, bool *said)
{
	const char *requested = getenv(variable);

	if (requested == NULL)
		return 0;
	for (unsigned int i = 0; i < nb; i++)
		if (strcmp(requested, names[i]) == 0)
			return i;
	if (!*said)
		TIDE_LOG(mempool, WARNING, "%s=%s is not known, %s is used: %s takes %s%s%s%s%s",
			variable, requested, names[0], variable, names[0], nb > 2 ? ", " : " and ",
			names[1], nb > 2 ? " and " : "", nb > 2 ? names[2] : "");
	*said = true;
	return 0;
}

enum tide_misuse_policy
tidei_mempool_misuse_default(void)
{
	static const char *const names[] = {"count", "log", "abort"};
	static bool said;

	return (enum tide_misuse_policy)choose(TIDE_MISUSE_ENV, names, RTE_DIM(names), &said);
}

enum tidei_ledger_mode
tidei_mempool_ledger(const struct rte_mempool *mp)
{
	static const char *const names[] = {"full", "sampled", "off"};
	uintptr_t asked = (uintptr_t)mp->pool_config;
	static bool said;

	/* An enum tide_ledger where tide_pool_create() made the mempool; not a pointer. */
	if (asked >= TIDE_LEDGER_FULL && asked <= TIDE_LEDGER_OFF)
		return (enum tidei_ledger_mode)(asked - TIDE_LEDGER_FULL);
	return (enum tidei_ledger_mode)choose(TIDE_LEDGER_ENV, names, RTE_DIM(names), &said);
}
static_assert((int)TIDE_LEDGER_OFF - (int)TIDE_LEDGER_FULL == (int)TIDEI_LEDGER_OFF, "same order");

void
tidei_mempool_choose_cache(struct rte_mempool *mp)
{
	static const char *const names[] = {"on", "off"};
	static bool said;

	if (choose(TIDE_CACHE_ENV, names, RTE_DIM(names), &said) == 0 || mp->cache_size == 0)
		return;
	/* The caches stay where they are: cache_size says how a mempool's memory is laid out. */
	for (unsigned int i = 0; i < RTE_MAX_LCORE; i++) {
		mp->local_cache[i].size = 0;
		mp->local_cache[i].flushthresh = 0;
	}
}
