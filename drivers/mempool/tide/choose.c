/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Chooses policy, ledger and caches of new mempools from the environment, for unmodified applications. */

#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_lcore.h>
#include <rte_mempool.h>

#include "mempool_tide_internal.h"
#include "tide_log.h"

/*
 * Return the index of an environment variable's value in a list of names. The result is 0, the default,
 * if the variable is not set or has an unknown value. *said: whether a warning about that was logged.
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
		TIDE_LOG(mempool, WARNING, "%s=%s is unknown; using %s: set %s to %s%s%s%s%s",
			variable, requested, names[0], variable, names[0], nb > 2 ? ", " : " or ",
			names[1], nb > 2 ? " or " : "", nb > 2 ? names[2] : "");
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
	uintptr_t requested = (uintptr_t)mp->pool_config;
	static bool said;

	/* tide_pool_create() stores an enum tide_ledger there instead of a pointer. */
	if (requested >= TIDE_LEDGER_FULL && requested <= TIDE_LEDGER_OFF)
		return (enum tidei_ledger_mode)(requested - TIDE_LEDGER_FULL);
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
	/* Keep the caches and cache_size: they determine the layout of the mempool. */
	for (unsigned int i = 0; i < RTE_MAX_LCORE; i++) {
		mp->local_cache[i].size = 0;
		mp->local_cache[i].flushthresh = 0;
	}
}
