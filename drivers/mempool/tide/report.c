/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Says once per mempool and kind that a caller gave back what it should not have. */

#include <inttypes.h>

#include <rte_mempool.h>

#include "mempool_tide.h"
#include "tide_log.h"

void
tidei_mempool_report(const struct rte_mempool *mp, const struct tidei_refusal *refusal)
{
	if (refusal->nth != 1)
		return;
	switch (refusal->kind) {
	case TIDEI_MISUSE_DOUBLE_FREE: {
		struct tidei_stamp stamp = tidei_freemap_stamp(mp->pool_data, refusal->slot);

		TIDE_LOG(mempool, ERR,
			"pool %s: object %p (slot %" PRIu32 ") was freed twice, the second free is "
			"refused; its block was opened last by "
			"%s %" PRIu32 ", opening %" PRIu32 "; further ones are only counted",
			mp->name, refusal->object, refusal->slot,
			stamp.who & TIDEI_WHO_TID ? "thread" : "lcore", stamp.who & ~TIDEI_WHO_TID,
			stamp.epoch);
		break;
	}
	case TIDEI_MISUSE_FOREIGN:
		TIDE_LOG(mempool, ERR,
			"pool %s: %p is no object of this pool, the free is refused; further ones "
			"are "
			"only counted",
			mp->name, refusal->object);
		break;
	default:
		TIDE_LOG(mempool, ERR,
			"pool %s: no object begins at %p, the free is refused; further ones are "
			"only "
			"counted",
			mp->name, refusal->object);
		break;
	}
}
